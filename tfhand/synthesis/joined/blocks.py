"""Parts of a word as fields of distances to their ink, all at one size and with one nib, ready to be put together.

Coordinates are pixels of a field, `DETAIL` to an x-height: x to the right from its left side, heights upward from the
writing line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from tfhand.hands.sample import Sample
from tfhand.hands.word_sample import WordSample
from tfhand.synthesis.joined.pieces import Piece, Port
from tfhand.typeset.shapes import DETAIL, ink_on_line
from tfhand.vector.distance_field import distance_field, even_widths, nib_width

EVEN = 0.8  # share of the differences between nibs that is removed
ENOUGH = 25  # words on which a nib is measured
KEPT = 200  # fields of words, about 200 kB each
_PAPER = 4.0  # pixels of paper beside the ink of a block


@dataclass(frozen=True, eq=False)
class Block:
    """A part of a word.

    Attributes:
        letters: what it says.
        field: float32 (h, w), positive within the ink.
        above: pixels from the first row of the field down to the writing line.
        cuts: x of the cuts on the writing line, one more than letters: before the first letter, between letters and
            after the last; None for a letter that stood alone.
        entry, exit: (x, height) where its ink goes on at the left and at the right, or None.
    """

    letters: str
    field: np.ndarray
    above: float
    cuts: tuple[float, ...] | None = None
    entry: np.ndarray | None = None
    exit: np.ndarray | None = None

    def radius(self, point: np.ndarray) -> float:
        """Half the width of the line at a point (x, height)."""
        x, y = int(point[0]), int(self.above - point[1])
        around = self.field[max(y - 2, 0) : y + 3, max(x - 2, 0) : x + 3]
        return max(1.0, float(around.max(initial=0.0)))


class BlockMaker:
    """Makes blocks with one nib.

    Args:
        words: of the Hand; their middle nib is that of all blocks.
        letters: whose middle nib it is where there are no words.

    Attributes:
        nib: in pixels; None without words and letters.
    """

    def __init__(self, words: Sequence[WordSample], letters: Sequence[Sample] = ()):
        shown = [_word_field(word) for word in words[:: 1 + len(words) // ENOUGH]]
        shown = shown or [_letter_field(sample)[0] for sample in letters]
        self._fields: dict[int, np.ndarray] = {}  # by the id of a word, of those needed last
        self.nib = float(np.median([nib_width(field) for field in shown])) if shown else None

    def of_piece(self, piece: Piece) -> Block:
        """The block of a piece of a word."""
        word, scale = piece.word, DETAIL / piece.word.x_height
        field = self._field(word)
        high, wide = field.shape
        ink_high, ink_wide = word.ink.shape
        inside = (word.letters >= piece.first) & (word.letters < piece.last)
        mask = _enlarged(inside, scale, field.shape)
        left, above = wide / 2 - ink_wide / 2 * scale, high / 2 + (word.baseline - ink_high / 2) * scale
        edges = (0.0, *word.cuts, float(ink_wide))[piece.first : piece.last + 1]
        cuts = np.array([left + edge * scale for edge in edges])
        ports = [
            port and _port_point(port, cut, word.slant)
            for port, cut in ((piece.entry, cuts[0]), (piece.exit, cuts[-1]))
        ]
        masked = np.minimum(field, _distance(mask))
        columns = np.flatnonzero((masked > -_PAPER).any(axis=0))
        first, end = (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, wide)
        shift = np.array([first, 0.0])
        entry, leave = (None if one is None else one - shift for one in ports)
        return Block(piece.text, masked[:, first:end], above, tuple((cuts - first).tolist()), entry, leave)

    def of_sample(self, sample: Sample) -> Block:
        """The block of a letter that stood alone."""
        field, above = _letter_field(sample)
        return Block(sample.character, self._in_nib(field), above)

    def _field(self, word: WordSample) -> np.ndarray:
        """A whole word in the nib of all."""
        found = self._fields.get(id(word))
        if found is None:
            found = self._in_nib(_word_field(word))
            if len(self._fields) >= KEPT:
                self._fields.clear()
            self._fields[id(word)] = found
        return found

    def _in_nib(self, field: np.ndarray) -> np.ndarray:
        if self.nib is None:
            return field
        return field + np.float32(even_widths(np.array([nib_width(field)]), self.nib, EVEN)[0])


def _word_field(word: WordSample) -> np.ndarray:
    return distance_field(word.ink, DETAIL / word.x_height)


def _letter_field(sample: Sample) -> tuple[np.ndarray, float]:
    """A letter that stood alone, and the pixels from its first row down to the writing line."""
    ink, baseline, height = ink_on_line(sample.character, sample)
    field = distance_field(ink, height * DETAIL / ink.shape[0])
    return field, field.shape[0] / 2 + (baseline + height / 2) * DETAIL


def _port_point(port: Port, cut: float, slant: float) -> np.ndarray:
    return np.array([cut + (slant * port.height + port.x) * DETAIL, port.height * DETAIL])


def _enlarged(mask: np.ndarray, scale: float, shape: tuple[int, int]) -> np.ndarray:
    """A mask on the ink of a word as one on its field, whose middle is that of the ink."""
    to_middle, middle = ((np.array(one[::-1]) - 1) / 2 for one in (shape, mask.shape))
    affine = np.array([[scale, 0.0, to_middle[0] - scale * middle[0]], [0.0, scale, to_middle[1] - scale * middle[1]]])
    flags, border = cv2.INTER_LINEAR, cv2.BORDER_REPLICATE
    return cv2.warpAffine(mask.astype(np.float32), affine, shape[::-1], flags=flags, borderMode=border) > 0.5


def _distance(mask: np.ndarray) -> np.ndarray:
    """Pixels to the edge of a mask, positive within."""
    if mask.all():
        return np.full(mask.shape, np.inf, np.float32)
    inner, outer = (cv2.distanceTransform(one.astype(np.uint8), cv2.DIST_L2, 3) for one in (mask, ~mask))
    return inner - outer
