"""Pieces of written words: letters in a row, and how the ink runs on at both their ends.

Lengths are in x-heights, heights are over the writing line.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field

import numpy as np
from scipy import ndimage

from tfhand.core.charset import geometry
from tfhand.hands.glyph import INK_LEVEL
from tfhand.hands.sample import Sample
from tfhand.hands.word_sample import WordSample

OPENING = 1.2  # a wider space between letters looks no wider
SMALLEST, WIDEST = 0.35, 0.6  # share of its usual size that a letter has at least; width of narrow ones
LETTERS = 3  # samples of a character that are cut out of words
LOWEST_PORT = -0.5  # a join is not lower, but for the loop of a g; the bar of a t crosses a cut higher than the join
_BESIDE = 0.14  # to each side of a cut, where the direction of the ink is measured
_AROUND = 0.3  # over and under a port, where its ink is looked for


@dataclass(frozen=True)
class Port:
    """Where ink runs across a cut.

    Attributes:
        height: over the writing line.
        x: how far right of the cut it is.
        rise: of the ink to the right.
        before, after: mean space to the ink of the letter before it and of the letter after it.
    """

    height: float
    x: float
    rise: float
    before: float
    after: float


@dataclass(frozen=True, eq=False)
class Piece:
    """The letters from `first` to `last`, exclusive, of a written word.

    Attributes:
        word: the word.
        first, last: places of letters.
        entry, exit: where ink runs in at the left, and on at the right; None where the pen was lifted.
        joined: share of joins in the word.
        lifts: how often the pen was lifted between its letters.
        gaps: the narrowest space at each cut between its letters, negative where they reach over each other.
    """

    word: WordSample = field(repr=False)
    first: int
    last: int
    entry: Port | None
    exit: Port | None
    joined: float
    lifts: int
    gaps: tuple[float, ...]

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
    """All pieces of words by their letters. A piece has sound letters only, see `has_sound_letters`."""
    found: dict[str, list[Piece]] = {}
    for word in words:
        ports = [None, *(port_of(word, cut) for cut in range(1, len(word.text))), None]
        sound = has_sound_letters(word)
        gaps = [float(spaces(word, cut).min(initial=OPENING)) for cut in range(1, len(word.text))]
        joined = sum(port is not None for port in ports) / max(len(word.text) - 1, 1)
        for first in range(len(word.text)):
            for last in range(first + 1, len(word.text) + 1):
                if not sound[last - 1]:
                    break
                lifts = sum(port is None for port in ports[first + 1 : last])
                inner = tuple(gaps[first : last - 1])
                piece = Piece(word, first, last, ports[first], ports[last], joined, lifts, inner)
                found.setdefault(piece.text, []).append(piece)
    return found


def letters_of(words: Iterable[WordSample], wanted: Container[str]) -> list[Sample]:
    """Samples of single letters cut out of words, the first few of each that is wanted."""
    found: dict[str, list[Sample]] = {}
    for word in words:
        for place, letter in enumerate(word.text):
            if letter in wanted and len(found.get(letter, ())) < LETTERS:
                sample = word.sample(place)
                found.setdefault(letter, []).extend([sample] if sample else [])
    return [sample for samples in found.values() for sample in samples]


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
    sides = _sides(word, cut)
    before, after = (mean_space(apart / unit) for apart in (column - sides[0], sides[1] - column))
    return Port(height, (column - line) / unit, (rows[0] - rows[1]) / (2 * beside), before, after)


def _ink_row(ink: np.ndarray, column: float, row: float, reach: float) -> float:
    """The mean row of the ink in one column near a row; that row where there is none."""
    at = min(max(int(column), 0), ink.shape[1] - 1)
    top, bottom = max(0, int(row - reach)), int(row + reach) + 1
    weights = ink[top:bottom, at].astype(float)
    return float((weights * (np.arange(top, top + len(weights)) + 0.5)).sum() / weights.sum()) if weights.any() else row


def spaces(word: WordSample, cut: int) -> np.ndarray:
    """The space between the ink on both sides of a cut, in each row from the writing line to the x-height.

    It is infinite in rows without ink on one of the sides.
    """
    right, left = _sides(word, cut)
    return (left - right) / word.x_height


def _sides(word: WordSample, cut: int) -> tuple[np.ndarray, np.ndarray]:
    """The last column of ink before a cut and the first after it, in each row from the writing line to the x-height."""
    top, bottom = (int(np.clip(word.baseline - height * word.x_height, 0, len(word.ink))) for height in (1.0, 0.0))
    inked, letters = word.ink[top:bottom] > INK_LEVEL * 255, word.letters[top:bottom]
    columns = np.arange(word.ink.shape[1])
    right = np.where(inked & (letters < cut), columns + 1.0, -np.inf).max(axis=1)
    left = np.where(inked & (letters >= cut), columns, np.inf).min(axis=1)
    return right, left


def mean_space(found: np.ndarray) -> float:
    """The mean of some `spaces`; wide openings count only up to `OPENING`."""
    return float(np.minimum(found, OPENING).mean()) if len(found) else OPENING


def letter_boxes(word: WordSample) -> list[tuple[slice, slice] | None]:
    """The rows and columns of each letter's ink; None where there is none."""
    inked = np.where(word.ink > INK_LEVEL * 255, word.letters + 1, 0)
    return list(ndimage.find_objects(inked, max_label=len(word.text)))


def has_sound_letters(word: WordSample) -> list[bool]:
    """For each letter whether its place is sure and its ink about as large as such a letter is."""
    sound = []
    for letter, box, sure in zip(word.text, letter_boxes(word), word.sure, strict=True):
        usual = geometry(letter)
        high, wide = ((side.stop - side.start) / word.x_height for side in box) if box else (0.0, 0.0)
        fits = SMALLEST * usual.height <= high <= usual.height / SMALLEST and SMALLEST * usual.width <= wide
        sound.append(bool(sure and fits and wide <= max(usual.width, WIDEST) / SMALLEST))
    return sound
