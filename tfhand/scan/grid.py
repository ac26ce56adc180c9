"""A photo of a sheet of some other tool: boxes in rows and columns, read in a given order.

The boxes are found as patches of paper of one size that dark lines enclose, be they apart or the cells of a table.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import cv2
import numpy as np

from tfhand.errors import ReadingError, TextError
from tfhand.hands.hand import Hand
from tfhand.scan import page
from tfhand.scan.boxes import WRITTEN, Page, Reading, read_boxes

MOST = 60  # rows or columns
ALIKE = 1.35  # how much larger than another a box may be
SOLID = 0.8  # share of its upright or turned rectangle that a box fills
ENOUGH = 0.6  # share of the boxes that must be seen; the others lie between them
LINE = 0.18  # contrast of the faintest line that encloses
X_HEIGHT, BASELINE = 0.23, 0.64  # of a box's height: where people write who see no guides


@dataclass(frozen=True, eq=False)
class GridReading(Reading):
    """What was read from a grid, with a box for each character of the order.

    Attributes:
        areas: float [n, 4], their places on the straightened picture in pixels.
        contrast: float32 [h, w], that picture.
    """

    areas: np.ndarray = field(repr=False)
    contrast: np.ndarray = field(repr=False)


def read_grid(image: np.ndarray | str | os.PathLike, order: str, columns: int, rows: int) -> Hand:
    """The glyphs of a filled-in sheet of boxes.

    Args:
        image: uint8 array of shape (height, width) or (height, width, 3), upright to about ten degrees, or a path.
        order: the character of each box, row by row; spaces and line breaks are left out. What boxes are left over at
            the end are not looked at.
        columns, rows: of boxes.

    Raises:
        PictureError: the picture is missing, unreadable, or too small or large.
        TextError: the order does not fit the boxes.
        ReadingError: there is no such grid on the picture, or nothing written in it.
    """
    reading = find_grid(image, order, columns, rows)
    if not reading.of(WRITTEN):
        raise ReadingError("No box of the sheet is written in; photograph it in better light.")
    return reading.hand


def find_grid(image: np.ndarray | str | os.PathLike, order: str, columns: int, rows: int) -> GridReading:
    """All that can be read from a grid; see `read_grid`."""
    letters = "".join(order.split())
    if not (1 <= columns <= MOST and 1 <= rows <= MOST and columns * rows > 1):
        raise TextError(f"A grid has 1 to {MOST} columns and rows, and {columns} x {rows} is none.")
    if not 1 <= len(letters) <= columns * rows or not letters.isprintable():
        raise TextError(f"The order has {len(letters)} characters for {columns} x {rows} = {columns * rows} boxes.")
    grey, _ = page.as_grey(image)
    contrast = page.contrast_of(grey)
    patches = _patches(contrast, columns * rows)
    numbers = _numbered(patches, columns, rows)
    return _read(contrast, patches, numbers, letters, columns, rows)


def _patches(contrast: np.ndarray, count: int) -> list[np.ndarray]:
    """Outlines, float32 [k, 2] as (right, down), of patches of paper that are alike and could be the boxes.

    Raises:
        ReadingError: there are too few.
    """
    height, width = contrast.shape
    soft = cv2.GaussianBlur(contrast, (0, 0), 0.8)
    dark = cv2.morphologyEx((soft > LINE).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
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
        if filled > SOLID * np.prod(cv2.minAreaRect(outline)[1]):
            found.append((outline + [left, top]).astype(np.float32))
            areas.append(filled)
    sizes = np.array(areas)
    alike = [np.abs(np.log(sizes / size)) < np.log(ALIKE) for size in sizes]
    best = max(alike, key=np.sum, default=np.zeros(0, bool))
    if best.sum() < max(2, ENOUGH * count):
        raise ReadingError(
            f"The picture shows {int(best.sum())} boxes of one size, and the grid has {count}; photograph the sheet "
            "from above with all of its boxes, or check --grid."
        )
    return [outline for outline, one in zip(found, best, strict=True) if one]


def _numbered(patches: list[np.ndarray], columns: int, rows: int) -> np.ndarray:
    """The column and row of each patch, int [n, 2]; -1 for one that is out of line.

    Raises:
        ReadingError: there are other numbers of columns and rows.
    """
    middles = np.array([(outline.min(axis=0) + outline.max(axis=0)) / 2 for outline in patches])
    size = np.median([np.ptp(outline, axis=0) for outline in patches], axis=0)
    apart = middles[None] - middles[:, None]
    steps = []
    for axis in (0, 1):
        ahead = (apart[..., axis] > 0.7 * size[axis]) & (np.abs(apart[..., 1 - axis]) < 0.45 * size[1 - axis])
        nearest = np.where(ahead, apart[..., axis], np.inf).argmin(axis=1)
        pairs = apart[np.arange(len(middles)), nearest][ahead.any(axis=1)]
        steps.append(np.median(pairs, axis=0) if len(pairs) else np.eye(2)[axis] * 1.2 * size)
    numbers, known = np.zeros((len(middles), 2), int), np.zeros(len(middles), bool)
    front = [int(np.linalg.norm(middles - np.median(middles, axis=0), axis=1).argmin())]
    known[front] = True
    while front:
        at = front.pop()
        for axis in (0, 1):
            for way in (-1, 1):
                away = np.linalg.norm(apart[at] - way * steps[axis], axis=1)
                other = int(away.argmin())
                if not known[other] and away[other] < 0.35 * min(np.linalg.norm(steps, axis=1)):
                    numbers[other] = numbers[at]
                    numbers[other, axis] += way
                    known[other] = True
                    front.append(other)
    numbers -= numbers[known].min(axis=0)
    wide, high = numbers[known].max(axis=0) + 1
    if (wide, high) != (columns, rows):
        raise ReadingError(
            f"The picture shows {wide} columns and {high} rows of boxes, and --grid says {columns} columns and {rows} "
            "rows; photograph all of the sheet upright, or mend --grid COLUMNSxROWS."
        )
    return np.where(known[:, None], numbers, -1)


def _read(contrast, patches, numbers, letters: str, columns: int, rows: int) -> GridReading:
    """The boxes on the picture, straightened so that all have one size."""
    known = numbers[:, 0] >= 0
    patches, numbers = [patch for patch, one in zip(patches, known, strict=True) if one], numbers[known]
    middles = np.array([(outline.min(axis=0) + outline.max(axis=0)) / 2 for outline in patches], np.float32)
    step = [_step(middles, numbers, axis) for axis in (0, 1)]
    places = ((numbers + 0.7) * step).astype(np.float32)
    plane, _ = cv2.findHomography(middles, places, cv2.RANSAC, 0.2 * min(step))
    if plane is None:
        raise ReadingError("The boxes do not lie in rows and columns; photograph the sheet flat and from above.")
    size = tuple(round((count + 0.4) * side) for count, side in zip((columns, rows), step, strict=True))
    flat = cv2.warpPerspective(contrast, plane, size)
    covered = cv2.warpPerspective(np.ones(contrast.shape, np.uint8), plane, size) == 0
    outlines = [cv2.perspectiveTransform(outline[None], plane)[0] for outline in patches]
    half = np.median([np.ptp(outline, axis=0) for outline in outlines], axis=0) / 2
    by_number = {tuple(number): outline for number, outline in zip(numbers.tolist(), outlines, strict=True)}
    inside, areas = np.zeros(flat.shape, np.uint8), []
    for index in range(len(letters)):
        row, column = divmod(index, columns)
        middle = (np.array([column, row]) + 0.7) * step
        corners = middle + half * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * 0.95
        outline = cv2.convexHull(by_number.get((column, row), corners.astype(np.float32)))[:, 0]
        cv2.fillPoly(inside, [np.rint(outline).astype(np.int32)], 1)
        (left, top), (right, bottom) = outline.min(axis=0), outline.max(axis=0)
        areas.append([top, left, bottom, right])
    inside = cv2.erode(inside, np.ones((5, 5), np.uint8))
    areas = np.array(areas)
    high = float(np.median(areas[:, 2] - areas[:, 0]))
    baselines = areas[:, 0] + BASELINE * high
    boxes = read_boxes(Page(flat, areas, letters, baselines, X_HEIGHT * high, inside == 0, covered))
    return GridReading(tuple(boxes), areas, flat)


def _step(middles: np.ndarray, numbers: np.ndarray, axis: int) -> float:
    """Pixels from one column or row to the next."""
    if np.ptp(numbers[:, axis]) == 0:
        return 1.3 * _step(middles, numbers, 1 - axis)
    return float(np.polyfit(numbers[:, axis], middles[:, axis], 1)[0])
