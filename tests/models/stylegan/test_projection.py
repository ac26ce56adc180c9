"""Projection: letters that a StyleGAN can draw are found again, and noise is kept from carrying the picture."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops

from tests.support.tiny import TINY_STYLEGAN
from tfhand.core.config import as_json
from tfhand.models.reader.config import ReaderConfig
from tfhand.models.reader.networks import Reader
from tfhand.models.stylegan import projection
from tfhand.models.stylegan.networks import StyleGAN, noise_maps
from tfhand.models.stylegan.projection import SPACES, STARTS, distance, project

PEOPLE, LETTERS = 2, 3
CHARACTERS = np.array([[0, 1, 2], [2, 0, 1]], np.int32)


@pytest.fixture(scope="module")
def networks() -> StyleGAN:
    keras.utils.set_random_seed(1)
    return StyleGAN(**as_json(TINY_STYLEGAN))


@pytest.fixture(scope="module")
def reader() -> Reader:
    keras.utils.set_random_seed(2)
    return Reader(**as_json(ReaderConfig("01a", image_size=8, widths=(3, 4, 5), features=6)))


@pytest.fixture(scope="module")
def samples(networks) -> np.ndarray:
    """Letters of two hands far from the mean, (2, 3, 8, 8, 1)."""
    codes = np.random.default_rng(3).normal(0, 2, (PEOPLE, TINY_STYLEGAN.code_size)).astype(np.float32)
    images = networks.synthesize(
        networks.means(CHARACTERS.reshape(-1)) + np.repeat(codes, LETTERS, 0), CHARACTERS.reshape(-1)
    )
    return np.asarray(images).reshape(PEOPLE, LETTERS, 8, 8, 1)


def apart(found: np.ndarray, samples: np.ndarray) -> float:
    return float(np.square(found - samples).mean())


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("space", SPACES)
def test_letters_are_drawn_better_than_at_the_start(networks, samples, space, start):
    first, found = (project(networks, samples, CHARACTERS, space, start=start, steps=steps) for steps in (0, 60))
    assert found.styles.shape == (PEOPLE, LETTERS, TINY_STYLEGAN.layer_count, TINY_STYLEGAN.style_size)
    assert found.images.shape == samples.shape
    share = 0.8 if space == "hand" else 0.7  # these hands are not all among the random ones
    assert apart(found.images, samples) < share * apart(first.images, samples)
    assert len(first.course) == 0
    assert len(found.course) == (0 if space == "hand" else 60)
    assert not len(found.course) or apart(found.images, samples) < 0.7 * found.course[0]


def test_each_space_holds_what_it_says(networks, samples):
    by_space = {space: project(networks, samples, CHARACTERS, space, steps=5) for space in SPACES}
    offsets = {
        space: found.styles - np.asarray(networks.means(CHARACTERS.reshape(-1))).reshape(PEOPLE, LETTERS, 1, -1)
        for space, found in by_space.items()
    }
    for space in ("w", "hand"):
        np.testing.assert_allclose(
            offsets[space], np.broadcast_to(offsets[space][:, :, :1], offsets[space].shape), atol=1e-5
        )
    assert np.abs(offsets["w+"] - offsets["w+"][:, :, :1]).max() > 1e-2
    np.testing.assert_allclose(
        offsets["hand"], np.broadcast_to(offsets["hand"][:, :1], offsets["hand"].shape), atol=1e-5
    )
    assert np.abs(offsets["w"] - offsets["w"][:, :1]).max() > 1e-2
    axes, found = networks.code_axes(), offsets["hand"][:, 0, 0]
    assert len(axes) < found.shape[1]
    np.testing.assert_allclose(found @ np.linalg.pinv(axes) @ axes, found, atol=1e-5)


def test_no_steps_are_the_start(networks, samples):
    means = np.asarray(networks.means(CHARACTERS.reshape(-1))).reshape(PEOPLE, LETTERS, -1)
    at_mean = project(networks, samples, CHARACTERS, "w", start="mean", steps=0).styles
    np.testing.assert_allclose(at_mean[:, :, 0], means, atol=1e-6)
    encoded = networks.encode_styles(samples.reshape(-1, 8, 8, 1), CHARACTERS.reshape(-1))
    at_encoder = project(networks, samples, CHARACTERS, "w+", start="encoder", steps=0).styles
    np.testing.assert_allclose(at_encoder[:, :, 1].reshape(6, -1), encoded, atol=1e-5)


@pytest.mark.large
def test_the_same_twice_by_the_seed_and_networks_stay(networks, samples):
    before = [np.array(weight) for weight in networks.weights]
    one, again = (project(networks, samples, CHARACTERS, "w", steps=4, seed=1).styles for _ in range(2))
    np.testing.assert_allclose(one, again, atol=1e-6)
    assert np.abs(project(networks, samples, CHARACTERS, "w", steps=4, seed=2).styles - one).max() > 1e-4
    for old, new in zip(before, networks.weights, strict=True):
        np.testing.assert_array_equal(old, new)


def test_distances(reader):
    rng = np.random.default_rng(0)
    first, second = rng.uniform(-1, 1, (2, 4, 8, 8, 1)).astype(np.float32)
    mse = np.square(first - second).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(distance("mse")(first, second), mse, rtol=1e-5)

    def unit(features):
        features = np.asarray(features)
        return features / np.sqrt(np.square(features).sum(axis=-1, keepdims=True) + 1e-6)

    pairs = zip(reader.maps(first), reader.maps(second), strict=True)
    expected = np.mean([np.square(unit(a) - unit(b)).sum(-1).mean(axis=(1, 2)) for a, b in pairs], axis=0)
    np.testing.assert_allclose(distance("perceptual", reader)(first, second), expected, rtol=1e-4)
    both = mse + projection.PERCEPTUAL * expected
    np.testing.assert_allclose(distance("both", reader)(first, second), both, rtol=1e-4)
    for name in projection.DISTANCES:
        np.testing.assert_allclose(distance(name, reader)(first, first), 0, atol=1e-5)


@pytest.mark.large
def test_the_perceptual_distance_leads_elsewhere(networks, reader, samples):
    pixels = project(networks, samples, CHARACTERS, "w", steps=40)
    features = project(networks, samples, CHARACTERS, "w", distance("perceptual", reader), steps=40)

    def seen(found):
        return float(
            ops.mean(distance("perceptual", reader)(found.images.reshape(6, 8, 8, 1), samples.reshape(6, 8, 8, 1)))
        )

    assert seen(features) < seen(pixels)


def test_noise_maps_are_white_and_stay_noise(monkeypatch):
    rng = np.random.default_rng(0)
    config = TINY_STYLEGAN
    smooth = np.cumsum(rng.standard_normal((4, config.noise_size)), axis=1).astype(np.float32)
    white = projection._whitened(smooth, config)
    for each in noise_maps(white, config):
        np.testing.assert_allclose(np.mean(each, axis=(1, 2, 3)), 0, atol=1e-4)
        np.testing.assert_allclose(np.std(each, axis=(1, 2, 3)), 1, atol=1e-3)
    plain_noise = rng.standard_normal((4, config.noise_size)).astype(np.float32)
    alike = projection._likeness_to_neighbours
    assert float(alike(white, config)) > 5 * float(alike(plain_noise, config))
    maps = [
        np.asarray(each)[..., 0] for each in noise_maps(plain_noise, config) if each.shape[1] >= projection.SMALLEST
    ]
    expected = sum(
        np.square((each * np.roll(each, 1, axis)).mean(axis=(1, 2))).sum() for each in maps for axis in (1, 2)
    )
    np.testing.assert_allclose(alike(plain_noise, config), expected, rtol=1e-4)
