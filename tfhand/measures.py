"""Figures read off glyphs: traits of a hand (after Morpho-MNIST, Castro et al. 2019, arXiv 1809.10780, and beyond)."""

from __future__ import annotations

import numpy as np


def _ink(glyphs: np.ndarray) -> np.ndarray:
    """uint8 glyphs (n, S, S) as ink in 0..1."""
    return np.asarray(glyphs, np.float64) / 255.0


def thickness(glyphs: np.ndarray) -> np.ndarray:
    """Mean width of the line in pixels: twice the ink's area over the length of its outline.

    A line of length L and width t has area L t and an outline of about 2 L; the outline of antialiased ink is its
    total variation.

    Args:
        glyphs: uint8 array of shape (n, S, S).

    Returns:
        float64 array of shape (n,).
    """
    ink = np.pad(_ink(glyphs), ((0, 0), (1, 1), (1, 1)))
    down, right = ink[:, 1:, :-1] - ink[:, :-1, :-1], ink[:, :-1, 1:] - ink[:, :-1, :-1]
    outline = np.hypot(down, right).sum(axis=(1, 2))
    return 2 * ink.sum(axis=(1, 2)) / np.maximum(outline, 1e-6)


def _spread(glyphs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The ink's variance in x, its variance in y and their covariance, (n,) each, in square pixels; y runs downward."""
    ink = _ink(glyphs)
    ink /= np.maximum(ink.sum(axis=(1, 2), keepdims=True), 1e-6)
    rows, columns = np.mgrid[: ink.shape[1], : ink.shape[2]]
    x = columns - (ink * columns).sum(axis=(1, 2))[:, None, None]
    y = rows - (ink * rows).sum(axis=(1, 2))[:, None, None]
    return (ink * x * x).sum(axis=(1, 2)), (ink * y * y).sum(axis=(1, 2)), (ink * x * y).sum(axis=(1, 2))


def slant(glyphs: np.ndarray) -> np.ndarray:
    """Shear of the ink from its second moments: pixels to the right for each pixel up; positive leans right.

    Args:
        glyphs: uint8 array of shape (n, S, S).

    Returns:
        float64 array of shape (n,).
    """
    _, in_y, both = _spread(glyphs)
    return -both / np.maximum(in_y, 1e-6)


def width_to_height(glyphs: np.ndarray) -> np.ndarray:
    """Natural logarithm of the ink's width over its height, both as standard deviations of the ink.

    Args:
        glyphs: uint8 array of shape (n, S, S).

    Returns:
        float64 array of shape (n,).
    """
    in_x, in_y, _ = _spread(glyphs)
    return np.log(np.maximum(in_x, 1e-6) / np.maximum(in_y, 1e-6)) / 2


TRAITS = {"slant": slant, "width:height": width_to_height, "thickness": thickness}
