"""Modulated convolutions, against a kernel worked out for every sample."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops

from tfhand.nn.modulated import ModulatedConvolution, StyledConv, ToImage

rng = np.random.default_rng(0)
X, STYLE = rng.normal(size=(3, 4, 4, 5)).astype("float32"), rng.normal(size=(3, 7)).astype("float32")


def convolve(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """One image (H, W, C) with a kernel (k, k, C, F), zeros around it."""
    side = len(kernel)
    padded = np.pad(image, ((side // 2, side // 2), (side // 2, side // 2), (0, 0)))
    height, width = image.shape[:2]
    return np.array(
        [
            [np.tensordot(padded[row : row + side, column : column + side], kernel, axes=3) for column in range(width)]
            for row in range(height)
        ]
    )


def by_hand(layer: ModulatedConvolution, x: np.ndarray, style: np.ndarray) -> np.ndarray:
    """Equations 1 to 3, a kernel for each sample."""
    kernel = np.asarray(layer.kernel) * layer.gain  # (k, k, i, j)
    results = []
    for image, scale in zip(x, np.asarray(layer.affine(style)), strict=True):
        own = kernel * scale[None, None, :, None]
        if layer.demodulate:
            own = own / np.sqrt(np.square(own).sum(axis=(0, 1, 2)) + 1e-8)
        doubled = image.repeat(2, axis=0).repeat(2, axis=1) if layer.upsample else image
        results.append(convolve(doubled, own))
    return np.stack(results)


@pytest.mark.parametrize(("size", "upsample"), [(3, False), (1, False), (3, True)])
@pytest.mark.parametrize("demodulate", [True, False])
def test_each_sample_has_its_own_kernel(size: int, upsample: bool, demodulate: bool):
    layer = ModulatedConvolution(6, size, upsample, demodulate)
    found = np.asarray(layer(X, STYLE))
    assert found.shape == ((3, 8, 8, 6) if upsample else (3, 4, 4, 6))
    np.testing.assert_allclose(found, by_hand(layer, X, STYLE), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("demodulate", "times"), [(True, 1), (False, 3)])
def test_demodulation_undoes_the_scale_of_a_style(demodulate: bool, times: int):
    """A style that scales all channels alike changes nothing; one without demodulation does."""
    layer = ModulatedConvolution(6, demodulate=demodulate)
    layer(X, STYLE)
    layer.affine.kernel.assign(0 * layer.affine.kernel)
    usual = np.asarray(layer(X, STYLE))
    layer.affine.bias.assign(3 * layer.affine.bias)
    np.testing.assert_allclose(np.asarray(layer(X, STYLE)), times * usual, rtol=1e-4, atol=1e-5)


def test_noise_is_added_by_its_strength():
    layer, noise = StyledConv(6, upsample=True), rng.normal(size=(3, 8, 8, 1)).astype("float32")
    np.testing.assert_allclose(np.asarray(layer(X, STYLE, noise)), np.asarray(layer(X, STYLE, 0 * noise)))
    layer.strength.assign(0.5)
    layer.bias.assign(np.arange(6))
    z = by_hand(layer.convolution, X, STYLE) + 0.5 * noise + np.arange(6)
    expected = np.sqrt(2) * np.where(z > 0, z, 0.2 * z)
    np.testing.assert_allclose(np.asarray(layer(X, STYLE, noise)), expected, rtol=1e-4, atol=1e-5)


def test_ink_is_one_channel_that_a_style_can_make_stronger():
    ink = ToImage()
    usual = np.asarray(ink(X, 0 * STYLE))
    assert usual.shape == (3, 4, 4, 1)
    ink.convolution.affine.bias.assign(2 * ink.convolution.affine.bias)
    ink.bias.assign([0.25])
    np.testing.assert_allclose(np.asarray(ink(X, 0 * STYLE)), 2 * usual + 0.25, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "layer", [ModulatedConvolution(4, 1, demodulate=False), StyledConv(3, upsample=True), ToImage()]
)
def test_layers_come_back_from_their_configuration(layer):
    assert type(layer).from_config(layer.get_config()).get_config() == layer.get_config()


def test_a_first_layer_keeps_the_scale():
    keras.utils.set_random_seed(0)
    layer, x = ModulatedConvolution(40), ops.convert_to_tensor(rng.normal(size=(4, 8, 8, 30)).astype("float32"))
    found = np.asarray(layer(x, rng.normal(size=(4, 7)).astype("float32")))[:, 1:-1, 1:-1]
    assert found.std() == pytest.approx(1, abs=0.1)
