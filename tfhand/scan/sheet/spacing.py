"""Writing in rows and columns on paper without boxes: the cells are told by the empty paper between them."""

from __future__ import annotations

import cv2
import numpy as np

from tfhand.errors import ReadingError
from tfhand.scan.image.ink import ink_level, ink_mask

BINS = 60  # of a row or column
MAX_PITCHES = 0.9  # of a cell that ink may be long; longer ink is no character
DUST = 0.02  # of the usual component's size
SLOPES = np.linspace(-0.18, 0.18, 73)  # fall by run, to ten degrees
MAX_CROSSED = 0.25  # ink on the lines between the cells, by that on any line
UNEVEN_COST = 0.05  # of a cell more on one side of the ink than on the other, in mean ink crossed
INK = 0.8  # cells: the widest margins on both sides of all ink


def find_spacing(contrast: np.ndarray, columns: int, rows: int, filled: int) -> np.ndarray | None:
    """The corners of cells of even width and height, float32 [rows, columns, 4, 2], or None where there are none.

    Args:
        contrast: float32 [h, w], 0 on paper.
        columns, rows: how many cells there are across and down.
        filled: how many of them, from the first row by row, are written in; the others may be empty.
    """
    points = _ink_points(contrast, columns, rows)
    if len(points) < 4 * filled:
        return None
    filled_rows = -(-filled // columns)
    slopes = [_slope(points, filled_rows), -_slope(points[:, ::-1], min(columns, filled))]
    shear = np.array([[1.0, slopes[1]], [slopes[0], 1.0]])  # (right, down) of the picture from that along the cells
    along = points @ np.linalg.inv(shear).T
    across = _edges(along[:, 0], min(columns, filled), columns)
    down = _edges(along[:, 1], filled_rows, rows)
    if across is None or down is None:
        return None
    x = np.stack([across[:-1], across[1:]], axis=1)[None, :, [0, 1, 1, 0]]
    y = np.stack([down[:-1], down[1:]], axis=1)[:, None, [0, 0, 1, 1]]
    return (np.stack(np.broadcast_arrays(x, y), axis=-1) @ shear.T).astype(np.float32)


def _ink_points(contrast: np.ndarray, columns: int, rows: int) -> np.ndarray:
    """The pixels of ink that could be characters, float [n, 2] as (right, down)."""
    try:
        ink = ink_mask(contrast, ink_level(contrast))
    except ReadingError:
        return np.zeros((0, 2))
    _, labels, facts, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    height, width = contrast.shape
    fits = (facts[:, 2] < MAX_PITCHES * width / columns) & (facts[:, 3] < MAX_PITCHES * height / rows)
    fits &= facts[:, 4] > DUST * np.median(facts[1:, 4])
    fits[0] = False
    return np.argwhere(fits[labels])[:, ::-1].astype(float)


def _slope(points: np.ndarray, lines: int) -> float:
    """The fall by run at which the ink lies most in lines with paper between them."""
    spread = np.ptp(points[:, 1]) + 1
    sharpness = []
    for slope in SLOPES:
        down = points[:, 1] - slope * points[:, 0]
        count = np.bincount(((down - down.min()) * (BINS * lines / spread)).astype(int))
        sharpness.append(float((count.astype(float) ** 2).sum()))
    score = np.array(sharpness) * (1 - 0.5 * np.abs(SLOPES))
    return float(SLOPES[score.argmax()])


def _edges(places: np.ndarray, filled: int, count: int) -> np.ndarray | None:
    """The edges of the cells along one side, float [count + 1], of which only the first `filled` are written in.

    Even edges that cross the least ink, each then moved to the middle of the empty paper around it.
    """
    low, high = np.percentile(places, [0.1, 99.9])
    size = max(high - low, 1.0) / filled
    first, bin_size = low - size, size / BINS
    bins = np.clip((places - first) / bin_size, 0, BINS * (filled + 2) - 1).astype(int)
    density = np.bincount(bins, minlength=BINS * (filled + 2)) / len(places)
    inner, trials = np.arange(1, filled), []
    for pitch in np.linspace(size, size * filled / (filled - INK), 61):
        for start in np.linspace(high - filled * pitch, low, 41):
            crossed = density[((start + inner * pitch - first) / bin_size).astype(int)].sum() / max(filled - 1, 1)
            uneven = abs(low - start - (start + filled * pitch - high)) / size  # the outer letters stand in the middle
            trials.append((crossed * filled * BINS + UNEVEN_COST * uneven, crossed, start, pitch))
    _, crossed, start, pitch = min(trials)
    if crossed > MAX_CROSSED * density[BINS:-BINS].mean():
        return None
    edges = start + pitch * np.arange(count + 1)
    for index in range(1, filled):
        edges[index] = _gap_middle(density, (edges[index] - first) / bin_size, BINS // 3) * bin_size + first
    return edges


def _gap_middle(density: np.ndarray, place: float, reach: int) -> float:
    """The middle of the widest stretch of emptiest paper near a place, in bins."""
    low = max(0, int(place) - reach)
    near = density[low : int(place) + reach + 1]
    empty = np.flatnonzero(near <= near.min() + 1e-9)
    runs = np.split(empty, np.flatnonzero(np.diff(empty) > 1) + 1)
    widest = max(runs, key=len)
    return low + (widest[0] + widest[-1] + 1) / 2
