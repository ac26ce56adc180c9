"""What holds of every family of networks, on tiny configurations."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.support.quick import make_setup, with_presets
from tests.support.signatures import assert_alike, inputs_of, outputs_of
from tests.support.tiny import TINY, TINY_PRESETS, TINY_TRAINING, moved, snapshot
from tfhand.core.config import as_json, config_from
from tfhand.data.archive import Archive
from tfhand.models import presets, serving
from tfhand.models.networks import Networks
from tfhand.models.registry import SPECS
from tfhand.training.setup import TrainingSetup

PARAMETERS = {
    "tiny-hand": 17577,
    "tiny-cgan": 13211,
    "tiny-cgan-writers": 13391,
    "tiny-stylegan": 2548,
    "tiny-stargan": 8849,
    "tiny-stargan-several": 9011,
    "tiny-strokes": 17571,
    "tiny-alphabet": 22434,
    "tiny-reader": 567,
    "tiny-verifier": 741,
    "tiny-stroke-verifier": 18705,
    "tiny-aligner": 1760,
    "tiny-aligner-recurrent": 1718,
}
"""Of tiny networks; that the numbers of each part are right is worked out by hand in the families' own tests."""

FAMILIES = sorted(SPECS)
NAMES = sorted(TINY_PRESETS)
CHARACTERS = "0123abcXYZ"  # of the people that trainings here see


def made(name: str) -> Networks:
    """Untrained networks, with all their weights away from 0 so that each of them counts."""
    family, arguments = TINY_PRESETS[name]
    keras.utils.set_random_seed(5)
    networks = SPECS[family].networks()(**arguments)
    rng = np.random.default_rng(6)
    for weight in networks.weights:
        if weight.dtype == "float32":
            weight.assign(weight + 0.1 * rng.standard_normal(weight.shape, np.float32))
    return networks


def test_each_family_is_tested_here():
    assert set(TINY) == set(TINY_TRAINING) == {family for family, _ in TINY_PRESETS.values()} == set(SPECS)
    assert set(PARAMETERS) == set(TINY_PRESETS)


@pytest.mark.parametrize("name", NAMES)
class TestNetworks:
    def test_parameters(self, name):
        networks = made(name)
        assert networks.count_params() == PARAMETERS[name]
        assert all(np.isfinite(weight).all() for weight in networks.weights)

    def test_summary_lists_all_parts_with_the_shapes_that_they_give(self, name, monkeypatch):
        networks, given, said = made(name), {}, []
        for part, (layer, _) in networks.parts.items():
            if isinstance(layer, keras.layers.Layer):
                monkeypatch.setattr(layer, "call", _recorder(layer.call, given, part))
        outputs_of(SPECS[networks.family].signatures(networks), inputs_of(networks))
        networks.summary(print_fn=said.append)
        lines = {line.split()[0]: line for line in said[0].splitlines()}
        for part, (_, shape) in networks.parts.items():
            assert all(free in (None, side) for free, side in zip(shape, given.get(part, shape), strict=True))
            assert f" {shape} " in lines[part]
        counts = [int(line.split()[-1].replace(",", "")) for line in said[0].splitlines()[2:]]
        assert counts.pop() == sum(counts) == networks.count_params()

    def test_from_config(self, name):
        networks = made(name)
        family, arguments = TINY_PRESETS[name]
        kept = networks.get_config()
        assert kept == json.loads(json.dumps(kept))
        assert arguments.items() <= kept.items()
        again = SPECS[family].networks().from_config(kept)
        assert again.config == networks.config
        assert again.get_config() == kept
        assert [weight.shape for weight in again.weights] == [weight.shape for weight in networks.weights]

    def test_a_preset_gives_the_weights_back_as_they_are_stored(self, name, tmp_path):
        networks = made(name)
        networks.save_to_preset(tmp_path / name)
        again = type(networks).from_preset(tmp_path / name)
        assert again.config == networks.config
        for old, new in zip(networks.weights, again.weights, strict=True):
            np.testing.assert_array_equal(new, presets.as_stored(old.numpy()).astype(new.dtype), err_msg=new.path)

    @pytest.mark.large
    def test_a_saved_model_gives_the_same(self, name, tmp_path):
        networks = made(name)
        for weight in networks.weights:
            weight.assign(presets.as_stored(weight.numpy()).astype(weight.dtype))
        signatures, inputs = SPECS[networks.family].signatures(networks), inputs_of(networks)
        assert serving.export(networks, signatures, tmp_path / "1") == list(signatures)
        loaded = tf.saved_model.load(str(tmp_path / "1"))
        assert set(loaded.signatures) == set(signatures)
        for signature, expected in outputs_of(signatures, inputs).items():
            given = {key: tf.constant(array) for key, array in inputs[signature].items()}
            found = loaded.signatures[signature](**given)
            assert set(found) == {signatures[signature].output}
            assert expected.std() > 1e-3
            assert_alike(networks, signature, found[signatures[signature].output], expected, atol=1e-5, share=0.95)


