"""The metrics of words: what is right is found right, and what is wrong in a known way is found wrong in that way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.support.word_people import LETTERS, words_of_people
from tfhand.core.config import as_json
from tfhand.evaluation.words import evaluator as module
from tfhand.evaluation.words.controls import CONTROLS
from tfhand.evaluation.words.evaluator import (
    CER,
    HINGE,
    JOINS,
    JOINS_OFF,
    JOINS_R,
    METRIC_GROUPS,
    SLANT_R,
    TOP,
    WordsEvaluator,
    correlation,
)
from tfhand.evaluation.words.people import draw_people
from tfhand.models.aligner.config import AlignerConfig
from tfhand.models.aligner.networks import Aligner

CONFIG = AlignerConfig(characters=LETTERS, widths=(2, 2, 2, 2), features=4, dilations=(1,))
APART, LIFTED, OTHERS = "real, letters pulled apart", "real, every second letter lifted", "another person's real words"


@pytest.fixture(scope="module")
def networks() -> Aligner:
    return Aligner(**as_json(CONFIG))


@pytest.fixture(scope="module")
def people(networks):
    archive = words_of_people([0.0, 0.25, 0.5, 0.7], [0.0, 1.0, 0.3, 0.7], each=26)
    return draw_people(archive, range(4), networks, given=8)


@pytest.fixture(scope="module")
def evaluator(people, networks) -> WordsEvaluator:
    return WordsEvaluator(people, networks, networks)


@pytest.fixture(scope="module")
def real(people, evaluator):
    return evaluator.metrics([evaluator.measure(person.second) for person in people])


def answer(people, evaluator, control: str):
    return [evaluator.measure(CONTROLS[control](people, place)) for place in range(len(people))]


def test_the_words_compared_with_agree_with_themselves(people, evaluator):
    same = evaluator.metrics([evaluator.measure(person.first) for person in people])
    assert same[JOINS_OFF] == 0
    assert same[HINGE] == pytest.approx(0, abs=1e-6)
    for name in (JOINS_R, SLANT_R, "advance r", f"{JOINS_R} other pairs"):
        assert same[name] == pytest.approx(1)
    assert same["people"] == 4


def test_a_person_s_other_words_are_known_again(real):
    assert real[SLANT_R] > 0.95
    assert real[JOINS_R] > 0.8
    assert real[JOINS_OFF] < 0.25
    assert real[TOP[5]] > 0.8
    assert np.isnan(real[TOP[15]])  # nobody has so many
    assert set(real) == {name for group in METRIC_GROUPS for name in group} | {"people"}


def test_another_person_s_words_are_not_taken_for_one_s_own(people, evaluator, real):
    wrong = evaluator.metrics(answer(people, evaluator, OTHERS))
    assert wrong[SLANT_R] < 0.3
    assert wrong[TOP[5]] < 0.2
    assert wrong[HINGE] > 3 * real[HINGE]


def test_letters_that_are_pulled_apart_are_not_joined(people, evaluator, real):
    apart = evaluator.metrics(answer(people, evaluator, APART))
    assert real[JOINS] > 0.5
    assert apart[JOINS] < 0.2  # networks that learned nothing cut through letters
    assert apart[JOINS_OFF] > 0.3
    assert apart[SLANT_R] > 0.9  # a bar that leans stays one


def test_lifted_letters_break_the_joins(people, evaluator, real):
    lifted = evaluator.metrics(answer(people, evaluator, LIFTED))
    assert lifted[HINGE] > real[HINGE]


def test_a_reader_s_errors_are_counted_for_each_letter(people, evaluator, monkeypatch):
    monkeypatch.setattr(module, "read", lambda networks, pictures: ["l"] * len(pictures))
    metrics = evaluator.metrics([evaluator.measure(person.second) for person in people])
    texts = [text for person in people for text in person.texts]
    wrong = sum(len(text) - ("l" in text) for text in texts)
    assert metrics[CER] == pytest.approx(100 * wrong / sum(map(len, texts)))


def test_letters_that_were_not_given_are_judged_apart(people, evaluator, monkeypatch):
    """As if nobody had been given an x: words without it do not count."""
    monkeypatch.setattr(type(people[0]), "absent", frozenset("x"))
    answers = [evaluator.measure(person.second) for person in people]
    metrics = evaluator.metrics_of_absent(answers)
    words = [text for person in people for text in person.texts if "x" in text]
    assert metrics["words"] == len(words)
    shares = []
    for own in answers:
        joined = [
            here
            for word, joins in zip(own.words, own.joins, strict=True)
            for place, here in enumerate(joins.tolist())
            if "x" in word.text[place : place + 2]
        ]
        shares.append(np.mean(joined) if len(joined) >= 4 else np.nan)
    assert metrics[JOINS] == pytest.approx(np.nanmean(shares))
    assert np.isnan(metrics[f"{JOINS} other pairs"])
    monkeypatch.setattr(type(people[0]), "absent", frozenset())
    nothing = evaluator.metrics_of_absent(answers)
    assert nothing["people"] == 0
    assert np.isnan(nothing[SLANT_R])


def test_words_are_judged_by_their_ink_alone(people, evaluator):
    """Where they were cut before does not matter."""
    words = people[1].second
    moved = [replace(word, cuts=np.linspace(3, 9, len(word.cuts)), slant=-1.0) for word in words]
    one, other = evaluator.measure(words), evaluator.measure(moved)
    assert [word.cuts for word in one.words] == [word.cuts for word in other.words]
    np.testing.assert_array_equal(np.concatenate(one.joins), np.concatenate(other.joins))


def test_correlations():
    one = np.array([1.0, 2.0, 3.0, np.nan])
    assert correlation(one, -2 * one) == pytest.approx(-1)
    assert correlation(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0])) == pytest.approx(0.5)
    assert np.isnan(correlation(one, np.ones(4)))
    assert np.isnan(correlation(one, np.array([1.0, 2.0, np.nan, 3.0])))
