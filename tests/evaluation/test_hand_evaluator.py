"""Metrics: each is what can be worked out by hand, and the table holds what it promises."""

from __future__ import annotations

import math
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

from tests.support.scenery import CHARACTERS, HELD_OUT, archive, evaluation_set, pipeline, reader, verifier
from tfhand.data import synthetic
from tfhand.evaluation import (
    METRICS,
    NEAREST,
    REAL,
    WRITTEN,
    Comparison,
    EvaluationSet,
    HandEvaluator,
    NearestWriter,
    PresetMethod,
    Row,
    averaged,
    hand_evaluator,
    mean_letter,
    spread,
)
from tfhand.evaluation.hand_evaluator import correlation, legibility
from tfhand.metrics import TRAITS

pytestmark = pytest.mark.large


@cache
def table() -> Comparison:
    answers = {WRITTEN: PresetMethod(pipeline()), NEAREST: NearestWriter(verifier()), "mean letter": mean_letter}
    return HandEvaluator([evaluation_set()], reader(), verifier(), two_sample=False).compare(answers, 5)


def test_correlation_by_hand():
    ours = np.array([1.0, 2.0, 4.0, 3.0])
    assert correlation(ours, ours) == pytest.approx(1)
    assert correlation(ours, 7 - 2 * ours) == pytest.approx(-1)
    theirs = np.array([0.0, 1.0, 0.0, 1.0])
    assert correlation(ours, theirs) == pytest.approx(0)
    assert correlation(ours, np.array([1.0, 1.0, 2.0, 2.0])) == pytest.approx(np.corrcoef(ours, [1, 1, 2, 2])[0, 1])
    assert np.isnan(correlation(ours, np.ones(4)))
    assert np.isnan(correlation(ours[:2], ours[:2]))


def test_look_alikes_are_read_as_one():
    class Zero(SimpleNamespace):
        def __call__(self, images):
            return np.tile([0.0, 1.0, 0.0], (len(images), 1))

    blank = np.zeros((2, 32, 32), np.uint8)
    read = legibility(Zero(characters="a0c"), [blank, blank], ["O0", "oa"])
    assert read.tolist() == [1.0, 0.5]
    strictly = legibility(Zero(characters="a0c"), [blank, blank], ["O0", "oa"], strict=True)
    assert strictly.tolist() == [0.5, 0.0]


def test_the_table_has_all_rows_and_metrics():
    assert [row.name for row in table().rows] == [REAL, WRITTEN, NEAREST, "mean letter"]
    for row in table().rows:
        assert tuple(row.metrics) == METRICS
        assert row.traits.shape == table().truth.shape == (4, len(TRAITS))
        assert row.metrics["traits"] == pytest.approx(np.mean([row.metrics[trait] for trait in TRAITS]), nan_ok=True)
        for at, trait in enumerate(TRAITS):
            again = correlation(row.traits[:, at], table().truth[:, at])
            assert row.metrics[trait] == pytest.approx(again, nan_ok=True)
        for part in ("legibility", "hand MRR", "traits"):
            share = row.metrics[part] / table()[REAL].metrics[part]
            assert row.metrics[f"{part} over real"] == pytest.approx(share, nan_ok=True)


def test_metrics_that_make_no_sense_are_left_out():
    missing = {row.name: {name for name in ("two-sample accuracy", "diversity") if np.isnan(row.metrics[name])}
               for row in table().rows}  # fmt: skip
    both = {"two-sample accuracy", "diversity"}
    assert missing == {
        REAL: {"two-sample accuracy"},
        WRITTEN: {"two-sample accuracy"},
        NEAREST: both,
        "mean letter": both,
    }


def test_the_person_again_is_like_the_person():
    again = table()[REAL].metrics
    assert again["thickness"] > 0.8
    assert again["slant"] > 0.5
    assert again["diversity"] == again["traits over real"] == 1
    assert again["FID"] < min(table()[name].metrics["FID"] for name in (WRITTEN, "mean letter"))


