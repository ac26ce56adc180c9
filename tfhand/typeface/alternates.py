"""The alternates of a font: several outlines of a character in font units, each with its contours for spacing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from fontTools import agl

from tfhand.core import charset
from tfhand.core.progress import Done, unwatched
from tfhand.hands.sample import Sample
from tfhand.typeset.shapes import DETAIL, Change, GlyphBody, glyph_bodies
from tfhand.vector.outlines import trace_all

EM = 2048  # units: a power of two, as TrueType requires
X_HEIGHT = 840  # units: capitals are then about 1400 high, as in most fonts
ROW = 4  # rows of a shape's field to one row of an alternate's `left` and `right`
SOFTENING = 0.8  # Gaussian over the ink, in its own pixels: at large sizes a stroke of few pixels would look knotty
VARIATION = (0.014, 0.02, 0.02)  # standard deviations of further alternates: turn in radians, relative size, lift


@dataclass(frozen=True, eq=False)
class Alternate:
    """One glyph of a character in the font.

    Attributes:
        character: the character that it shows.
        variant: 0 for the default glyph of the character, then 1, 2 ...
        source: "written" or "generated".
        contours: float64 arrays of shape (n, 4, 2), cubic Bezier segments in font units, y upward from the baseline, x
            from the left end of the ink; clockwise around ink.
        width: width of the ink in font units.
        left, right: float64 (rows,), x-heights of paper at either side, within the ink's width, in rows from
            `shapes.ABOVE` to `BELOW`; infinite in rows without ink.
    """

    character: str
    variant: int
    source: str
    contours: tuple[np.ndarray, ...]
    width: float
    left: np.ndarray
    right: np.ndarray


def alternates_of(letters: Mapping[str, Sequence[Sample]], seed: int = 0, done: Done = unwatched) -> list[Alternate]:
    """The alternates of all characters, in the order of charset, with strokes of nearly one thickness.

    The first alternate of each character stands as it was written; the further ones are turned, scaled and lifted a
    little, as in fluent handwriting. `done` is called with the share of the outlines that are traced.
    """
    samples = [(number, one) for character in charset.order(letters) for number, one in enumerate(letters[character])]
    bodies = bodies_of([sample for _, sample in samples])
    fields = [body.shape.field for body in bodies if body.shape is not None]  # no sample gives a gap
    outlines = trace_all(fields, done=done)
    return [
        alternate_of(sample.character, variant, sample.source, body, outline, seed)
        for (variant, sample), body, outline in zip(samples, bodies, outlines, strict=True)
    ]


def bodies_of(samples: Sequence[Sample]) -> list[GlyphBody]:
    """The ink of samples as a font draws it, with strokes of nearly one thickness."""
    characters = "".join(sample.character for sample in samples)
    return glyph_bodies(characters, samples, Change(), 0.0, np.random.default_rng(0), SOFTENING)


def alternate_of(
    character: str, variant: int, source: str, body: GlyphBody, outlines: Sequence[np.ndarray], seed: int | None = None
) -> Alternate:
    """An alternate of a body and the outlines of its field; further ones are varied if a seed is given."""
    start, end = np.min(body.left), np.max(body.right)
    contours = [(outline - (start, body.above)) / (DETAIL, -DETAIL) for outline in outlines]
    if variant and seed is not None:
        contours = _vary(contours, np.random.default_rng((seed, ord(character), variant)))
    return Alternate(
        character,
        variant,
        source,
        tuple(X_HEIGHT * contour for contour in contours),
        float(end - start) * X_HEIGHT / DETAIL,
        (body.left - start)[::ROW] / DETAIL,
        (end - body.right)[::ROW] / DETAIL,
    )


def glyph_name(character: str) -> str:
    """The standard name of a character's glyph: "a", "uni01CE"."""
    code = ord(character)
    return agl.UV2AGL.get(code) or (f"uni{code:04X}" if code < 0x10000 else f"u{code:05X}")


def _vary(contours: Sequence[np.ndarray], random: np.random.Generator) -> list[np.ndarray]:
    """Outlines in x-heights, turned about the middle of their foot, scaled and lifted a little."""
    across = np.concatenate(contours)[..., 0]
    foot = (across.min() + across.max()) / 2, 0.0
    angle, size, lift = np.clip(random.normal(size=3), -2, 2) * VARIATION
    turned = (1 + size) * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return [(contour - foot) @ turned + foot + (0.0, lift) for contour in contours]
