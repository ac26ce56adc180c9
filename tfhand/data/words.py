"""An archive of words: what people wrote in one go, with its text, as pen strokes on a baseline, in one .npz.

Keys: `texts` str [N], `writers` int16 [N], and pen strokes: `points` int16 [P, 2] (x right from 0, y down, the baseline
at 0 and the writer's x-height 1000), `stroke_len` uint16 [S], `n_strokes` uint8 [N]. Where it is known which letter a
point belongs to, `has_chars` bool [N] and `char_of_point` int8 [P]: the letter's place in the text, -1 unknown, -2 a
ligature between two letters. Optional: `body_strokes` uint8 [N] (strokes longer than a quarter of the word's height),
`ascender` and `descender` float32 [N] in x-heights, `xheight_mm` float32 [N], and `contributor` uint8 [N], index into
`contributors` str [K].
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import ClassVar

import numpy as np

from tfhand.core.arrays import ArrayKind, ArraysError, read_arrays
from tfhand.data.written import Written
from tfhand.errors import ArchiveError

_KINDS = {
    "texts": ArrayKind("U", 1),
    "writers": ArrayKind("iu", 1),
    "points": ArrayKind("iu", 2),
    "stroke_len": ArrayKind("iu", 1),
    "n_strokes": ArrayKind("iu", 1),
    "has_chars": ArrayKind("b", 1, required=False),
    "char_of_point": ArrayKind("i", 1, required=False),
    "body_strokes": ArrayKind("iu", 1, required=False),
    "ascender": ArrayKind("f", 1, required=False),
    "descender": ArrayKind("f", 1, required=False),
    "xheight_mm": ArrayKind("f", 1, required=False),
    "contributor": ArrayKind("iu", 1, required=False),
    "contributors": ArrayKind("U", 1, required=False),
}
_OF_WORDS = ("texts", "writers", "n_strokes", "has_chars", "body_strokes", "ascender", "descender", "xheight_mm")
X_HEIGHT = 1000  # of the points
UNKNOWN, LIGATURE = -1, -2  # of `char_of_point`
JOINED = 0.6  # body strokes for each letter, below which a word is joined
_BODY = 0.25  # of a word's height, that a body stroke is longer than


@dataclass(frozen=True, eq=False)
class WordArchive(Written):
    """Words by writers, as pen strokes. All arrays are read-only by convention.

    Raises:
        ArchiveError: the arrays do not belong together.
    """

    unit: ClassVar[str] = "words"

    texts: np.ndarray
    writers: np.ndarray
    points: np.ndarray
    stroke_len: np.ndarray
    n_strokes: np.ndarray
    has_chars: np.ndarray | None = None
    char_of_point: np.ndarray | None = None
    body_strokes: np.ndarray | None = None
    ascender: np.ndarray | None = None
    descender: np.ndarray | None = None
    xheight_mm: np.ndarray | None = None
    contributor: np.ndarray | None = None
    contributors: np.ndarray | None = None

    def __post_init__(self):
        if self.texts.ndim != 1 or self.texts.dtype.kind != "U":
            raise ArchiveError("The archive's `texts` must be text of shape (N,).")
        if len(self.texts) == 0:
            raise ArchiveError("The archive holds no words.")
        if any(not text or text != "".join(text.split()) for text in self.texts.tolist()):
            raise ArchiveError("The archive's `texts` must be words: not empty, and without spaces.")
        for name in (*_OF_WORDS, "contributor"):
            array = getattr(self, name)
            if array is not None and len(array) != len(self.texts):
                raise ArchiveError(f"The archive's `{name}` has {len(array)} entries for {len(self.texts)} words.")
        self._check_strokes()
        self._check_letters()
        contributors = 0 if self.contributors is None else len(self.contributors)
        if self.contributor is not None and self.contributor.max() >= contributors:
            raise ArchiveError("The archive's `contributor` reaches beyond its `contributors`.")

    def _check_letters(self):
        if (self.has_chars is None) != (self.char_of_point is None):
            raise ArchiveError("The archive holds one of `has_chars` and `char_of_point`; it must be both or none.")
        if self.has_chars is None:
            return
        if len(self.char_of_point) != len(self.points):
            raise ArchiveError(
                f"The archive's `char_of_point` has {len(self.char_of_point)} entries for {len(self.points)} points."
            )
        ends = np.repeat(np.char.str_len(self.texts), np.diff(self._points_of_words))
        known = np.repeat(self.has_chars.astype(bool), np.diff(self._points_of_words))
        if self.char_of_point.min() < LIGATURE or np.any(known & (self.char_of_point >= ends)):
            raise ArchiveError("The archive's `char_of_point` reaches beyond its `texts`.")

    @classmethod
    def load(cls, path: str | os.PathLike) -> WordArchive:
        """Reads an .npz; nothing in it can run code.

        Raises:
            ArchiveError: missing, not an .npz, with pickled objects, without texts or strokes, or inconsistent.
        """
        try:
            return cls(**read_arrays(path, _KINDS))
        except ArraysError as error:
            raise ArchiveError(f"{error}") from None

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def characters(self) -> str:
        """Every character of the texts, each once, in the order of their code points."""
        return "".join(sorted(set("".join(self.texts.tolist()))))

    @cached_property
    def _points_of_words(self) -> np.ndarray:
        """Where each word begins among all points, and where the last one ends, (N + 1,)."""
        first_stroke, first_point = self._strokes
        return first_point[first_stroke]

    @cached_property
    def lengths(self) -> np.ndarray:
        """The number of letters of each word, (N,)."""
        return np.char.str_len(self.texts)

    @cached_property
    def lettered(self) -> np.ndarray:
        """Whether it is known which letter each point belongs to, bool (N,)."""
        return np.zeros(len(self), bool) if self.has_chars is None else self.has_chars.astype(bool)

    @cached_property
    def joined(self) -> np.ndarray:
        """Whether the pen stayed down from letter to letter: few body strokes for two letters or more, bool (N,)."""
        return (self.lengths > 1) & (self.body_counts < JOINED * self.lengths)

    @cached_property
    def body_counts(self) -> np.ndarray:
        """The strokes of each word that are longer than a quarter of its height, (N,)."""
        if self.body_strokes is not None:
            return self.body_strokes
        return np.array([self._count_body_strokes(index) for index in range(len(self))])

    def _count_body_strokes(self, index: int) -> int:
        strokes = self.strokes(index)
        height = np.ptp(np.concatenate(strokes)[:, 1].astype(float))
        return sum(float(np.ptp(stroke.astype(float), axis=0).max()) > _BODY * height for stroke in strokes)

    def points_of(self, index: int) -> list[np.ndarray]:
        """The strokes of one word in x-heights, float64 (points, 2) each: x right from 0, y down from the baseline."""
        return [stroke / X_HEIGHT for stroke in self.strokes(index)]

    def letters_of(self, index: int) -> list[np.ndarray]:
        """For each stroke of one word the letter of each point, int (points,); all unknown where that is not known."""
        bounds = self.bounds(index)
        if self.char_of_point is None or not self.lettered[index]:
            return [np.full(stop - start, UNKNOWN) for start, stop in pairwise(bounds)]
        return [self.char_of_point[start:stop].astype(int) for start, stop in pairwise(bounds)]

    def letter_extents(self, index: int) -> np.ndarray:
        """The leftmost and rightmost point of each letter of one word in x-heights, (letters, 2); nan where unknown."""
        letters, across = np.concatenate(self.letters_of(index)), np.concatenate(self.points_of(index))[:, 0]
        return extents(letters, across, len(str(self.texts[index])))

    def select(self, indices: np.ndarray) -> WordArchive:
        indices = np.asarray(indices)
        chosen = self._selected((*_OF_WORDS, "contributor"), indices)
        if self.char_of_point is not None:
            begins = self._points_of_words
            parts = [self.char_of_point[begins[index] : begins[index + 1]] for index in indices]
            chosen["char_of_point"] = np.concatenate(parts)
        return replace(self, **chosen, **self._selected_strokes(indices))


def extents(letters: np.ndarray, across: np.ndarray, count: int) -> np.ndarray:
    """The least and the largest place of the points of each letter, (count, 2); nan for a letter without points.

    Args:
        letters: (n,), the number of the letter of each point; negative for none.
        across: (n,), where the points lie.
        count: number of letters.
    """
    found = np.full((count, 2), np.nan)
    for letter in np.unique(letters[letters >= 0]):
        own = across[letters == letter]
        found[letter] = own.min(), own.max()
    return found
