"""Printed lines or squares on the paper: their slope, and the picture without them."""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

from tfhand.scan.image.ink import MIN_INK_CONTRAST

MAX_SLOPE = float(np.tan(np.deg2rad(12)))  # steepest line, as fall by run
BLOCK = 8  # pixels that are averaged along a ruling


def _sheared(values: np.ndarray, slope: float) -> np.ndarray:
    """Every column moved up by its distance from the middle times `slope`: lines of this slope become level."""
    height, width = values.shape
    shift = np.rint(slope * (np.arange(width) - width / 2)).astype(int)
    rows = np.clip(np.arange(height)[:, None] + shift, 0, height - 1)
    return np.take_along_axis(values, rows, axis=0)


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
    """The slope (fall by run) of printed rulings or squares, or None where there are none."""
    height, width = contrast.shape
    if min(height, width) < 8 * BLOCK:
        return None
    pale = np.where(ndimage.maximum_filter(contrast > 3 * MIN_INK_CONTRAST, 5), 0, contrast)
    pale = np.clip(pale, -MIN_INK_CONTRAST, 2 * MIN_INK_CONTRAST)
    if height * width > 1_000_000:
        pale = np.asarray(Image.fromarray(pale).reduce(2))
    slopes = np.linspace(-MAX_SLOPE, MAX_SLOPE, 97)
    score = _line_strength(pale, slopes) + _line_strength(pale.T, -slopes)
    best = int(score.argmax())
    if score[best] < 4 * np.median(score) or not 0 < best < len(slopes) - 1:
        return None
    fine = np.linspace(slopes[best - 1], slopes[best + 1], 17)
    return float(fine[(_line_strength(pale, fine) + _line_strength(pale.T, -fine)).argmax()])


def _ruling_contrast(contrast: np.ndarray, slope: float, parts: int = 4) -> np.ndarray:
    """The contrast that continues along whole rows of this slope: the level that most of each long stretch reaches."""
    height, width = contrast.shape
    blocks = _block_means(_sheared(contrast, slope))  # (H, W / BLOCK)
    count = blocks.shape[1]
    starts = np.linspace(0, count * (1 - 1 / parts), 2 * parts - 1)
    stretches = [np.percentile(blocks[:, int(s) : int(s + count / parts) + 1], 35, axis=1) for s in starts]
    levels = np.clip(np.stack(stretches, 1), 0, 0.6).astype(np.float32)  # (H, 2 parts - 1)
    near = ndimage.maximum_filter1d(levels, 5, axis=0)  # the slope is not known to the pixel
    throughout = np.percentile(near, 30, axis=1, keepdims=True)  # a stem fills one stretch, a ruling all
    levels = np.minimum(levels, 1.5 * throughout)
    upright = Image.fromarray(levels).resize((width, height), Image.Resampling.BILINEAR)
    return _sheared(np.asarray(upright), -slope)


def without_rulings(contrast: np.ndarray, slope: float) -> np.ndarray:
    """The contrast without the rulings of this slope and the lines at right angles to them.

    Printed lines and ink both let a share of the light through, and where they cross the shares multiply. Division by
    the line's own share therefore restores the ink on it, and no stroke is cut. Length tells lines from ink.
    """
    for level in (_ruling_contrast(contrast, slope), _ruling_contrast(contrast.T, -slope).T):
        contrast = 1 - (1 - contrast) / (1 - level)
    return contrast
