"""A photo of a filled-in sheet, read into a Hand."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import cv2
import numpy as np

from tfhand.core.files import MAX_PIXELS, MIN_SIDE, read_picture
from tfhand.errors import PictureError, ReadingError
from tfhand.hands.hand import Hand
from tfhand.scan import layout
from tfhand.scan.boxes import WRITTEN, Page, Reading, read_boxes
from tfhand.scan.frame import Frame, find_frame
from tfhand.scan.guides import drift
from tfhand.scan.layout import SheetPage
from tfhand.scan.mark import read_mark
from tfhand.scan.page import contrast_of

AROUND = 0.6  # mm around captions and marks that are left out with them
_RED_INK = 0.55  # of the contrast of all light: ink that shows less in the red of the photo is red itself


@dataclass(frozen=True, eq=False)
class SheetReading(Reading):
    """What was read from one page of a sheet.

    Attributes:
        page: which it was, with a box for each of its letters.
        areas: float [n, 4], where each box's ink lies in mm of the frame: top, left, bottom, right; nan without any.
        frame: the page, straightened.
    """

    page: SheetPage
    areas: np.ndarray = field(repr=False)
    frame: Frame = field(repr=False)


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
    if not reading.of(WRITTEN):
        raise ReadingError("No box of the sheet is written in; write in some, or photograph it in better light.")
    return reading.hand


def find_sheet(image: np.ndarray | str | os.PathLike) -> SheetReading:
    """All that can be read from a photo of a sheet's page, with nothing written on it as well; see `read_sheet`."""
    frame = find_frame(_colours(image))
    page, scale = read_mark(frame), frame.scale
    away = np.tile(drift(frame, page), 2)  # of each edge of each box
    areas = (page.boxes + away) * scale
    shape = frame.picture.shape[:2]
    contrast = _contrast(frame.picture, areas)
    plan = Page(
        contrast,
        areas,
        page.letters,
        areas[:, 0] + layout.BASELINE * scale,
        layout.X_HEIGHT * scale,
        _barred(page, away, shape, scale),
        frame.covered,
    )
    boxes = read_boxes(plan)
    places = np.array([np.full(4, np.nan) if box.bounds is None else box.bounds for box in boxes]) / scale - away
    return SheetReading(tuple(boxes), page, places, frame)


def _colours(image: np.ndarray | str | os.PathLike) -> np.ndarray:
    pixels = read_picture(image) if isinstance(image, str | os.PathLike) else np.asarray(image)
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3) or (pixels.ndim == 3 and pixels.shape[2] not in (1, 3)):
        raise PictureError(
            f"A photo is a uint8 array [height, width] or [height, width, 3], not {pixels.dtype} {pixels.shape}."
        )
    height, width = pixels.shape[:2]
    if min(height, width) < MIN_SIDE or height * width > MAX_PIXELS:
        raise PictureError(f"The picture has {width} x {height} pixels; take one of 1 to 120 million.")
    return np.ascontiguousarray(np.broadcast_to(pixels.reshape(height, width, -1), (height, width, 3)))


def _contrast(picture: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """The page's contrast in red light, where the print vanishes; in all light if the ink vanishes there as well."""
    red = contrast_of(picture[..., 0].astype(np.float32))
    grey = contrast_of(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32))
    inside = np.zeros(grey.shape, bool)
    for top, left, bottom, right in np.rint(areas).astype(int):
        inside[top:bottom, left:right] = True
    dark = grey[inside] > max(0.3, float(np.percentile(grey[inside], 99.5)) * 0.6)
    if dark.any() and np.median(red[inside][dark] / grey[inside][dark]) < _RED_INK:
        return grey
    return red


def _barred(page: SheetPage, away: np.ndarray, shape: tuple[int, int], scale: float) -> np.ndarray:
    """Captions, marks, and all that lies over the first row: bool of the page's shape."""
    barred = np.zeros(shape, bool)
    places = np.concatenate([page.captions + away, _squares(layout.MARKERS, layout.MARKER)])
    places = np.concatenate([places + AROUND * np.array([-1, -1, 1, 1]), [[0, 0, layout.HEADER, layout.FRAME[0]]]])
    for top, left, bottom, right in np.rint(places * scale).astype(int):
        barred[max(top, 0) : bottom, max(left, 0) : right] = True
    return barred


def _squares(corners: np.ndarray, side: float) -> np.ndarray:
    return np.concatenate([corners, corners + side], axis=1)
