"""One written or generated glyph with its place on the line, and a sheet that shows many of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tfhand.errors import HandError, PictureError
from tfhand.hands import glyph

WRITTEN, GENERATED = "written", "generated"
Box = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Sample:
    """One glyph of a Hand: `Sample("a", picture)` takes a picture of any size and polarity.

    Attributes:
        character: what it says.
        glyph: uint8 [32, 32], white ink on black, in the form that the networks see.
        source: "written" by the person or "generated".
        baseline: bottom of the ink box over the writing line in x-heights, negative below; None when unknown.
        height: height of the ink box in x-heights; None when unknown.
        ink: uint8 [h, w], the same ink at the resolution that the picture had, cropped to its box and one pixel of soft
            edge around it: good for print.

    Raises:
        HandError: not one character, no ink, or a source or length that is none.
    """

    character: str
    glyph: np.ndarray = field(repr=False)
    source: str = WRITTEN
    baseline: float | None = None
    height: float | None = None
    ink: np.ndarray | None = field(default=None, repr=False)

    def __post_init__(self):
        if not isinstance(self.character, str) or len(self.character) != 1 or self.character.isspace():
            raise HandError(f"A Hand's glyphs go by single characters, and {self.character!r} is none.")
        if self.source not in (WRITTEN, GENERATED):
            raise HandError(f"The source of a glyph is {WRITTEN!r} or {GENERATED!r}, not {self.source!r}.")
        if not (_is_length(self.baseline) and _is_length(self.height)) or (
            self.height is not None and self.height <= 0
        ):
            raise HandError(f"Baseline and height of {self.character!r} are numbers of x-heights, or None if unknown.")
        for name in ("baseline", "height"):  # as a Hand's folder keeps them, so that one photo gives the same twice
            if getattr(self, name) is not None:
                object.__setattr__(self, name, round(float(getattr(self, name)), 4))
        try:
            whole = glyph.as_ink(self.glyph)
            crop = glyph.cropped(whole)
            small = whole if _is_glyph(whole.shape, glyph.ink_box(whole)) else glyph.normalize(crop)
        except PictureError as error:
            raise HandError(f"The picture of {self.character!r} cannot be used: {error}") from None
        crop = crop if self.ink is None else np.asarray(self.ink)
        if crop.dtype != np.uint8 or crop.ndim != 2 or not crop.any():
            raise HandError(f"The ink of {self.character!r} is a uint8 array [h, w] that is not all black.")
        for name, pixels in (("glyph", small), ("ink", crop)):
            kept = np.array(pixels, np.uint8)  # a copy: a whole photo is not kept for one letter
            kept.setflags(write=False)
            object.__setattr__(self, name, kept)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sample):
            return NotImplemented
        mine, theirs = ((s.character, s.source, s.baseline, s.height) for s in (self, other))
        return mine == theirs and np.array_equal(self.ink, other.ink)

    __hash__ = None


def _is_length(number: object) -> bool:
    return number is None or (isinstance(number, int | float | np.number) and math.isfinite(number))


def _is_glyph(shape: tuple[int, int], box: Box) -> bool:
    """Whether an image is a glyph already; scaling it again would only blur it."""
    top, left, bottom, right = box
    longest = max(bottom - top, right - left)
    off_centre = max(abs(top + bottom - glyph.SIZE), abs(left + right - glyph.SIZE))
    return shape == (glyph.SIZE, glyph.SIZE) and abs(longest - glyph.box_side()) <= 1 and off_centre <= 2


CELL, CAPTION, GAP = 96, 24, 12  # pixels
GENERATED_FRAME, DOUBTED_FRAME, PAPER, LINE = (0, 90, 200), (200, 30, 30), (255, 255, 255), (205, 205, 205)


def contact_sheet(samples: Sequence[Sample], doubts: Sequence[str] = (), columns: int = 12) -> np.ndarray:
    """All glyphs in rows, each over its character; generated ones stand in a blue frame and are captioned so.

    Args:
        samples: to show.
        doubts: for each of them what it looks like instead of its character, or an empty string; these stand in a red
            frame. None by default.
        columns: glyphs in a row.

    Returns:
        uint8 array of shape (height, width, 3), black ink on white.

    Raises:
        HandError: there is no glyph to show.
    """
    if not samples:
        raise HandError("This Hand holds no glyph yet; there is nothing to show.")
    doubts = doubts or [""] * len(samples)
    columns = min(columns, max(4, len(samples)))
    rows = -(-len(samples) // columns)
    step_x, step_y = CELL + GAP, CELL + CAPTION + GAP
    sheet = Image.new("RGB", (columns * step_x + GAP, rows * step_y + CAPTION + 2 * GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    font, small = ImageFont.load_default(17), ImageFont.load_default(13)
    generated, doubted = sum(sample.source == GENERATED for sample in samples), sum(map(bool, doubts))
    title = f"{len(samples) - generated} written" + (f", {generated} generated (blue frame)" if generated else "")
    title += f", {doubted} to look at (red frame)" if doubted else ""
    draw.text((GAP, GAP), title, "black", small)
    for number, (sample, doubt) in enumerate(zip(samples, doubts, strict=True)):
        x, y = GAP + number % columns * step_x, 2 * GAP + CAPTION + number // columns * step_y
        colour, note = (GENERATED_FRAME, "generated") if sample.source == GENERATED else (LINE, "")
        colour, note = (DOUBTED_FRAME, f"like {doubt}") if doubt else (colour, note)
        sheet.paste(_thumbnail(sample), (x, y))
        draw.rectangle((x, y, x + CELL, y + CELL), outline=colour, width=2 if note else 1)
        draw.text((x + 2, y + CELL + 2), sample.character, "black", font)
        if note:
            draw.text((x + CELL, y + CELL + 5), note, colour, small, anchor="ra")
    return np.asarray(sheet)


def _thumbnail(sample: Sample) -> Image.Image:
    return Image.fromarray(glyph.inverted(glyph.normalize(sample.ink, CELL)))
