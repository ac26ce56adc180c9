"""Letters cut out of printed words are those that were written, by the same people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tfhand.data import sources, synthetic
from tfhand.data.archive import Archive
from tfhand.data.spelling import spell
from tfhand.data.word_letters import cut_letters
from tfhand.data.words import LIGATURE, WordArchive
from tfhand.errors import ArchiveError


@pytest.fixture(scope="module")
def letters() -> Archive:
    return synthetic.archive(4, 2, seed=5, characters="abgXy")


@pytest.fixture(scope="module")
def words(letters) -> WordArchive:
    return spell(letters)


def unlettered(words: WordArchive) -> WordArchive:
    return replace(words, has_chars=None, char_of_point=None)


def forms(archive: Archive) -> set[tuple]:
    """Writer, character and the strokes' numbers of points of each letter."""
    return {
        (int(writer), str(archive.classes[label]), *(len(stroke) for stroke in archive.strokes(index)))
        for index, (writer, label) in enumerate(zip(archive.writers, archive.labels, strict=True))
    }


def test_words_of_known_letters_give_all_of_them(letters, words):
    found = cut_letters(words)
    assert len(found) == words.lengths.sum()
    assert forms(found) == forms(letters)
    assert found.characters == "Xabgy"


def test_strokes_that_lie_over_each_other_are_one_letter(letters, words):
    found = cut_letters(unlettered(words))
    printed = (words.lengths > 1) & (words.body_counts >= 0.9 * words.lengths)
    assert len(found) > 0.8 * words.lengths[printed].sum()
    right = sum(form in forms(letters) for form in forms(found))
    assert right > 0.9 * len(forms(found))


def test_strokes_have_the_shape_that_they_were_written_in(letters, words):
    found = cut_letters(words)
    written = [outline(letters, index) for index in range(len(letters))]
    for index in range(40):
        own = outline(found, index)
        assert min(np.abs(own - one).max() for one in written if len(one) == len(own)) < 0.01


def outline(archive: Archive, index: int) -> np.ndarray:
    """All points of a letter, its box being the unit square."""
    points = np.concatenate(archive.strokes(index)).astype(float)
    return (points - points.min(axis=0)) / np.maximum(np.ptp(points, axis=0), 1)


def test_a_letter_that_shares_a_stroke_is_left_out(words):
    index = int(np.flatnonzero(words.lengths > 2)[0])
    word = words.select(np.array([index]))
    places = word.char_of_point.copy()
    places[places == 1] = 0  # as if one stroke were of both
    places[np.flatnonzero(word.char_of_point == 1)[::2]] = 1
    places[np.flatnonzero(word.char_of_point == 2)[:1]] = LIGATURE  # a point of a join harms no letter
    found = cut_letters(replace(word, char_of_point=places))
    assert len(found) == words.lengths[index] - 2


def test_joined_words_hold_no_single_letters(words):
    joined = replace(unlettered(words), body_strokes=np.ones(len(words), np.uint8))
    several = joined.select(np.flatnonzero(joined.lengths > 1))
    with pytest.raises(ArchiveError, match="no single letter can be cut out"):
        cut_letters(several)


def test_a_training_of_letters_takes_them_from_words(words, tmp_path):
    words.save(tmp_path / "words.npz")
    found = sources.load(tmp_path / "words.npz")
    assert forms(found) == forms(cut_letters(words))
    assert set(found.writers.tolist()) == {0, 1, 2, 3}
