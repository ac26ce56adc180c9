"""Boxes around points, and linear maps of points, in the graph."""

from __future__ import annotations

from typing import Any

from keras import ops


def mapped(matrices: Any, points: Any) -> Any:
    """Points (B, n, 2) under matrices (B, 2, 2)."""
    return ops.matmul(points, ops.transpose(matrices, (0, 2, 1)))


def box_of(points: Any) -> tuple[Any, Any]:
    """The middle of the box of points (B, n, 2), (B, 1, 2), and its longest side, (B,)."""
    low, high = ops.min(points, axis=1, keepdims=True), ops.max(points, axis=1, keepdims=True)
    return (low + high) / 2, ops.max(high - low, axis=(1, 2))


def inverse_of(matrices: Any) -> Any:
    """The inverses of matrices (B, 2, 2)."""
    a, b, c, d = ops.unstack(ops.reshape(matrices, (-1, 4)), 4, axis=1)
    rows = ops.reshape(ops.stack([d, -b, -c, a], axis=1), (-1, 2, 2))
    return rows / (a * d - b * c)[:, None, None]
