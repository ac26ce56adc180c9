"""A photo as grey levels, and the light of its bare paper taken out of it.

A contrast is the share of the paper's light that is missing: 0 on paper, 1 for perfect black.
"""

from __future__ import annotations

import os

import numpy as np
from PIL import Image
from scipy import ndimage

from tfhand.core.pictures import MAX_PIXELS, MIN_SIDE, read_picture
from tfhand.errors import PictureError

WORK_PIXELS = 3_000_000  # enough for 40 pixels an x-height in a photo of a whole sheet, and quick
DARK_BORDER, LIGHT_INK = 60, 180  # grey levels that tell light writing on a dark board


def as_grey(image: np.ndarray | str | os.PathLike) -> tuple[np.ndarray, float]:
    """A picture as grey levels, dark ink on light, scaled down to about 3 million pixels where it is larger.

    Args:
        image: uint8 array of shape (height, width) or (height, width, 3 or 4), or a path.

    Returns:
        float32 array of shape (h, w) with levels 0 to 255, and the number of the picture's pixels to one of its pixels.

    Raises:
        PictureError: not a picture, or too small or too large.
    """
    pixels = read_picture(image) if isinstance(image, str | os.PathLike) else np.asarray(image)
    channels = _check_channels(pixels)
    height, width = pixels.shape[:2]
    picture = Image.fromarray(pixels[..., 0] if channels == 1 and pixels.ndim == 3 else pixels)
    if channels == 4:
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    scale = max(1.0, (height * width / WORK_PIXELS) ** 0.5)
    if scale > 1:
        target = max(1, round(width / scale)), max(1, round(height / scale))
        picture = picture.convert("L").resize(target, Image.Resampling.BOX, reducing_gap=2)
    grey = np.asarray(picture.convert("L"), np.float32)
    border = np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]]))
    light_on_dark = border < DARK_BORDER and np.percentile(grey, 99.5) > LIGHT_INK
    return (255 - grey if light_on_dark else grey), scale


def _check_channels(pixels: np.ndarray) -> int:
    """The number of colour channels of a picture that can be read."""
    shape, channels = pixels.shape, pixels.shape[2] if pixels.ndim == 3 else 1
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3) or channels not in (1, 3, 4):
        raise PictureError(
            f"A photo is a uint8 array [height, width] or [height, width, 3], not {pixels.dtype} {shape}."
        )
    height, width = shape[:2]
    if min(height, width) < MIN_SIDE:
        raise PictureError(f"The picture has only {width} x {height} pixels; nothing can be read from it.")
    if height * width > MAX_PIXELS:
        raise PictureError(f"The picture has {width} x {height} pixels; scale it down to at most 120 million.")
    return channels


def paper_level(grey: np.ndarray) -> np.ndarray:
    """The light that bare paper would show at every pixel: float32 of the picture's shape.

    The first estimate closes everything darker than its surroundings and narrower than an eighth of the picture. The
    second averages the pixels that the first takes for paper, so that noise does not raise it.
    """
    height, width = grey.shape
    coarse = Image.fromarray(grey).reduce(max(1, round(max(height, width) / 256)))
    small = np.asarray(coarse)
    window = max(5, max(small.shape) // 8)
    estimate = ndimage.gaussian_filter(ndimage.grey_closing(small, (window, window), mode="nearest"), window / 8)
    is_paper = small > 0.93 * estimate
    sigma = window / 6
    weight = ndimage.gaussian_filter(is_paper.astype(np.float32), sigma)
    level = ndimage.gaussian_filter(np.where(is_paper, small, 0), sigma) / np.maximum(weight, 1e-3)
    level = np.where(weight > 0.05, level, estimate).astype(np.float32)
    return np.asarray(Image.fromarray(level).resize((width, height), Image.Resampling.BILINEAR))


def contrast_of(grey: np.ndarray) -> np.ndarray:
    """The picture with even light: float32 of its shape, 0 on paper and up to 1 in ink."""
    return 1 - grey / np.maximum(paper_level(grey), 8)
