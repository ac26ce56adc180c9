"""Fréchet and kernel distance against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tfhand.metrics import frechet_distance, kernel_distance


def with_moments(mean: np.ndarray, covariance: np.ndarray, count: int = 40, seed: int = 0) -> np.ndarray:
    """Samples whose own mean and covariance are exactly these."""
    noise = np.random.default_rng(seed).normal(size=(count, len(mean)))
    noise -= noise.mean(axis=0)
    white = noise @ np.linalg.inv(np.linalg.cholesky(np.cov(noise, rowvar=False))).T
    return white @ np.linalg.cholesky(covariance).T + mean


def test_frechet_distance_of_gaussians_without_correlation():
    """|m - m'|^2 plus the squared differences of the standard deviations."""
    one = with_moments(np.array([1.0, 0.0, 2.0]), np.diag([4.0, 1.0, 9.0]))
    other = with_moments(np.array([0.0, 2.0, 2.0]), np.diag([1.0, 1.0, 0.25]), count=70, seed=1)
    assert frechet_distance(one, other) == pytest.approx((1 + 4 + 0) + (2 - 1) ** 2 + 0 + (3 - 0.5) ** 2)


def test_frechet_distance_of_covariances_that_do_not_commute():
    """Of 2 x 2 matrices the root's trace is known: tr (C C')^(1/2) = (tr(C C') + 2 (det C det C')^(1/2))^(1/2)."""
    one, other = np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([[3.0, 0.0], [0.0, 1.0]])
    root = np.sqrt(np.trace(one @ other) + 2 * np.sqrt(np.linalg.det(one) * np.linalg.det(other)))
    found = frechet_distance(with_moments(np.zeros(2), one), with_moments(np.zeros(2), other, seed=1))
    assert found == pytest.approx(4 + 4 - 2 * root)


def test_frechet_distance_of_equal_and_of_moved_sets():
    features = np.random.default_rng(0).normal(size=(30, 6)) @ np.random.default_rng(1).normal(size=(6, 6))
    assert frechet_distance(features, features[::-1]) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(features, features + 0.5) == pytest.approx(6 * 0.25)


def test_frechet_distance_with_fewer_samples_than_features():
    features = np.random.default_rng(0).normal(size=(2, 8, 64))
    assert frechet_distance(features[0], features[0]) == pytest.approx(0, abs=1e-5)
    assert frechet_distance(*features) == pytest.approx(frechet_distance(*features[::-1]), rel=1e-6)
    assert frechet_distance(*features) > 10


def test_frechet_distance_of_a_single_feature():
    assert frechet_distance(np.array([[0.0], [2.0]]), np.array([[5.0], [5.0]])) == pytest.approx(16 + 2)


def by_pairs(real: np.ndarray, fake: np.ndarray) -> float:
    def kernel(x, y):
        return (sum(a * b for a, b in zip(x, y, strict=True)) / len(x) + 1) ** 3

    def within(features):
        pairs = [(i, j) for i in range(len(features)) for j in range(len(features)) if i != j]
        return sum(kernel(features[i], features[j]) for i, j in pairs) / len(pairs)

    across = sum(kernel(x, y) for x in real for y in fake) / (len(real) * len(fake))
    return within(real) + within(fake) - 2 * across


def test_kernel_distance_of_four_numbers():
    """Within {0, 2}: 1; within {1, 1}: 8; across: two of 1 and two of 27, on average 14."""
    assert kernel_distance(np.array([[0.0], [2.0]]), np.array([[1.0], [1.0]])) == pytest.approx(1 + 8 - 2 * 14)


@pytest.mark.parametrize("sizes", [(2, 2), (3, 5), (6, 4)])
def test_kernel_distance_is_the_mean_over_pairs(sizes):
    rng = np.random.default_rng(sizes)
    real, fake = rng.normal(size=(sizes[0], 3)), rng.normal(1, 2, size=(sizes[1], 3))
    assert kernel_distance(real, fake) == pytest.approx(by_pairs(real, fake))
    assert kernel_distance(fake, real) == pytest.approx(kernel_distance(real, fake))


def test_kernel_distance_is_zero_on_average_for_one_kind_and_grows_with_the_difference():
    rng = np.random.default_rng(0)
    alike = np.array([kernel_distance(*rng.normal(size=(2, 12, 4))) for _ in range(600)])
    assert abs(alike.mean()) < 3 * alike.std() / np.sqrt(len(alike))
    assert (alike < 0).any()  # no estimate without bias is zero on average and never below
    real, fake = rng.normal(size=(2, 200, 4))
    apart = [kernel_distance(real, fake + shift) for shift in (0.0, 0.5, 1.0)]
    assert abs(apart[0]) < 0.2 < apart[1] < apart[2] / 2


@pytest.mark.parametrize("distance", [frechet_distance, kernel_distance])
@pytest.mark.parametrize(
    ("real", "fake", "says"),
    [
        (np.zeros((3, 2)), np.zeros((3, 4)), "one D"),
        (np.zeros((1, 2)), np.zeros((3, 2)), "two samples or more"),
        (np.zeros(3), np.zeros(3), r"\(n, D\)"),
        (np.full((3, 2), np.nan), np.zeros((3, 2)), "finite"),
    ],
)
def test_sets_that_cannot_be_compared(distance, real, fake, says):
    with pytest.raises(ValueError, match=says):
        distance(real, fake)
