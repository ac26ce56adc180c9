"""A picture straightened by the cells of a grid, so that their rows are level and their columns upright."""

from __future__ import annotations

import cv2
import numpy as np
from scipy import ndimage

from tfhand.errors import ReadingError

ROUNDS = 4  # of fitting the plane and the lines in turn
CORNER_ERROR = 0.1  # of a cell's side, from the corners beside it to a corner that is believed
MAX_ERROR = 0.15  # of a cell's side, from its lines to a corner that is believed
BETTER = 1.6  # errors of the simpler plane by those of the other
AROUND = 0.4  # of a cell: paper kept around the grid


def straightened(contrast: np.ndarray, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The straight picture, where it shows nothing, and the cells on it.

    Args:
        contrast: float32 [h, w].
        cells: float32 [rows, columns, 4, 2], see `cells`; nan where a cell was not seen.

    Returns:
        float32 [H, W]; bool [H, W]; float32 [rows, columns, 4, 2], with cells that were not seen between their lines.

    Raises:
        ReadingError: the cells do not lie in rows and columns.
    """
    plane, lines = _plane(cells)
    size = np.median(np.concatenate([lines[..., 2, :] - lines[..., 0, :]]).reshape(-1, 2), axis=0)
    low, high = lines.reshape(-1, 2).min(axis=0) - AROUND * size, lines.reshape(-1, 2).max(axis=0) + AROUND * size
    moved = np.array([[1, 0, -low[0]], [0, 1, -low[1]], [0, 0, 1]]) @ plane
    shape = tuple(np.ceil(high - low).astype(int).tolist())
    if min(shape) < 8 or max(shape) > 4 * max(contrast.shape):
        raise ReadingError("The boxes do not lie in rows and columns; photograph the sheet flat and from above.")
    flat = cv2.warpPerspective(contrast, moved, shape)
    covered = cv2.warpPerspective(np.ones(contrast.shape, np.uint8), moved, shape) == 0
    lines = lines - low
    seen = _moved(cells, moved)
    far = (np.abs(seen - lines) > 2 * MAX_ERROR * size).any(axis=(2, 3)) | ~np.isfinite(seen).all(axis=(2, 3))
    return flat, covered, _evened(np.where(far[..., None, None], lines, seen), size).astype(np.float32)


def _plane(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The plane from the picture to a straight one of its size, and the cells between their lines there."""
    known = np.isfinite(cells)
    seen = cells[known].reshape(-1, 2)
    places, plane = _between_lines(cells), np.eye(3)
    side = float(np.median(np.abs(places[..., 2, :] - places[..., 0, :])))
    for _ in range(ROUNDS):
        plane = _simplest_plane(seen, places[known].reshape(-1, 2), MAX_ERROR * side)
        places = _between_lines(_moved(cells, plane))
    return plane, places


def _simplest_plane(seen: np.ndarray, places: np.ndarray, limit: float) -> np.ndarray:
    """The plane from points to places, float32 [n, 2] each: a turn and scale, or a view from the side if it is better.

    Lines drawn by hand fit no plane, and one with more freedom would only bend the letters.
    """
    turned, _ = cv2.estimateAffinePartial2D(seen, places, method=cv2.RANSAC, ransacReprojThreshold=limit)
    tilted, _ = cv2.findHomography(seen, places, cv2.RANSAC, limit)
    planes = [] if turned is None else [np.vstack([turned, [0, 0, 1]])]
    planes += [] if tilted is None or not np.isfinite(tilted).all() else [tilted]
    if not planes:
        raise ReadingError("The boxes do not lie in rows and columns; photograph the sheet flat and from above.")
    moved = [cv2.perspectiveTransform(seen[None], each)[0] for each in planes]
    errors = [float(np.median(np.linalg.norm(each - places, axis=1))) for each in moved]
    return planes[0] if errors[0] < BETTER * errors[-1] + 1 else planes[-1]


def _moved(cells: np.ndarray, plane: np.ndarray) -> np.ndarray:
    """The cells on another plane; those that were not seen stay nan."""
    moved = cv2.perspectiveTransform(cells.reshape(1, -1, 2), plane).reshape(cells.shape)
    return np.where(np.isfinite(cells), moved, np.nan).astype(np.float32)


def _between_lines(cells: np.ndarray) -> np.ndarray:
    """The cells with upright and level sides: each row's and column's lines are the medians of its cells' sides."""
    left, right = (np.nanmedian(cells[:, :, ends, 0], axis=(0, 2)) for ends in ([0, 3], [1, 2]))
    top, bottom = (np.nanmedian(cells[:, :, ends, 1], axis=(1, 2)) for ends in ([0, 1], [2, 3]))
    x = np.stack([left, right, right, left], axis=-1)[None]
    y = np.stack([top, top, bottom, bottom], axis=-1)[:, None]
    return np.stack(np.broadcast_arrays(x, y), axis=-1).astype(np.float32)


def _evened(cells: np.ndarray, size: np.ndarray) -> np.ndarray:
    """The cells with corners that lie far off those beside them, where a letter covers one, moved to their median."""
    rows, columns = cells.shape[:2]
    even = cells.copy()
    for ends in ((0, 1), (3, 2)):  # along level sides
        along = even[:, :, ends, 1].reshape(rows, -1)
        even[:, :, ends, 1] = _without_outliers(along, CORNER_ERROR * size[1]).reshape(rows, columns, 2)
    for ends in ((0, 3), (1, 2)):  # along upright sides
        along = even[:, :, ends, 0].swapaxes(0, 1).reshape(columns, -1)
        kept = _without_outliers(along, CORNER_ERROR * size[0])
        even[:, :, ends, 0] = kept.reshape(columns, rows, 2).swapaxes(0, 1)
    return even


def _without_outliers(lines: np.ndarray, limit: float) -> np.ndarray:
    """Places along lines, float [lines, n], with the median of five instead of those farther from it than the limit."""
    median = ndimage.median_filter(lines, (1, 5), mode="nearest")
    return np.where(np.abs(lines - median) > limit, median, lines)
