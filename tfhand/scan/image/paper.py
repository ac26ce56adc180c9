"""The paper on a photo as grey levels, and the light of bare paper taken out of it.

A contrast is the share of the paper's light that is missing: 0 on paper, 1 for perfect black.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import cv2
import numpy as np
from PIL import Image
from scipy import ndimage

from tfhand.core.pictures import MAX_PIXELS, MIN_SIDE, read_picture
from tfhand.errors import PictureError
from tfhand.scan.image.sheet_edges import find_paper, straighten

WORK_PIXELS = 3_000_000  # enough for 40 pixels an x-height in a photo of a whole sheet, and quick
WORK_SIDE = 20_000  # pixels: OpenCV turns no picture of more than 32,766
DARK_PAPER, LIGHT_INK = 60, 180  # grey levels that tell light writing on a dark board


@dataclass(frozen=True, eq=False)
class Paper:
    """The paper cut out of a photo, upright as on the photo and straight where its four corners are seen.

    Attributes:
        grey: float32 [h, w], levels 0 to 255, dark ink on light.
        shown: bool [h, w], the pixels that show the paper away from its edges; the others are as light as it is.
        plane: float64 [3, 3], takes pixels (right, down, 1) of this picture to those of the photo.
        cut_out: whether it is a part of the photo.
    """

    grey: np.ndarray = field(repr=False)
    shown: np.ndarray = field(repr=False)
    plane: np.ndarray = field(repr=False)
    cut_out: bool

    @property
    def contrast(self) -> np.ndarray:
        """The picture with even light, float32 [h, w]: see `contrast_of`; 0 where no paper is shown."""
        return np.where(self.shown, contrast_of(self.grey), 0)


def as_colours(image: np.ndarray | str | os.PathLike) -> np.ndarray:
    """A picture as uint8 colours [H, W, 3], transparency laid on white.

    Args:
        image: uint8 array of shape (height, width) or (height, width, 1, 3 or 4), or a path.

    Raises:
        PictureError: not a picture, or too small or too large.
    """
    pixels = read_picture(image) if isinstance(image, str | os.PathLike) else np.asarray(image)
    shape, channels = pixels.shape, pixels.shape[2] if pixels.ndim == 3 else 1
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3) or channels not in (1, 3, 4):
        raise PictureError(
            f"A photo is a uint8 array [height, width] or [height, width, 3], not {pixels.dtype} {shape}."
        )
    height, width = shape[:2]
    if min(height, width) < MIN_SIDE:
        raise PictureError(f"The picture has only {width} x {height} pixels; nothing can be read from it.")
    if height * width > MAX_PIXELS:
        raise PictureError(
            f"The picture has {width} x {height} pixels; scale it down to at most {MAX_PIXELS // 10**6} million."
        )
    if channels == 4:
        picture = Image.fromarray(pixels)
        pixels = np.asarray(Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB"))
    return np.broadcast_to(pixels.reshape(height, width, -1), (height, width, 3))


def as_paper(image: np.ndarray | str | os.PathLike, whole: bool = False) -> Paper:
    """The paper on a picture, scaled down to about 3 million pixels where it is larger.

    Args:
        image: uint8 array of shape (height, width) or (height, width, 3 or 4), or a path.
        whole: takes the whole picture for paper.

    Raises:
        PictureError: not a picture, or too small or too large.
    """
    colours = as_colours(image)
    edges = None if whole else find_paper(colours)
    height, width = colours.shape[:2]
    area = height * width if edges is None else edges.area
    scale = max(1.0, (area / WORK_PIXELS) ** 0.5, max(height, width) / WORK_SIDE)
    if scale > 1:
        small = max(1, round(width / scale)), max(1, round(height / scale))
        colours = cv2.resize(np.ascontiguousarray(colours), small, interpolation=cv2.INTER_AREA)
    to_photo = np.diag([width / colours.shape[1], height / colours.shape[0], 1.0])
    if edges is None:
        grey = _grey(colours)
        return Paper(_dark_on_light(grey), np.ones(grey.shape, bool), to_photo, cut_out=False)
    picture, shown, plane = straighten(colours, edges.scaled(1 / to_photo[[0, 1], [0, 1]]))
    grey = _dark_on_light(_grey(picture))
    return Paper(np.where(shown, grey, _continued(grey, shown)), shown, to_photo @ plane, cut_out=True)


def _grey(colours: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(np.ascontiguousarray(colours), cv2.COLOR_RGB2GRAY).astype(np.float32)


def _dark_on_light(grey: np.ndarray) -> np.ndarray:
    """The picture itself, or its negative where that is light writing on a dark board."""
    some = grey[::4, ::4]
    light_on_dark = np.median(some) < DARK_PAPER and np.percentile(some, 99.5) > LIGHT_INK
    return 255 - grey if light_on_dark else grey


def _continued(grey: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """The mean light of the nearest paper that is shown: float32 of the picture's shape."""
    step = max(1, max(grey.shape) // 128)
    weight = shown[::step, ::step].astype(np.float32)
    mean = np.zeros_like(weight)
    total = np.zeros_like(weight)
    for sigma in (2.0, 8.0, 32.0):  # the widest fills what the narrower ones do not reach
        near = ndimage.gaussian_filter(weight, sigma)
        levels = ndimage.gaussian_filter(grey[::step, ::step] * weight, sigma)
        mean, total = np.where(total > 1e-3, mean, levels / np.maximum(near, 1e-6)), np.maximum(total, near)
    return cv2.resize(mean, grey.shape[::-1], interpolation=cv2.INTER_LINEAR)


def paper_level(grey: np.ndarray) -> np.ndarray:
    """The light that bare paper would show at every pixel: float32 of the picture's shape.

    The first estimate closes everything darker than its surroundings and narrower than an eighth of the picture. The
    second averages the pixels that the first takes for paper, so that noise does not raise it; it stays below the
    first, which has the sharp edges of shadows.
    """
    height, width = grey.shape
    coarse = Image.fromarray(grey).reduce(max(1, round(max(height, width) / 256)))
    small = np.asarray(coarse)
    window = max(5, max(small.shape) // 8)
    closed = ndimage.grey_closing(small, (window, window), mode="nearest")
    estimate = ndimage.gaussian_filter(closed, window / 8)
    is_paper = small > 0.93 * estimate
    sigma = window / 6
    weight = ndimage.gaussian_filter(is_paper.astype(np.float32), sigma)
    level = ndimage.gaussian_filter(np.where(is_paper, small, 0), sigma) / np.maximum(weight, 1e-3)
    level = np.minimum(np.where(weight > 0.05, level, estimate), closed).astype(np.float32)
    return cv2.resize(level, (width, height), interpolation=cv2.INTER_LINEAR)


def contrast_of(grey: np.ndarray) -> np.ndarray:
    """The picture with even light: float32 of its shape, 0 on paper and up to 1 in ink."""
    return 1 - grey / np.maximum(paper_level(grey), 8)
