"""A photo of some other tool's sheet: boxes in rows and columns, read in a given order.

The boxes are found as patches of paper of one size with dark lines around them; they may stand apart or be the cells of
a table.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import cv2
import numpy as np

from tfhand.core.wording import counted
from tfhand.errors import ReadingError, TextError
from tfhand.hands.hand import Hand
from tfhand.scan.image.paper import as_paper, contrast_of
from tfhand.scan.sheet.boxes import WRITTEN, BoxedPage, BoxReading, read_boxes

MAX_SIDE = 60  # rows or columns
MAX_RATIO = 1.35  # how much larger than another a box may be
MIN_FILLED = 0.8  # share of the smallest rectangle around it, turned or not, that a box fills
MIN_SEEN = 0.6  # share of the boxes that must be seen; the others lie between them
MIN_LINE_CONTRAST = 0.18  # contrast of the faintest lines that enclose a box
X_HEIGHT, BASELINE = 0.23, 0.64  # where people write without guides, as shares of a box's height


@dataclass(frozen=True, eq=False)
class GridReading(BoxReading):
    """The reading of a grid, with a box for each character of the order.

    Attributes:
        areas: float [n, 4], their places on the rectified picture in pixels.
        contrast: float32 [h, w], the rectified picture.
    """

    areas: np.ndarray = field(repr=False)
    contrast: np.ndarray = field(repr=False)


def read_grid(image: np.ndarray | str | os.PathLike, order: str, columns: int, rows: int) -> Hand:
    """The glyphs of a filled-in sheet of boxes.

    Args:
        image: uint8 array of shape (height, width) or (height, width, 3), upright to about ten degrees, or a path.
        order: the character of each box, row by row; spaces and line breaks are left out. Further boxes at the end are
            not looked at.
        columns, rows: numbers of boxes across and down.

    Raises:
        PictureError: the picture is missing, unreadable, or too small or large.
        TextError: the order does not fit the boxes.
        ReadingError: there is no such grid on the picture, or nothing written in it.
    """
    reading = find_grid(image, order, columns, rows)
    if not reading.with_state(WRITTEN):
        raise ReadingError("No box of the sheet is written in; photograph it in better light.")
    return reading.hand


def find_grid(image: np.ndarray | str | os.PathLike, order: str, columns: int, rows: int) -> GridReading:
    """All that can be read from a grid; see `read_grid`."""
    letters = "".join(order.split())
    if not (1 <= columns <= MAX_SIDE and 1 <= rows <= MAX_SIDE and columns * rows > 1):
        raise TextError(f"A grid has 1 to {MAX_SIDE} columns and rows, and {columns} x {rows} is none.")
    if not 1 <= len(letters) <= columns * rows or not letters.isprintable():
        asked = counted(len(letters), "character")
        raise TextError(f"The order has {asked} for {columns} x {rows} = {columns * rows} boxes.")
    paper = as_paper(image)
    contrast = np.where(paper.shown, contrast_of(paper.grey), 0)
    outlines, cells = _aligned(_outlines(contrast, columns * rows), columns, rows)
    return _read(contrast, outlines, cells, letters, columns, rows)


def _outlines(contrast: np.ndarray, count: int) -> list[np.ndarray]:
    """Outlines, float32 [k, 2] as (right, down), of patches of paper of one size that could be the boxes.

    Raises:
        ReadingError: there are too few.
    """
    height, width = contrast.shape
    soft = cv2.GaussianBlur(contrast, (0, 0), 0.8)
    dark = cv2.morphologyEx((soft > MIN_LINE_CONTRAST).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    total, labels, facts, _ = cv2.connectedComponentsWithStats(1 - dark, connectivity=4)
    found, areas = [], []
    for number in range(1, total):
        left, top, wide, high, area = facts[number]
        touches = left == 0 or top == 0 or left + wide == width or top + high == height
        if touches or area < 0.05 * width * height / count or area > width * height / count or min(wide, high) < 8:
            continue
        own = (labels[top : top + high, left : left + wide] == number).astype(np.uint8)
        outline = max(cv2.findContours(own, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0], key=cv2.contourArea)[:, 0]
        filled = cv2.contourArea(outline)
        if filled > MIN_FILLED * np.prod(cv2.minAreaRect(outline)[1]):
            found.append((outline + [left, top]).astype(np.float32))
            areas.append(filled)
    sizes = np.array(areas)
    alike = [np.abs(np.log(sizes / size)) < np.log(MAX_RATIO) for size in sizes]
    best = max(alike, key=np.sum, default=np.zeros(0, bool))
    if best.sum() < max(2, MIN_SEEN * count):
        raise ReadingError(
            f"The picture shows {counted(int(best.sum()), 'box')} of one size, and the grid has {count}; photograph "
            "the sheet from above with all of its boxes, or check --grid."
        )
    return [outline for outline, chosen in zip(found, best, strict=True) if chosen]


def _middle(outline: np.ndarray) -> np.ndarray:
    return (outline.min(axis=0) + outline.max(axis=0)) / 2


def _aligned(outlines: list[np.ndarray], columns: int, rows: int) -> tuple[list[np.ndarray], np.ndarray]:
    """The outlines that lie in rows and columns, and the column and row of each, int [n, 2].

    Raises:
        ReadingError: there are other numbers of columns and rows.
    """
    middles = np.array([_middle(outline) for outline in outlines])
    apart = middles[None] - middles[:, None]
    cells, known = _flood(middles, apart, _steps(apart, np.median([np.ptp(each, axis=0) for each in outlines], axis=0)))
    cells -= cells[known].min(axis=0)
    wide, high = cells[known].max(axis=0) + 1
    if (wide, high) != (columns, rows):
        raise ReadingError(
            f"The picture shows {wide} columns and {high} rows of boxes, and --grid says {columns} columns and {rows} "
            "rows; photograph all of the sheet upright, or mend --grid COLUMNSxROWS."
        )
    return [outline for outline, one in zip(outlines, known, strict=True) if one], cells[known]


def _steps(apart: np.ndarray, size: np.ndarray) -> list[np.ndarray]:
    """From one box to the next on the picture, (right, down) in pixels: along a row, and along a column."""
    steps = []
    for axis in (0, 1):
        ahead = (apart[..., axis] > 0.7 * size[axis]) & (np.abs(apart[..., 1 - axis]) < 0.45 * size[1 - axis])
        nearest = np.where(ahead, apart[..., axis], np.inf).argmin(axis=1)
        pairs = apart[np.arange(len(apart)), nearest][ahead.any(axis=1)]
        steps.append(np.median(pairs, axis=0) if len(pairs) else np.eye(2)[axis] * 1.2 * size)
    return steps


def _flood(middles: np.ndarray, apart: np.ndarray, steps: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The column and row of each box, int [n, 2], counted from the box in the middle, and whether it was reached."""
    cells, known = np.zeros((len(middles), 2), int), np.zeros(len(middles), bool)
    front = [int(np.linalg.norm(middles - np.median(middles, axis=0), axis=1).argmin())]
    known[front] = True
    while front:
        current = front.pop()
        for axis in (0, 1):
            for direction in (-1, 1):
                error = np.linalg.norm(apart[current] - direction * steps[axis], axis=1)
                other = int(error.argmin())
                if not known[other] and error[other] < 0.35 * min(np.linalg.norm(steps, axis=1)):
                    cells[other] = cells[current]
                    cells[other, axis] += direction
                    known[other] = True
                    front.append(other)
    return cells, known


