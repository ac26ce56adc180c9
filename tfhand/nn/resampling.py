"""Images of twice and of half the size, alone and together with a convolution."""

from __future__ import annotations

import numpy as np
from keras import ops


def downsample2x(x):
    """The mean of each 2 x 2 pixels; (B, H, W, C) to (B, H / 2, W / 2, C)."""
    return ops.average_pool(x, 2, strides=2)


def upsample2x(x):
    """Bilinear doubling; (B, H, W, C) to (B, 2H, 2W, C).

    Written out because the second derivative of `ops.image.resize`, which path lengths need, is wrong in TensorFlow.
    """
    for axis in (1, 2):
        shape, places = list(x.shape), np.arange(x.shape[axis])
        before, after = (
            ops.take(x, np.clip(places + step, 0, len(places) - 1).astype(np.int32), axis=axis) for step in (-1, 1)
        )
        shape[0], shape[axis] = -1, 2 * shape[axis]
        x = ops.reshape(ops.stack([0.75 * x + 0.25 * before, 0.75 * x + 0.25 * after], axis=axis + 1), shape)
    return x


def doubled_convolution(x, kernel):
    """Nearest-neighbour doubling, then a convolution, as one transposed convolution with 16 of its 36 products.

    A pixel meets the kernel twice in each direction, one place apart: together a kernel of 4 x 4 at every second place.

    Args:
        x: images (B, H, W, C).
        kernel: (3, 3, C, filters).

    Returns:
        Images (B, 2H, 2W, filters).
    """
    flipped = ops.transpose(ops.flip(kernel, axis=(0, 1)), (0, 1, 3, 2))
    return ops.conv_transpose(x, _met_twice(flipped), strides=2, padding="same")


def halved_convolution(x, kernel):
    """A convolution, then the mean of each 2 x 2 pixels, as one convolution with 16 of its 36 products.

    The four places of a mean meet the kernel one place apart: together a kernel of 4 x 4 at every second place.

    Args:
        x: images (B, H, W, C), H and W even.
        kernel: (3, 3, C, filters).

    Returns:
        Images (B, H / 2, W / 2, filters).
    """
    return ops.conv(ops.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0))), _met_twice(kernel) / 4, strides=2, padding="valid")


def _met_twice(kernel):
    """A kernel (3, 3, ., .) and itself one place further in each direction, (4, 4, ., .)."""
    wide = sum(ops.pad(kernel, (rows, (0, 0), (0, 0), (0, 0))) for rows in ((0, 1), (1, 0)))
    return sum(ops.pad(wide, ((0, 0), columns, (0, 0), (0, 0))) for columns in ((0, 1), (1, 0)))
