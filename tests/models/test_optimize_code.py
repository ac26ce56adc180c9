"""Optimization of hand codes: it draws the samples better, leaves the networks alone and says the same twice."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import ops

from tests.support.tiny import TINY_HAND
from tfhand.core.config import as_json
from tfhand.models import optimize_code as optimization
from tfhand.models.generation import GenerationConfig
from tfhand.models.hand.networks import HandNetworks
from tfhand.models.optimize_code import optimize_code
from tfhand.models.verifier.config import VerifierConfig
from tfhand.models.verifier.networks import Verifier
from tfhand.training import losses

TINY = replace(
    TINY_HAND, characters="0123abcXYZ", image_size=8, generator_widths=(8, 4), encoder_widths=(4, 6), noise_size=2
)


@pytest.fixture(scope="module")
def networks() -> HandNetworks:
    keras.utils.set_random_seed(1)
    return HandNetworks(**as_json(TINY))


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    keras.utils.set_random_seed(2)
    sizes = {"widths": (4, 6), "features": 8, "character_size": 4, "embedding_size": 5}
    return Verifier(**as_json(VerifierConfig(TINY.characters, image_size=8, **sizes)))


@pytest.fixture(scope="module")
def samples(networks) -> tuple[np.ndarray, np.ndarray]:
    """Letters of two hands that the networks can write, far from the average one."""
    code = np.random.default_rng(3).normal(0, 2, (2, TINY.code_size)).astype(np.float32)
    characters = np.tile(np.arange(6, dtype=np.int32), (2, 1))
    written = networks.write(np.repeat(code, 6, axis=0), characters.reshape(-1), np.zeros((12, 2), np.float32))
    return np.asarray(written).reshape(2, 6, 8, 8, 1), characters


def encoded(networks, samples) -> np.ndarray:
    return np.asarray(networks.encode(*samples, np.ones(samples[1].shape, np.float32)))


def misfit(networks, code: np.ndarray, samples) -> float:
    glyphs, characters = samples
    count = characters.shape[1]
    noise = np.zeros((characters.size, TINY.noise_size), np.float32)
    written = networks.write(np.repeat(code, count, axis=0), characters.reshape(-1), noise)
    return float(losses.multiscale_l1(written, glyphs.reshape(-1, *glyphs.shape[2:])))


def test_the_samples_are_drawn_better(networks, samples):
    found = optimize_code(networks, None, *samples)
    assert found.shape == (2, TINY.code_size)
    assert misfit(networks, found, samples) < 0.8 * misfit(networks, encoded(networks, samples), samples)


def test_the_verifier_is_listened_to(networks, verifier, samples):
    glyphs, characters = samples
    mask = np.ones(characters.shape, np.float32)

    def likeness(code: np.ndarray) -> float:
        noise = np.zeros((characters.size, TINY.noise_size), np.float32)
        written = networks.write(np.repeat(code, 6, axis=0), characters.reshape(-1), noise)
        found = verifier(ops.reshape(written, glyphs.shape), characters, mask)
        return float(ops.mean(ops.sum(found * verifier(*samples, mask), axis=-1)))

    with_it, without = optimize_code(networks, verifier, *samples), optimize_code(networks, None, *samples)
    assert likeness(with_it) > likeness(encoded(networks, samples))
    assert not np.allclose(with_it, without, atol=1e-2)


def test_networks_stay_as_they_are_and_no_step_is_the_encoder(networks, verifier, samples):
    before = [np.array(weight) for model in (networks, verifier) for weight in model.weights]
    np.testing.assert_allclose(
        optimize_code(networks, verifier, *samples, GenerationConfig(steps=0)), encoded(networks, samples), atol=1e-6
    )
    np.testing.assert_array_equal(
        optimize_code(networks, None, *samples, GenerationConfig(steps=9, pixels=0.0)), encoded(networks, samples)
    )
    optimize_code(networks, verifier, *samples, GenerationConfig(steps=3))
    after = [np.array(weight) for model in (networks, verifier) for weight in model.weights]
    for old, new in zip(before, after, strict=True):
        np.testing.assert_array_equal(old, new)


def test_the_same_twice_and_people_do_not_touch_each_other(networks, samples):
    glyphs, characters = samples
    both = optimize_code(networks, None, glyphs, characters, GenerationConfig(steps=5))
    np.testing.assert_allclose(
        optimize_code(networks, None, glyphs, characters, GenerationConfig(steps=5)), both, atol=1e-6
    )
    other = np.concatenate([glyphs[:1], -glyphs[1:]])
    changed = optimize_code(networks, None, other, characters, GenerationConfig(steps=5))
    np.testing.assert_allclose(changed[0], both[0], atol=1e-4)
    assert np.abs(changed[1] - both[1]).max() > 1e-2


def test_what_no_axis_reaches_stays_where_hands_are_more_than_their_axes(networks, samples, monkeypatch):
    axis = np.random.default_rng(0).standard_normal((1, TINY.code_size)).astype(np.float32)
    monkeypatch.setattr(networks, "code_axes", lambda: axis)
    for within, start in ((True, 0.0), (False, encoded(networks, samples))):
        monkeypatch.setattr(HandNetworks, "within_axes", within)
        moved = optimize_code(networks, None, *samples, GenerationConfig(steps=3)) - start
        along = moved @ axis[0] / (axis[0] @ axis[0])
        assert np.abs(along).min() > 1e-3
        np.testing.assert_allclose(moved, along[:, None] * axis, atol=1e-4)


def test_many_samples_are_looked_at_in_turn(networks, samples, monkeypatch):
    glyphs, characters = (np.tile(each, (1, 4, *([1] * (each.ndim - 2)))) for each in samples)  # 24 of each person
    seen = []
    write = networks.write
    monkeypatch.setattr(optimization, "compile_step", lambda step: step)
    monkeypatch.setattr(networks, "write", lambda code, *rest: seen.append(len(code)) or write(code, *rest))
    optimize_code(networks, None, glyphs, characters, GenerationConfig(steps=2))
    assert seen == [2 * optimization.SAMPLES_PER_STEP] * 2


def test_other_characters_are_to_be_like_the_hand_as_well(networks, verifier, samples, monkeypatch):
    seen = []
    write = networks.write
    monkeypatch.setattr(optimization, "compile_step", lambda step: step)
    monkeypatch.setattr(networks, "write", lambda code, which, noise: seen.append(which) or write(code, which, noise))
    optimize_code(networks, verifier, *samples, GenerationConfig(steps=2))
    written = np.array(seen).reshape(2, 2, 6 + optimization.OTHERS_PER_STEP)  # steps, people, letters
    np.testing.assert_array_equal(written[:, :, :6], np.tile(np.arange(6), (2, 2, 1)))
    assert set(written[:, :, 6:].ravel()) - set(range(6))
