"""A printed sheet found on a photo by its corner marks, and laid flat.

Marks tell where the frame lies: four points each, so that any two of them away from each other give the perspective,
and the rest is for what a plane cannot explain: paper that bends, and lenses.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from tfhand.errors import ReadingError
from tfhand.scan.layout import FRAME, MARKER, MARKERS
from tfhand.scan.printing import DICTIONARY

LARGEST = 9_000_000  # pixels of a photo that are looked at
SEARCHED = 3_000_000  # pixels in which marks are looked for first
FINEST, COARSEST = 8.0, 4.0  # pixels a millimetre of the straightened frame
FEWEST = 3  # marks
FLAT, ASTRAY = 3.0, 10.0  # mm by which a mark of flat paper may lie beside its place, and one of bent paper
BENDING = 8  # marks from which paper that is not plane can be told


@dataclass(frozen=True, eq=False)
class Frame:
    """The frame of a sheet, straightened.

    Attributes:
        picture: uint8 [h, w, 3], the frame as if seen from above.
        scale: its pixels to a millimetre.
        marks: how many corner marks were found.
        covered: bool [h, w], where the photo does not reach.
    """

    picture: np.ndarray = field(repr=False)
    scale: float
    marks: int
    covered: np.ndarray = field(repr=False)


def find_frame(photo: np.ndarray) -> Frame:
    """The frame of the one sheet on a photo.

    Args:
        photo: uint8 array of shape (height, width, 3), the sheet turned any way.

    Raises:
        ReadingError: no sheet, too little of it, or more than one.
    """
    photo = _no_larger(photo, LARGEST)
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    numbers, corners = _markers(grey)
    if len(numbers) == 0:
        raise ReadingError(
            "There is no sheet of tfhand to be seen on the picture; photograph all of it, sharp and in good light. "
            "For a line of writing say --says, for another sheet --grid."
        )
    if len(set(numbers.tolist())) <= len(numbers) - 2:
        raise ReadingError("The picture shows two sheets; photograph each by itself.")
    if len(set(numbers.tolist())) < FEWEST:
        raise ReadingError(
            f"Of the sheet's {len(MARKERS)} black marks only {len(numbers)} can be seen; photograph all of the sheet."
        )
    places = _places(numbers)
    plane, inside = cv2.findHomography(corners.reshape(-1, 2), places.reshape(-1, 2), cv2.RANSAC, FLAT)
    good = np.zeros(len(numbers), bool)
    if plane is not None and inside.sum() >= 4 * FEWEST - 3:
        away = np.linalg.norm(
            cv2.perspectiveTransform(corners.reshape(1, -1, 2), plane)[0] - places.reshape(-1, 2), axis=1
        )
        good = (away < ASTRAY).reshape(-1, 4).all(axis=1)
    if good.sum() < FEWEST:
        raise ReadingError("The sheet's marks do not lie as they were printed; photograph the sheet alone and flat.")
    if (~good).sum() >= FEWEST:
        raise ReadingError("The picture shows more than one sheet; photograph each by itself.")
    return _straightened(photo, places[good].reshape(-1, 2), corners[good].reshape(-1, 2))


def _no_larger(photo: np.ndarray, pixels: int) -> np.ndarray:
    factor = (pixels / (photo.shape[0] * photo.shape[1])) ** 0.5
    return photo if factor >= 1 else cv2.resize(photo, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def _markers(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numbers (n,) and corners (n, 4, 2) in pixels of all marks; looked for more finely where few are found."""
    small = _no_larger(grey, SEARCHED)
    factor = grey.shape[1] / small.shape[1]
    found = _detected(small)
    if len(set(found[0].tolist())) < len(MARKERS) and min(small.shape) > 100:
        light = cv2.GaussianBlur(small, (0, 0), max(small.shape) / 40)
        even = cv2.divide(small, light, scale=160)
        found = max(found, _detected(even), key=lambda one: len(set(one[0].tolist())))
    numbers, corners = found
    return numbers, (corners + 0.5) * factor - 0.5


