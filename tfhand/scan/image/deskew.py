"""The ink of a whole photo, and that page turned until its lines are level."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from tfhand.scan.image.ink import border_ink, ink_level, ink_mask
from tfhand.scan.image.paper import as_grey, contrast_of
from tfhand.scan.image.rulings import MAX_SLOPE, ruling_slope, without_rulings


@dataclass(frozen=True, eq=False)
class DeskewedPage:
    """A page turned so that its lines are level.

    Attributes:
        contrast: float32 [h, w], see `scan.image.paper`.
        ink, on_border: bool [h, w], all ink, and the part of it that is connected to the picture's border.
        angle: degrees by which the photo was turned counter-clockwise.
        scale: pixels of the photo to one of these.
        photo_shape: (height, width) of the photo in page pixels, before it was turned.
    """

    contrast: np.ndarray = field(repr=False)
    ink: np.ndarray = field(repr=False)
    on_border: np.ndarray = field(repr=False)
    angle: float
    scale: float
    photo_shape: tuple[int, int]

    def to_photo(self, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pixels of this page as rows and columns of the photo."""
        angle = np.deg2rad(self.angle)
        y, x = rows + 0.5 - self.ink.shape[0] / 2, columns + 0.5 - self.ink.shape[1] / 2
        photo_x, photo_y = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
        height, width = self.photo_shape
        return (photo_y + height / 2) * self.scale, (photo_x + width / 2) * self.scale


def page_from_photo(image: np.ndarray | str | os.PathLike) -> tuple[DeskewedPage, float, float | None]:
    """The ink of a picture, not turned yet.

    Returns:
        The page, the contrast of well inked strokes, and the slope of the rulings that were taken out of it, or None.

    Raises:
        PictureError: not a picture, or too small or too large.
        ReadingError: nothing on it is dark enough, or most of it is dark.
    """
    grey, scale = as_grey(image)
    contrast = contrast_of(grey)
    slope = ruling_slope(contrast)
    if slope is not None:
        contrast = without_rulings(contrast, slope)
    level = ink_level(contrast)
    ink = ink_mask(contrast, level)
    return DeskewedPage(contrast, ink, border_ink(ink), 0.0, scale, ink.shape), level, slope


def deskew(page: DeskewedPage, slope: float) -> DeskewedPage:
    """The page turned until lines of this slope (fall by run) are level, with room for its corners."""
    degrees = float(np.rad2deg(np.arctan(np.clip(slope, -MAX_SLOPE, MAX_SLOPE))))

    def turn(values: np.ndarray, resampling: Image.Resampling) -> np.ndarray:
        return np.asarray(Image.fromarray(values).rotate(degrees, resampling, expand=True))

    levels = turn(page.ink.astype(np.uint8) + page.on_border.astype(np.uint8), Image.Resampling.NEAREST)
    contrast = turn(page.contrast, Image.Resampling.BICUBIC)
    return DeskewedPage(contrast, levels > 0, levels == 2, degrees, page.scale, page.photo_shape)
