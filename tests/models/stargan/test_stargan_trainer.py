"""A trainer of StarGAN v2, which moves what the paper moves."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.support.stargan import NETWORKS, TINY, TRAINING, batch, restore
from tests.support.tiny import moved, snapshot
from tfhand.models.registry import SPECS
from tfhand.models.stargan.config import StarGANTrainConfig
from tfhand.training.backend import compile_step


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


@pytest.mark.parametrize("same_writer", [0.0, 1.0])
def test_begun_with_a_preset_it_goes_on_with_its_networks_and_its_discriminator(people, tmp_path, same_writer):
    """A discriminator that knows writers stays behind: those of other data have other numbers."""
    train_config, make = replace(TRAINING, same_writer=same_writer, validation=0.0), SPECS["stargan"].make_trainer
    one = make([people], TINY, train_config, 3).trainer
    one.discriminator.set_weights([value + 1 for value in one.discriminator.get_weights()])
    one.networks.save_to_preset(tmp_path / "one", auxiliary=one.auxiliary)
    begun = SPECS["stargan"].warm_start.make_trainer([people], TINY, train_config, 4, str(tmp_path / "one")).trainer
    half = {"atol": 2e-3, "rtol": 2e-3}  # presets are in half precision
    for twin in (begun.networks, begun.ema):
        for old, new in zip(one.networks.get_weights(), twin.get_weights(), strict=True):
            np.testing.assert_allclose(new, old, **half)
    weights = zip(one.discriminator.get_weights(), begun.discriminator.get_weights(), strict=True)
    assert all(np.allclose(new, old, **half) for old, new in weights) is not bool(same_writer)
