"""Boxes of which only the corners are marked, by small ticks with one upright and one level arm."""

from __future__ import annotations

import cv2
import numpy as np

MIN_CONTRAST = 0.25
TURNS = 0, 4, -4, 8, -8  # degrees by which the picture is turned in search of ticks
MIN_TICK = 5  # pixels of an arm
MAX_TICK = 0.5  # pitches
ALIKE = 1.3  # how much longer than another a tick's arm may be
EXPLAINED = 0.93  # share of a tick's ink that lies in its two arms
WHOLE = 0.8  # share of an arm's length that is ink
THIN = 0.35  # thickness of an arm by its length
MIN_SEEN = 0.5  # share of the boxes that show a tick
MIN_KIND = 0.08  # share of the ticks that point the same way; fewer are letters
NEAR = 0.08  # pitches between ticks of one line
MIN_ON_LINE = 0.4  # ticks of a line by those of the fullest line
SLOPES = np.linspace(-0.25, 0.25, 51)  # of the line through the middle
SPREADS = np.linspace(-0.3, 0.3, 31)  # by how much lines are farther apart at the end of the grid than in its middle
FINER = 1, 0.05  # such steps are tried first, and then around the best


def find_ticks(contrast: np.ndarray, columns: int, rows: int) -> np.ndarray | None:
    """The corners of boxes between ticks, float32 [rows, columns, 4, 2], or None where there are too few ticks.

    Ticks at all corners or at some are fine, as long as each row and column of boxes has some on either side. Where
    more rows or columns are seen than asked for, the first ones are taken.
    """
    height, width = contrast.shape
    middle = (width / 2, height / 2)
    for degrees in TURNS:
        turn = cv2.getRotationMatrix2D(middle, degrees, 1.0)
        upright = cv2.warpAffine(contrast, turn, (width, height)) if degrees else contrast
        corners = _upright_ticks(upright, columns, rows)
        if corners is not None:
            return cv2.transform(corners.reshape(1, -1, 2), cv2.invertAffineTransform(turn)).reshape(corners.shape)
    return None


def _upright_ticks(contrast: np.ndarray, columns: int, rows: int) -> np.ndarray | None:
    """As `find_ticks`, for ticks whose arms are level and upright to a few degrees."""
    pitch = np.array(contrast.shape[::-1]) / [columns, rows]
    points, ways, lengths = _tick_shapes(contrast, MAX_TICK * pitch)
    alike = np.abs(np.log(lengths[:, None] / lengths[None])) < np.log(ALIKE)
    if len(points) < 3 or alike.sum(axis=1).max() < MIN_SEEN * columns * rows:
        return None
    _, kind, counts = np.unique(ways, axis=0, return_inverse=True, return_counts=True)
    chosen = alike[alike.sum(axis=1).argmax()] & (counts[kind.ravel()] > MIN_KIND * len(ways))
    if chosen.sum() < 3:
        return None
    points, ways = points[chosen], ways[chosen]
    middle = points.mean(axis=0)
    ends, slopes = [], []
    for axis, (near, count) in enumerate(zip(NEAR * pitch, (columns, rows), strict=True)):
        places, across = (points - middle)[:, [axis, 1 - axis]].T
        slope, spread = _converging_lines(places, across, near)
        intervals = _intervals(*_lines((places - slope * across) / (1 + spread * across), ways[:, axis], near), count)
        if intervals is None:
            return None
        ends.append(intervals)
        slopes.append(slope + spread * intervals)
    (x, y), (dx, dy) = ends, slopes
    x, dx = (of[None, :, [0, 1, 1, 0]] for of in (x, dx))
    y, dy = (of[:, None, [0, 0, 1, 1]] for of in (y, dy))
    corners = np.stack([x + dx * y, y + dy * x], axis=-1) / (1 - dx * dy)[..., None]  # (rows, columns, 4, 2)
    return (corners + middle).astype(np.float32)


