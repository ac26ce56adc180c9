"""Strokes as a fixed number of line segments, and these as antialiased glyphs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from keras import ops

from tfhand.data.drawing.box import box_of
from tfhand.data.rasterize import MIN_NIB
from tfhand.hands.glyph import BOX_SHARE

_TOLERANCE = 0.004  # of the letter's longest side that a simplified stroke may be off: a tenth of a pixel at 32
_COARSER = 1.4  # times the tolerance, again and again, until the segments are few enough
_OVERDRAWN = 0.33  # pixels by which lines of `rasterize`, drawn at four times the size, are wider than asked


def draw_segments(segments: Any, nibs: Any, size: int) -> Any:
    """Segments as glyphs, as `rasterize.draw_strokes` draws strokes.

    A pixel is inked by its distance from the nearest segment, with an edge of one pixel. XLA makes one loop of it.

    Args:
        segments: (B, n, 2, 2), start and end of each, x right and y down, any unit.
        nibs: (B,), line widths in pixels of a glyph of side 32.
        size: side of the glyphs in pixels.

    Returns:
        (B, size, size) in [0, 1], ink 1.
    """
    width = ops.maximum(nibs, MIN_NIB) * (size / 32)
    middle, longest = box_of(ops.reshape(segments, (-1, 2 * segments.shape[1], 2)))
    scale = ops.maximum(size * BOX_SHARE - width, 1.0) / ops.maximum(longest, 1e-6)
    placed = (segments - middle[:, None]) * scale[:, None, None, None] + (size - 1) / 2
    distance = ops.sqrt(_nearest_squared(placed[:, :, 0], placed[:, :, 1] - placed[:, :, 0], size))
    return ops.clip((width + _OVERDRAWN)[:, None, None] / 2 - distance + 0.5, 0.0, 1.0)


def _nearest_squared(starts: Any, along: Any, size: int) -> Any:
    """The squared distance of every pixel from the nearest segment, (B, size, size), from (B, n, 2) in pixels."""
    axis = np.arange(size, dtype=np.float32)
    columns, rows = axis[None, None, :], axis[None, :, None]
    inverse = 1.0 / ops.maximum(ops.sum(ops.square(along), axis=2, keepdims=True), 1e-9)
    packed = ops.transpose(ops.concatenate([starts, along, inverse], axis=2), (1, 2, 0))  # (n, 5, B)

    def nearer(number: Any, nearest: Any) -> Any:
        x, y, along_x, along_y, inverse = (packed[number][place][:, None, None] for place in range(5))
        right, down = columns - x, rows - y
        share = ops.clip((right * along_x + down * along_y) * inverse, 0.0, 1.0)
        return ops.minimum(nearest, ops.square(right - share * along_x) + ops.square(down - share * along_y))

    far = ops.full((starts.shape[0], size, size), float((2 * size) ** 2), dtype="float32")
    return ops.fori_loop(0, starts.shape[1], nearer, far)


def segments_of(strokes: Sequence[np.ndarray], count: int) -> np.ndarray:
    """Strokes as segments that lie nearly where they lie, the last one repeated where there are fewer.

    Args:
        strokes: arrays of shape (points, 2), any unit.
        count: of segments.

    Returns:
        float32 array of shape (count, 2, 2), start and end of each, the box's centre at the origin and its longest side
        1. Strokes beyond `count` are left out.
    """
    points = np.concatenate(strokes).astype(np.float32)
    low, high = points.min(axis=0), points.max(axis=0)
    points = (points - (low + high) / 2) / max(float((high - low).max()), 1e-6)
    parts = np.split(points, np.cumsum([len(stroke) for stroke in strokes])[:-1])
    tolerance = _TOLERANCE
    simple = [_simplified(part, tolerance) for part in parts]
    while sum(len(part) - 1 for part in simple) > count and any(len(part) > 2 for part in simple):
        tolerance *= _COARSER
        simple = [_simplified(part, tolerance) for part in parts]
    found = np.concatenate([np.stack([part[:-1], part[1:]], axis=1) for part in simple])[:count]
    return np.concatenate([found, np.repeat(found[-1:], count - len(found), axis=0)])


def _simplified(stroke: np.ndarray, tolerance: float) -> np.ndarray:
    """A stroke (n, 2) as fewer points, two at least: by Douglas and Peucker, from its start to where it is farthest
    and on from there, since a closed curve has no chord."""
    if len(stroke) < 3:
        return np.repeat(stroke, 2, axis=0) if len(stroke) == 1 else stroke
    far = max(int(np.square(stroke - stroke[0]).sum(axis=1).argmax()), 1)
    halves = [cv2.approxPolyDP(half[:, None], tolerance, False)[:, 0] for half in (stroke[: far + 1], stroke[far:])]
    return np.concatenate([halves[0], halves[1][1:]])
