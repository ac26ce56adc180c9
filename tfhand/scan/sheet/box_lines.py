"""The lines around boxes, followed wherever they wander, and told from letters that touch or cross them.

Along every side of a box the darkest smooth path is looked for, as for the staff lines of music (J. dos Santos Cardoso
et al., "Staff Detection with Stable Paths", IEEE TPAMI 31(6), 2009). Where ink on the path is about as thick as the
line usually is, it is the line; where it is thicker, a letter lies on it, and the ink stays. Of a letter that only
touches a line, what is outside of the line stays, and as much of the line as makes up a stroke of its thickness, up to
a half.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import ndimage

from tfhand.scan.image.components import stroke_width

REACH = 0.1  # of a side: how far a line may wander from the straight one
BEYOND = 0.06  # of a side: how far past the corners a line is followed
MIN_REACH = 4  # pixels
MIN_CONTRAST = 0.04  # of a line
MIN_COVERED = 0.35  # share of the sides' length on which a line is seen, where there are lines at all
THICKER = (
    3.5  # pixels, or half a line and a pixel if that is less: ink so much thicker than the line is not the line ...
)
MERGED, SPREAD = 1.5, 4.0  # pixels, thicknesses of the line: ... nor is what is so much thicker, so near to it
FULL = 0.6  # of the contrast of lines: darker ink, such as that of letters, attracts no more
STEP_COST = 0.15  # of a step aside, in pixels of line
CORNER = 0.24  # of a side: ink at a corner that stays so near is a dot or tick
AT_CORNER = 0.04  # of a side: ink so near is at the corner


@dataclass(frozen=True, eq=False)
class _Paths:
    """Paths along the sides, a pixel for each step.

    Attributes:
        columns, rows: int [sides, n], the pixels.
        valid: bool [sides, n], which of them count.
        inner: bool [sides, n], which of them are away from the corners.
    """

    columns: np.ndarray
    rows: np.ndarray
    valid: np.ndarray
    inner: np.ndarray


def box_line_mask(contrast: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """The lines around boxes, dots and ticks at their corners included: bool [h, w].

    Args:
        contrast: float32 [h, w], 0 on paper.
        cells: float32 [n, 4, 2], corners of the boxes inside their lines, clockwise from the top left.
    """
    soft = cv2.GaussianBlur(contrast, (0, 0), 0.6)
    lines = _lines_across(soft, cells) | _lines_across(soft.T, cells[:, [0, 3, 2, 1], ::-1]).T
    level = float(np.median(soft[lines])) if lines.any() else 0.0
    dark = soft > max(0.5 * level, 2 * MIN_CONTRAST)
    rest = dark & ~_grown(lines, 3)  # ink along the edges of the lines would connect what is left
    written = rest & ~_corner_ink(rest, lines, cells) & ~_remains(rest, lines)
    edges = _grown(lines | (rest & ~written), 5) & ~(_grown(written, 3) & dark)
    return lines | edges


def _grown(mask: np.ndarray, size: int) -> np.ndarray:
    """A mask grown to all that lies in a square of this side around it."""
    return cv2.dilate(mask.astype(np.uint8), np.ones((size, size), np.uint8)) > 0


def _lines_across(soft: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """The pixels of the lines above and below the boxes: bool [h, w]."""
    starts, ends = np.concatenate([cells[:, 0], cells[:, 3]]), np.concatenate([cells[:, 1], cells[:, 2]])
    heights = np.linalg.norm(cells[:, 3] - cells[:, 0], axis=1)
    reach = max(MIN_REACH, round(REACH * float(np.median(heights))))
    paths, level = _followed(soft, starts, ends, reach)
    dark = soft > max(0.5 * level, MIN_CONTRAST)
    seen = paths.valid & dark[paths.rows, paths.columns]
    mask = np.zeros(soft.shape, bool)
    if level < MIN_CONTRAST or seen.sum() < MIN_COVERED * paths.valid.sum():
        return mask
    first, last = _runs(dark)
    first, last = first[paths.rows, paths.columns], last[paths.rows, paths.columns]
    thickness = np.where(seen, last - first, np.nan)
    stretches = _written_over(thickness, seen, paths.inner)
    clear = seen & (stretches == 0)
    top, bottom = _clear_edges(first, last, clear)
    numbers = np.arange(stretches.max() + 1)
    above, below = (ndimage.maximum(out, stretches, numbers) > 1 for out in (top - first, last - bottom))
    touched = (above ^ below)[stretches] & (stretches > 0)
    kept = [np.clip(bottom - top - out, 0, (bottom - top) / 2) for out in (top - first, last - bottom)]
    first = np.where(touched & above[stretches], np.maximum(first, np.rint(top + kept[0])), first).astype(int)
    last = np.where(touched & below[stretches], np.minimum(last, np.rint(bottom - kept[1])), last).astype(int)
    taken = clear | touched
    change = np.zeros((soft.shape[0] + 1, soft.shape[1]), np.int32)
    np.add.at(change, (first[taken], paths.columns[taken]), 1)
    np.add.at(change, (last[taken], paths.columns[taken]), -1)
    return change.cumsum(axis=0)[:-1] > 0


def _clear_edges(first: np.ndarray, last: np.ndarray, clear: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The edges of the lines, float [sides, n] each, carried on from where they are clear."""
    edges = np.array([first, last], float)
    steps = np.arange(first.shape[1])
    for side in np.flatnonzero(clear.any(axis=1)):
        for edge in edges[:, side]:
            edge[:] = np.interp(steps, steps[clear[side]], edge[clear[side]])
    return edges[0], edges[1]


