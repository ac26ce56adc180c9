"""Doubling and halving, alone and together with a convolution, against the two of them one after the other."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops

from tfhand.nn.resampling import doubled_convolution, downsample2x, halved_convolution, upsample2x
from tfhand.training.backend import input_gradient, value_and_grad

rng = np.random.default_rng(0)
X = rng.normal(size=(3, 4, 6, 5)).astype("float32")
KERNEL = rng.normal(size=(3, 3, 5, 2)).astype("float32")


def one_after_the_other(x, kernel, doubled: bool):
    if doubled:
        return ops.conv(ops.repeat(ops.repeat(x, 2, axis=1), 2, axis=2), kernel, padding="same")
    return ops.average_pool(ops.conv(x, kernel, padding="same"), 2, strides=2)


@pytest.mark.parametrize("doubled", [True, False])
@pytest.mark.parametrize("side", [4, 5])
def test_both_in_one(doubled: bool, side: int):
    x = rng.normal(size=(3, side, 6, 5)).astype("float32")
    found = (doubled_convolution if doubled else halved_convolution)(x, KERNEL)
    np.testing.assert_allclose(found, one_after_the_other(x, KERNEL, doubled), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("doubled", [True, False])
def test_second_derivatives_of_both_in_one(doubled: bool):
    """What R1 needs: how the squared gradient by the image changes with the kernel."""
    kernel = keras.Variable(KERNEL)

    def slope_by(convolve):
        def squared_gradient():
            _, gradient = input_gradient(lambda x: ops.sum(ops.tanh(convolve(x, kernel)), axis=(1, 2, 3)), X)
            return ops.sum(gradient**2), ()

        return value_and_grad(squared_gradient, [kernel])[2][0]

    found = slope_by(doubled_convolution if doubled else halved_convolution)
    expected = slope_by(lambda x, kernel: one_after_the_other(x, kernel, doubled))
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)


def test_halving_is_the_mean_of_four():
    expected = X.reshape(3, 2, 2, 3, 2, 5).mean(axis=(2, 4))
    np.testing.assert_allclose(np.asarray(downsample2x(X)), expected, rtol=1e-5, atol=1e-6)


def test_doubling_is_bilinear():
    x = np.arange(4, dtype="float32").reshape(1, 1, 4, 1).repeat(2, axis=1)
    found = np.asarray(upsample2x(x))[0, :, :, 0]
    assert found.shape == (4, 8)
    np.testing.assert_allclose(found[1], [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3], atol=1e-6)


def test_the_second_derivative_of_doubling():
    """Path lengths need it. The gradient of sum (s double(x))^3 by x grows as s^3, its square as s^6."""
    factor = keras.Variable(1.0)

    def squared_gradient():
        _, gradient = input_gradient(lambda x: ops.sum(upsample2x(factor * x) ** 3, axis=(1, 2, 3)), X)
        return ops.sum(gradient**2), ()

    value, _, (slope,) = value_and_grad(squared_gradient, [factor])
    assert float(slope) == pytest.approx(6 * float(value), rel=1e-4)
