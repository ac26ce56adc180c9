"""StarGAN v2: its networks, and a trainer that moves what the paper moves."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from tests.support.tiny import moved, snapshot
from tfhand.core.config import as_json, config_from
from tfhand.models.stargan.config import StarGANConfig, StarGANTrainConfig
from tfhand.models.stargan.discriminator import Discriminator
from tfhand.models.stargan.networks import StarGAN
from tfhand.models.stargan.trainer import StarGANTrainer
from tfhand.training.backend import compile_step

TINY = StarGANConfig(
    characters="01",
    image_size=8,
    generator_width=4,
    generator_limit=8,
    down_blocks=1,
    bottleneck_blocks=0,
    discriminator_width=4,
    discriminator_limit=8,
    latent_size=3,
    style_size=5,
    mapping_width=6,
    mapping_trunk=1,
    mapping_branch=1,
)
TRAINING = StarGANTrainConfig(diversity_steps=4, ema_decay=0.9, batch_size=4)
SAME_WRITER = dataclasses.replace(TRAINING, same_writer=2.0)
NETWORKS = ("generator", "mapping_network", "style_encoder")


def batch(count: int = 4, size: int = 8, seed: int = 0) -> dict:
    rng = np.random.default_rng(seed)
    images = {name: rng.uniform(-1, 1, (count, size, size, 1)) for name in ("image", "reference", "reference2")}
    domains = {name: rng.integers(0, 2, count).astype("int32") for name in ("domain", "reference_domain")}
    hands = {"writer": np.arange(count) % 3, "nib": np.linspace(-1, 1, count, dtype="float32")}
    return {name: tf.constant(image, tf.float32) for name, image in images.items()} | domains | hands


def restore(trainer: StarGANTrainer, values: list[np.ndarray]) -> None:
    for variable, value in zip(trainer.state_variables, values, strict=True):
        variable.assign(value)


def parameters(network: keras.Model) -> int:
    return sum(int(np.prod(weight.shape)) for weight in network.trainable_variables)


@pytest.fixture(scope="module")
def model() -> StarGAN:
    keras.utils.set_random_seed(0)
    return StarGAN(**as_json(TINY))


@pytest.fixture(scope="module")
def fresh() -> tuple[StarGANTrainer, list[np.ndarray]]:
    keras.utils.set_random_seed(0)
    trainer = StarGANTrainer(TINY, TRAINING, seed=5)
    return trainer, snapshot(trainer.state_variables)


@pytest.fixture
def trainer(fresh) -> StarGANTrainer:
    """A trainer as it was made; making one takes a second."""
    restore(*fresh)
    fresh[0].reset_metrics()
    return fresh[0]


@pytest.fixture(scope="module")
def asked_twice() -> tuple[StarGANTrainer, list[np.ndarray]]:
    keras.utils.set_random_seed(0)
    trainer = StarGANTrainer(TINY, SAME_WRITER, writer_count=3, seed=5)
    return trainer, snapshot(trainer.state_variables)


@pytest.fixture
def asking(asked_twice) -> StarGANTrainer:
    """A trainer with the same-writer term, as it was made."""
    restore(*asked_twice)
    asked_twice[0].reset_metrics()
    return asked_twice[0]


@pytest.fixture(scope="module")
def stepped(fresh) -> dict:
    """What one eager step makes of the trainer as it was made, for several tests to look at."""
    trainer, start = fresh
    restore(trainer, start)
    weights = {name: snapshot(getattr(trainer, name).weights) for name in ("networks", "ema")}
    results = {name: float(value) for name, value in trainer.train_step(batch()).items()}
    return {
        "before": weights,
        "after": {name: snapshot(getattr(trainer, name).weights) for name in weights},
        "state": snapshot(trainer.state_variables),
        "slots": {name: snapshot(optimizer.variables) for name, optimizer in trainer.optimizers.items()},
        "counts": {name: int(optimizer.iterations) for name, optimizer in trainer.optimizers.items()},
        "ramp": float(trainer.diversity_ramp),
        "results": results,
    }


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
        encoder = 40 + (148 + 296 + 32 + 16)  # from image, down from 4 to 8 channels
        decoder = (292 + 148 + 32 + 96 + 48) + (8 + 5)  # up from 8 to 4, to image
        reader = 40 + (148 + 296 + 32) + (4 * 4 * 8 * 8 + 8)
        assert parameters(model.generator) == encoder + decoder
        wider = dataclasses.replace(TINY, bottleneck_blocks=1)
        assert parameters(StarGAN(**as_json(wider)).generator) == encoder + decoder + (2 * 584 + 32) + (
            2 * 584 + 2 * 96
        )
        assert parameters(model.mapping_network) == (3 * 6 + 6) + 2 * (6 * 6 + 6) + 2 * (6 * 5 + 5)
        assert parameters(model.style_encoder) == reader + 2 * (8 * 5 + 5)
        assert parameters(Discriminator(TINY)) == reader + 2 * (8 + 1)

    def test_small_preset_suits_a_small_machine(self):
        model = StarGAN(**as_json(StarGANConfig.small()))
        assert 400_000 < parameters(model.generator) < 800_000
        assert parameters(model) * 4 < 12e6  # bytes of the shipped file

    @pytest.mark.parametrize("config", [StarGANConfig.small("01", 28), StarGANConfig.large("01")])
    def test_presets_fit_their_image_size(self, config):
        narrow = dataclasses.replace(
            config, generator_width=2, generator_limit=4, discriminator_width=2, discriminator_limit=4
        )
        size, domain = config.image_size, np.array([0, 1])
        images = batch(2, size)["image"]
        assert StarGAN(**as_json(narrow))(images, np.zeros((2, 16), "float32"), domain).shape == (2, size, size, 1)
        assert Discriminator(narrow)(images, domain).shape == (2,)

    def test_domain_and_latent_matter(self, model):
        rng = np.random.default_rng(1)
        latent, zeros = rng.normal(size=(4, 3)).astype("float32"), np.zeros(4, "int32")
        as_zero, as_one = model.map_latent(latent, zeros), model.map_latent(latent, zeros + 1)
        assert float(ops.min(ops.max(ops.abs(as_zero - as_one), axis=1))) > 1e-2
        assert np.ptp(as_zero, axis=0).max() > 1e-2

    @pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
    def test_save_and_load(self, model, tmp_path):
        images, domain = batch()["image"], batch()["domain"]
        latent = np.random.default_rng(2).normal(size=(4, 3)).astype("float32")
        model.save_weights(tmp_path / "model.weights.h5")
        again = StarGAN.from_config(model.get_config())
        assert again.config == TINY
        assert not np.allclose(again(images, latent, domain), model(images, latent, domain))
        again.load_weights(tmp_path / "model.weights.h5")
        np.testing.assert_array_equal(again(images, latent, domain), model(images, latent, domain))
        np.testing.assert_array_equal(again.encode_style(images, domain), model.encode_style(images, domain))

    @pytest.mark.parametrize(
        "change", [{"image_size": 30}, {"image_size": 4}, {"characters": ""}, {"characters": "aa"}]
    )
    def test_impossible_settings(self, change):
        with pytest.raises(ValueError, match=r"must be"):
            StarGANConfig(**change)


class TestStep:
    def test_discriminator_phase_leaves_the_networks_alone(self, trainer):
        networks, discriminator = snapshot(trainer.networks.weights), snapshot(trainer.discriminator.weights)
        values = trainer.train_discriminator("latent", batch(), np.zeros((4, 5), "float32"))
        assert set(values) == {"latent_discriminator", "latent_real", "latent_fake", "latent_r1"}
        assert not any(moved(networks, trainer.networks.weights))
        assert all(moved(discriminator, trainer.discriminator.weights))

    @pytest.mark.parametrize("names", [NETWORKS, NETWORKS[:1]])
    def test_generator_phase_moves_the_named_networks_only(self, trainer, names):
        data, target = batch(), batch()["reference_domain"]
        discriminator = snapshot(trainer.discriminator.weights)
        before = {name: snapshot(getattr(trainer.networks, name).weights) for name in NETWORKS}
        style = trainer.networks.map_latent(trainer.normal(4, 3), target)
        latent = trainer.normal(4, 3)
        trainer.train_generator("latent", data, lambda: trainer.networks.map_latent(latent, target), style, list(names))
        for name in NETWORKS:
            assert any(moved(before[name], getattr(trainer.networks, name).weights)) == (name in names), name
        assert not any(moved(discriminator, trainer.discriminator.weights))

    def test_whole_step_moves_style_networks_once_and_the_others_twice(self, stepped):
        assert stepped["counts"] == {"discriminator": 2, "generator": 2, "mapping_network": 1, "style_encoder": 1}
        assert stepped["ramp"] == pytest.approx(0.75)
        before, after = stepped["before"], stepped["after"]
        for old, new, slow in zip(before["networks"], after["networks"], after["ema"], strict=True):
            np.testing.assert_allclose(slow, 0.1 * old + 0.9 * new, atol=1e-6)  # a first decay of (1 + 0) / (10 + 0)
        assert not np.array_equal(before["networks"][0], after["networks"][0])

    @pytest.mark.parametrize("way", ["latent", "reference"])
    def test_step_reports_terms_that_make_up_the_losses(self, stepped, way):
        results = stepped["results"]
        terms = {name: results[f"{way}_{name}"] for name in ("adversarial", "style", "cycle", "diversity")}
        signed = terms["adversarial"] + terms["style"] + terms["cycle"] - terms["diversity"]
        assert results[f"{way}_generator"] == pytest.approx(signed, rel=1e-4)
        discriminator = results[f"{way}_real"] + results[f"{way}_fake"] + results[f"{way}_r1"]
        assert results[f"{way}_discriminator"] == pytest.approx(discriminator, rel=1e-4)
        totals = [
            results[f"{each}_{side}"] for each in ("latent", "reference") for side in ("discriminator", "generator")
        ]
        assert results["loss"] == pytest.approx(sum(totals), rel=1e-5)

    def test_average_follows_the_decay_of_the_settings_later_on(self, trainer):
        before = snapshot(trainer.ema.weights)
        trainer.step.assign(1000)
        for weight in trainer.networks.weights:
            weight.assign_add(keras.ops.ones(weight.shape))
        trainer.update_ema()
        for old, slow in zip(before, trainer.ema.weights, strict=True):
            np.testing.assert_allclose(slow.numpy() - old, np.full(old.shape, 1 - TRAINING.ema_decay), atol=1e-5)

    @pytest.mark.parametrize(("before", "ramp"), [(0, 0.75), (1, 0.5), (3, 0.0), (9, 0.0)])
    def test_ramp_falls_to_zero_and_stays(self, trainer, before, ramp):
        """After a step, by the number of steps before it."""
        trainer.step.assign(before)
        trainer.update_ramp()
        assert float(trainer.diversity_ramp) == pytest.approx(ramp)

    def test_state_restores_exactly(self, trainer, stepped):
        ends = []
        for _ in range(2):
            restore(trainer, stepped["state"])
            trainer.train_step(batch(seed=1))
            ends.append(snapshot(trainer.state_variables))
        for one, other, variable in zip(*ends, trainer.state_variables, strict=True):
            np.testing.assert_array_equal(one, other, err_msg=variable.path)

    def test_state_holds_all_that_a_step_changes(self, trainer):
        """With the running means, or a run that goes on is another run. (Learning rates are config.)"""
        kept = {id(variable) for variable in trainer.state_variables}
        optimizers = trainer.optimizers.values()
        held = [variable for each in optimizers for variable in each.variables if variable is not each.learning_rate]
        means = {id(variable) for metric in trainer.metrics for variable in metric.variables}
        assert means < kept
        everything = [*trainer.variables, *held]
        assert len(kept) == len(trainer.state_variables)
        assert {id(variable) for variable in everything} | means == kept
        assert id(trainer.random.state) in kept

    def test_discriminator_phase_as_a_graph_equals_eager_mode(self, trainer):
        """With its gradient of a gradient; the whole step's graph takes longer to make, and is a slow test."""
        data, style = batch(), tf.zeros((4, 5))

        def phase():
            return trainer.train_discriminator("latent", data, style)

        start, runs = snapshot(trainer.state_variables), []
        for step in (phase, compile_step(phase)):
            restore(trainer, start)
            values = {name: float(value) for name, value in step().items()}
            runs.append((values, snapshot(trainer.optimizers["discriminator"].variables)))
        assert runs[1][0] == pytest.approx(runs[0][0], rel=1e-4)
        for eager, compiled in zip(runs[0][1], runs[1][1], strict=True):
            np.testing.assert_allclose(compiled, eager, rtol=0.01, atol=1e-6)

    @pytest.mark.slow
    def test_run_in_graph_mode_equals_eager_mode(self, trainer, stepped):
        trainer.compile()
        trainer.fit(tf.data.Dataset.from_tensors(batch()))
        compiled = {name: float(tracker.result()) for name, tracker in trainer.trackers.items()}
        assert compiled == pytest.approx(stepped["results"], rel=1e-3, abs=1e-5)
        # Not the weights: Adam's first steps have the learning rate's size even where a gradient is but noise.
        for name, optimizer in trainer.optimizers.items():
            for expected, variable in zip(stepped["slots"][name], optimizer.variables, strict=True):
                np.testing.assert_allclose(variable.numpy(), expected, rtol=0.02, atol=1e-3, err_msg=variable.path)


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


