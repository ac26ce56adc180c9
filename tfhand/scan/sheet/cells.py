"""Closed boxes on a picture, as patches of paper with lines around them: printed or drawn by hand, equal or not.

Boxes are arrays float32 [rows, columns, 4, 2] of corners as (right, down) in pixels, clockwise from the top left; nan
where a box is not seen.
"""

from __future__ import annotations

from itertools import product

import cv2
import numpy as np
from scipy import sparse

from tfhand.core.wording import counted
from tfhand.errors import ReadingError
from tfhand.scan.image.quadrilateral import fit_sides, outermost

LINE_CONTRASTS = 0.18, 0.3, 0.1, 0.05  # of the faintest lines that enclose a box; each is tried where the last fails
GAPS = 0.0, 0.05, 0.12, 0.2  # gaps in the lines, as shares of the boxes' pitch
MIN_SIDE = 10  # pixels of a box
SIZE_RANGE = 4.0  # area of the largest box by that of the smallest
MIN_FILLED, MIN_OWN = 0.75, 0.4  # shares of a rectangle that a box's hull fills, and of the hull that is its own paper
SIDE_MIDDLE, SIDE_NEAR = 0.7, 0.2  # of a side: its part that counts, as dots may round corners, and how far it bends
MIN_SEEN = 0.6  # share of the boxes that must be seen; the others lie between them
MIN_OVERLAP = 0.5  # share of the smaller one's side that two neighbours have beside each other
MAX_APART = 1.5  # sides of a box from one to its neighbour: a box that is not seen may lie between them


def find_cells(contrast: np.ndarray, columns: int, rows: int) -> np.ndarray | None:
    """The corners of closed boxes in rows and columns, or None where there are too few boxes.

    Args:
        contrast: float32 [h, w], 0 on paper.
        columns, rows: how many boxes there are across and down.

    Raises:
        ReadingError: the boxes have clearly another number of rows or columns.
    """
    best, shape, seen = None, None, MIN_SEEN * columns * rows - 1e-6
    pitch = _pitch(contrast, columns, rows)
    soft = cv2.GaussianBlur(contrast, (0, 0), 0.8)
    for level, gap in product(LINE_CONTRASTS, GAPS):
        patches = _cell_patches(soft > level, gap * pitch, columns * rows)
        for group in _groups(patches):
            cells, count = _arranged(patches[group]), int(group.sum())
            if count < 2 or count < seen:
                break
            if cells.shape[:2] != (rows, columns):
                shape = shape or cells.shape[:2]
                continue
            complete = int(np.isfinite(cells[..., 0, 0]).sum())
            if complete == columns * rows:
                return cells
            if complete > seen:
                best, seen = cells, complete
    if best is None and shape is not None:
        raise ReadingError(
            f"The picture shows {counted(shape[1], 'column')} and {counted(shape[0], 'row')} of boxes, and --grid says "
            f"{counted(columns, 'column')} and {counted(rows, 'row')}; photograph all of the sheet upright, or mend "
            "--grid COLUMNSxROWS."
        )
    return best


def count_cells(contrast: np.ndarray) -> int:
    """How many closed boxes of about one size the picture shows, in rows and columns or not."""
    groups = _groups(_cell_patches(cv2.GaussianBlur(contrast, (0, 0), 0.8) > LINE_CONTRASTS[0], 0.0, 4))
    return int(groups[0].sum()) if groups else 0


def _pitch(contrast: np.ndarray, columns: int, rows: int) -> float:
    """About the pixels from one box to the next, by the extent of everything that is dark."""
    down, across = np.nonzero(contrast[::4, ::4] > LINE_CONTRASTS[0])
    if not len(down):
        return float(min(contrast.shape[1] / columns, contrast.shape[0] / rows))
    return float(4 * min((np.ptp(across) + 1) / columns, (np.ptp(down) + 1) / rows))


def _cell_patches(dark: np.ndarray, gap: float, count: int) -> np.ndarray:
    """The patches of which a picture could show so many, as boxes of one size."""
    return find_patches(dark, gap, 0.01 * dark.size / count, dark.size / count)


