"""Lines of words with their texts: what reading and finding letters is learned from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfhand.data.streams.base import Stream
from tfhand.data.word_pictures import (
    MARGIN,
    Line,
    LineTransform,
    draw_words,
    letter_pixels,
    pixels_per_x_height,
    scan,
    set_line,
)
from tfhand.data.words import WordArchive
from tfhand.errors import ArchiveError
from tfhand.hands.glyph import as_network_input

UNKNOWN, GAP = -1, 0  # of a column; characters follow from 1
STEP = 2  # pixels of a column
KINDS = {(False, False): 0.2, (False, True): 0.3, (True, False): 0.35, (True, True): 0.15}
"""How often a line is of words with known letters, and joined; the data hold few that are both."""
_JOINS = 0.5  # of print with known letters that is joined by drawn ligatures
_MORE = 0.5  # chance of another word, where there is room


class WordStream(Stream):
    """Lines of one writer's words, several where there is room, with where their letters lie if that is known.

    A batch of B lines: `image` float32 (B, H, W, 1) in [-1, 1], ink 1; `text` int32 (B, letters) with `length` int32
    (B,): places in the characters from 1 up, then 0; `columns` int32 (B, W / STEP), each of `STEP` pixels: the same
    number where a letter is known to lie, `GAP` where there is known to be none, else `UNKNOWN`.

    Args:
        archives: words by writers; those too long for a picture, and those with other characters, are left out.
        shares: how often a line comes from each archive.
        characters: that are known, in order.
        height: H, of the pictures in pixels.
        width: W, even.
        batch_size: B.
        letters: of a line, at most.
        seed: of the stream.
        vary: draws a `LineTransform` and a scan for each line; without it words are as they were written.

    Raises:
        ArchiveError: no word of these characters fits.
    """

    def __init__(
        self,
        archives: Sequence[WordArchive],
        shares: Sequence[float],
        characters: str,
        height: int = 48,
        width: int = 160,
        batch_size: int = 32,
        letters: int = 20,
        seed: int = 0,
        vary: bool = True,
    ):
        super().__init__(seed)
        self.archives, self.characters, self.height, self.width = archives, characters, height, width
        self.batch_size, self.letters, self.vary = batch_size, letters, vary
        self._shares = np.array(shares) / np.sum(shares)
        self._room = width / pixels_per_x_height(height) - 2 * MARGIN  # x-heights
        self._chances = [self._chances_of(archive) for archive in archives]
        self._numbers = {character: number for number, character in enumerate(characters, 1)}

    def _chances_of(self, archive: WordArchive) -> np.ndarray:
        """How likely each word is to be drawn, cumulated, (N,): kinds by `KINDS`, in each all writers about alike."""
        known = set(self.characters)
        fits = np.array([known.issuperset(text) and len(text) <= self.letters for text in archive.texts.tolist()])
        fits &= np.array([np.ptp(np.concatenate(archive.points_of(i))[:, 0]) for i in range(len(archive))]) < self._room
        if not fits.any():
            raise ArchiveError("The archive holds no word of these characters that fits into a picture.")
        _, who, counts = np.unique(archive.writers, return_inverse=True, return_counts=True)
        chances = fits * counts[who] ** -0.5
        for (lettered, joined), share in KINDS.items():
            kind = (archive.lettered == lettered) & (archive.joined == joined)
            chances[kind] *= share / max(chances[kind].sum(), 1e-9)
        return np.cumsum(chances / chances.sum())

    def plan(self, number: int) -> dict[str, np.ndarray]:
        rng = self.rng(number)
        each = rng.choice(len(self.archives), self.batch_size, p=self._shares)
        lines = [self._line(rng, int(which)) for which in each]
        return {name: np.stack([line[name] for line in lines]) for name in lines[0]}

    def _line(self, rng: np.random.Generator, which: int) -> dict[str, np.ndarray]:
        archive, chances = self.archives[which], self._chances[which]
        first = self._drawn(rng, chances)
        transform = LineTransform.draw(rng) if self.vary else LineTransform()
        line = self._longest(rng, archive, self._alike(rng, archive, chances, first), transform)
        picture = draw_words(line, self.height, transform.nib, self.width)
        if self.vary:
            picture = scan(rng, picture)
        text = [self._numbers[character] for character in line.text]
        return {
            "image": as_network_input(picture),
            "text": np.pad(text, (0, self.letters - len(text))).astype(np.int32),
            "length": np.array(len(text), np.int32),
            "columns": letter_columns(line, np.array(text), self.height, self.width, transform.nib),
        }

    @staticmethod
    def _drawn(rng: np.random.Generator, chances: np.ndarray) -> int:
        return int(np.searchsorted(chances, rng.random() * chances[-1], side="right"))

    def _alike(self, rng: np.random.Generator, archive: WordArchive, chances: np.ndarray, first: int) -> list[int]:
        """A word and some more of the same kind by the same writer, as many letters as a line may hold."""
        kind = (archive.writers == archive.writers[first]) & (archive.lettered == archive.lettered[first])
        others = np.flatnonzero(kind & (archive.joined == archive.joined[first]) & (np.diff(chances, prepend=0) > 0))
        chosen = [first]
        while rng.random() < _MORE:
            chosen.append(int(rng.choice(others)))
            if archive.lengths[chosen].sum() > self.letters:
                return chosen[:-1]
        return chosen

    def _longest(self, rng: np.random.Generator, archive: WordArchive, words: list[int], transform: LineTransform):
        """As many of the words as fit; a single one that a transform makes too long is drawn less wide."""
        joins = _JOINS * self.vary
        for count in range(len(words), 0, -1):
            line = set_line(archive, np.array(words[:count]), transform, rng, joins)
            if line.width < self._room:
                return line
        shrink = np.array([0.98 * self._room / line.width, 1.0])
        return Line(line.text, [stroke * shrink for stroke in line.strokes], line.letters, line.known)


def letter_columns(line: Line, text: np.ndarray, height: int, width: int, nib: float) -> np.ndarray:
    """What stands in each column of a picture of a line, int32 (width / STEP,); see `WordStream`.

    Where two letters overlap, each has the half on its side.

    Args:
        line: what is written.
        text: (letters,), its letters as numbers.
        height, width: of the picture in pixels.
        nib: width of the line in x-heights.
    """
    middles = (np.arange(width // STEP) + 0.5) * STEP
    columns = np.full(len(middles), GAP if line.known.all() else UNKNOWN)
    unit = pixels_per_x_height(height)
    columns[(middles < (MARGIN - nib / 2) * unit) | (middles > (line.width + MARGIN + nib / 2) * unit)] = GAP
    columns[middles > (line.width + 2 * MARGIN) * unit] = UNKNOWN  # so much paper teaches nothing
    if line.known.all():
        pixels = letter_pixels(line, height, nib)
        missing = np.isnan(pixels).any(axis=1)
        if missing.any():
            columns[(middles > MARGIN * unit) & (middles < (line.width + MARGIN) * unit)] = UNKNOWN
        order = np.flatnonzero(~missing)
        pixels = without_overlaps(pixels[order])
        for number, (left, right) in zip(text[order], pixels, strict=True):
            columns[(middles >= left) & (middles <= right)] = number
            columns[min(int((left + right) / 2 / STEP), len(columns) - 1)] = number  # however narrow it is
    return columns.astype(np.int32)


def without_overlaps(pixels: np.ndarray) -> np.ndarray:
    """Intervals (n, 2), in order, cut in the middle of where one overlaps the next; (n, 2)."""
    cut = pixels.copy()
    overlap = cut[:-1, 1] > cut[1:, 0]
    middle = (cut[:-1, 1] + cut[1:, 0]) / 2
    cut[:-1, 1] = np.where(overlap, middle, cut[:-1, 1])
    cut[1:, 0] = np.where(overlap, middle, cut[1:, 0])
    return cut
