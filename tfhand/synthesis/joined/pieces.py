"""Pieces of written words: letters in a row, and how the ink runs on at both their ends.

Lengths are in x-heights, heights are over the writing line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from tfhand.hands.glyph import INK_LEVEL
from tfhand.hands.word_sample import WordSample
from tfhand.typeset.text import OPEN

LOWEST_PORT = -0.5  # a join is not lower, but for the loop of a g; the bar of a t crosses a cut higher than the join
_BESIDE = 0.14  # to each side of a cut, where the direction of the ink is measured
_AROUND = 0.3  # over and under a port, where its ink is looked for


@dataclass(frozen=True)
class Port:
    """Where ink runs across a cut: its height, how far right of the cut it is, and its rise to the right."""

    height: float
    x: float
    rise: float


@dataclass(frozen=True, eq=False)
class Piece:
    """The letters from `first` to `last`, exclusive, of a written word.

    Attributes:
        word: the word.
        first, last: places of letters.
        entry, exit: where ink runs in at the left, and on at the right; None where the pen was lifted.
    """

    word: WordSample = field(repr=False)
    first: int
    last: int
    entry: Port | None
    exit: Port | None

    @property
    def text(self) -> str:
        """Its letters."""
        return self.word.text[self.first : self.last]

    @property
    def before(self) -> str:
        """The letter that the person wrote before it; empty at the beginning of a word."""
        return self.word.text[self.first - 1] if self.first else ""

    @property
    def after(self) -> str:
        """The letter that the person wrote after it; empty at the end of a word."""
        return self.word.text[self.last] if self.last < len(self.word.text) else ""


def pieces_of(words: Iterable[WordSample]) -> dict[str, list[Piece]]:
    """All pieces of words by their letters. A piece has letters only whose places are sure."""
    found: dict[str, list[Piece]] = {}
    for word in words:
        ports = [None, *(port_of(word, cut) for cut in range(1, len(word.text))), None]
        for first in range(len(word.text)):
            for last in range(first + 1, len(word.text) + 1):
                if not word.sure[last - 1]:
                    break
                piece = Piece(word, first, last, ports[first], ports[last])
                found.setdefault(piece.text, []).append(piece)
    return found


def port_of(word: WordSample, cut: int) -> Port | None:
    """Where letter `cut` - 1 is joined to letter `cut`; None where it is not."""
    heights = word.ports(cut)
    if not heights:
        return None
    height = min((one for one in heights if one >= LOWEST_PORT), default=max(heights))
    unit, row = word.x_height, word.baseline - height * word.x_height
    column = float(word.seams[cut][min(max(int(row), 0), len(word.seams[cut]) - 1)])
    beside = max(1.0, _BESIDE * unit)
    rows = [_ink_row(word.ink, column + side * beside, row, _AROUND * unit) for side in (-1, 1)]
    line = word.cuts[cut - 1] + word.slant * (word.baseline - row)
    return Port(height, (column - line) / unit, (rows[0] - rows[1]) / (2 * beside))


def _ink_row(ink: np.ndarray, column: float, row: float, reach: float) -> float:
    """The mean row of the ink in one column near a row; that row where there is none."""
    at = min(max(int(column), 0), ink.shape[1] - 1)
    top, bottom = max(0, int(row - reach)), int(row + reach) + 1
    weights = ink[top:bottom, at].astype(float)
    return float((weights * (np.arange(top, top + len(weights)) + 0.5)).sum() / weights.sum()) if weights.any() else row


def gap_of(word: WordSample, cut: int) -> float:
    """The mean space between the ink on both sides of a cut, from the writing line to the x-height.

    Wide openings count only up to `OPEN`.
    """
    top, bottom = (int(np.clip(word.baseline - height * word.x_height, 0, len(word.ink))) for height in (1.0, 0.0))
    inked, letters = word.ink[top:bottom] > INK_LEVEL * 255, word.letters[top:bottom]
    columns = np.arange(word.ink.shape[1])
    right = np.where(inked & (letters < cut), columns + 1.0, -np.inf).max(axis=1)
    left = np.where(inked & (letters >= cut), columns, np.inf).min(axis=1)
    return float(np.minimum((left - right) / word.x_height, OPEN).mean()) if bottom > top else OPEN


def is_joined(words: Sequence[WordSample]) -> bool:
    """Whether a person joins the letters of words now and then."""
    return any(word.ports(cut) for word in words for cut in range(1, len(word.text)))
