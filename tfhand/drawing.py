"""From glyphs to print: a glyph enlarged to a smooth, crisp shape, and a page of such shapes.

A glyph of 32 pixels holds its contour in its grey levels: the line where the interpolated ink falls to half. Enlarging
the grey picture would blur it; here the contour is found at a multiple of the print's resolution and turned into a
field of signed distances to it. From that field the edge is drawn one pixel wide at any size, and the pen can be made
a little broader or finer by moving the contour, so that letters enlarged differently look written with one pen.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin
from scipy import ndimage

from tfhand.errors import HandwritingError
from tfhand.files import write_picture
from tfhand.version import __version__

SUPERSAMPLING = 3  # the contour is found at this multiple of the print's resolution
SOFTENING = 0.55  # Gaussian over the glyph, in its own pixels: rounds off the staircase of its pixel grid
FAINTEST = 0.35  # of the strongest ink: a stroke fainter than this may vanish, and does not raise paper noise to ink
REACH = 5  # pixels of the glyph, side of the square in which the strength of a stroke is looked for


def distance_field(ink: np.ndarray, scale: float, angle: float = 0.0) -> np.ndarray:
    """The enlarged glyph as distances to its contour.

    Args:
        ink: uint8 array of shape (height, width), white ink on black.
        scale: pixels of the result per pixel of the ink.
        angle: turned counter-clockwise about the middle, in degrees.

    Returns:
        float32 array of shape (H, W): distance to the contour in pixels of the result, positive within the ink. The
        ink lies in the middle, with at least 3 pixels of paper around it.
    """
    fine = scale * SUPERSAMPLING
    margin = int(np.ceil(3 * SUPERSAMPLING / fine)) + 1
    grey = np.pad(ink, margin).astype(np.float32)
    high, wide = (SUPERSAMPLING * round(side * fine / SUPERSAMPLING) for side in grey.shape)
    if fine < 1:  # a large scan: what print cannot show would only slow things down
        grey = _resized(grey, high, wide)
    grey = ndimage.gaussian_filter(grey, SOFTENING)
    strength = ndimage.maximum_filter(grey, REACH)
    strength = ndimage.gaussian_filter(np.maximum(strength, FAINTEST * grey.max()), 1.0)
    above = _resized(grey - strength / 2, high, wide, angle)
    distance = ndimage.distance_transform_edt(above > 0) - ndimage.distance_transform_edt(above <= 0)
    distance -= np.sign(distance) / 2  # the contour runs between pixels
    distance = ndimage.gaussian_filter(distance.astype(np.float32), 1.0) / SUPERSAMPLING
    return distance.reshape(high // SUPERSAMPLING, SUPERSAMPLING, wide // SUPERSAMPLING, -1).mean(axis=(1, 3))


def _resized(grey: np.ndarray, high: int, wide: int, angle: float = 0.0) -> np.ndarray:
    picture = Image.fromarray(grey)
    if grey.shape != (high, wide):
        picture = picture.resize((wide, high), Image.Resampling.LANCZOS)
    if angle:
        picture = picture.rotate(angle, Image.Resampling.BILINEAR, fillcolor=float(grey.min()))
    return np.asarray(picture)


def nib_width(field: np.ndarray) -> float:
    """Pixels of mean stroke thickness in a distance field: twice the area over the contour's length."""
    area = float(coverage(field).sum()) / 255
    contour = np.count_nonzero(np.abs(field) < 1) / 2
    return 2 * area / max(contour, 1)


def evened(widths: np.ndarray, trusted: np.ndarray, share: float) -> np.ndarray:
    """What to add to distance fields so that their strokes come nearer to one thickness.

    Args:
        widths: the `nib_width` of each, (n,).
        trusted: bool (n,), those that say which thickness that is: where there are any, the others do not count.
        share: of the difference that is taken away.

    Returns:
        pixels, (n,); no stroke becomes thinner by more than 35 % or broader by more than 50 %.
    """
    if not len(widths):
        return widths
    common = np.median(widths[trusted] if trusted.any() else widths)
    return np.clip(share * (common - widths), -0.35 * widths, 0.5 * widths) / 2


def coverage(field: np.ndarray) -> np.ndarray:
    """How much of each pixel is ink: uint8, same shape as the field, an edge one pixel wide."""
    return np.round(np.clip(field + 0.5, 0, 1) * 255).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class Mark:
    """One glyph on a page: `ink` uint8 [h, w] (255 where it is all ink) with its top left corner in pixels."""

    character: str
    left: int
    top: int
    ink: np.ndarray


@dataclass(frozen=True, eq=False)
class Page:
    """A written page.

    Attributes:
        width, height: pixels.
        dpi: pixels per inch in print.
        marks: the glyphs in the order of the text.
    """

    width: int
    height: int
    dpi: int
    marks: tuple[Mark, ...]

    def image(self) -> np.ndarray:
        """The page as uint8 array of shape (height, width), black ink on white paper."""
        page = np.full((self.height, self.width), 255, np.uint8)
        for mark in self.marks:
            high, wide = mark.ink.shape
            top, left = max(mark.top, 0), max(mark.left, 0)
            part = page[top : mark.top + high, left : mark.left + wide]
            ink = mark.ink[top - mark.top :, left - mark.left :][: part.shape[0], : part.shape[1]]
            np.minimum(part, 255 - ink, out=part)
        return page

    def save(self, path: str | os.PathLike) -> None:
        """Writes the page as a PNG with its size in print and a note that tfhand wrote it.

        Raises:
            HandwritingError: the ending is not .png, or the place cannot be written.
        """
        ending = Path(path).suffix.lower()
        if ending != ".png":
            raise HandwritingError(f"A page is saved as .png, not {ending or 'without an ending'}: {path}")
        note = PngImagePlugin.PngInfo()
        note.add_text("Software", f"tfhand {__version__}")
        note.add_text("Comment", "written by tfhand")
        write_picture(path, self.image(), dpi=(self.dpi, self.dpi), pnginfo=note)
