"""A photo of a filled-in sheet, read into a Hand."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import cv2
import numpy as np

from tfhand.errors import ReadingError
from tfhand.hands.hand import Hand
from tfhand.scan.image.paper import as_colours, contrast_of
from tfhand.scan.sheet import layout
from tfhand.scan.sheet.boxes import WRITTEN, BoxedPage, BoxReading, read_boxes
from tfhand.scan.sheet.layout import SheetPage
from tfhand.scan.sheet.qr_code import read_qr_code
from tfhand.scan.sheet.rectify import RectifiedSheet, rectify_sheet
from tfhand.scan.sheet.registration import box_offsets

MASK_MARGIN = 0.6  # mm around captions and markers that are masked with them
RED_INK = 0.55  # contrast in the photo's red as a share of that in all light; ink with less is red itself


@dataclass(frozen=True, eq=False)
class SheetReading(BoxReading):
    """The reading of one page of a sheet.

    Attributes:
        page: which page it was, with a box for each of its letters.
        areas: float [n, 4], the bounds of each box's ink in mm of the frame: top, left, bottom, right; nan without ink.
        sheet: the rectified page.
    """

    page: SheetPage
    areas: np.ndarray = field(repr=False)
    sheet: RectifiedSheet = field(repr=False)


def read_sheet(image: np.ndarray | str | os.PathLike) -> Hand:
    """The glyphs of a filled-in sheet, made by `python -m tfhand.sheet` and photographed from any side.

    Args:
        image: uint8 array of shape (height, width) or (height, width, 3), or a path.

    Returns:
        A Hand with one written sample for each written box; empty and scribbled boxes are left out.

    Raises:
        PictureError: the picture is missing, unreadable, or too small or large.
        ReadingError: there is no sheet, too little of it, more than one, a newer one, or nothing written on it.
    """
    reading = find_sheet(image)
    if not reading.with_state(WRITTEN):
        raise ReadingError("No box of the sheet is written in; write in some, or photograph it in better light.")
    return reading.hand


def find_sheet(image: np.ndarray | str | os.PathLike) -> SheetReading:
    """All that can be read from a photo of a sheet's page, even if nothing is written on it; see `read_sheet`."""
    sheet = rectify_sheet(np.ascontiguousarray(as_colours(image)))
    page, scale = read_qr_code(sheet), sheet.scale
    offsets = np.tile(box_offsets(sheet, page), 2)  # of each edge of each box
    areas = (page.boxes + offsets) * scale
    boxes = read_boxes(
        BoxedPage(
            contrast=_contrast(sheet.picture, areas),
            areas=areas,
            letters=page.letters,
            baselines=areas[:, 0] + layout.BASELINE * scale,
            x_height=layout.X_HEIGHT * scale,
            mask=_mask(page, offsets, sheet.picture.shape[:2], scale),
            covered=sheet.covered,
        )
    )
    bounds = np.array([np.full(4, np.nan) if box.bounds is None else box.bounds for box in boxes])
    return SheetReading(tuple(boxes), page, bounds / scale - offsets, sheet)


def _contrast(picture: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """The page's contrast in red light, where the print disappears; in all light if the ink disappears there too."""
    red = contrast_of(picture[..., 0].astype(np.float32))
    grey = contrast_of(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32))
    inside = np.zeros(grey.shape, bool)
    for top, left, bottom, right in np.rint(areas).astype(int):
        inside[top:bottom, left:right] = True
    dark = grey[inside] > max(0.3, float(np.percentile(grey[inside], 99.5)) * 0.6)
    if dark.any() and np.median(red[inside][dark] / grey[inside][dark]) < RED_INK:
        return grey
    return red


def _mask(page: SheetPage, offsets: np.ndarray, shape: tuple[int, ...], scale: float) -> np.ndarray:
    """Captions, markers, and everything above the first row: bool of the page's shape."""
    mask = np.zeros(shape, bool)
    markers = np.concatenate([layout.MARKERS, layout.MARKERS + layout.MARKER_SIDE], axis=1)
    places = np.concatenate([page.captions + offsets, markers])
    places = np.concatenate([places + MASK_MARGIN * np.array([-1, -1, 1, 1]), [[0, 0, layout.HEADER, layout.FRAME[0]]]])
    for top, left, bottom, right in np.rint(places * scale).astype(int):
        mask[max(top, 0) : bottom, max(left, 0) : right] = True
    return mask
