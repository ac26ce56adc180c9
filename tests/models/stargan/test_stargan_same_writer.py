"""StarGAN v2 with the same-writer term: whose hand is it?"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from tests.support.stargan import SAME_WRITER, TINY, TRAINING, as_made, batch, fresh_trainer
from tests.support.tiny import moved, snapshot
from tfhand.core.config import as_json, config_from
from tfhand.models.stargan.config import StarGANTrainConfig
from tfhand.models.stargan.discriminator import Discriminator
from tfhand.models.stargan.trainer import StarGANTrainer


@pytest.fixture(scope="module")
def asked_twice() -> tuple[StarGANTrainer, list[np.ndarray]]:
    trainer = fresh_trainer(SAME_WRITER, 3)
    return trainer, snapshot(trainer.state_variables)


@pytest.fixture
def asking(asked_twice) -> StarGANTrainer:
    """A trainer with the same-writer term."""
    return as_made(*asked_twice)


@pytest.mark.large
class TestSameWriter:
    def test_switched_off_it_is_the_training_it_was(self, trainer):
        """Recorded before there was such a term; the batches now name writers, which nobody asks for."""
        for seed in range(3):
            results = trainer.train_step(batch(seed=seed))
        recorded = {
            "latent_discriminator": 1.57172,
            "latent_r1": 0.1672,
            "latent_generator": 2.14761,
            "latent_diversity": 0.5021,
            "reference_discriminator": 1.65052,
            "reference_generator": 1.93368,
            "reference_style": 0.458,
        }
        assert {name: float(results[name]) for name in recorded} == pytest.approx(recorded, rel=1e-3)
        assert len(trainer.state_variables) == 204 + 2 * len(trainer.trackers)  # total and count of each mean
        assert not [name for name in results if "hand" in name]

    def test_what_is_shipped_begins_alike_with_and_without(self, asking, trainer):
        assert not any(moved(snapshot(asking.networks.weights), trainer.networks.weights))

    def test_the_second_question_is_a_projection(self, asking):
        judge, rng = asking.discriminator, np.random.default_rng(3)
        features, nib = rng.normal(size=(3, 8)).astype("float32"), np.array([0.5, -1.0, 2.0], "float32")
        writer, domain = np.array([2, 0, 1]), np.array([1, 1, 0])
        first, second = (layer.get_weights() for layer in judge.expected)
        known = [judge.writer.get_weights()[0][writer], nib[:, None], judge.letter.get_weights()[0][domain]]
        inner = np.concatenate(known, axis=1) @ first[0] + first[1]
        expected = np.where(inner > 0, inner, 0.2 * inner) @ second[0] + second[1]
        logits = judge.is_hand(features, writer, nib, domain)
        np.testing.assert_allclose(logits, (features * expected).sum(axis=1) / np.sqrt(8), rtol=1e-4, atol=1e-5)

    def test_nobody_is_somebody_else_to_themselves(self, asking):
        data = batch() | {"writer": np.array([0, 0, 1, 2])}
        features = asking.discriminator.features(data["image"])
        last = asking.discriminator.is_hand(features, np.array([2, 0, 0, 1]), data["nib"], data["domain"])
        expected = last.numpy()
        expected[1] = -100
        np.testing.assert_allclose(asking.logits_of_another(data), expected, rtol=1e-5)

    def test_discriminator_phase(self, asking):
        """R1 takes in both questions, and the total is what its weights make of the terms."""
        data, discriminator = batch(), snapshot(asking.discriminator.weights)
        with tf.GradientTape() as tape:
            tape.watch(data["image"])
            features = asking.discriminator.features(data["image"])
            both = asking.discriminator.is_character(features, data["domain"]) + asking.discriminator.is_hand(
                features, data["writer"], data["nib"], data["domain"]
            )
        r1 = 0.5 * np.square(tape.gradient(both, data["image"])).sum(axis=(1, 2, 3)).mean()
        values = asking.train_discriminator("latent", data, np.zeros((4, 5), "float32"))
        values = {name.removeprefix("latent_"): float(value) for name, value in values.items()}
        assert set(values) == {"discriminator", "real", "fake", "r1", "hand_real", "hand_fake", "hand_other"}
        assert values["r1"] == pytest.approx(r1, rel=1e-4)
        hand = values["hand_real"] + (values["hand_fake"] + values["hand_other"]) / 2
        assert values["discriminator"] == pytest.approx(
            values["real"] + values["fake"] + values["r1"] + 2 * hand, rel=1e-4
        )
        assert all(moved(discriminator, asking.discriminator.weights))

    @pytest.mark.parametrize("way", ["latent", "reference"])
    def test_the_generator_learns_from_it_in_both_ways(self, asking, monkeypatch, way):
        """Alone, against a discriminator that stands still; nothing but this term moves it."""
        train_config = dataclasses.replace(SAME_WRITER, adversarial=0.0, style=0.0, diversity=0.0, cycle=0.0)
        monkeypatch.setattr(asking, "train_config", train_config)
        asking.optimizers["generator"].learning_rate = 1e-2
        data, discriminator = batch(), snapshot(asking.discriminator.weights)
        domain, latent = data["reference_domain"], asking.normal(4, 3)

        def style():
            if way == "latent":
                return asking.networks.map_latent(latent, domain)
            return asking.networks.encode_style(data["reference"], domain)

        results = [asking.train_generator(way, data, style, style(), ["generator"]) for _ in range(10)]
        assert float(results[0][f"{way}_generator"]) == pytest.approx(2 * float(results[0][f"{way}_hand"]), rel=1e-5)
        assert float(results[-1][f"{way}_hand"]) < 0.7 * float(results[0][f"{way}_hand"])
        assert not any(moved(discriminator, asking.discriminator.weights))

    def test_the_hand_asked_for_is_that_of_the_image(self, asking):
        """Somebody else's name for the same images is another question."""
        data, style = batch(), asking.networks.encode_style(batch()["reference"], batch()["reference_domain"])
        losses = []
        for writers in (data["writer"], (data["writer"] + 1) % 3):
            asked = data | {"writer": writers}
            losses.append(float(asking.train_generator("reference", asked, lambda: style, style, [])["reference_hand"]))
        assert abs(losses[0] - losses[1]) > 1e-3

    def test_discriminator_learns_whose_hand_it_is(self, asking):
        data, style = batch(), np.zeros((4, 5), "float32")
        asking.optimizers["discriminator"].learning_rate = 3e-3
        names = ("hand_real", "hand_fake", "hand_other")
        losses = []
        for _ in range(15):
            values = asking.train_discriminator("latent", data, style)
            losses.append([float(values[f"latent_{name}"]) for name in names])
        assert sum(losses[-1]) < 0.7 * sum(losses[0])
        assert losses[-1][0] < np.log(2) > losses[-1][2]  # better than not knowing, of real letters alone

    def test_whole_step(self, asking):
        before = snapshot(asking.networks.weights)
        results = {name: float(value) for name, value in asking.train_step(batch()).items()}
        assert np.isfinite(list(results.values())).all()
        assert all(results[f"{way}_{term}"] > 0 for way in ("latent", "reference") for term in ("hand", "hand_other"))
        assert any(moved(before, asking.networks.weights))

    def test_the_discriminator_comes_back_from_its_configuration(self, asking):
        judge = Discriminator.from_config(asking.discriminator.get_config())
        assert [weight.shape for weight in judge.weights] == [each.shape for each in asking.discriminator.weights]

    def test_it_takes_two(self):
        with pytest.raises(ValueError, match="two writers or more, not 1"):
            StarGANTrainer(TINY, SAME_WRITER, writer_count=1)
        with pytest.raises(ValueError, match="same_writer must be 0 or more"):
            StarGANTrainConfig(same_writer=-1.0)

    def test_a_record_from_before_still_serves(self):
        values = as_json(TRAINING)
        del values["same_writer"], values["validation"]
        assert config_from(StarGANTrainConfig, values) == TRAINING
