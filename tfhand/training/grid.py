"""Many small pictures as one."""

from __future__ import annotations

import numpy as np
from keras import ops

from tfhand.training.lazy import Tensor


def tile(images: Tensor, gap: int = 2) -> np.ndarray:
    """Rows of pictures as one picture.

    Args:
        images: floats in [-1, 1] of shape (rows, columns, H, W, 1).
        gap: pixels of grey between them.

    Returns:
        uint8 array of shape (rows * (H + gap) - gap, columns * (W + gap) - gap).
    """
    images = np.asarray(ops.convert_to_numpy(images))[..., 0]
    pixels = np.clip(np.rint((images + 1) * 127.5), 0, 255).astype(np.uint8)
    padded = np.pad(pixels, ((0, 0), (0, 0), (0, gap), (0, gap)), constant_values=96)
    rows, columns, height, width = padded.shape
    picture = padded.transpose(0, 2, 1, 3).reshape(rows * height, columns * width)
    return picture[: rows * height - gap, : columns * width - gap]
