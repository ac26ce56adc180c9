"""Drawing a character at any size, with any nib, slant and width: pen strokes as lines, images by warping.

Both are brought to the glyph's form after the transformation: longest side of the ink box 26/32 of the side, centred.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from tfhand.hands.glyph import BOX_SHARE, INK_LEVEL

_SUPERSAMPLING = 4
_SUBPIXEL_BITS = 4  # cv2.polylines takes fixed-point coordinates
MIN_NIB = 1.0  # pixels at 32: thinner lines break up


def shape_matrix(slant: Any = 0.0, stretch: Any = 0.0, rotation: Any = 0.0) -> np.ndarray:
    """The linear map of a hand's overall shape on coordinates (x right, y down), or of many hands'.

    Args:
        slant: shear, x gained for each unit of height; positive leans to the right.
        stretch: logarithm of width over height.
        rotation: radians, positive turns clockwise on the page.

    Returns:
        float64 array of shape (..., 2, 2), for arguments of shape (...).
    """
    width, nothing = np.exp(np.asarray(stretch) / 2), np.zeros_like(stretch)
    shear = _matrix(width, -np.asarray(slant), nothing, 1.0 / width)
    cosine, sine = np.cos(rotation), np.sin(rotation)
    return _matrix(cosine, -sine, sine, cosine) @ shear


def _matrix(a: Any, b: Any, c: Any, d: Any) -> np.ndarray:
    return np.stack([np.stack([a, b], axis=-1), np.stack([c, d], axis=-1)], axis=-2)


def draw_strokes(
    strokes: Sequence[np.ndarray], size: int = 32, nib: float = 2.5, matrix: np.ndarray | None = None
) -> np.ndarray:
    """Pen strokes as one antialiased glyph.

    Args:
        strokes: arrays of shape (points, 2), x right and y down, any unit.
        size: side of the glyph in pixels.
        nib: width of the line in pixels of a glyph of side 32.
        matrix: (2, 2), applied to the points first; see `shape_matrix`.

    Returns:
        uint8 array of shape (size, size).
    """
    points = np.concatenate(strokes).astype(np.float64)
    if matrix is not None:
        points = points @ matrix.T
    side = size * _SUPERSAMPLING
    width = max(nib, MIN_NIB) * side / 32
    low, high = points.min(axis=0), points.max(axis=0)
    scale = max(side * BOX_SHARE - width, 1.0) / max((high - low).max(), 1e-6)
    placed = (points - (low + high) / 2) * scale + (side - 1) / 2
    return _inked(placed, strokes, (size, size), width)


def draw_line(strokes: Sequence[np.ndarray], shape: tuple[int, int], nib: float) -> np.ndarray:
    """Pen strokes where they lie, as an antialiased picture; what lies outside of it is cut off.

    Args:
        strokes: arrays of shape (points, 2), x right and y down in pixels; the middle of the first pixel is (0, 0).
        shape: (height, width) of the picture in pixels.
        nib: width of the line in pixels.

    Returns:
        uint8 array of shape (height, width).
    """
    points = np.concatenate(strokes).astype(np.float64)
    placed = points * _SUPERSAMPLING + (_SUPERSAMPLING - 1) / 2
    return _inked(placed, strokes, shape, nib * _SUPERSAMPLING)


def _inked(points: np.ndarray, strokes: Sequence[np.ndarray], shape: tuple[int, int], width: float) -> np.ndarray:
    """Points (n, 2) of strokes, in pixels of the supersampled picture, as a picture of the given shape."""
    height, across = shape
    fixed = np.rint(points * 2**_SUBPIXEL_BITS).astype(np.int32)
    lines = np.split(fixed, np.cumsum([len(stroke) for stroke in strokes])[:-1])
    lines = [np.repeat(line, 2, axis=0) if len(line) == 1 else line for line in lines]  # cv2 leaves out single points
    canvas = np.zeros((height * _SUPERSAMPLING, across * _SUPERSAMPLING), np.uint8)
    cv2.polylines(canvas, lines, False, 255, max(1, round(width)), cv2.LINE_8, _SUBPIXEL_BITS)
    return cv2.resize(canvas, (across, height), interpolation=cv2.INTER_AREA)


def draw_image(image: np.ndarray, size: int = 32, matrix: np.ndarray | None = None) -> np.ndarray:
    """An inked image of a character as a glyph, its shape changed by `matrix` in the same pass.

    Args:
        image: uint8 array of shape (height, width), white ink on black.
        size: side of the glyph in pixels.
        matrix: (2, 2) on coordinates (x right, y down); see `shape_matrix`.

    Returns:
        uint8 array of shape (size, size).
    """
    matrix = np.eye(2) if matrix is None else matrix
    rows, columns = np.nonzero(image > INK_LEVEL * image.max())
    ink = np.stack([columns, rows], axis=1) @ matrix.T
    low, high = ink.min(axis=0), ink.max(axis=0)
    scale = size * BOX_SHARE / ((high - low).max() + 1.0)
    shift = (size - 1) / 2 - (low + high) / 2 * scale
    affine = np.concatenate([matrix * scale, shift[:, None]], axis=1)
    return cv2.warpAffine(image, affine, (size, size), flags=cv2.INTER_LINEAR)
