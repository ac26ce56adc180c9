"""The difference of images at several sharpnesses: against NumPy, its gradient, and what it forgives."""

from __future__ import annotations

import numpy as np
import pytest

from tfhand.training import losses
from tfhand.training.backend import input_gradient


def pooled(image: np.ndarray, window: int) -> np.ndarray:
    """Means of the window around every second pixel, of what lies inside the picture only."""
    size = len(image)
    before = max((-(-size // 2) - 1) * 2 + window - size, 0) // 2
    starts = range(-before, size - before, 2)
    return np.array([
        [image[max(y, 0) : y + window, max(x, 0) : x + window].mean() for x in starts] for y in starts
    ])  # fmt: skip


@pytest.mark.parametrize("size", [8, 32])
def test_blurred_difference(size):
    first, second = np.random.default_rng(0).uniform(-1, 1, (2, 3, size, size, 1)).astype("float32")
    expected = 0.25 * np.abs(first - second).mean()
    for window in (5, 9)[: 1 if size < 9 else 2]:
        one, other = (np.stack([pooled(image[..., 0], window) for image in images]) for images in (first, second))
        expected += np.abs(one - other).mean()
    assert float(losses.multiscale_l1(first, second)) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("size", [8, 9, 32])
def test_the_gradient_of_a_blurred_difference(size):
    """That of a pool larger than the image is wrong in TensorFlow on some CPUs."""
    first, second, way = np.random.default_rng(1).uniform(-1, 1, (3, 2, size, size, 1)).astype("float32")
    _, gradient = input_gradient(lambda image: losses.multiscale_l1(image, second), first)
    ahead, behind = (float(losses.multiscale_l1(first + step * way, second)) for step in (1e-3, -1e-3))
    assert float(np.sum(gradient * way)) == pytest.approx((ahead - behind) / 2e-3, abs=2e-3)


def test_blurred_difference_forgives_a_shift():
    """A line a pixel off costs less than none at all, where the plain distance says it is twice as bad."""
    line, shifted, nothing = np.full((3, 1, 32, 32, 1), -1.0, np.float32)
    line[:, 4:28, 15], shifted[:, 4:28, 16] = 1, 1
    assert np.abs(line - shifted).mean() == 2 * np.abs(line - nothing).mean()
    assert float(losses.multiscale_l1(line, shifted)) < float(losses.multiscale_l1(line, nothing))