def _tick_shapes(contrast: np.ndarray, largest: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The ticks: where the two arms meet, where the arms point (-1, 0 or 1), and the longer arm's length.

    Returns:
        float [n, 2] as (right, down); int [n, 2], likewise; float [n].
    """
    dark = (cv2.GaussianBlur(contrast, (0, 0), 0.5) > MIN_CONTRAST).astype(np.uint8)
    total, labels, facts, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    points, ways, lengths = [], [], []
    for number in range(1, total):
        left, top, wide, high, area = facts[number]
        if min(wide, high) < MIN_TICK or wide > largest[0] or high > largest[1] or area > 2 * THIN * wide * high:
            continue
        own = labels[top : top + high, left : left + wide] == number
        level, upright = _arm(own), _arm(own.T)
        if level is None or upright is None:
            continue
        rest = own.copy()
        rest[level[0] : level[1]], rest[:, upright[0] : upright[1]] = False, False
        if rest.sum() < (1 - EXPLAINED) * area:
            middle = np.array([sum(upright), sum(level)]) / 2
            points.append(middle + [left, top])
            ways.append((_way(upright, wide), _way(level, high)))
            lengths.append(max(wide, high))
    return np.array(points).reshape(-1, 2), np.array(ways, int).reshape(-1, 2), np.array(lengths, float)


def _arm(own: np.ndarray) -> tuple[int, int] | None:
    """The rows from first to last, exclusive, of a level arm as long as the ink is wide; None where there is none."""
    full = np.flatnonzero(own.mean(axis=1) > WHOLE)
    if not len(full) or full[-1] - full[0] + 1 != len(full) or len(full) > max(3, THIN * len(own)):
        return None
    first, last = int(full[0]), int(full[-1]) + 1
    return max(0, first - 1), min(len(own), last + 1)  # with its soft edges


def _way(arm: tuple[int, int], length: int) -> int:
    """Where the other arm points from this one across it: 1 forwards, -1 back, 0 to both sides."""
    return int(arm[0] == 0) - int(arm[1] == length)


def _converging_lines(places: np.ndarray, across: np.ndarray, near: float) -> tuple[float, float]:
    """The lines through one vanishing point on which ticks lie: the slope of the middle one, and how fast they spread.

    The line through place p has the slope `slope + spread * p`. Of all such bundles of lines it is the one
    with the fewest and sharpest.

    Args:
        places, across: float [n], the ticks in the direction in which the lines follow each other, and along the lines.
        near: how far the ticks of one line may lie from each other.
    """
    trials = np.stack(np.meshgrid(SLOPES, SPREADS / max(1.0, np.abs(across).max())), axis=-1).reshape(-1, 2, 1)
    best = np.zeros((2, 1))
    for finer in FINER:
        slope, spread = (best + trials * finer).swapaxes(0, 1)  # (trials, 1) each
        moved = np.sort((places - slope * across) / (1 + spread * across), axis=1)
        best = np.stack([slope, spread], axis=1)[np.diff(moved).clip(0, near).sum(axis=1).argmin()]
    return float(best[0, 0]), float(best[1, 0])


def _lines(places: np.ndarray, ways: np.ndarray, near: float) -> tuple[np.ndarray, np.ndarray]:
    """The places that several ticks share, in order, and where their arms point on the average: float [n] each."""
    order = np.argsort(places)
    places, ways = places[order], ways[order]
    ends = np.flatnonzero(np.diff(places) > near) + 1
    groups = list(zip(np.split(places, ends), np.split(ways, ends), strict=True))
    fullest = max(len(group) for group, _ in groups)
    full = [(np.median(group), way.mean()) for group, way in groups if len(group) >= MIN_ON_LINE * fullest]
    lines, mean_ways = np.array(full).T
    return lines, mean_ways


def _intervals(lines: np.ndarray, ways: np.ndarray, count: int) -> np.ndarray | None:
    """The two ends of each of the `count` boxes along one side, float [count, 2], from the lines that are seen.

    Neighbours share a line, or each box has its own two, whose arms point to opposite sides. A line that is missing at
    either end, cut off with the picture, is filled in by the pitch. Where it is not clear which are the boxes and which
    the gaps between them, boxes are wide.
    """
    in_pairs = len(lines) > 2 and bool((np.abs(np.diff(np.sign(np.rint(ways)))) == 2).all())
    if not in_pairs:
        return np.stack([lines[:-1], lines[1:]], axis=1) if len(lines) == count + 1 else None
    if len(lines) < 2 * count - 1:
        return None
    pitch = float(np.median(lines[2:] - lines[:-2]))
    longer = np.concatenate([[lines[1] - pitch], lines, [lines[-2] + pitch]])
    seen = [longer[start : start + 2 * count] for start in range(1, len(lines) - 2 * count + 2)]
    filled = [longer[: 2 * count], longer[-2 * count :]]
    boxes = [trial.reshape(count, 2) for trial in seen or filled]
    widths = [float(np.diff(trial, axis=1).sum()) for trial in boxes]
    return next(trial for trial, width in zip(boxes, widths, strict=True) if width > 0.95 * max(widths))