def _written_over(thickness: np.ndarray, seen: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """Stretches of the lines on which letters lie, numbered from 1, int [sides, n].

    Args:
        thickness: float [sides, n], of the ink along the lines, nan where none is seen.
        seen: bool [sides, n].
        inner: bool [sides, n], where no other line crosses.
    """
    usual = np.nanmedian(thickness)
    own = np.full(len(thickness), usual)
    known = seen.mean(axis=1) > MIN_COVERED / 2
    own[known] = np.clip(np.nanmedian(thickness[known], axis=1), 0.5 * usual, 2 * usual)
    sure = thickness > (own + np.minimum(own / 2 + 1, THICKER))[:, None]
    near = ndimage.binary_dilation(sure & inner, [[1, 1, 1]], iterations=max(1, round(SPREAD * usual)))
    return ndimage.label(sure | (near & (thickness > own[:, None] + MERGED)), [[0, 0, 0], [1, 1, 1], [0, 0, 0]])[0]


def _followed(soft: np.ndarray, starts: np.ndarray, ends: np.ndarray, reach: int) -> tuple[_Paths, float]:
    """The darkest smooth paths along sides, and the contrast of the lines on them.

    Args:
        soft: float32 [h, w], the contrast.
        starts, ends: float32 [n, 2], the sides from left to right, (right, down).
        reach: pixels up and down in which the path may lie.
    """
    height, width = soft.shape
    beyond = BEYOND * (ends - starts)[:, :1]
    steps = int(np.ceil((ends - starts)[:, 0].max() * (1 + 2 * BEYOND))) + 1
    columns = np.rint(starts[:, :1] - beyond).astype(int) + np.arange(steps)
    slope = (ends - starts)[:, 1:] / np.maximum((ends - starts)[:, :1], 1)
    middle = np.rint(starts[:, 1:] + slope * (columns - starts[:, :1])).astype(int)
    valid = (columns <= ends[:, :1] + beyond) & (columns >= 0) & (columns < width)
    inner = valid & (columns > starts[:, :1] + beyond) & (columns < ends[:, :1] - beyond)
    columns = np.clip(columns, 0, width - 1)
    offsets = np.arange(-reach, reach + 1)
    rows = np.clip(middle[..., None] + offsets, 0, height - 1)  # (sides, steps, band)
    band = soft[rows, columns[..., None]]
    level = float(np.median(band.max(axis=2)[valid])) if valid.any() else 0.0
    gain = np.clip(band / (FULL * max(level, MIN_CONTRAST)), 0, 1) - 0.02 * np.abs(offsets) / reach
    chosen = _best_paths(np.where(valid[..., None], gain, 0))
    return _Paths(columns, np.take_along_axis(rows, chosen[..., None], axis=2)[..., 0], valid, inner), level


def _best_paths(gain: np.ndarray) -> np.ndarray:
    """The place in the band of the paths that gain most, int [sides, steps], from gains [sides, steps, band]."""
    sides, steps, _ = gain.shape
    came = np.zeros(gain.shape, np.int8)
    total = gain[:, 0]
    edge = np.full((sides, 1), -np.inf)
    for step in range(1, steps):
        above = np.concatenate([edge, total[:, :-1]], axis=1) - STEP_COST
        below = np.concatenate([total[:, 1:], edge], axis=1) - STEP_COST
        choices = np.stack([above, total, below])
        best = choices.argmax(axis=0)
        came[:, step] = best - 1
        total = choices.max(axis=0) + gain[:, step]
    chosen = np.zeros((sides, steps), int)
    chosen[:, -1] = total.argmax(axis=1)
    every = np.arange(sides)
    for step in range(steps - 1, 0, -1):
        chosen[:, step - 1] = chosen[:, step] + came[every, step, chosen[:, step]]
    return chosen


def _runs(dark: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For every pixel the first row of the dark run down its column, and the row after its last: int [h, w]."""
    height = len(dark)
    rows = np.arange(height, dtype=np.int32)[:, None]
    first = np.maximum.accumulate(np.where(dark, -1, rows), axis=0) + 1
    last = np.minimum.accumulate(np.where(dark, height, rows)[::-1], axis=0)[::-1]
    return first, last


def _remains(dark: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """Connected ink that lies along the lines and no farther from them than half their thickness: bool [h, w]."""
    count, labels = cv2.connectedComponents(dark.astype(np.uint8), connectivity=8)
    around = _grown(lines, int(np.ceil(stroke_width(lines))) + 3) if lines.any() else lines
    outside = np.zeros(count, bool)
    outside[np.unique(labels[~around])] = True
    return dark & ~outside[labels]


def _corner_ink(dark: np.ndarray, lines: np.ndarray, cells: np.ndarray) -> np.ndarray:
    """Connected ink at the corners of boxes that stays near them inside the boxes: bool [h, w]."""
    count, labels = cv2.connectedComponents(dark.astype(np.uint8), connectivity=8)
    inside = np.zeros(dark.shape, np.uint8)
    for cell in cells:
        cv2.fillConvexPoly(inside, np.rint(cell).astype(np.int32), 1)
    near = _around_corners(dark.shape, cells, CORNER)
    far, there = np.zeros(count, bool), np.zeros(count, bool)
    far[np.unique(labels[(inside > 0) & ~near])] = True
    there[np.unique(labels[_around_corners(dark.shape, cells, AT_CORNER)])] = True
    there[np.unique(labels[near & _grown(lines, 7)])] = True
    return dark & (there & ~far)[labels]


def _around_corners(shape: tuple[int, ...], cells: np.ndarray, share: float) -> np.ndarray:
    """The places nearer to a corner than a share of the sides: bool [h, w]."""
    near = np.zeros(shape, bool)
    half = share * np.median([cells[:, 1, 0] - cells[:, 0, 0], cells[:, 3, 1] - cells[:, 0, 1]], axis=1)
    for corner in cells.reshape(-1, 2):
        left, top = np.maximum(np.rint(corner - half), 0).astype(int)
        right, bottom = np.maximum(np.rint(corner + half), 0).astype(int)
        near[top : bottom + 1, left : right + 1] = True
    return near
