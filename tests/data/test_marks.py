"""Marks of letters by hand: a file of them, and an archive of words in which they stand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.support.word_shapes import random_words
from tfhand.data.marks import mark_letters, read_marks
from tfhand.data.words import LIGATURE
from tfhand.errors import ArchiveError, HandwritingError


@pytest.fixture
def archive():
    return random_words(6, joined=[True] * 6, lettered=[False, True] * 3)


def pairs_of(archive, row: int) -> list[list[int]]:
    """Where each letter of a word begins in `random_words`."""
    letters = np.concatenate(random_words(6, joined=[True] * 6).letters_of(row))
    return [[int(place), int(letters[place])] for place in np.flatnonzero(np.diff(letters, prepend=-9))]


def test_marked_letters_are_known(archive, tmp_path):
    path = tmp_path / "marks.json"
    words = {str(row): {"text": str(archive.texts[row]), "letters": pairs_of(archive, row)} for row in (0, 4)}
    path.write_text(json.dumps({"words": words}))
    marked = mark_letters(archive, read_marks(path))
    assert marked.lettered.tolist() == [True, True, False, True, True, True]
    known = random_words(6, joined=[True] * 6)
    for row in range(6):
        expected = known if marked.lettered[row] else archive
        np.testing.assert_array_equal(marked.letter_extents(row), expected.letter_extents(row))
    assert LIGATURE in np.concatenate(marked.letters_of(0))


def test_an_archive_without_letters_gets_them(archive):
    bare = type(archive)(archive.texts, archive.writers, archive.points, archive.stroke_len, archive.n_strokes)
    marked = mark_letters(bare, {2: (str(archive.texts[2]), np.array(pairs_of(archive, 2)))})
    assert marked.lettered.tolist() == [False, False, True, False, False, False]
    assert not np.isnan(marked.letter_extents(2)).any()


def test_marks_of_other_words_are_refused(archive):
    text = str(archive.texts[0])
    for row, said, pairs, sentence in (
        (0, text + "v", [[0, 0]], "another archive: its word 0"),
        (99, text, [[0, 0]], "another archive: its word 99"),
        (0, text, [[0, 0]], "where each of its letters is"),
    ):
        with pytest.raises(ArchiveError, match=sentence):
            mark_letters(archive, {row: (said, np.array(pairs))})


@pytest.mark.parametrize("content", ['{"words": []}', '{"letters": {}}', '{"words": {"0": {"text": "a"}}}', "{"])
def test_other_files_are_refused(content, tmp_path):
    path = tmp_path / "marks.json"
    path.write_text(content)
    with pytest.raises(HandwritingError, match=r"marks\.json"):
        read_marks(path)
