"""StarGAN v2's loss terms against values worked out with NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from tfhand.models.stargan import losses
from tfhand.models.stargan.config import StarGANTrainConfig

rng = np.random.default_rng(0)
ONE, OTHER = rng.normal(size=(2, 4, 3, 3, 1)).astype("float32")
FAKE = np.array([0.5, -3.0], "float32")


@pytest.mark.parametrize("term", [losses.style_reconstruction, losses.style_diversity, losses.cycle_consistency])
def test_distances_are_mean_absolute_differences(term):
    assert float(term(ONE, OTHER)) == pytest.approx(np.abs(ONE - OTHER).mean(), rel=1e-5)


def test_translation_loss_weighs_and_adds():
    weights = StarGANTrainConfig(adversarial=2.0, style=3.0, diversity=5.0, cycle=7.0)
    total, terms = losses.translation_loss(
        FAKE, weights, style=(ONE, 0 * ONE), diversity=(ONE, OTHER), cycle=(ONE, 2 * OTHER), diversity_ramp=0.25
    )
    expected = {
        "adversarial": np.mean(np.log1p(np.exp(-FAKE))),
        "style": np.abs(ONE).mean(),
        "diversity": np.abs(ONE - OTHER).mean(),
        "cycle": np.abs(ONE - 2 * OTHER).mean(),
    }
    assert {name: float(term) for name, term in terms.items()} == pytest.approx(expected, rel=1e-5)
    signed = 2 * expected["adversarial"] + 3 * expected["style"] - 1.25 * expected["diversity"] + 7 * expected["cycle"]
    assert float(total) == pytest.approx(signed, rel=1e-5)


def test_translation_loss_with_the_question_about_the_writer():
    pairs = {"style": (ONE, OTHER), "diversity": (ONE, OTHER), "cycle": (ONE, OTHER)}
    logits = np.array([0.5, -2.0, 4.0], "float32")
    total, terms = losses.translation_loss(FAKE, StarGANTrainConfig(same_writer=3.0), **pairs, hand=logits)
    plain, _ = losses.translation_loss(FAKE, StarGANTrainConfig(), **pairs)
    assert list(terms) == ["adversarial", "style", "diversity", "cycle", "hand"]
    assert float(terms["hand"]) == pytest.approx(np.mean(np.log1p(np.exp(-logits))), rel=1e-5)
    assert float(total) == pytest.approx(float(plain) + 3 * float(terms["hand"]), rel=1e-5)
