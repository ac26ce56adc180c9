"""Simple shapes of ink, white on black."""

from __future__ import annotations

import numpy as np


def disc(side: int, nib: float, aspect: float = 1.0) -> np.ndarray:
    """An antialiased ring, as tall as the image less a margin, white on black."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    radius = np.hypot(y, x / aspect)
    return np.uint8(255 * np.clip(nib / 2 + 0.5 - np.abs(radius - (side * 0.4 - nib / 2)), 0, 1))


def bar(side: int = 32, nib: int = 3) -> np.ndarray:
    """An upright stroke."""
    image = np.zeros((side, side), np.uint8)
    image[3:-3, side // 2 : side // 2 + nib] = 255
    return image
