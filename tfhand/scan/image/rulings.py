"""Printed lines or squares on the paper: their slope, and the picture without them."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image
from scipy import ndimage

from tfhand.scan.image.ink import MIN_INK_CONTRAST

MAX_SLOPE = float(np.tan(np.deg2rad(12)))  # steepest line, as fall by run
THICKEST = 9  # pixels across a ruling
DARKEST = 0.8  # contrast of a ruling
LEAST_RULING, MOST_RULING = 0.06, 0.35  # contrast of a single ruling; see `drawn_lines` for darker ones
SEVERAL = 3  # lines are rulings however dark they are
SEARCH_PIXELS = 500_000  # about, of the picture in which the slope is looked for
BLOCK = 8  # pixels that are averaged along a ruling


def _sheared(values: np.ndarray, slope: float) -> np.ndarray:
    """Every column moved up by its distance from the middle times `slope`: lines of this slope become level."""
    height, width = values.shape
    plane = np.array([[1, 0, 0], [slope, 1, -slope * width / 2]])
    how = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(values, plane, (width, height), flags=how, borderMode=cv2.BORDER_REPLICATE)


def _block_means(values: np.ndarray) -> np.ndarray:
    """Means of `BLOCK` neighbours along the rows."""
    height, width = values.shape
    return values[:, : width // BLOCK * BLOCK].reshape(height, -1, BLOCK).mean(axis=2)


def _line_strength(contrast: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """How much of the contrast lies in straight lines across the picture, for each slope."""
    blocks = _block_means(contrast)
    blocks = blocks - ndimage.uniform_filter1d(blocks, max(9, len(blocks) // 20), axis=0)
    return np.array([_sheared(blocks, slope * BLOCK).mean(axis=1).var() for slope in slopes])


def ruling_slope(contrast: np.ndarray) -> float | None:
    """The slope (fall by run) of printed rulings or squares, or None where there are none.

    Many pale lines are told by what is left when dark ink is blanked out; a single one by all that runs through the
    picture from side to side.
    """
    height, width = contrast.shape
    if min(height, width) < 8 * BLOCK:
        return None
    step = max(1, round((contrast.size / SEARCH_PIXELS) ** 0.5))
    small = width // step, height // step
    whole = slice(small[1] * step), slice(small[0] * step)
    clipped = np.clip(contrast[whole], -MIN_INK_CONTRAST, 2 * MIN_INK_CONTRAST)
    clipped = cv2.resize(clipped, small, interpolation=cv2.INTER_AREA)
    dark = cv2.dilate((contrast[whole] > 3 * MIN_INK_CONTRAST).astype(np.uint8), np.ones((5, 5), np.uint8))
    slope = _sharpest(np.where(dark[::step, ::step], np.float32(0), clipped), 4.0)
    if slope is None:
        slope = _sharpest(clipped, 2.0)
        if slope is not None:
            through = [*_lines_through(contrast, slope), *_lines_through(contrast.T, -slope)]
            if len(through) < SEVERAL and max(through, default=1.0) > MOST_RULING:
                return None
    return slope


def _sharpest(values: np.ndarray, least: float) -> float | None:
    """The slope at which most lies in straight lines; None unless that is `least` times what lies there usually."""
    slopes = np.linspace(-MAX_SLOPE, MAX_SLOPE, 97)
    score = _line_strength(values, slopes) + _line_strength(values.T, -slopes)
    best = int(score.argmax())
    if score[best] < least * np.median(score) or not 0 < best < len(slopes) - 1:
        return None
    fine = np.linspace(slopes[best - 1], slopes[best + 1], 17)
    return float(fine[(_line_strength(values, fine) + _line_strength(values.T, -fine)).argmax()])


def _lines_through(contrast: np.ndarray, slope: float) -> list[float]:
    """The contrasts of lines of this slope that run through the picture: writing has gaps, and is not so thin."""
    levels = _levels(contrast, slope).min(axis=1)
    thin = levels - ndimage.minimum_filter1d(levels, THICKEST)
    labels, count = ndimage.label(thin > LEAST_RULING)
    return [float(level) for level in ndimage.maximum(thin, labels, range(1, count + 1))] if count else []


def _levels(contrast: np.ndarray, slope: float, parts: int = 4) -> np.ndarray:
    """For whole rows of this slope the level that most of each long stretch reaches: float32 [H, 2 parts - 1].

    A stem of a letter fills one stretch, a ruling all: each level is at most one and a half times the usual one.
    """
    blocks = _block_means(_sheared(contrast, slope))  # (H, W / BLOCK)
    count = blocks.shape[1]
    starts = np.linspace(0, count * (1 - 1 / parts), 2 * parts - 1)
    stretches = [np.percentile(blocks[:, int(s) : int(s + count / parts) + 1], 35, axis=1) for s in starts]
    levels = np.clip(np.stack(stretches, 1), 0, DARKEST).astype(np.float32)
    near = ndimage.maximum_filter1d(levels, 5, axis=0)  # the slope is not known to the pixel
    throughout = np.percentile(near, 30, axis=1, keepdims=True)
    return np.minimum(levels, 1.5 * throughout)


def _without_lines(contrast: np.ndarray, slope: float) -> np.ndarray:
    """The contrast without the lines of one direction."""
    height, width = contrast.shape
    levels = Image.fromarray(_levels(contrast, slope)).resize((width, height), Image.Resampling.BILINEAR)
    level = np.asarray(levels)
    flat = _sheared(contrast, slope)
    clean = 1 - (1 - flat) / (1 - level)
    dark = level > MIN_INK_CONTRAST
    if dark.any():  # opaque ink covers a dark line instead of adding to it
        joined = ndimage.grey_closing(clean, (THICKEST, 1))
        clean = np.where(ndimage.binary_dilation(dark, np.ones((3, 1))), np.maximum(clean, joined), clean)
    return _sheared(clean, -slope)


def without_rulings(contrast: np.ndarray, slope: float) -> np.ndarray:
    """The contrast without the rulings of this slope and the lines at right angles to them.

    Printed lines and ink both let a share of the light through, and where they cross the shares multiply. Division by
    the line's own share therefore restores the ink on it, and no stroke is cut. Where a line is as dark as ink, strokes
    are continued through it. Length tells lines from ink.
    """
    return _without_lines(_without_lines(contrast, slope).T, -slope).T
