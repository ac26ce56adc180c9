"""The forms of a font: each letter's outline in font units, at its height over the baseline, and its two sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from tfhand.core import charset
from tfhand.hands.sample import Sample
from tfhand.typeset.shapes import DETAIL, Body, Change, bodies
from tfhand.vector.outlines import trace_all

EM = 2048  # units: as TrueType wants it, a power of two
X_HEIGHT = 840  # units: capitals then stand about 1400 high, as in most fonts
ROW = 4  # pixels of a shape's field to a row of a form's sides
SOFTENING = 0.6  # Gaussian over the ink, in its own pixels: at large sizes a stroke of few pixels would look knotty
VARIED = (0.014, 0.02, 0.02)  # standard deviations of further forms: turn in radians, share of size, x-heights of lift
BENDING, KNOTS = 0.025, 4  # x-heights by which their ink moves besides, at so many places across and down


@dataclass(frozen=True, eq=False)
class Form:
    """One form of a character.

    Attributes:
        character: what it says.
        variant: 0 for the form that is meant where nothing is asked, then 1, 2 ...
        source: "written" or "generated".
        contours: float64 arrays of shape (n, 4, 2), cubic Bezier segments in font units, y upward from the baseline, x
            from the left end of the ink; clockwise around ink.
        width: of the ink, in font units.
        left, right: x-heights of paper at either side, within the ink's width, in rows from `shapes.ABOVE` to `BELOW`;
            infinite where a row has no ink.
    """

    character: str
    variant: int
    source: str
    contours: tuple[np.ndarray, ...]
    width: float
    left: np.ndarray
    right: np.ndarray


def forms_of(letters: Mapping[str, Sequence[Sample]], seed: int = 0) -> list[Form]:
    """The forms of all letters, in the order of charset, with strokes of nearly one thickness.

    The first form of each character stands as it was written; the further ones are turned, scaled, lifted and bent a
    little, as in running handwriting.
    """
    samples = [(number, one) for character in charset.order(letters) for number, one in enumerate(letters[character])]
    softened = [replace(sample, ink=ndimage.gaussian_filter(sample.ink, SOFTENING)) for _, sample in samples]
    characters = "".join(sample.character for _, sample in samples)
    placed = bodies(characters, softened, Change(), 0.0, np.random.default_rng(seed))
    outlines = trace_all([body.shape.field for body in placed])
    return [
        _form(sample, variant, body, outline, seed)
        for (variant, sample), body, outline in zip(samples, placed, outlines, strict=True)
    ]


def _form(sample: Sample, variant: int, body: Body, outlines: Sequence[np.ndarray], seed: int) -> Form:
    start, end = np.min(body.left), np.max(body.right)
    contours = [(outline - (start, body.above)) / (DETAIL, -DETAIL) for outline in outlines]
    if variant:
        contours = _varied(contours, np.random.default_rng((seed, ord(sample.character), variant)))
    return Form(
        sample.character,
        variant,
        sample.source,
        tuple(X_HEIGHT * contour for contour in contours),
        float(end - start) * X_HEIGHT / DETAIL,
        (body.left - start)[::ROW] / DETAIL,
        (end - body.right)[::ROW] / DETAIL,
    )


def _varied(contours: Sequence[np.ndarray], random: np.random.Generator) -> list[np.ndarray]:
    """Outlines in x-heights as the same letter written again."""
    corners = np.concatenate(contours).reshape(-1, 2)
    low, high = corners.min(axis=0), corners.max(axis=0)
    angle, size, lift = np.clip(random.normal(size=3), -2, 2) * VARIED
    turned = (1 + size) * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    bends = random.normal(0, BENDING, (2, KNOTS, KNOTS))

    def moved(points: np.ndarray) -> np.ndarray:
        places = ((points - low) / (high - low) * (KNOTS - 1)).reshape(-1, 2).T
        bent = [ndimage.map_coordinates(bend, places, order=3, mode="nearest") for bend in bends]
        foot = (low[0] + high[0]) / 2, 0.0
        return (points - foot) @ turned + foot + (0.0, lift) + np.stack(bent, axis=1).reshape(points.shape)

    return [moved(contour) for contour in contours]
