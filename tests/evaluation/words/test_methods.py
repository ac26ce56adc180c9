"""Ways to write words, on people who differ in slant and joins."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.word_people import LETTERS, words_of_people
from tfhand.core.config import as_json
from tfhand.evaluation.words.controls import CONTROLS
from tfhand.evaluation.words.methods import REAL, WRITTEN, WordsMethods, letters_of
from tfhand.evaluation.words.people import draw_people
from tfhand.evaluation.words.pieces import parts_of, side_by_side
from tfhand.metrics.joins import joins
from tfhand.metrics.word_shape import advance, slant
from tfhand.models.aligner.config import AlignerConfig
from tfhand.models.aligner.networks import Aligner
from tfhand.synthesis.synthesizer import Synthesizer

CONFIG = AlignerConfig(characters=LETTERS, widths=(2, 2, 2, 2), features=4, dilations=(1,))


@pytest.fixture(scope="module")
def people():
    archive = words_of_people([0.0, 0.5, 0.05], [1.0, 0.0, 0.9], each=28)
    return draw_people(archive, range(3), Aligner(**as_json(CONFIG)), given=16)


@pytest.fixture(scope="module")
def methods():
    return WordsMethods(Synthesizer.from_preset()).all


def test_every_way_writes_every_text_at_the_size_of_all(people, methods):
    for name, write in {**methods, **CONTROLS}.items():
        words = write(people, 1)
        if name not in ("another person's real words", "real, texts shuffled"):
            assert [word.text for word in words] == people[1].texts, name
        assert {word.x_height for word in words} == {40}, name
        heights = [(word.ink.shape[0] - 1 - word.baseline) / 40 for word in words]
        assert -0.3 < np.median(heights) < 0.6, name  # letters of these shapes stand on the line
    assert methods[REAL](people, 1) == list(people[1].second)


def test_written_words_lean_as_the_person_s_do_and_another_s_do_not(people, methods):
    own = slant(people[1].first)
    assert slant(methods[WRITTEN](people, 1)) == pytest.approx(own, abs=0.15)
    assert slant(methods["random pieces"](people, 1)) == pytest.approx(own, abs=0.15)
    assert slant(methods["another person"](people, 1)) < own - 0.2


def test_the_nearest_writer_is_the_one_who_writes_alike(people, methods):
    """Of the two others the third leans and joins as the first does."""
    assert slant(methods["nearest writer"](people, 0)) == pytest.approx(slant(people[2].first), abs=0.15)


def test_letters_set_apart_are_wider_than_joined_ones_are_cut(people, methods):
    apart = methods["letters apart"](people, 0)
    assert np.mean([advance(word) for word in apart]) > 0.5
    assert len(letters_of(people[0].given)) <= 3 * len(LETTERS)


def test_letters_of_a_word_side_by_side_are_that_word(people):
    """Put together where they were cut, and not when moved."""
    word = people[0].second[0]
    again = side_by_side(word.text, parts_of(word))
    assert again.ink.shape == pytest.approx(word.ink.shape, abs=2)
    assert again.ink.sum() == pytest.approx(word.ink.sum(), rel=0.02)
    np.testing.assert_allclose(again.cuts, word.cuts, atol=2)
    wide = side_by_side(word.text, parts_of(word), gap=0.5)
    assert wide.ink.shape[1] == pytest.approx(word.ink.shape[1] + 20 * (len(word.text) - 1), abs=4)
    assert not joins(wide).any()
    lifted = side_by_side(word.text, parts_of(word), lifts=[0.5 * (place % 2) for place in range(len(word.text))])
    assert lifted.ink.shape[0] > word.ink.shape[0] + 10
    assert lifted.baseline == pytest.approx(word.baseline + 20, abs=2)


def test_shuffled_texts_keep_the_ink(people):
    shuffled = CONTROLS["real, texts shuffled"](people, 0)
    assert [sorted(word.text) for word in shuffled] == [sorted(text) for text in people[0].texts]
    assert [word.text for word in shuffled] != people[0].texts
    for one, other in zip(shuffled, people[0].second, strict=True):
        np.testing.assert_array_equal(one.ink, other.ink)
