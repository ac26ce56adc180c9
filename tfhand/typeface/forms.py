"""The forms of a font: each letter's outline in font units, at its height over the baseline, and its two sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from tfhand import charset, glyph
from tfhand.drawing import distance_field, evened, nib_width
from tfhand.outline import trace
from tfhand.sample import Sample
from tfhand.typeset import Layout

EM = 2048  # units: as TrueType wants it, a power of two
X_HEIGHT = 840  # units: capitals then stand about 1400 high, as in most fonts
PIXELS = 40  # of an x-height in the fields that are traced
TOLERANCE = 0.25  # of those pixels
ABOVE, BELOW = 3.0, 2.0  # x-heights over and under the baseline that spacing looks at
ROW = 2  # pixels of the field to a row of the sides
NEAR = 0.15  # x-heights: ink that much higher or lower stands in the way as well
SOFTENING = (
    0.6  # Gaussian over the ink, in its own pixels: large sizes show what the pixels of a glyph made of a stroke
)
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
        left, right: x-heights of paper at either side, within the ink's width, in rows from `ABOVE` to `BELOW`;
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
    placed = [_placed(sample) for _, sample in samples]
    widths = np.array([nib_width(field) for field, _ in placed])
    measured = np.array([sample.height is not None for _, sample in samples], bool)
    wider = evened(widths, measured, Layout.even_nib)
    return [
        form
        for (variant, sample), (field, baseline), more in zip(samples, placed, wider, strict=True)
        if (form := _form(sample, variant, field + more, baseline, seed)) is not None
    ]


def _placed(sample: Sample) -> tuple[np.ndarray, float]:
    """A sample's distance field, and where its baseline lies: pixels down from its first row."""
    top, left, bottom, right = glyph.ink_box(sample.ink)
    ink = ndimage.gaussian_filter(sample.ink[top:bottom, left:right], SOFTENING)
    typical = charset.geometry(sample.character)
    height = typical.likely_height(ink.shape) if sample.height is None else sample.height
    baseline = typical.likely_bottom(height) if sample.baseline is None else sample.baseline
    field = distance_field(ink, height * PIXELS / len(ink))
    return field, len(field) / 2 + (baseline + height / 2) * PIXELS


def _form(sample: Sample, variant: int, field: np.ndarray, baseline: float, seed: int) -> Form | None:
    outlines = trace(field, TOLERANCE)
    if not outlines:
        return None
    left, right = _sides(field, baseline)
    start, end = np.min(left), np.max(right)
    contours = [(outline - (start, baseline)) / (PIXELS, -PIXELS) for outline in outlines]
    if variant:
        contours = _varied(contours, np.random.default_rng((seed, ord(sample.character), variant)))
    return Form(
        sample.character,
        variant,
        sample.source,
        tuple(X_HEIGHT * contour for contour in contours),
        float(end - start) * X_HEIGHT / PIXELS,
        (left - start) / PIXELS,
        (end - right) / PIXELS,
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


def _sides(field: np.ndarray, baseline: float) -> tuple[np.ndarray, np.ndarray]:
    """The pixels at which the ink begins and ends, in rows around the baseline."""
    inked = field > 0
    first = round(ABOVE * PIXELS - baseline)
    high = round((ABOVE + BELOW) * PIXELS)
    left, right = np.full(high, np.inf), np.full(high, -np.inf)
    rows = np.flatnonzero(inked.any(axis=1))
    rows = rows[(rows + first >= 0) & (rows + first < high)]
    left[rows + first] = np.argmax(inked[rows], axis=1)
    right[rows + first] = inked.shape[1] - np.argmax(inked[rows, ::-1], axis=1)
    near = 2 * round(NEAR * PIXELS) + 1
    return ndimage.minimum_filter1d(left, near)[::ROW], ndimage.maximum_filter1d(right, near)[::ROW]