def find_patches(dark: np.ndarray, gap: float, least: float, most: float) -> np.ndarray:
    """The corners, float32 [n, 4, 2], of patches of paper that could be boxes.

    Paper nearer to dark than half a gap belongs to no patch, and no patch reaches through a gap.

    Args:
        dark: bool [h, w], lines and writing.
        gap: pixels.
        least, most: area of a box in pixels.
    """
    height, width = dark.shape
    closed = cv2.morphologyEx(dark.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    paper = (cv2.distanceTransform(1 - closed, cv2.DIST_L2, 3) > gap / 2 if gap else closed == 0).astype(np.uint8)
    total, labels, facts, _ = cv2.connectedComponentsWithStats(paper, connectivity=4)
    found = []
    for number in range(1, total):
        left, top, wide, high, area = facts[number]
        touches = left == 0 or top == 0 or left + wide == width or top + high == height
        if touches or area < max(MIN_SIDE**2, least) or area > most or min(wide, high) < MIN_SIDE:
            continue
        own = (labels[top : top + high, left : left + wide] == number).astype(np.uint8)
        outline = max(cv2.findContours(own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0], key=cv2.contourArea)[:, 0]
        hull = cv2.convexHull(outline)[:, 0]
        filled = cv2.contourArea(hull)
        if filled > MIN_FILLED * np.prod(cv2.minAreaRect(outline)[1]) and cv2.contourArea(outline) > MIN_OWN * filled:
            corners = fit_sides(hull, outermost(hull), SIDE_NEAR, SIDE_MIDDLE)
            found.append(corners + [left, top] + gap / 2 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]))
    return np.array(found, np.float32).reshape(-1, 4, 2)


def _groups(patches: np.ndarray) -> list[np.ndarray]:
    """Which patches are of about one size, bool [n]: the largest group first."""
    areas = np.array([cv2.contourArea(patch) for patch in patches])
    groups = {tuple((areas >= size * 0.999) & (areas <= SIZE_RANGE * size)) for size in areas}
    return sorted(map(np.array, groups), key=lambda group: (group.sum(), areas[group].sum()), reverse=True)[:6]


def _arranged(patches: np.ndarray) -> np.ndarray:
    """The boxes by row and column, as many of both as there are.

    Boxes that lie beside each other are of one row and boxes that lie above each other of one column, and so are their
    neighbours in turn.
    """
    low, high = patches.min(axis=1), patches.max(axis=1)
    links = [_neighbours(low, high, axis) for axis in (0, 1)]
    _, islands = sparse.csgraph.connected_components(links[0] | links[1], directed=False)
    main = islands == np.bincount(islands).argmax()
    patches, links = patches[main], [link[np.ix_(main, main)] for link in links]
    middles, places = patches.mean(axis=1), []
    for axis, link in enumerate(links):
        count, lines = sparse.csgraph.connected_components(link, directed=False)
        across = [middles[lines == line, 1 - axis].mean() for line in range(count)]
        places.append(np.argsort(np.argsort(across))[lines])
    row, column = places
    cells = np.full((row.max() + 1, column.max() + 1, 4, 2), np.nan, np.float32)
    for key in set(zip(row.tolist(), column.tolist(), strict=True)):  # a letter may cut a box in two
        cells[key] = outermost(patches[(row == key[0]) & (column == key[1])].reshape(-1, 2))
    return cells


def _neighbours(low: np.ndarray, high: np.ndarray, axis: int) -> np.ndarray:
    """Which box follows which, bool [n, n], to the right (axis 0) or downwards (axis 1).

    Args:
        low, high: float [n, 2], the bounds of the boxes, (right, down).
    """
    other = 1 - axis
    overlap = np.minimum(high[:, None], high[None])[..., other] - np.maximum(low[:, None], low[None])[..., other]
    size = (high - low)[:, other]
    middle = (low + high)[:, axis] / 2
    apart = low[None, :, axis] - high[:, None, axis]
    beside = overlap > MIN_OVERLAP * np.minimum(size[:, None], size[None])
    beside &= (middle[None] > middle[:, None]) & (apart < MAX_APART * np.median(high - low, axis=0)[axis])
    ahead = np.where(beside, middle[None] - middle[:, None], np.inf)
    nearest = np.zeros_like(beside)
    nearest[np.arange(len(low)), ahead.argmin(axis=1)] = True
    return nearest & beside