def test_discriminator_learns_to_tell_real_from_fake(trainer):
    data, style = batch(), np.zeros((4, 5), "float32")
    trainer.optimizers["discriminator"].learning_rate = 3e-3
    losses = [float(trainer.train_discriminator("latent", data, style)["latent_discriminator"]) for _ in range(10)]
    assert losses[-1] < 0.7 * losses[0]


def test_generator_learns_to_come_back(trainer, monkeypatch):
    monkeypatch.setattr(trainer, "train_config", StarGANTrainConfig(adversarial=0.0, style=0.0, diversity=0.0))
    data, style = batch(), np.zeros((4, 5), "float32")
    data["image"] = tf.constant(np.sign(np.linspace(-1, 1, 8))[None, :, None, None] * np.ones((4, 8, 8, 1)), tf.float32)
    trainer.optimizers["generator"].learning_rate = 1e-2
    losses = [
        float(trainer.train_generator("reference", data, lambda: style, style, ["generator"])["reference_cycle"])
        for _ in range(10)
    ]
    assert losses[-1] < 0.7 * losses[0]


def test_sample_grid_shows_references_and_images_and_changes_nothing(trainer):
    state = snapshot(trainer.state_variables)
    grid = trainer.sample_grid(batch(), columns=3, rows=2)
    assert grid.dtype == np.uint8
    assert grid.shape == ((1 + 2 + 2) * 10 - 2, (1 + 3) * 10 - 2)
    image = batch()["image"].numpy()[0, :, :, 0]
    np.testing.assert_array_equal(grid[:8, 10:18], np.rint((image + 1) * 127.5))
    assert not any(moved(state, trainer.state_variables))
