"""Images of characters moved and scaled in the graph."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from keras import ops

from tfhand.hands.glyph import INK_LEVEL


def warp_images(pixels: Any, inverses: Any, shifts: Any, shape: tuple[int, int], size: int) -> Any:
    """Images under linear maps, by bilinear interpolation; what lies outside of them is paper.

    Args:
        pixels: uint8 (B, height * width).
        inverses: (B, 2, 2), from the coordinates of the result (x right, y down, in pixels) to those of the image.
        shifts: (B, 2), where the image's origin lies in the result.
        shape: (height, width) of the images.
        size: side of the result in pixels.

    Returns:
        (B, size, size) in [0, 1].
    """
    height, width = shape
    axis = np.arange(size, dtype=np.float32)
    right, down = axis[None, None, :] - shifts[:, 0, None, None], axis[None, :, None] - shifts[:, 1, None, None]
    x = inverses[:, 0, 0, None, None] * right + inverses[:, 0, 1, None, None] * down
    y = inverses[:, 1, 0, None, None] * right + inverses[:, 1, 1, None, None] * down
    left, top = ops.floor(x), ops.floor(y)
    total = 0.0
    for column, across in ((left, 1.0 - (x - left)), (left + 1, x - left)):
        for row, share in ((top, 1.0 - (y - top)), (top + 1, y - top)):
            inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
            place = ops.cast(ops.clip(row, 0, height - 1) * width + ops.clip(column, 0, width - 1), "int32")
            value = ops.take_along_axis(pixels, ops.reshape(place, (-1, size * size)), axis=1)
            value = ops.reshape(ops.cast(value, "float32"), (-1, size, size))
            total = total + ops.where(inside, across * share * value, 0.0)
    return ops.clip(total / 255.0, 0.0, 1.0)


def hull_of(image: np.ndarray) -> np.ndarray:
    """The convex hull of an image's ink, float32 (n, 2), x right and y down in pixels."""
    rows, columns = np.nonzero(image > INK_LEVEL * image.max())
    return cv2.convexHull(np.stack([columns, rows], axis=1).astype(np.float32))[:, 0]
