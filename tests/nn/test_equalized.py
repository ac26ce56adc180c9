"""Layers of equalized learning rate: their scale, how fast they learn, and the deviation within a batch."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops

from tfhand.nn.equalized import (
    DownBlock,
    EqualizedConvolution,
    EqualizedDense,
    MinibatchStdDev,
    activate,
    pixel_norm,
)
from tfhand.nn.resampling import downsample2x
from tfhand.training.backend import value_and_grad

rng = np.random.default_rng(0)


def test_weights_are_standard_normal_and_scaled_in_use():
    keras.utils.set_random_seed(0)
    dense, convolution = EqualizedDense(300), EqualizedConvolution(40)
    x, image = rng.normal(size=(50, 200)).astype("float32"), rng.normal(size=(2, 9, 9, 30)).astype("float32")
    found, drawn = np.asarray(dense(x)), np.asarray(convolution(image))
    for layer in (dense, convolution):
        assert np.std(layer.kernel) == pytest.approx(1, abs=0.03)
    np.testing.assert_allclose(found, x @ np.asarray(dense.kernel) / np.sqrt(200), rtol=1e-4, atol=1e-4)
    patch = np.tensordot(image[:, 2:5, 3:6], np.asarray(convolution.kernel), axes=3) / np.sqrt(9 * 30)
    np.testing.assert_allclose(drawn[:, 3, 4], patch, rtol=1e-4, atol=1e-4)
    assert found.std() == pytest.approx(1, abs=0.05)
    assert drawn[:, 1:-1, 1:-1].std() == pytest.approx(1, abs=0.1)


def test_rate_slows_learning_and_nothing_else():
    """Rate r: the function changes r^2 times as fast by plain descent; Adam's equal steps make that r times."""
    keras.utils.set_random_seed(0)
    x = rng.normal(size=(8, 5)).astype("float32")
    usual, slow = EqualizedDense(3, bias=2.0), EqualizedDense(3, rate=0.01, bias=2.0)
    usual(x), slow(x)
    usual.kernel.assign(slow.kernel * 0.01)
    np.testing.assert_allclose(np.asarray(slow(x)), np.asarray(usual(x)), rtol=1e-4, atol=1e-5)
    assert float(ops.mean(slow.bias)) == pytest.approx(200)
    for layer, factor in ((usual, 1.0), (slow, 0.01)):
        _, _, (kernel, bias) = value_and_grad(lambda one=layer: (ops.sum(one(x)), ()), layer.trainable_variables)
        by_hand = np.repeat(x.sum(0)[:, None], 3, axis=1) * factor / np.sqrt(5)
        np.testing.assert_allclose(np.asarray(kernel), by_hand, rtol=1e-4)
        np.testing.assert_allclose(np.asarray(bias), 8 * factor, rtol=1e-5)


def test_activation_keeps_the_scale():
    x = rng.normal(size=100_000).astype("float32")
    found = np.asarray(activate(x))
    np.testing.assert_allclose(found, np.sqrt(2) * np.where(x > 0, x, 0.2 * x), rtol=1e-5)
    assert np.mean(found**2) == pytest.approx(1, abs=0.06)


def test_normalized_vectors_have_a_mean_square_of_one():
    x = rng.normal(size=(4, 7)).astype("float32") * [[0.01], [1], [5], [900]]
    np.testing.assert_allclose(np.mean(np.square(pixel_norm(x)), axis=1), 1, rtol=1e-3)


def test_deviation_of_groups():
    x = rng.normal(size=(8, 2, 3, 5)).astype("float32")
    found = np.asarray(MinibatchStdDev(4)(x))
    assert found.shape == (8, 2, 3, 6)
    np.testing.assert_array_equal(found[..., :5], x)
    for first in (0, 1):  # 8 images are two groups of 4: every second one
        expected = x[first::2].std(axis=0).mean()
        np.testing.assert_allclose(found[first::2, :, :, 5], expected, rtol=1e-4)


def test_deviation_of_an_odd_batch_and_of_likes():
    x = rng.normal(size=(3, 2, 2, 4)).astype("float32")
    np.testing.assert_allclose(np.asarray(MinibatchStdDev(4)(x))[..., 4], x.std(axis=0).mean(), rtol=1e-4)
    alike = np.repeat(x[:1], 4, axis=0)
    assert np.asarray(MinibatchStdDev(4)(alike))[..., 4].max() < 1e-3


def test_residual_block():
    """Without what its convolutions give, half the variance of the pooled and projected image is left."""
    block, x = DownBlock(6), rng.normal(size=(2, 4, 4, 3)).astype("float32")
    assert block(x).shape == (2, 2, 2, 6)
    assert block.count_params() == (9 * 3 * 3 + 3) + (9 * 3 * 6 + 6) + 3 * 6
    block.second.kernel.assign(0 * block.second.kernel)
    expected = np.asarray(downsample2x(x)) @ np.asarray(block.project.kernel)[0, 0] / np.sqrt(3) / np.sqrt(2)
    np.testing.assert_allclose(np.asarray(block(x)), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "layer",
    [EqualizedDense(4, 0.1, 2.0), EqualizedConvolution(4, 1, use_bias=False), DownBlock(4), MinibatchStdDev(2)],
)
def test_layers_come_back_from_their_configuration(layer):
    assert type(layer).from_config(layer.get_config()).get_config() == layer.get_config()
