"""The differentiable pen against the one that draws archives, and its gradients."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from tfhand.data.rasterize import draw_strokes
from tfhand.data.trajectories import Trajectories, split_strokes
from tfhand.nn.pen import draw_trajectories, pen_down


@pytest.mark.parametrize("nib", [0.4, 1.6, 3.6])
@pytest.mark.parametrize("size", [16, 32])
def test_it_draws_what_the_archive_draws(people, nib, size):
    own = Trajectories.of(people)
    drawn = np.asarray(draw_trajectories(own.points, own.counts, np.full(len(people), nib, np.float32), size))
    for image, points, count in zip(drawn, own.points, own.counts, strict=True):
        expected = draw_strokes(split_strokes(points, int(count)), size, nib) / 127.5 - 1
        assert np.abs(image[..., 0] - expected).mean() < 3 / size


def test_the_pen_is_up_between_strokes_alone():
    down = np.asarray(pen_down(np.array([1, 2, 3]), 12))
    assert down.tolist() == [[1] * 11, [1] * 5 + [0] + [1] * 5, [1] * 3 + [0] + [1] * 3 + [0] + [1] * 3]


def test_a_dot_is_round_and_finite():
    image = _drawn(np.zeros((1, 48, 2), np.float32), 6, 32)[0, ..., 0]
    assert np.isfinite(image).all()
    assert (image > 0).sum() == pytest.approx(np.pi * 3**2, rel=0.2)
    np.testing.assert_allclose(image, image[::-1, ::-1], atol=1e-5)


def test_points_learn_from_pixels():
    goal = _drawn(_bar(0.5), 3, 16)
    points = tf.Variable(_bar(0.2))
    first = None
    for _ in range(60):
        with tf.GradientTape() as tape:
            loss = ops.mean(ops.square(draw_trajectories(points, [1], np.array([3], np.float32), 16) - goal))
        gradient = tape.gradient(loss, points)
        assert np.isfinite(gradient).all()
        points.assign_sub(0.5 * gradient)
        first = float(loss) if first is None else first
    assert float(loss) < 0.2 * first


def _drawn(points: np.ndarray, nib: float, size: int) -> np.ndarray:
    return np.asarray(draw_trajectories(points, np.array([1]), np.array([nib], np.float32), size))


def _bar(slope: float) -> np.ndarray:
    along = np.linspace(-0.5, 0.5, 48, dtype=np.float32)
    return np.stack([along, slope * along], axis=1)[None]
