"""The picture of people's letters beside what is written in their hands."""

from __future__ import annotations

import numpy as np
import pytest

import tfhand
from benchmarks import people
from tfhand.data import synthetic
from tfhand.typeset import visible_characters


@pytest.fixture(scope="module")
def letters():
    return people.letters_of(synthetic.archive(2, 1, seed=3), 1, np.random.default_rng(0))


def test_a_person_gives_one_letter_of_each_character(letters):
    assert set(visible_characters(people.GIVEN + people.TEXT)) <= letters.keys()
    assert all(sample.character == character for character, sample in letters.items())


def test_only_the_given_letters_reach_the_preset(saved_models, letters, monkeypatch):
    pen, seen = tfhand.load(saved_models / "tiny-hand"), []
    code = type(pen).code
    monkeypatch.setattr(type(pen), "code", lambda self, hand: seen.append("".join(hand)) or code(self, hand))
    given, written, again, own = people.pages([pen, pen], letters, seed=1)
    assert {frozenset(text) for text in seen} == {frozenset(visible_characters(people.GIVEN))}
    assert len(given.glyphs) == len(visible_characters(people.GIVEN))
    assert len(written.glyphs) == len(again.glyphs) == len(own.glyphs) == len(visible_characters(people.TEXT))
    figure = people.draw(["given", "written", "again", "own"], [(given, written, again, own)] * 2)
    assert len(figure.axes) == 8
