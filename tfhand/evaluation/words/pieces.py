"""Single letters of words set side by side, whether their ink meets or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfhand.evaluation.words.cutting import LEAST
from tfhand.hands.seams import rising
from tfhand.hands.word_sample import WordSample


@dataclass(frozen=True, eq=False)
class Part:
    """One letter of a word.

    Attributes:
        word: which word.
        place: of the letter in its text.
    """

    word: WordSample
    place: int

    @property
    def bounds(self) -> tuple[float, float]:
        """The cuts before and after it, columns of the word at the height of the writing line."""
        edges = (1.0, *self.word.cuts, self.word.ink.shape[1] - 1.0)
        return edges[self.place], edges[self.place + 1]


def parts_of(word: WordSample) -> list[Part]:
    """The letters of a word."""
    return [Part(word, place) for place in range(len(word.text))]


def side_by_side(
    text: str, parts: Sequence[Part], gap: float = 0.0, lifts: Sequence[float] | None = None
) -> WordSample:
    """A word of letters of words of one size, each where the one before it ends.

    Args:
        text: that the word is to say.
        parts: a letter each.
        gap: paper between two of them, in x-heights.
        lifts: x-heights by which each stands too high; none if None.
    """
    unit = parts[0].word.x_height
    above = max(part.word.baseline for part in parts)
    below = max(part.word.ink.shape[0] - part.word.baseline for part in parts)
    ends = np.cumsum([0.0, *(np.subtract(*part.bounds[::-1]) + gap * unit for part in parts)])
    room = max(part.word.ink.shape[1] for part in parts)
    reach = int(np.ceil(unit * max(np.abs(lifts or [0.0])))) + 1
    ink = np.zeros((int(np.ceil(above + below)) + 2 * reach, int(np.ceil(ends[-1])) + 2 * room), np.uint8)
    for part, end, lift in zip(parts, ends, lifts or [0.0] * len(parts), strict=False):
        own, begin = part.word.piece(part.place, part.place + 1)
        row = round(reach + above - part.word.baseline - lift * unit)
        column = round(room + end + begin - part.bounds[0])
        there = ink[row : row + own.shape[0], column : column + own.shape[1]]
        np.maximum(there, own, out=there)
    cuts = room + ends[1:-1] - gap * unit / 2
    return WordSample(text, ink, reach + above, unit, rising(cuts, LEAST), parts[0].word.slant)
