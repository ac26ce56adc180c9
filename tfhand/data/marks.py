"""Where letters of joined words begin, marked by hand: a JSON file beside an archive of words, which it does not hold.

`words` maps the row of a word in the archive to its `text` and `letters`, pairs (point, letter): from this point of the
pen on the ink is of this letter of the text, or of a ligature, -2, up to the next pair. A ligature begins where the
pen leaves the foot of a letter, and ends where the body of the next one begins; dots and bars are of their letters.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tfhand.core.json_files import read_json
from tfhand.data.words import LIGATURE, UNKNOWN, WordArchive
from tfhand.errors import ArchiveError

Marks = Mapping[int, tuple[str, np.ndarray]]
"""By row of the archive, the word's text and its pairs, int (n, 2)."""


def read_marks(path: str | os.PathLike) -> Marks:
    """The marks of a file.

    Raises:
        HandwritingError: missing, or not such a file.
    """
    try:
        words = read_json(path)["words"]
        return {
            int(row): (str(word["text"]), np.array(word["letters"], int).reshape(-1, 2)) for row, word in words.items()
        }
    except (AttributeError, KeyError, TypeError, ValueError):
        raise ArchiveError(f"{path} does not say in `words` where letters begin.") from None


def mark_letters(archive: WordArchive, marks: Marks) -> WordArchive:
    """An archive of words in which the letters of some are marked.

    Raises:
        ArchiveError: the marks are of another archive, or a letter of a word has none.
    """
    known = archive.lettered.copy()
    letters = np.full(len(archive.points), UNKNOWN) if archive.char_of_point is None else archive.char_of_point.copy()
    for row, (text, pairs) in marks.items():
        if row >= len(archive) or str(archive.texts[row]) != text:
            raise ArchiveError(f"The marks are of another archive: its word {row} is not {text!r}.")
        bounds = archive.bounds(row)
        own = _spread(pairs, bounds[-1] - bounds[0])
        if set(own.tolist()) - {LIGATURE} != set(range(len(text))):
            raise ArchiveError(f"The marks of word {row}, {text!r}, do not say where each of its letters is.")
        letters[bounds[0] : bounds[-1]] = own
        known[row] = True
    return replace(archive, has_chars=known, char_of_point=letters.astype(np.int8))


def _spread(pairs: np.ndarray, count: int) -> np.ndarray:
    """The letter of each of a word's points, (count,)."""
    which = np.searchsorted(pairs[:, 0], np.arange(count), side="right") - 1
    return np.where(which < 0, UNKNOWN, pairs[which, 1])
