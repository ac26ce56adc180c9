"""One written or generated glyph with its place on the writing line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import numpy as np

from tfhand.errors import HandError, PictureError
from tfhand.hands import glyph

WRITTEN, GENERATED = "written", "generated"
LOWEST, HIGHEST = -20, 20  # x-heights over the writing line, where the bottom of an ink box may be
HEIGHTS = 0.02, 20  # x-heights of an ink box: a dot of a fineliner, and a capital over two lines
Box = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Sample:
    """One glyph of a Hand: `Sample("a", picture)` takes a picture of any size and polarity.

    Attributes:
        character: the character that it shows.
        glyph: uint8 [32, 32], white ink on black, as the networks see it.
        source: "written" by the person or "generated".
        baseline: height of the ink box's bottom over the writing line in x-heights, negative below; None if unknown.
        height: height of the ink box in x-heights, 0.02 to 20; None if unknown.
        doubt: the character that a reader takes it for where that is another one, else empty; see `Hand.approved`.
        ink: uint8 [h, w], the same ink at the resolution of the picture, cropped to its box and one pixel of soft edge
            around it, for print.
        seed: with which a generated one was drawn; None if unknown.
        file: its picture in the Hand's folder that it was loaded from, such as "a_2.png"; else empty.

    Raises:
        HandError: not one character, no ink, or a bad source, baseline or height.
    """

    character: str
    glyph: np.ndarray = field(repr=False)
    source: str = WRITTEN
    baseline: float | None = None
    height: float | None = None
    doubt: str = ""
    ink: np.ndarray = field(default=cast(np.ndarray, None), repr=False)  # filled in from the picture if not given
    seed: int | None = None
    file: str = ""

    def __post_init__(self):
        if not isinstance(self.character, str) or len(self.character) != 1 or self.character.isspace():
            raise HandError(f"A Hand's glyphs go by single characters, and {self.character!r} is none.")
        if self.source not in (WRITTEN, GENERATED):
            raise HandError(f"The source of a glyph is {WRITTEN!r} or {GENERATED!r}, not {self.source!r}.")
        if not isinstance(self.doubt, str) or len(self.doubt) > 1:
            raise HandError(f"The doubt about {self.character!r} is one other character, or empty.")
        if not (_is_within(self.baseline, LOWEST, HIGHEST) and _is_within(self.height, *HEIGHTS)):
            raise HandError(
                f"Baseline and height of {self.character!r} are numbers of x-heights, {LOWEST:g} to {HIGHEST:g} and "
                f"{HEIGHTS[0]:g} to {HEIGHTS[1]:g}, or None if unknown."
            )
        if not (self.seed is None or (type(self.seed) is int and self.source == GENERATED)):
            raise HandError(f"The seed of {self.character!r} is a whole number, and of a generated glyph only.")
        for name in ("baseline", "height"):  # rounded as in a Hand's folder, so that a saved Hand loads unchanged
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
            kept = np.array(pixels, np.uint8)  # a copy, so that the whole photo can be freed
            kept.setflags(write=False)
            object.__setattr__(self, name, kept)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sample):
            return NotImplemented
        facts, other_facts = ((s.character, s.source, s.baseline, s.height) for s in (self, other))
        return facts == other_facts and np.array_equal(self.ink, other.ink)


def _is_within(number: object, low: float, high: float) -> bool:
    """Whether it is a number in these limits, or None."""
    if number is None:
        return True
    return isinstance(number, int | float | np.number) and not isinstance(number, bool) and bool(low <= number <= high)


def _is_glyph(shape: tuple[int, int], box: Box) -> bool:
    """Whether an image is already a normalized glyph; scaling it again would only blur it."""
    top, left, bottom, right = box
    longest = max(bottom - top, right - left)
    off_centre = max(abs(top + bottom - glyph.SIZE), abs(left + right - glyph.SIZE))
    return shape == (glyph.SIZE, glyph.SIZE) and abs(longest - glyph.box_side()) <= 1 and off_centre <= 2