def test_a_fixed_letter_has_the_nib_and_nothing_else():
    assert table()["mean letter"].metrics["thickness"] > 0.85


class Knows:
    """Takes the writer's number out of the first pixels of a set; of somebody who has none it says nothing."""

    characters = CHARACTERS

    def __call__(self, glyphs, characters, mask):
        number = np.rint((glyphs[:, 0, 0, 0, 0] + 1) * 127.5).astype(int)
        return np.eye(256)[number]


def signed(evaluation_set: EvaluationSet, episodes, draw=0):
    """Letters with the writer's number, but for the last of the people, who signs as the first."""
    numbers = [episode.writer for episode in episodes]
    answers = [episode.retest.copy() for episode in episodes]
    for glyphs, number in zip(answers, [*numbers[:-1], numbers[0]], strict=True):
        glyphs[:, 0, 0] = number
    return answers


def test_the_rank_of_the_right_person(monkeypatch):
    """Three of four are known at once; the last is taken for the first, with two others as unlike as the right one."""
    own = EvaluationSet(archive(), HELD_OUT, CHARACTERS, samples=5)
    draw = type(own.known).draw

    def sign(people, letters, nib):
        glyphs = draw(people, letters, nib)
        glyphs[:, 0, 0] = people.archive.writers[letters]
        return glyphs

    evaluator = HandEvaluator([own], reader(), Knows(), two_sample=False)
    monkeypatch.setattr(type(own.known), "draw", sign)
    assert evaluator._hand([signed(own, own.episodes)]) == {
        "hand top-1": 0.75,
        "hand top-5": 1.0,
        "hand MRR": (3 + 1 / 4) / 4,
        "least MRR": (3 + 1 / 4) / 4,
        "greatest MRR": (3 + 1 / 4) / 4,
    }


def test_a_verifier_that_sees_nothing_finds_nobody():
    class Blind:
        characters = CHARACTERS

        def __call__(self, glyphs, characters, mask):
            return np.ones((len(glyphs), 3), np.float32)

    found = HandEvaluator([evaluation_set()], reader(), Blind(), two_sample=False).real.metrics
    assert found["hand top-1"] == 0
    assert found["hand MRR"] == 1 / 4


def test_chance_by_hand():
    chance = HandEvaluator([evaluation_set()], reader(), verifier()).chance()
    assert chance == pytest.approx({"hand top-1": 1 / 4, "hand top-5": 1, "hand MRR": (1 + 1 / 2 + 1 / 3 + 1 / 4) / 4})


def test_letters_that_never_differ_have_no_diversity():
    class Still(PresetMethod):
        def __call__(self, evaluation_set, episodes, draw=0):
            return super().__call__(evaluation_set, episodes, 0)

    evaluator = HandEvaluator([evaluation_set()], reader(), verifier(), two_sample=False)
    assert evaluator.row("still", Still(pipeline()), 5).metrics["diversity"] == 0
    assert table()[WRITTEN].metrics["diversity"] > 0


def test_fewer_samples_change_the_letters_and_not_the_ceiling():
    evaluator = HandEvaluator([evaluation_set()], reader(), verifier(), two_sample=False)
    asked = []
    one, five = (evaluator.compare({WRITTEN: PresetMethod(pipeline())}, k, asked.append) for k in (1, 5))
    assert asked == [REAL, WRITTEN, WRITTEN]
    assert one[REAL] is five[REAL]
    assert five[WRITTEN].metrics == pytest.approx(table()[WRITTEN].metrics, nan_ok=True, abs=0)
    assert (one[WRITTEN].traits != five[WRITTEN].traits).any()
    np.testing.assert_array_equal(one.truth, five.truth)


def test_the_same_seed_gives_the_same_metrics():
    evaluation_sets = [EvaluationSet(archive(), HELD_OUT, CHARACTERS, 32, 5, seed) for seed in (0, 1)]
    again, other = (
        HandEvaluator([each], reader(), verifier(), two_sample=False).real.metrics for each in evaluation_sets
    )
    assert again == pytest.approx(table()[REAL].metrics, nan_ok=True, abs=0)
    assert other != pytest.approx(again, nan_ok=True)