def _detected(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    options = cv2.aruco.DetectorParameters()
    options.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    options.adaptiveThreshWinSizeMin, options.adaptiveThreshWinSizeMax, options.adaptiveThreshWinSizeStep = 5, 45, 20
    options.minMarkerPerimeterRate = 0.02
    options.perspectiveRemovePixelPerCell, options.perspectiveRemoveIgnoredMarginPerCell = 8, 0.25  # blur spills over
    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(DICTIONARY), options)
    corners, numbers, _ = detector.detectMarkers(grey)
    if numbers is None:
        return np.zeros(0, int), np.zeros((0, 4, 2), np.float32)
    numbers, corners = numbers.ravel(), np.stack(corners)[:, 0]
    known = numbers < len(MARKERS)
    return numbers[known], corners[known]


def _places(numbers: np.ndarray) -> np.ndarray:
    """Corners of marks in the frame as (right, down) in mm, (n, 4, 2), clockwise from the top left."""
    corner = MARKERS[numbers][:, None, ::-1]
    return (corner + MARKER * np.array([[0, 0], [1, 0], [1, 1], [0, 1]])).astype(np.float32)


def _straightened(photo: np.ndarray, places: np.ndarray, seen: np.ndarray) -> Frame:
    """The frame's picture, from points of the frame (n, 2) in mm and where the photo shows them (n, 2)."""
    plane, _ = cv2.findHomography(places, seen)
    middle = np.array(FRAME) / 2
    if plane is None or not np.isfinite(plane).all():
        raise ReadingError("The sheet's marks do not lie as they were printed; photograph the sheet alone and flat.")
    step = cv2.perspectiveTransform((middle + [[[0, 0], [1, 0], [0, 1]]]).astype(np.float32), plane)[0]
    scale = float(np.clip(np.linalg.norm(step[1:] - step[0], axis=1).mean(), COARSEST, FINEST))
    width, height = (round(side * scale) for side in FRAME)
    coarse = np.stack(np.meshgrid(np.linspace(0, FRAME[0], 25), np.linspace(0, FRAME[1], 33)), axis=-1)
    at = cv2.perspectiveTransform(coarse.reshape(1, -1, 2).astype(np.float32), plane)[0]
    if len(places) >= 4 * BENDING:
        at += _bent(places, seen - cv2.perspectiveTransform(places[None], plane)[0], coarse.reshape(-1, 2))
    at = at.reshape(*coarse.shape).astype(np.float32)
    at = _enlarged(at, width, height)
    picture = cv2.remap(photo, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderValue=(255, 255, 255))
    beyond = (at < 0).any(axis=2) | (at > np.array(photo.shape[1::-1]) - 1).any(axis=2)
    return Frame(picture, scale, len(places) // 4, beyond)


def _enlarged(at: np.ndarray, width: int, height: int) -> np.ndarray:
    """A coarse map, whose first and last entries lie on the frame's edges, for every pixel's middle."""
    rows, columns = at.shape[:2]
    x = ((np.arange(width) + 0.5) / width * (columns - 1)).astype(np.float32)
    y = ((np.arange(height) + 0.5) / height * (rows - 1)).astype(np.float32)
    return cv2.remap(at, *np.meshgrid(x, y), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _bent(places: np.ndarray, apart: np.ndarray, at: np.ndarray) -> np.ndarray:
    """What bent paper adds at the points `at` (m, 2), from what it adds at the marks (n, 2): a smooth surface."""

    def terms(points: np.ndarray) -> np.ndarray:
        x, y = (2 * points / FRAME - 1).T
        return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y, x * x * y, x * y * y, y**3, y**4], axis=1)

    known = terms(places)
    solved = np.linalg.solve(known.T @ known + 0.02 * len(places) * np.eye(known.shape[1]), known.T @ apart)
    return terms(at) @ solved
