"""A photo of some other tool's sheet, or one drawn by hand: characters in rows and columns, read in a given order.

The cells are closed boxes (`cells`), or lie between ticks (`ticks`), or are told by the paper between the characters
(`spacing`). The picture is straightened by them, and the lines that were found around them are taken off (`box_lines`).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import cv2
import numpy as np

from tfhand.core.wording import counted
from tfhand.errors import ReadingError, TextError
from tfhand.hands.hand import Hand
from tfhand.scan.image.paper import as_colours, as_paper, contrast_of
from tfhand.scan.image.quadrilateral import in_order
from tfhand.scan.sheet.box_lines import box_line_mask
from tfhand.scan.sheet.boxes import WRITTEN, BoxedPage, BoxReading, read_boxes
from tfhand.scan.sheet.captions import caption_mask
from tfhand.scan.sheet.cells import count_cells, find_cells
from tfhand.scan.sheet.spacing import find_spacing
from tfhand.scan.sheet.straightening import straightened
from tfhand.scan.sheet.ticks import find_ticks

MAX_SIDE = 60  # rows or columns
X_HEIGHT, BASELINE = 0.23, 0.64  # where people write without guides, as shares of a box's height
AROUND = 0.15  # of a cell: paper around the corners that are given
MIN_CORNER_AREA = 100  # pixels of the photo between given corners


@dataclass(frozen=True, eq=False)
class GridReading(BoxReading):
    """The reading of a grid, with a box for each character of the order.

    Attributes:
        areas: float [n, 4], their places on the rectified picture in pixels: top, left, bottom, right.
        contrast: float32 [h, w], the rectified picture.
    """

    areas: np.ndarray = field(repr=False)
    contrast: np.ndarray = field(repr=False)


def read_grid(
    image: np.ndarray | str | os.PathLike,
    order: str,
    columns: int,
    rows: int,
    corners: Sequence[Sequence[float]] | np.ndarray | None = None,
) -> Hand:
    """The glyphs of a filled-in sheet of boxes.

    Args:
        image: uint8 array of shape (height, width) or (height, width, 3), upright to about ten degrees, or a path.
        order: the character of each box, row by row; spaces and line breaks are left out. Further boxes at the end are
            not looked at.
        columns, rows: numbers of boxes across and down.
        corners: the four corners of the whole grid as (x, y) in pixels of the photo, in any order; where no lines
            show the cells in it, they are taken for equal.

    Raises:
        PictureError: the picture is missing, unreadable, or too small or large.
        TextError: the order does not fit the boxes, or the corners are none of a grid.
        ReadingError: there is no such grid on the picture, or nothing written in it.
    """
    reading = find_grid(image, order, columns, rows, corners)
    if not reading.with_state(WRITTEN):
        raise ReadingError("No box of the sheet is written in; photograph it in better light.")
    return reading.hand


def find_grid(
    image: np.ndarray | str | os.PathLike,
    order: str,
    columns: int,
    rows: int,
    corners: Sequence[Sequence[float]] | np.ndarray | None = None,
) -> GridReading:
    """All that can be read from a grid; see `read_grid`."""
    letters = "".join(order.split())
    if not (1 <= columns <= MAX_SIDE and 1 <= rows <= MAX_SIDE and columns * rows > 1):
        raise TextError(f"A grid has 1 to {MAX_SIDE} columns and rows, and {columns} x {rows} is none.")
    if not 1 <= len(letters) <= columns * rows or not letters.isprintable():
        asked = counted(len(letters), "character")
        raise TextError(f"The order has {asked} for {columns} x {rows} = {columns * rows} boxes.")
    if corners is None:
        contrast = as_paper(image).contrast
        cells = _found(contrast, columns, rows, len(letters))
    else:
        contrast, cells = _within(image, as_corners(corners), columns, rows)
    return _read(contrast, cells, letters)


def as_corners(corners: Sequence[Sequence[float]] | np.ndarray) -> np.ndarray:
    """Four corners in any order as float32 [4, 2], clockwise from the top left.

    Raises:
        TextError: they are not four points around an area.
    """
    points = np.asarray(corners, np.float32)
    if points.shape != (4, 2) or not np.isfinite(points).all():
        raise TextError("The corners of a grid are four points x,y in pixels of the photo.")
    points = in_order(points)
    if not cv2.isContourConvex(points) or cv2.contourArea(points) < MIN_CORNER_AREA:
        raise TextError("The four corners do not lie around a grid; give one for each of its corners.")
    return points


def _found(contrast: np.ndarray, columns: int, rows: int, filled: int) -> np.ndarray:
    """The cells of a grid somewhere on the picture, float32 [rows, columns, 4, 2]; see `cells`.

    Raises:
        ReadingError: there is none of so many columns and rows.
    """
    cells = _marked(contrast, columns, rows)
    if cells is None:
        cells = find_spacing(contrast, columns, rows, filled)
    if cells is None:
        raise ReadingError(
            f"The picture shows {counted(count_cells(contrast), 'box')} of about one size, and the grid has "
            f"{columns * rows}; photograph the sheet from above with all of its boxes, check --grid, or say where the "
            "grid lies with --corners."
        )
    return cells


def _marked(contrast: np.ndarray, columns: int, rows: int) -> np.ndarray | None:
    """The cells that lines or ticks show, or None where there are none."""
    cells = find_cells(contrast, columns, rows)
    return find_ticks(contrast, columns, rows) if cells is None else cells


def _within(
    image: np.ndarray | str | os.PathLike, corners: np.ndarray, columns: int, rows: int
) -> tuple[np.ndarray, np.ndarray]:
    """The grid between four corners of the photo.

    Returns:
        float32 [h, w], the contrast of that part of the photo, straightened; float32 [rows, columns, 4, 2], the cells:
        those that lines or ticks show, or else equal parts.
    """
    colours = np.ascontiguousarray(as_colours(image))
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width, height = max(sides[0], sides[2]), max(sides[1], sides[3])
    margin = AROUND * np.array([width / columns, height / rows])
    frame = margin + np.array([[0, 0], [width, 0], [width, height], [0, height]])
    plane = cv2.getPerspectiveTransform(corners, frame.astype(np.float32))
    size = tuple(np.ceil(frame[2] + margin).astype(int).tolist())
    paper = as_paper(cv2.warpPerspective(colours, plane, size, borderMode=cv2.BORDER_REPLICATE), whole=True)
    contrast = contrast_of(paper.grey)
    with suppress(ReadingError):
        cells = _marked(contrast, columns, rows)
        if cells is not None:
            return contrast, cells
    scale = np.array([paper.grey.shape[1] / size[0], paper.grey.shape[0] / size[1]])
    places = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1)[:, :, None]
    places = places + np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    return contrast, ((places * [width / columns, height / rows] + margin) * scale).astype(np.float32)


def _read(contrast: np.ndarray, cells: np.ndarray, letters: str) -> GridReading:
    """The boxes on the straightened picture."""
    flat, covered, cells = straightened(contrast, cells)
    count, columns = len(letters), cells.shape[1]
    boxes = cells.reshape(-1, 4, 2)
    mask = box_line_mask(flat, boxes)
    areas = np.concatenate([boxes.min(axis=1)[:, ::-1], boxes.max(axis=1)[:, ::-1]], axis=1)
    mask |= caption_mask(np.where(mask, 0, flat), areas)
    areas = areas[:count]
    height = float(np.median(areas[:, 2] - areas[:, 0]))
    page = BoxedPage(
        contrast=flat,
        areas=areas,
        letters=letters,
        baselines=areas[:, 0] + BASELINE * (areas[:, 2] - areas[:, 0]),
        x_height=X_HEIGHT * height,
        mask=mask,
        covered=covered,
        rows=np.arange(count) // columns,
    )
    return GridReading(tuple(read_boxes(page)), areas, flat)
