"""A printed sheet found on a photo by its black markers, and rectified: as if seen from above on flat paper.

Each marker gives four points, so that any two markers far from each other give the perspective. The others are for
what a plane cannot explain: paper that bends, and lenses.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from tfhand.errors import ReadingError
from tfhand.scan.sheet.codes import MARKER_DICTIONARY
from tfhand.scan.sheet.layout import FRAME, MARKER_SIDE, MARKERS

MAX_PIXELS = 9_000_000  # a larger photo is scaled down
SEARCHED_PIXELS = 3_000_000  # in which markers are looked for
MAX_SCALE, MIN_SCALE = 8.0, 4.0  # pixels a millimetre of the rectified sheet
MIN_MARKERS = 3
FLAT_ERROR, BENT_ERROR = 3.0, 10.0  # mm between a marker and its place in the plane, on flat and on bent paper
MARKERS_FOR_BENDING = 8  # from which paper that is not plane can be told


@dataclass(frozen=True, eq=False)
class RectifiedSheet:
    """The frame of a sheet as if seen from above.

    Attributes:
        picture: uint8 [h, w, 3].
        scale: its pixels to a millimetre.
        markers: how many markers were found.
        covered: bool [h, w], the places that the photo does not show.
    """

    picture: np.ndarray = field(repr=False)
    scale: float
    markers: int
    covered: np.ndarray = field(repr=False)


def rectify_sheet(photo: np.ndarray) -> RectifiedSheet:
    """The one sheet on a photo.

    Args:
        photo: uint8 array of shape (height, width, 3), the sheet turned any way.

    Raises:
        ReadingError: no sheet, too little of it, or more than one.
    """
    photo = _shrunk(photo, MAX_PIXELS)
    numbers, corners = _find_markers(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY))
    _check_numbers(numbers)
    places = _places(numbers)
    plane, inside = cv2.findHomography(corners.reshape(-1, 2), places.reshape(-1, 2), cv2.RANSAC, FLAT_ERROR)
    good = np.zeros(len(numbers), bool)
    if plane is not None and inside.sum() >= 4 * MIN_MARKERS - 3:
        error = np.linalg.norm(
            cv2.perspectiveTransform(corners.reshape(1, -1, 2), plane)[0] - places.reshape(-1, 2), axis=1
        )
        good = (error < BENT_ERROR).reshape(-1, 4).all(axis=1)
    if good.sum() < MIN_MARKERS:
        raise ReadingError("The sheet's black squares do not lie as printed; photograph the sheet alone and flat.")
    if (~good).sum() >= MIN_MARKERS:
        raise ReadingError("The picture shows more than one sheet; photograph each by itself.")
    return _rectified(photo, places[good].reshape(-1, 2), corners[good].reshape(-1, 2))


def _check_numbers(numbers: np.ndarray) -> None:
    """Raises a ReadingError unless these markers can be those of one sheet."""
    if len(numbers) == 0:
        raise ReadingError(
            "There is no sheet of tfhand to be seen on the picture; photograph all of it, sharp and in good light. "
            "For a line of writing say --says, for another sheet --grid."
        )
    different = len(set(numbers.tolist()))
    if different <= len(numbers) - 2:
        raise ReadingError("The picture shows two sheets; photograph each by itself.")
    if different < MIN_MARKERS:
        raise ReadingError(
            f"Of the sheet's {len(MARKERS)} black squares only {len(numbers)} can be seen; photograph all of the sheet."
        )


def _shrunk(photo: np.ndarray, pixels: int) -> np.ndarray:
    """The photo, scaled down to this number of pixels if it has more."""
    factor = (pixels / (photo.shape[0] * photo.shape[1])) ** 0.5
    return photo if factor >= 1 else cv2.resize(photo, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def _find_markers(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers (n,) and corners (n, 4, 2) in pixels of all markers; searched again in even light if some are missing."""
    small = _shrunk(grey, SEARCHED_PIXELS)
    factor = grey.shape[1] / small.shape[1]
    found = _detect(small)
    if len(set(found[0].tolist())) < len(MARKERS) and min(small.shape) > 100:
        light = cv2.GaussianBlur(small, (0, 0), max(small.shape) / 40)
        even = cv2.divide(small, light, scale=160)
        found = max(found, _detect(even), key=lambda one: len(set(one[0].tolist())))
    numbers, corners = found
    return numbers, (corners + 0.5) * factor - 0.5


