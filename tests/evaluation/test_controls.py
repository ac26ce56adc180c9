"""Letters that are wrong in a known way, and the instruments that must see it."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest

from tests.support.scenery import evaluation_set, pipeline, reader, verifier
from tfhand.evaluation.controls import CONTROLS, blurred, broken, mean_at_slant, shuffled
from tfhand.evaluation.hand_evaluator import HandEvaluator
from tfhand.evaluation.methods import PresetMethod, Redraw, mean_letter, retest_ceiling
from tfhand.metrics import slant

pytestmark = pytest.mark.large


@pytest.mark.parametrize("name", CONTROLS)
def test_each_gives_every_letter_that_is_asked_for(name):
    own = evaluation_set()
    for glyphs, episode in zip(CONTROLS[name](own, own.episodes), own.episodes, strict=True):
        assert glyphs.shape == episode.query_glyphs.shape
        assert glyphs.dtype == np.uint8
        assert glyphs.max() > 0


def test_what_is_shuffled_is_the_persons_and_elsewhere():
    own = evaluation_set()
    moved = 0
    for glyphs, episode in zip(shuffled(own, own.episodes), own.episodes, strict=True):
        assert sorted(glyph.tobytes() for glyph in glyphs) == sorted(glyph.tobytes() for glyph in episode.retest)
        moved += np.any(glyphs != episode.retest, axis=(1, 2)).sum()
    assert moved > 0


def test_blurred_letters_keep_their_ink_and_broken_ones_do_not():
    own = evaluation_set()
    real, soft, cut = (
        sum(float(each.sum()) for each in method(own, own.episodes)) for method in (retest_ceiling, blurred, broken)
    )
    assert soft == pytest.approx(real, rel=0.05)
    assert cut < 0.95 * real


def test_the_mean_letter_leans_as_the_samples_do():
    own = evaluation_set()
    for leaning, plain, episode in zip(
        mean_at_slant(own, own.episodes), mean_letter(own, own.episodes), own.episodes, strict=True
    ):
        characters, samples = episode.samples
        usual = own.known.draw(own.medoids[characters], episode.nib)
        more = np.mean(slant(samples) - slant(usual))
        assert np.mean(slant(leaning) - slant(plain)) == pytest.approx(more, abs=0.05)


def test_whoever_is_given_everything_sees_what_is_asked():
    own = evaluation_set()
    whole = own.episodes[0].all_given()
    assert set(whole.query) <= set(whole.support)
    given, blind = Redraw(pipeline())(own, own.episodes), PresetMethod(pipeline())(own, own.episodes)
    assert [each.shape for each in given] == [each.shape for each in blind]
    assert any(np.any(one != other) for one, other in zip(given, blind, strict=True))


def test_the_samples_alone_are_a_measure_of_the_hand_and_of_nothing_else():
    own = evaluation_set()
    evaluator = HandEvaluator([own], reader(), verifier(), verifier(), two_sample=False)
    row = evaluator.samples_row(3)
    few = [episode.fewer(3).samples for episode in own.episodes]
    np.testing.assert_allclose(row.traits, [own.traits(*samples) for samples in few])
    assert row.metrics["traits over real"] == pytest.approx(row.metrics["traits"] / evaluator.real.metrics["traits"])
    assert 0 < row.metrics["hand MRR"] <= 1
    assert row.metrics["least MRR"] == row.metrics["greatest MRR"]
    assert np.isnan([row.metrics[name] for name in ("legibility", "FID", "diversity")]).all()


def test_who_gives_the_letters_asked_for_as_samples_is_found_and_has_their_traits():
    own = copy.copy(evaluation_set())
    own.episodes = [replace(episode, support=episode.query) for episode in own.episodes]
    evaluator = HandEvaluator([own], reader(), verifier(), two_sample=False)
    row = evaluator.samples_row(max(len(episode.query) for episode in own.episodes))
    assert row.metrics["traits"] == pytest.approx(1)
    assert row.metrics["hand MRR"] >= evaluator.real.metrics["hand MRR"]


def test_the_reader_sees_what_is_wrong():
    evaluator = HandEvaluator([evaluation_set()], reader(), verifier(), two_sample=False)
    assert evaluator.row("shuffled", shuffled, 5).metrics["legibility"] <= evaluator.real.metrics["legibility"]
