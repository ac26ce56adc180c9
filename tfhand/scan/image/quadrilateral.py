"""Quadrilaterals on a picture: float32 [4, 2], corners as (right, down) in pixels, clockwise from the top left."""

from __future__ import annotations

import cv2
import numpy as np

LEAST_POINTS = 8  # of an outline from which a side is known
SQUARENESS = 0.5  # sine of the sharpest angle between two sides


def outermost(points: np.ndarray) -> np.ndarray:
    """The outermost of some points, [n, 2], in the four directions between right and down."""
    total, difference = points.sum(axis=1), points[:, 0] - points[:, 1]
    return points[[total.argmin(), difference.argmax(), total.argmax(), difference.argmin()]].astype(np.float32)


def in_order(corners: np.ndarray) -> np.ndarray:
    """Four corners of a convex quadrilateral, [4, 2] in any order, clockwise from the top left."""
    right, down = (corners - corners.mean(axis=0)).T
    clockwise = corners[np.argsort(np.arctan2(down, right))].astype(np.float32)  # because y runs down
    return np.roll(clockwise, -int(clockwise.sum(axis=1).argmin()), axis=0)


def fit_sides(hull: np.ndarray, corners: np.ndarray, near: float, middle: float = 1.0) -> np.ndarray:
    """The corners at which straight lines along the four sides of a convex hull meet.

    Args:
        hull: [n, 2], its points in order.
        corners: about where they are, clockwise from the top left; given back where a side is not seen.
        near: how far the hull may lie from a side, as a share of the shortest one.
        middle: the part of each side that counts, where something rounds the corners.
    """
    pairs = zip(hull, np.roll(hull, -1, axis=0), strict=True)
    outline = np.concatenate([np.linspace(a, b, int(np.abs(b - a).max()) + 1, endpoint=False) for a, b in pairs])
    sides = np.roll(corners, -1, axis=0) - corners
    reach, lines = near * float(np.linalg.norm(sides, axis=1).min()), []
    for start, end in zip(corners, corners + sides, strict=True):
        length = max(float(np.linalg.norm(end - start)), 1.0)
        along = (end - start) / length
        place, inwards = (outline - start) @ along, (outline - start) @ np.array([-along[1], along[0]])
        own = outline[(np.abs(place / length - 0.5) < middle / 2) & (np.abs(inwards) < reach)]
        if len(own) < LEAST_POINTS:
            return corners
        dx, dy, x, y = cv2.fitLine(own.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).ravel()
        lines.append((dy, -dx, dy * x - dx * y))
    met = []
    for one, other in zip(np.roll(lines, 1, axis=0), lines, strict=True):
        if abs(one[0] * other[1] - one[1] * other[0]) < SQUARENESS:
            return corners
        met.append(np.linalg.solve([one[:2], other[:2]], [one[2], other[2]]))
    return np.array(met, np.float32)