def test_several_archives_make_one_table():
    digits = synthetic.archive(writers=8, samples=2, seed=50, characters="0123456789")
    evaluation_sets = evaluation_set(), EvaluationSet(digits, [0, 1, 2], CHARACTERS, samples=5)
    assert [len(each.episodes) for each in evaluation_sets] == [4, 3]
    assert evaluation_sets[1].characters == "01" + "23456789"
    evaluator = HandEvaluator(evaluation_sets, reader(), verifier(), two_sample=False)
    assert evaluator.real.traits.shape == evaluator.truth.shape == (7, len(TRAITS))
    assert evaluator.real.metrics["thickness"] > 0.8
    assert evaluator.chance()["hand top-1"] == pytest.approx((4 / 4 + 3 / 3) / 7)


@pytest.mark.large
def test_the_classifier_learns_on_training_writers_and_is_asked_about_the_others(monkeypatch):
    asked = []

    def accuracy(*sets, seed):
        asked.append((sets, seed))
        return 0.75

    monkeypatch.setattr(hand_evaluator, "two_sample_accuracy", accuracy)
    evaluator = HandEvaluator([evaluation_set()], reader(), verifier(), seed=4)
    rows = [
        evaluator.real,
        evaluator.row(WRITTEN, PresetMethod(pipeline()), 5),
        evaluator.row("mean letter", mean_letter, 5),
    ]
    assert [row.metrics["two-sample accuracy"] for row in rows] == pytest.approx([0.75, 0.75, np.nan], nan_ok=True)
    for sets, seed in asked:
        assert seed == 4
        for (ours, theirs), episodes in zip(
            ((sets[0], sets[1]), sets[2:]), (evaluation_set().training_episodes, evaluation_set().episodes), strict=True
        ):
            np.testing.assert_array_equal(ours.characters, theirs.characters)
            np.testing.assert_array_equal(ours.glyphs, np.concatenate([episode.query_glyphs for episode in episodes]))
            assert "".join(reader().characters[at] for at in ours.characters) == "".join(
                evaluation_set().characters[at] for episode in episodes for at in episode.query_characters
            )
            assert (ours.glyphs != theirs.glyphs).any()


def test_comparisons_are_averaged_row_by_row_and_metric_by_metric():
    truth = np.zeros((2, len(TRAITS)))
    draws = [
        Comparison(
            5, [Row("a", {"slant": one, "FID": math.nan}, truth), Row("b", {"slant": 1.0, "FID": 2.0}, truth)], truth
        )
        for one in (0.2, 0.6)
    ]
    mean = averaged(draws)
    assert mean.samples == 5
    assert mean["a"].metrics["slant"] == pytest.approx(0.4)
    assert math.isnan(mean["a"].metrics["FID"])
    assert mean["b"].metrics == {"slant": 1.0, "FID": 2.0}
    apart = spread(draws)
    assert apart["a"].metrics["slant"] == pytest.approx(0.4 / 2**0.5)
    assert apart["b"].metrics == {"slant": 0.0, "FID": 0.0}


def test_the_hand_is_the_mean_of_several_verifiers():
    class Blind:
        characters = verifier().characters

        def __call__(self, glyphs, characters, mask):
            return np.ones((len(glyphs), 1), np.float32)

    sees, sees_not = (
        HandEvaluator([evaluation_set()], reader(), each, two_sample=False) for each in (verifier(), Blind())
    )
    both = HandEvaluator([evaluation_set()], reader(), verifier(), sees_not.verifiers[0], two_sample=False).real.metrics
    one, other = sees.real.metrics["hand MRR"], sees_not.real.metrics["hand MRR"]
    assert other < one
    assert both["hand MRR"] == pytest.approx((one + other) / 2)
    assert (both["least MRR"], both["greatest MRR"]) == (other, one)
