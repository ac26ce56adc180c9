"""StarGAN v2: its networks, and a trainer that moves what the paper moves."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from tfhand.models.stargan import Discriminator, StarGAN, StarGANSettings
from tfhand.training.stargan import StarGANTrainer, StarGANTraining

TINY = StarGANSettings(
    characters="01",
    image_size=8,
    generator_width=4,
    generator_limit=8,
    down_blocks=1,
    bottleneck_blocks=1,
    reader_width=4,
    reader_limit=8,
    latent_size=3,
    style_size=5,
    mapping_width=6,
    mapping_trunk=1,
    mapping_branch=1,
)
TRAINING = StarGANTraining(diversity_steps=4, average_decay=0.9, batch_size=4)
NETWORKS = ("generator", "mapping_network", "style_encoder")


def batch(count: int = 4, size: int = 8, seed: int = 0) -> dict:
    rng = np.random.default_rng(seed)
    images = {name: rng.uniform(-1, 1, (count, size, size, 1)) for name in ("image", "reference", "reference2")}
    domains = {name: rng.integers(0, 2, count).astype("int32") for name in ("domain", "reference_domain")}
    return {name: tf.constant(image, tf.float32) for name, image in images.items()} | domains


def snapshot(variables) -> list[np.ndarray]:
    return [np.array(variable) for variable in variables]


def moved(before: list[np.ndarray], variables) -> list[bool]:
    return [not np.array_equal(old, new) for old, new in zip(before, snapshot(variables), strict=True)]


def parameters(network: keras.Model) -> int:
    return sum(int(np.prod(weight.shape)) for weight in network.trainable_variables)


@pytest.fixture(scope="module")
def model() -> StarGAN:
    keras.utils.set_random_seed(0)
    return StarGAN(TINY)


@pytest.fixture
def trainer() -> StarGANTrainer:
    keras.utils.set_random_seed(0)
    return StarGANTrainer(TINY, TRAINING, seed=5)


class TestNetworks:
    def test_shapes(self, model):
        images, domain = batch()["image"], batch()["domain"]
        latent = np.zeros((4, 3), "float32")
        assert model.encode_style(images, domain).shape == (4, 5)
        assert model.map_latent(latent, domain).shape == (4, 5)
        assert model.translate(images, model.map_latent(latent, domain)).shape == (4, 8, 8, 1)
        assert model(images, latent, domain).shape == (4, 8, 8, 1)
        assert Discriminator(TINY)(images, domain).shape == (4,)

    def test_parameters(self, model):
        """Worked out by hand from the paper's tables and the tiny widths."""
        encoder = 40 + (148 + 296 + 32 + 16) + (2 * 584 + 32)  # from image, down 4 to 8, bottleneck
        decoder = (2 * 584 + 2 * 96) + (292 + 148 + 32 + 96 + 48) + (8 + 5)  # bottleneck, up 8 to 4, to image
        reader = 40 + (148 + 296 + 32) + (4 * 4 * 8 * 8 + 8)
        assert parameters(model.generator) == encoder + decoder
        assert parameters(model.mapping_network) == (3 * 6 + 6) + 2 * (6 * 6 + 6) + 2 * (6 * 5 + 5)
        assert parameters(model.style_encoder) == reader + 2 * (8 * 5 + 5)
        assert parameters(Discriminator(TINY)) == reader + 2 * (8 + 1)

    @pytest.mark.parametrize("size", [28, 32])
    def test_small_preset_suits_a_small_machine(self, size):
        model = StarGAN(StarGANSettings.small("0123456789", size))
        assert 400_000 < parameters(model.generator) < 800_000
        assert parameters(model) * 4 < 12e6  # bytes of the shipped file

    def test_large_preset_takes_64_pixels(self):
        settings = StarGANSettings.large("01")
        narrow = dataclasses.replace(settings, generator_width=2, generator_limit=4, reader_width=2, reader_limit=4)
        images, domain = batch(2, 64)["image"], np.array([0, 1])
        assert StarGAN(narrow)(images, np.zeros((2, 16), "float32"), domain).shape == (2, 64, 64, 1)
        assert Discriminator(narrow)(images, domain).shape == (2,)

    def test_domain_and_latent_matter(self, model):
        rng = np.random.default_rng(1)
        latent, zeros = rng.normal(size=(4, 3)).astype("float32"), np.zeros(4, "int32")
        as_zero, as_one = model.map_latent(latent, zeros), model.map_latent(latent, zeros + 1)
        assert float(ops.min(ops.max(ops.abs(as_zero - as_one), axis=1))) > 1e-2
        assert np.ptp(as_zero, axis=0).max() > 1e-2

    def test_save_and_load(self, model, tmp_path):
        images, domain = batch()["image"], batch()["domain"]
        latent = np.random.default_rng(2).normal(size=(4, 3)).astype("float32")
        model.save_weights(tmp_path / "model.weights.h5")
        again = StarGAN.from_config(model.get_config())
        assert again.settings == TINY
        assert not np.allclose(again(images, latent, domain), model(images, latent, domain))
        again.load_weights(tmp_path / "model.weights.h5")
        np.testing.assert_array_equal(again(images, latent, domain), model(images, latent, domain))
        np.testing.assert_array_equal(again.encode_style(images, domain), model.encode_style(images, domain))

    @pytest.mark.parametrize(
        "change", [{"image_size": 30}, {"image_size": 4}, {"characters": ""}, {"characters": "aa"}]
    )
    def test_impossible_settings(self, change):
        with pytest.raises(ValueError, match=r"must be"):
            StarGANSettings(**change)


