"""StyleGAN2's loss terms, and its encoder's, against values worked out with NumPy."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops

from tfhand.models.stylegan import losses
from tfhand.training.backend import input_gradient, value_and_grad

rng = np.random.default_rng(0)


def test_path_length_of_a_linear_generator():
    """An image that is A times the flat styles: its gradient is A^T y, whatever the styles."""
    layers, size, pixels = 3, 4, 10
    jacobian = rng.normal(size=(pixels, layers * size)).astype("float32")
    y, styles = (rng.normal(size=shape).astype("float32") for shape in ((5, pixels), (5, layers, size)))

    def projected(styles):
        return ops.sum(ops.matmul(ops.reshape(styles, (5, -1)), jacobian.T) * y, axis=1)

    _, gradient = input_gradient(projected, styles)
    lengths = np.asarray(losses.path_lengths(gradient))
    expected = np.linalg.norm(y @ jacobian, axis=1) / np.sqrt(layers)
    np.testing.assert_allclose(lengths, expected, rtol=1e-4)
    penalty = float(losses.path_length_penalty(lengths, 2.5))
    assert penalty == pytest.approx(np.square(expected - 2.5).mean(), rel=1e-4)


def test_path_length_of_a_constant_generator_has_a_gradient():
    weight = keras.Variable(np.zeros((4, 10), "float32"))
    y, styles = np.ones((2, 10), "float32"), np.ones((2, 3, 4), "float32")

    def loss():
        _, gradient = input_gradient(lambda w: ops.sum(ops.sum(w @ weight, axis=1) * y, axis=1), styles)
        return losses.path_length_penalty(losses.path_lengths(gradient), 1.0), ()

    value, _, (gradient,) = value_and_grad(loss, [weight])
    assert float(value) == pytest.approx(1, rel=1e-4)
    assert np.isfinite(gradient).all()


def test_style_error_is_in_units_of_the_spread():
    styles, means = rng.normal(size=(2, 6, 4)).astype("float32")
    assert float(losses.style_error(means, styles, means)) == pytest.approx(1, rel=1e-4)
    assert float(losses.style_error(styles, styles, means)) == 0
    expected = np.square(0.5 * styles).mean() / np.square(styles - means).mean()
    assert float(losses.style_error(0.5 * styles, styles, means)) == pytest.approx(expected, rel=1e-4)


def test_energy_distance():
    first, second = rng.normal(size=(4, 3)).astype("float32"), rng.normal(1, 2, size=(5, 3)).astype("float32")

    def mean_length(one, other, pairs):
        return np.linalg.norm(one[:, None] - other[None], axis=-1).sum() / pairs

    expected = 2 * mean_length(first, second, 20) - mean_length(first, first, 12) - mean_length(second, second, 20)
    assert float(losses.energy_distance(first, second)) == pytest.approx(expected, rel=1e-3)


def test_energy_distance_tells_how_sets_were_drawn():
    """On average nothing between two sets drawn alike, however few; something where mean or spread differ."""

    def mean_of(move, scale):
        return np.mean(
            [
                float(losses.energy_distance(*rng.normal(size=(2, 6, 3)) * [[[1.0]], [[scale]]] + [[[0.0]], [[move]]]))
                for _ in range(200)
            ]
        )

    assert abs(mean_of(0.0, 1.0)) < 0.1
    assert min(mean_of(1.0, 1.0), mean_of(0.0, 3.0)) > 0.4


def test_energy_distance_has_a_gradient_where_vectors_coincide():
    same = np.ones((3, 2), "float32")
    _, gradient = input_gradient(lambda x: losses.energy_distance(x, same)[None], same)
    assert np.isfinite(gradient).all()
