"""Several forms of one character, of which a person chooses one."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.ink_shapes import bar, disc
from tfhand.errors import HandError, TextError
from tfhand.hands.hand import GENERATED, Hand, Sample
from tfhand.metrics.resemblance import form_difference
from tfhand.models.reader.legibility import are_read
from tfhand.synthesis.candidates import choose_candidates
from tfhand.synthesis.synthesizer import Synthesizer, load


class Reader:
    """Takes what is wider than half of its height for an o, the wider the surer; all else for an l."""

    characters = "ol"

    def __call__(self, images):
        wide = (np.asarray(images).max(axis=(1, 3)) > 0).sum(axis=1)
        return np.stack([wide - 14.0, 14.0 - wide], axis=1)


def rings(*widths: int) -> list[Sample]:
    return [Sample("o", disc(32, width), GENERATED) for width in widths]


class TestChoice:
    def test_the_first_comes_first_and_then_what_differs_most(self):
        thick, same, thin, bold = rings(3, 3, 2, 9)
        assert choose_candidates([thick, same, thin, bold], 3, None) == [thick, bold, thin]

    def test_legible_ones_come_first(self):
        ring, line = rings(3)[0], Sample("o", bar(), GENERATED)
        assert choose_candidates([line, line, ring], 6, Reader()) == [ring, line, line]
        assert choose_candidates([line, ring], 1, Reader()) == [ring]


@pytest.fixture(scope="module")
def pen() -> Synthesizer:
    return load()


@pytest.fixture(scope="module")
def hand(hand_of) -> Hand:
    return hand_of("27adehnsty")


def test_candidates_differ_are_read_and_are_drawn_by_the_seed(pen, hand):
    found = pen.candidates(hand, "g", seed=3)
    assert len(found) == 6
    assert {(one.character, one.source, one.seed) for one in found} == {("g", GENERATED, 3)}
    assert all(are_read(found, pen.pipeline.reader))
    differences = [form_difference(one.ink, other.ink) for place, one in enumerate(found) for other in found[:place]]
    assert min(differences) > 0.01  # a preset's noise alone often gives less than that
    assert pen.candidates(hand, "g", seed=3) == found
    assert pen.candidates(hand, "g", seed=4) != found


def test_what_is_chosen_is_written_with(pen, hand):
    chosen = pen.candidates(hand, "g")[4]
    mended = hand.merged(Hand(samples=[chosen]))
    assert [one is chosen for one in pen.text_glyphs("egg", mended).samples] == [False, True, True]
    assert pen.alphabet(mended)["g"][0] is chosen


def test_networks_that_remember_nobody(saved_models, hand):
    found = load(saved_models / "tiny-hand").candidates(hand, "g", 4)
    assert len(found) == 4
    assert all(one != other for place, one in enumerate(found) for other in found[:place])


def test_characters_that_are_composed(pen, hand):
    for character in ("é", "ö", "?"):  # of the person's own letter, of one that they never wrote, and of none
        found = pen.candidates(hand, character, 3, seed=5)
        assert {(one.character, one.source, one.seed) for one in found} == {(character, GENERATED, 5)}
        assert len(found) == 3


def test_what_cannot_be_written(pen, hand):
    for character in ("中", "ab", ""):
        with pytest.raises(TextError, match="Cannot write"):
            pen.candidates(hand, character)
    with pytest.raises(HandError, match="learned from those"):
        pen.candidates(Hand({"?": [bar()]}), "a")
