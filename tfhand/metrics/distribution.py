"""Distances between two sets of features: Fréchet and kernel distance (FID and KID with Inception's features)."""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh


def frechet_distance(real: np.ndarray, fake: np.ndarray) -> float:
    """The Fréchet distance of two Gaussians fitted to the features: |m - m'|^2 + tr(C + C' - 2 (C C')^(1/2)).

    Heusel et al., 2017 (arXiv 1706.08500), equation 6. The trace is computed from C^(1/2) C' C^(1/2), which has the
    same eigenvalues and is symmetric: they are real and, up to rounding, not negative, even with fewer samples than
    features. Fewer samples give a larger distance, so compare only sets of the same size.

    Args:
        real: float array of shape (n, D), n of two or more.
        fake: float array of shape (m, D).

    Returns:
        The distance in squared units of the features, 0 for equal sets.

    Raises:
        ValueError: other shapes, or numbers that are not finite.
    """
    real, fake = _checked(real, fake)
    covariances = np.atleast_2d(np.cov(real, rowvar=False)), np.atleast_2d(np.cov(fake, rowvar=False))
    values, vectors = eigh(covariances[0])
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    shared = np.sqrt(np.maximum(eigh(root @ covariances[1] @ root, eigvals_only=True), 0)).sum()
    apart = np.square(real.mean(axis=0) - fake.mean(axis=0)).sum()
    return float(max(apart + np.trace(covariances[0]) + np.trace(covariances[1]) - 2 * shared, 0.0))


def kernel_distance(real: np.ndarray, fake: np.ndarray) -> float:
    """The unbiased squared maximum mean discrepancy under the kernel (x.y / D + 1)^3.

    Binkowski et al., 2018 (arXiv 1801.01401), section 4. Two sets from one distribution give 0 on average, at any
    size; a single value may be a little negative.

    Args:
        real: float array of shape (n, D), n of two or more.
        fake: float array of shape (m, D).

    Raises:
        ValueError: other shapes, or numbers that are not finite.
    """
    real, fake = _checked(real, fake)
    across = _kernel(real, fake).mean()
    return float(_mean_of_pairs(real) + _mean_of_pairs(fake) - 2 * across)


def _kernel(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (one @ other.T / one.shape[1] + 1) ** 3


def _mean_of_pairs(features: np.ndarray) -> float:
    """The kernel's mean over pairs of different samples; pairs of a sample with itself would bias it."""
    kernel, count = _kernel(features, features), len(features)
    return (kernel.sum() - np.trace(kernel)) / (count * (count - 1))


def _checked(real: np.ndarray, fake: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    real, fake = np.asarray(real, np.float64), np.asarray(fake, np.float64)
    if real.ndim != 2 or fake.ndim != 2 or real.shape[1] != fake.shape[1] or min(len(real), len(fake)) < 2:
        raise ValueError(
            f"Two sets of features (n, D) with one D and two samples or more, not {real.shape} and {fake.shape}."
        )
    if not (np.isfinite(real).all() and np.isfinite(fake).all()):
        raise ValueError("Features must be finite.")
    return real, fake