class TestStep:
    def test_discriminator_phase_leaves_the_networks_alone(self, trainer):
        networks, critic = snapshot(trainer.networks.weights), snapshot(trainer.discriminator.weights)
        values = trainer.train_discriminator("latent", batch(), np.zeros((4, 5), "float32"))
        assert set(values) == {"latent_critic", "latent_real", "latent_fake", "latent_r1"}
        assert not any(moved(networks, trainer.networks.weights))
        assert all(moved(critic, trainer.discriminator.weights))

    @pytest.mark.parametrize("names", [NETWORKS, NETWORKS[:1]])
    def test_generator_phase_moves_the_named_networks_only(self, trainer, names):
        data, target = batch(), batch()["reference_domain"]
        critic = snapshot(trainer.discriminator.weights)
        before = {name: snapshot(getattr(trainer.networks, name).weights) for name in NETWORKS}
        style = trainer.networks.map_latent(trainer.normal(4, 3), target)
        latent = trainer.normal(4, 3)
        trainer.train_generator("latent", data, lambda: trainer.networks.map_latent(latent, target), style, list(names))
        for name in NETWORKS:
            assert any(moved(before[name], getattr(trainer.networks, name).weights)) == (name in names), name
        assert not any(moved(critic, trainer.discriminator.weights))

    def test_whole_step_moves_style_networks_once_and_the_others_twice(self, trainer):
        before, average = snapshot(trainer.networks.weights), snapshot(trainer.averaged.weights)
        results = {name: float(value) for name, value in trainer.train_step(batch()).items()}
        counts = {name: int(optimizer.iterations) for name, optimizer in trainer.optimizers.items()}
        assert counts == {"discriminator": 2, "generator": 2, "mapping_network": 1, "style_encoder": 1}
        for old, new, slow in zip(before, trainer.networks.weights, trainer.averaged.weights, strict=True):
            np.testing.assert_allclose(slow, 0.9 * old + 0.1 * np.array(new), atol=1e-6)
        assert any(moved(average, trainer.averaged.weights))
        assert results["loss"] == pytest.approx(
            sum(results[f"{way}_{side}"] for way in ("latent", "reference") for side in ("critic", "generator")),
            rel=1e-5,
        )
        for way in ("latent", "reference"):
            terms = {name: results[f"{way}_{name}"] for name in ("adversarial", "style", "cycle", "diversity")}
            signed = terms["adversarial"] + terms["style"] + terms["cycle"] - terms["diversity"]
            assert results[f"{way}_generator"] == pytest.approx(signed, rel=1e-4)

    def test_ramp_falls_to_zero_and_stays(self, trainer):
        trainer.train_step(batch())
        assert float(trainer.diversity_ramp) == pytest.approx(0.75)
        trainer.steps.assign(8)
        trainer.train_step(batch())
        assert (int(trainer.steps), float(trainer.diversity_ramp)) == (9, 0.0)

    def test_state_restores_exactly(self, trainer):
        trainer.train_step(batch())
        other = StarGANTrainer(TINY, TRAINING, seed=6)
        for theirs, ours in zip(other.state_variables, trainer.state_variables, strict=True):
            theirs.assign(ours)
        state = snapshot(trainer.state_variables)
        for each in (trainer, other):
            each.train_step(batch(seed=1))
        for theirs, ours in zip(other.state_variables, trainer.state_variables, strict=True):
            np.testing.assert_array_equal(theirs, ours, err_msg=ours.path)
        still = [v.path for v, m in zip(trainer.state_variables, moved(state, trainer.state_variables)) if not m]
        assert all("learning_rate" in path or "bias" in path for path in still), still

    def test_fit_in_graph_mode_equals_eager_mode(self, trainer):
        compiled = StarGANTrainer(TINY, TRAINING, seed=5)
        for theirs, ours in zip(compiled.state_variables, trainer.state_variables, strict=True):
            theirs.assign(ours)
        compiled.compile(jit_compile=False)
        data = tf.data.Dataset.from_tensors(batch())
        history = compiled.fit(data, shuffle=False, verbose=0).history
        eager = trainer.train_step(batch())
        assert set(history) == set(eager)
        for name, value in eager.items():
            assert history[name][0] == pytest.approx(float(value), rel=1e-3, abs=1e-5), name
        for theirs, ours in zip(compiled.state_variables, trainer.state_variables, strict=True):
            # Adam's first steps have the size of the learning rate whatever the gradient, so noise shows in a few.
            assert np.mean(np.isclose(theirs, ours, rtol=1e-3, atol=1e-5)) > 0.95, ours.path


