"""A pen that draws trajectories as pictures, differentiable in the points and in the nib."""

from __future__ import annotations

import numpy as np
from keras import ops

from tfhand.data.rasterize import MIN_NIB
from tfhand.data.trajectories import POINTS, pen_down_table
from tfhand.hands.glyph import BOX_SHARE


def pen_down(counts, points: int = POINTS):
    """Whether the pen draws from each point to the next, (B, points - 1), for numbers of strokes (B,)."""
    return ops.take(ops.convert_to_tensor(pen_down_table(points)), counts, axis=0)


def draw_trajectories(points, counts, nibs, size: int):
    """Trajectories as glyphs: longest side of the ink box 26/32 of the side, centred.

    A pixel is inked by its distance from the nearest segment, with an edge of one pixel.

    Args:
        points: (B, POINTS, 2), x right and y down, any unit.
        counts: int (B,), strokes of each.
        nibs: (B,), width of the line in pixels of a glyph of side 32.
        size: side of the glyphs in pixels.

    Returns:
        (B, size, size, 1) in [-1, 1], ink 1.
    """
    width = ops.maximum(nibs, MIN_NIB)[:, None, None] * size / 32  # (B, 1, 1)
    low, high = ops.min(points, axis=1, keepdims=True), ops.max(points, axis=1, keepdims=True)
    longest = ops.max(high - low, axis=2, keepdims=True)
    scale = ops.maximum(size * BOX_SHARE - width, 1.0) / ops.maximum(longest, 1e-6)
    placed = ops.expand_dims((points - (low + high) / 2) * scale + (size - 1) / 2, axis=1)  # (B, 1, POINTS, 2)
    start, _ = ops.split(placed, [points.shape[1] - 1], axis=2)  # no slices: LiteRT lacks their gradient
    _, end = ops.split(placed, [1], axis=2)
    along = end - start  # (B, 1, POINTS - 1, 2)
    rows, columns = np.mgrid[:size, :size]
    pixels = np.stack([columns, rows], axis=-1).reshape(1, -1, 1, 2).astype(np.float32)  # (1, size², 1, 2)
    offset = pixels - start
    share = ops.sum(offset * along, axis=-1) / ops.maximum(ops.sum(ops.square(along), axis=-1), 1e-6)
    nearest = offset - ops.expand_dims(ops.clip(share, 0.0, 1.0), axis=-1) * along
    squared = ops.sum(ops.square(nearest), axis=-1)  # (B, size², POINTS - 1)
    lifted = 1.0 - pen_down(counts, points.shape[1])[:, None]
    distance = ops.sqrt(ops.min(squared + 1e4 * lifted, axis=-1) + 1e-8)  # (B, size²)
    ink = ops.clip(width[..., 0] / 2 - distance + 0.5, 0.0, 1.0)
    return ops.reshape(2 * ink - 1, (-1, size, size, 1))