def _detect(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    options = cv2.aruco.DetectorParameters()
    options.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    options.adaptiveThreshWinSizeMin, options.adaptiveThreshWinSizeMax, options.adaptiveThreshWinSizeStep = 5, 45, 20
    options.minMarkerPerimeterRate = 0.02
    options.perspectiveRemovePixelPerCell, options.perspectiveRemoveIgnoredMarginPerCell = 8, 0.25  # against blur
    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(MARKER_DICTIONARY), options)
    corners, found, _ = detector.detectMarkers(grey)
    if found is None:
        return np.zeros(0, int), np.zeros((0, 4, 2), np.float32)
    numbers = found.ravel()
    known = numbers < len(MARKERS)
    return numbers[known], np.stack(corners)[known, 0]


def _places(numbers: np.ndarray) -> np.ndarray:
    """Corners of markers in the frame as (right, down) in mm, (n, 4, 2), clockwise from the top left."""
    corner = MARKERS[numbers][:, None, ::-1]
    return (corner + MARKER_SIDE * np.array([[0, 0], [1, 0], [1, 1], [0, 1]])).astype(np.float32)


def _rectified(photo: np.ndarray, places: np.ndarray, seen: np.ndarray) -> RectifiedSheet:
    """The sheet from points of its frame (n, 2) in mm and the pixels where the photo shows them (n, 2)."""
    plane, _ = cv2.findHomography(places, seen)
    middle = np.array(FRAME) / 2
    if plane is None or not np.isfinite(plane).all():
        raise ReadingError("The sheet's black squares do not lie as printed; photograph the sheet alone and flat.")
    step = cv2.perspectiveTransform((middle + [[[0, 0], [1, 0], [0, 1]]]).astype(np.float32), plane)[0]
    scale = float(np.clip(np.linalg.norm(step[1:] - step[0], axis=1).mean(), MIN_SCALE, MAX_SCALE))
    width, height = (round(side * scale) for side in FRAME)
    coarse = np.stack(np.meshgrid(np.linspace(0, FRAME[0], 25), np.linspace(0, FRAME[1], 33)), axis=-1)
    source = cv2.perspectiveTransform(coarse.reshape(1, -1, 2).astype(np.float32), plane)[0]
    if len(places) >= 4 * MARKERS_FOR_BENDING:
        error = seen - cv2.perspectiveTransform(places[None], plane)[0]
        source += _bending(places, error, coarse.reshape(-1, 2))
    source = _enlarged(source.reshape(*coarse.shape).astype(np.float32), width, height)
    picture = cv2.remap(photo, source[..., 0], source[..., 1], cv2.INTER_LINEAR, borderValue=(255, 255, 255))
    beyond = np.any((source < 0) | (source > np.array(photo.shape[1::-1]) - 1), axis=2)
    return RectifiedSheet(picture, scale, len(places) // 4, beyond)


def _enlarged(coarse: np.ndarray, width: int, height: int) -> np.ndarray:
    """A coarse map, whose first and last entries lie on the frame's edges, for the middle of every pixel."""
    rows, columns = coarse.shape[:2]
    x = ((np.arange(width) + 0.5) / width * (columns - 1)).astype(np.float32)
    y = ((np.arange(height) + 0.5) / height * (rows - 1)).astype(np.float32)
    columns_at, rows_at = np.meshgrid(x, y)
    return cv2.remap(coarse, columns_at, rows_at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _bending(places: np.ndarray, error: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The error (m, 2) of a plane at some points (m, 2): a smooth surface through its errors (n, 2) at the markers."""

    def terms(points: np.ndarray) -> np.ndarray:
        x, y = (2 * points / FRAME - 1).T
        return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y, x * x * y, x * y * y, y**3, y**4], axis=1)

    known = terms(places)
    ridge = 0.02 * len(places) * np.eye(known.shape[1])
    return terms(points) @ np.linalg.solve(known.T @ known + ridge, known.T @ error)