class TestLearning:
    def test_discriminator_learns_to_tell_real_from_fake(self):
        trainer = StarGANTrainer(TINY, StarGANTraining(learning_rate=3e-3, r1=0.1), seed=0)
        data, style = batch(), np.zeros((4, 5), "float32")
        losses = [float(trainer.train_discriminator("latent", data, style)["latent_critic"]) for _ in range(25)]
        assert losses[-1] < 0.5 * losses[0]

    def test_generator_learns_to_come_back(self):
        only_cycle = StarGANTraining(learning_rate=3e-3, adversarial=0.0, style=0.0, diversity=0.0)
        trainer = StarGANTrainer(TINY, only_cycle, seed=0)
        data, style = batch(), np.zeros((4, 5), "float32")
        data["image"] = tf.sign(data["image"][:, :1, :1]) * tf.ones_like(data["image"])  # all ink or none
        losses = [
            float(trainer.train_generator("reference", data, lambda: style, style, ["generator"])["reference_cycle"])
            for _ in range(25)
        ]
        assert losses[-1] < 0.5 * losses[0]


def test_sample_grid_shows_references_and_images_and_changes_nothing(trainer):
    state = snapshot(trainer.state_variables)
    grid = trainer.sample_grid(batch(), columns=3, rows=2)
    assert grid.dtype == np.uint8
    assert grid.shape == ((1 + 2 + 2) * 10 - 2, (1 + 3) * 10 - 2)
    image = np.array(batch()["image"])[0, :, :, 0]
    np.testing.assert_array_equal(grid[:8, 10:18], np.rint((image + 1) * 127.5))
    assert not any(moved(state, trainer.state_variables))


def test_trainer_config(trainer):
    again = StarGANTrainer.from_config(trainer.get_config())
    assert (again.settings, again.plan, again.seed) == (TINY, TRAINING, 5)
