"""Words that are given, compared with, and asked for."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.word_people import LETTERS, words_of_people
from tfhand.core.config import as_json
from tfhand.errors import ArchiveError
from tfhand.evaluation.words.people import LEAST, WordPerson, draw_people, drawn_word, equally_cut
from tfhand.models.aligner.config import AlignerConfig
from tfhand.models.aligner.networks import Aligner

CONFIG = AlignerConfig(characters=LETTERS, widths=(2, 2, 2, 2), features=4, dilations=(1,))


@pytest.fixture(scope="module")
def archive():
    return words_of_people([0.0, 0.3, 0.6], [1.0, 0.0, 0.5])


def test_what_a_person_wrote_is_parted(archive):
    people = draw_people(archive, [0, 2], Aligner(**as_json(CONFIG)), given=8)
    assert [person.writer for person in people] == [0, 2]
    for person in people:
        parts = [[word.text for word in words] for words in (person.given, person.first, person.second)]
        assert list(map(len, parts)) == [8, 11, 11]
        assert (
            len({text for part in parts for text in part}) == 30
        )  # nothing is asked for that was given or is compared with
        assert person.texts == parts[2]
        assert {word.slant for word in person.given + person.second} == {person.given[0].slant}
    assert people[1].given[0].slant > people[0].given[0].slant + 0.3
    other = draw_people(archive, [0, 2], Aligner(**as_json(CONFIG)), given=8, seed=1)
    assert other[0].texts != people[0].texts


def test_absent_letters_are_those_asked_for_and_not_given():
    def words(*texts):
        return tuple(drawn_word(words_of_texts(text), 0) for text in texts)

    def words_of_texts(text):
        from tests.support.word_shapes import word_archive

        return word_archive([text], [0])

    person = WordPerson(0, words("lvl", "vn"), words("zx"), words("lnz", "vln"))
    assert person.absent == {"z"}


def test_who_wrote_too_little_is_left_out(archive):
    with pytest.raises(ArchiveError, match=f"{21 + 2 * LEAST} different words"):
        draw_people(archive, [0, 1], Aligner(**as_json(CONFIG)), given=21)
    with pytest.raises(ArchiveError, match="None of the writers"):
        draw_people(archive, [7], Aligner(**as_json(CONFIG)), given=2)


def test_a_word_is_drawn_on_its_line_with_the_nib_of_all(archive):
    word = drawn_word(archive, 0)
    assert word.text == archive.texts[0]
    assert word.x_height == 40
    stroke = word.ink[int(word.baseline - 20)] > 127  # at half the x-height
    assert np.diff(np.flatnonzero(np.diff(stroke, prepend=False)))[0] == pytest.approx(0.14 * 40, abs=4)


def test_equal_cuts():
    word = equally_cut(drawn_word(words_of_people([0.5], [0.0]), 3))
    np.testing.assert_allclose(
        np.diff([0, *word.cuts, word.ink.shape[1]]), word.ink.shape[1] / len(word.text), atol=0.02
    )
    assert word.slant == 0