def _recorder(call: Any, given: dict, part: str) -> Any:
    def record(*arguments, **options):
        result = call(*arguments, **options)
        given[part] = tuple(result.shape[1:])
        return result

    return record


@pytest.mark.parametrize("family", FAMILIES)
class TestConfigurations:
    @pytest.mark.parametrize("which", ["config", "train_config"])
    def test_come_back_from_json(self, family, which):
        config = (TINY if which == "config" else TINY_TRAINING)[family]
        cls = getattr(SPECS[family], which)
        assert type(config) is cls
        values = json.loads(json.dumps(as_json(config)))
        assert config_from(cls, values) == config
        assert config_from(cls, {}) == cls()

    def test_a_flag_sets_the_size_of_a_batch(self, family):
        assert hasattr(TINY_TRAINING[family], SPECS[family].batch_field)


@pytest.fixture(params=[*FAMILIES, "cgan-writers"], scope="class")
def setup(request, people: Archive) -> TrainingSetup:
    """A trainer of the family with its streams, untouched."""
    family = request.param.removesuffix("-writers")
    config, train_config = replace(TINY[family], characters=CHARACTERS), TINY_TRAINING[family]
    if family != request.param:
        config = replace(config, writers=True)
    return make_setup(SPECS[family], people, config, with_presets(family, config, train_config))


class TestTraining:
    def test_a_step_moves_all_networks_and_names_its_metrics(self, setup):
        trainer, batch = setup.trainer, setup.stream.batch(0)
        trained = [network for network in trainer.trained_networks if network.trainable_variables]
        before = [snapshot(network.trainable_variables) for network in trained]
        pairs = zip(trainer.ema.weights, trainer.networks.weights, strict=True)
        followers = [slow for slow, fast in pairs if fast.trainable]
        average = snapshot(followers)
        metrics = {name: float(value) for name, value in trainer.train_step(batch).items()}
        assert "loss" in metrics
        assert set(metrics) == set(trainer.trackers)
        told = {name for name, tracker in trainer.trackers.items() if int(tracker.count) == 1}
        assert set(metrics) == told
        assert np.isfinite(list(metrics.values())).all()
        for network, old in zip(trained, before, strict=True):
            assert np.mean(moved(old, network.trainable_variables)) > 0.5, network.name
        assert int(trainer.step) == 1
        assert np.mean(moved(average, followers)) > 0.5
        for name in SPECS[trainer.networks.family].progress_metrics:
            assert name in metrics

    def test_what_is_shown_is_a_picture_and_changes_nothing(self, setup):
        before = snapshot(setup.trainer.state_variables)
        grid = setup.trainer.sample_grid(setup.validation_stream.batch(0))
        assert (grid.dtype, grid.ndim) == (np.uint8, 2)
        assert np.ptp(grid) > 0
        assert not any(moved(before, setup.trainer.state_variables))

    def test_auxiliary_networks_come_back_from_their_configuration(self, setup):
        discriminator = getattr(setup.trainer, "discriminator", None)
        for network in [*setup.trainer.auxiliary.values(), *([discriminator] if discriminator else [])]:
            again = type(network).from_config(json.loads(json.dumps(network.get_config())))
            assert [weight.shape for weight in again.weights] == [weight.shape for weight in network.weights]