def _read(
    contrast: np.ndarray, outlines: list[np.ndarray], cells: np.ndarray, letters: str, columns: int, rows: int
) -> GridReading:
    """The boxes on the picture, rectified so that all have one size."""
    middles = np.array([_middle(outline) for outline in outlines], np.float32)
    step = [_pitch(middles, cells, axis) for axis in (0, 1)]
    places = ((cells + 0.7) * step).astype(np.float32)
    plane, _ = cv2.findHomography(middles, places, cv2.RANSAC, 0.2 * min(step))
    if plane is None:
        raise ReadingError("The boxes do not lie in rows and columns; photograph the sheet flat and from above.")
    size = tuple(round((count + 0.4) * side) for count, side in zip((columns, rows), step, strict=True))
    flat = cv2.warpPerspective(contrast, plane, size)
    covered = cv2.warpPerspective(np.ones(contrast.shape, np.uint8), plane, size) == 0
    flat_outlines = [cv2.perspectiveTransform(outline[None], plane)[0] for outline in outlines]
    by_cell = {tuple(cell): outline for cell, outline in zip(cells.tolist(), flat_outlines, strict=True)}
    half = np.median([np.ptp(outline, axis=0) for outline in flat_outlines], axis=0) / 2
    inside, bounds = np.zeros(flat.shape, np.uint8), []
    for index in range(len(letters)):
        row, column = divmod(index, columns)
        middle = (np.array([column, row]) + 0.7) * step
        corners = middle + half * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * 0.95
        outline = cv2.convexHull(by_cell.get((column, row), corners.astype(np.float32)))[:, 0]
        cv2.fillPoly(inside, [np.rint(outline).astype(np.int32)], 1)
        (left, top), (right, bottom) = outline.min(axis=0), outline.max(axis=0)
        bounds.append([top, left, bottom, right])
    mask = cv2.erode(inside, np.ones((5, 5), np.uint8)) == 0
    areas = np.array(bounds)
    height = float(np.median(areas[:, 2] - areas[:, 0]))
    baselines = areas[:, 0] + BASELINE * height
    boxes = read_boxes(BoxedPage(flat, areas, letters, baselines, X_HEIGHT * height, mask, covered))
    return GridReading(tuple(boxes), areas, flat)


def _pitch(middles: np.ndarray, cells: np.ndarray, axis: int) -> float:
    """Pixels from one column or row to the next."""
    if np.ptp(cells[:, axis]) == 0:
        return 1.3 * _pitch(middles, cells, 1 - axis)
    return float(np.polyfit(cells[:, axis], middles[:, axis], 1)[0])
