"""A word that a person wrote in one go, as one picture, with the places where its letters meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

import numpy as np

from tfhand.errors import HandError, PictureError
from tfhand.hands import glyph
from tfhand.hands.glyph import INK_LEVEL
from tfhand.hands.marks import with_drifted_marks
from tfhand.hands.sample import HEIGHTS, Sample
from tfhand.hands.seams import crossings, seam_of_least_ink

LONGEST = 60  # letters of a word
SLANTS = -2.0, 2.0  # x gained for each unit of height
_SMALLEST = 3.0  # pixels of an x-height


@dataclass(frozen=True, eq=False)
class WordSample:
    """One written word of a Hand. Its letters are told apart by seams of least ink near slanted lines.

    Attributes:
        text: what it says, without spaces.
        ink: uint8 [h, w], white ink on black, at the resolution of the photo, level, and cropped to its box and one
            pixel around it. A picture of any polarity with paper at its border is converted to that.
        baseline: rows from the top of `ink` down to the writing line.
        x_height: pixels.
        cuts: where two neighbouring letters meet: columns of `ink` at the height of the writing line, one less than
            letters, in order.
        slant: of the lines through `cuts`: x gained for each unit of height.
        sure: for each letter whether its place is sure; letters that are not are kept for a person to mend, and
            never written with. None for all.
        file: its picture in the Hand's folder that it was loaded from, such as "words/Anna_1.png"; else empty.

    Raises:
        HandError: a text with spaces or none, no ink, or measures that do not belong to the picture.
    """

    text: str
    ink: np.ndarray = field(repr=False)
    baseline: float
    x_height: float
    cuts: Sequence[float] = ()
    slant: float = 0.0
    sure: Sequence[bool] = cast(Sequence[bool], None)  # filled in if not given
    file: str = ""

    def __post_init__(self):
        if not isinstance(self.text, str) or not self.text or self.text != "".join(self.text.split()):
            raise HandError(f"A word of a Hand is text without spaces, and {self.text!r} is not.")
        if len(self.text) > LONGEST:
            raise HandError(f"A word has at most {LONGEST} letters, and {self.text[:20]}... has {len(self.text)}.")
        try:
            whole = glyph.as_ink(self.ink)
            top, left, _, _ = glyph.ink_box(whole)
            crop = glyph.cropped(whole)
        except PictureError as error:
            raise HandError(f"The picture of {self.text!r} cannot be used: {error}") from None
        top, left = top - 1, left - 1
        crop.setflags(write=False)
        sure = (True,) * len(self.text) if self.sure is None else tuple(bool(one) for one in self.sure)
        numbers = [self.baseline, self.x_height, self.slant, *self.cuts]
        if not all(_is_number(number) for number in numbers):
            raise HandError(f"Baseline, x-height, slant and cuts of {self.text!r} are numbers.")
        values = {
            "ink": crop,
            "baseline": round(float(self.baseline) - top, 2),
            "x_height": round(float(self.x_height), 2),
            "cuts": tuple(round(float(cut) - left, 2) for cut in self.cuts),
            "slant": round(float(self.slant), 4),
            "sure": sure,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)
        self._check()

    def _check(self):
        count, (high, _) = len(self.text), self.ink.shape
        if len(self.cuts) != count - 1 or len(self.sure) != count:
            raise HandError(
                f"{self.text!r} has {count} letters: it needs {count - 1} cuts, and `sure` {count} answers."
            )
        if any(after <= before for before, after in zip(self.cuts, self.cuts[1:], strict=False)):
            raise HandError(f"The cuts of {self.text!r} must run from left to right.")
        if not _SMALLEST <= self.x_height <= 4 * high or not -high <= self.baseline <= 2 * high:
            raise HandError(f"The baseline or x-height of {self.text!r} does not belong to its picture.")
        if not SLANTS[0] <= self.slant <= SLANTS[1]:
            raise HandError(f"The slant of {self.text!r} is {SLANTS[0]:g} to {SLANTS[1]:g}.")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, WordSample):
            return NotImplemented
        facts, others = ((one.text, one.baseline, one.x_height, one.cuts, one.slant, one.sure) for one in (self, other))
        return facts == others and np.array_equal(self.ink, other.ink)

    @cached_property
    def seams(self) -> np.ndarray:
        """Where each letter begins in each row, int (letters + 1, h): the first in column 0, the last ends at w."""
        high, wide = self.ink.shape
        rows = self.baseline - 0.5 - np.arange(high)
        inner = [seam_of_least_ink(self.ink, cut + self.slant * rows, self.x_height) for cut in self.cuts]
        seams = np.stack([np.zeros(high, int), *inner, np.full(high, wide)])
        return np.maximum.accumulate(seams, axis=0)

    @cached_property
    def letters(self) -> np.ndarray:
        """To which letter each pixel of `ink` belongs, int (h, w): by the seams, and a dot or bar to its own letter."""
        columns = np.arange(self.ink.shape[1])
        owners = (columns >= self.seams[1:-1, :, None]).sum(axis=0)
        return with_drifted_marks(owners, self.ink, self.text, self.baseline, self.x_height)

    def piece(self, first: int, last: int) -> tuple[np.ndarray, int]:
        """The ink of the letters from `first` to `last`, exclusive: uint8 [h, w'], and its first column in `ink`."""
        inside = (self.letters >= first) & (self.letters < last)
        columns = np.flatnonzero(inside.any(axis=0))
        begin, end = (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, 0)
        return np.where(inside, self.ink, 0)[:, begin:end], begin

    def sample(self, place: int) -> Sample | None:
        """One letter as a Sample, with the ends of its joins; None where its place is not sure or shows no ink."""
        ink, _ = self.piece(place, place + 1)
        if not self.sure[place] or not ink.size or ink.max() <= INK_LEVEL * self.ink.max():
            return None
        top, _, bottom, _ = glyph.ink_box(ink)
        foot, height = (self.baseline - bottom) / self.x_height, (bottom - top) / self.x_height
        return Sample(self.text[place], np.pad(ink, 1), baseline=foot, height=max(height, HEIGHTS[0]))

    def ports(self, cut: int) -> tuple[float, ...]:
        """The heights over the writing line in x-heights at which ink runs on from letter `cut` - 1 to letter `cut`."""
        rows = crossings(self.ink, self.seams[cut])
        return tuple((self.baseline - row) / self.x_height for row in rows)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and bool(np.isfinite(value))
