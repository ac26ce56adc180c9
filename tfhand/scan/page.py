"""From a photo to ink: even light, no printed rulings, ink apart from paper.

Every stage takes and gives a plain array, so that each can be shown by itself:
`as_grey` -> `paper_level` -> `contrast_of` -> `ruling_slope`, `without_rulings` -> `ink_level`, `separate`.
`from_photo` goes through all of them.
A contrast is the share of the paper's light that is missing: 0 on paper, 1 for perfect black.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import numpy as np
from PIL import Image
from scipy import ndimage

from tfhand.core.files import MAX_PIXELS, MIN_SIDE, read_picture
from tfhand.errors import PictureError, ReadingError

WORK_PIXELS = 3_000_000  # enough for 40 pixels an x-height in a photo of a whole sheet, and quick
FAINTEST_INK = 0.12  # contrast; a hard pencil has 0.25
STEEPEST = np.tan(np.deg2rad(12))  # of a line, as rise by run
BLOCK = 8  # pixels that are averaged along a ruling


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
    shape, colours = pixels.shape, pixels.shape[2] if pixels.ndim == 3 else 1
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3) or colours not in (1, 3, 4):
        raise PictureError(
            f"A photo is a uint8 array [height, width] or [height, width, 3], not {pixels.dtype} {shape}."
        )
    height, width = shape[:2]
    if min(height, width) < MIN_SIDE:
        raise PictureError(f"The picture has only {width} x {height} pixels; nothing can be read from it.")
    if height * width > MAX_PIXELS:
        raise PictureError(f"The picture has {width} x {height} pixels; scale it down to at most 120 million.")
    picture = Image.fromarray(pixels[..., 0] if colours == 1 and pixels.ndim == 3 else pixels)
    if colours == 4:
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    scale = max(1.0, (height * width / WORK_PIXELS) ** 0.5)
    if scale > 1:
        target = max(1, round(width / scale)), max(1, round(height / scale))
        picture = picture.convert("L").resize(target, Image.Resampling.BOX, reducing_gap=2)
    grey = np.asarray(picture.convert("L"), np.float32)
    rim = np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]]))
    light_on_dark = rim < 60 and np.percentile(grey, 99.5) > 180
    return (255 - grey if light_on_dark else grey), scale


def paper_level(grey: np.ndarray) -> np.ndarray:
    """The light that bare paper would show at every pixel: float32 of the picture's shape.

    A first guess closes everything darker than its surroundings and narrower than an eighth of the picture; a second
    one averages what the first takes for paper, so that noise lifts it no longer.
    """
    height, width = grey.shape
    coarse = Image.fromarray(grey).reduce(max(1, round(max(height, width) / 256)))
    small = np.asarray(coarse)
    window = max(5, max(small.shape) // 8)
    guess = ndimage.gaussian_filter(ndimage.grey_closing(small, (window, window), mode="nearest"), window / 8)
    near = small > 0.93 * guess
    spread = window / 6
    weight = ndimage.gaussian_filter(near.astype(np.float32), spread)
    level = ndimage.gaussian_filter(np.where(near, small, 0), spread) / np.maximum(weight, 1e-3)
    level = np.where(weight > 0.05, level, guess).astype(np.float32)
    return np.asarray(Image.fromarray(level).resize((width, height), Image.Resampling.BILINEAR))


def contrast_of(grey: np.ndarray) -> np.ndarray:
    """The picture with even light: float32 of its shape, 0 on paper and up to 1 in ink."""
    return 1 - grey / np.maximum(paper_level(grey), 8)


def _sheared(values: np.ndarray, slope: float) -> np.ndarray:
    """Every column moved up by its distance from the middle times `slope`: lines that fall by it come to lie level."""
    height, width = values.shape
    shift = np.rint(slope * (np.arange(width) - width / 2)).astype(int)
    rows = np.clip(np.arange(height)[:, None] + shift, 0, height - 1)
    return np.take_along_axis(values, rows, axis=0)


def _blocks(values: np.ndarray) -> np.ndarray:
    """Means of `BLOCK` neighbours along the rows."""
    height, width = values.shape
    return values[:, : width // BLOCK * BLOCK].reshape(height, -1, BLOCK).mean(axis=2)


def _lineness(contrast: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """How much of the contrast lies in straight lines across the picture, for each slope of them."""
    blocks = _blocks(contrast)
    blocks = blocks - ndimage.uniform_filter1d(blocks, max(9, len(blocks) // 20), axis=0)
    return np.array([_sheared(blocks, slope * BLOCK).mean(axis=1).var() for slope in slopes])


def ruling_slope(contrast: np.ndarray) -> float | None:
    """The slope (fall by run) of printed rulings or squares, or None where there are none."""
    height, width = contrast.shape
    if min(height, width) < 8 * BLOCK:
        return None
    pale = np.where(ndimage.maximum_filter(contrast > 3 * FAINTEST_INK, 5), 0, contrast)
    pale = np.clip(pale, -FAINTEST_INK, 2 * FAINTEST_INK)
    if height * width > 1_000_000:
        pale = np.asarray(Image.fromarray(pale).reduce(2))
    slopes = np.linspace(-STEEPEST, STEEPEST, 97)
    score = _lineness(pale, slopes) + _lineness(pale.T, -slopes)
    best = int(score.argmax())
    if score[best] < 4 * np.median(score) or not 0 < best < len(slopes) - 1:
        return None
    fine = np.linspace(slopes[best - 1], slopes[best + 1], 17)
    return float(fine[(_lineness(pale, fine) + _lineness(pale.T, -fine)).argmax()])


def _ruling(contrast: np.ndarray, slope: float, parts: int = 4) -> np.ndarray:
    """Contrast that runs on along whole rows of this slope: what most of each long stretch of a row reaches."""
    height, width = contrast.shape
    blocks = _blocks(_sheared(contrast, slope))  # (H, W / BLOCK)
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
    """The contrast with the rulings of this slope, and lines square to them, divided out.

    Printed lines and ink both let a share of the light through, and where they cross the shares multiply; so dividing
    by the line's own share restores the ink on it, and no stroke is cut. Length tells lines from ink.
    """
    for level in (_ruling(contrast, slope), _ruling(contrast.T, -slope).T):
        contrast = 1 - (1 - contrast) / (1 - level)
    return contrast


def ink_level(contrast: np.ndarray) -> float:
    """The contrast of well inked strokes.

    Raises:
        ReadingError: nothing on the picture is dark enough, or most of it is dark.
    """
    noise = 1.4826 * float(np.median(np.abs(contrast - np.median(contrast))))
    likely = contrast > max(FAINTEST_INK, 6 * noise)
    if likely.mean() > 0.5:
        raise ReadingError("Most of the picture is dark; photograph dark ink on light paper.")
    labels, count = ndimage.label(likely)
    inside = np.ones(count + 1, bool)
    inside[_border_labels(labels)] = False
    inside[0] = False
    chosen = contrast[inside[labels]]
    if chosen.size < 8:
        chosen = contrast[likely]
    if chosen.size < 8:
        raise ReadingError(
            "There is no ink to be seen on the picture; take the photo in better light or with a darker pen."
        )
    return float(np.percentile(chosen, 85))


def separate(contrast: np.ndarray, level: float) -> np.ndarray:
    """What is ink: bool of the picture's shape.

    Hysteresis: a region at nearly half of the ink's contrast (`level`) counts where some of it is plainly ink.
    """
    soft = ndimage.gaussian_filter(contrast, 0.6)
    labels, count = ndimage.label(soft > 0.42 * level, np.ones((3, 3)))
    sure = np.zeros(count + 1, bool)
    sure[np.unique(labels[soft > 0.62 * level])] = True
    sure[0] = False
    return sure[labels]


def _border_labels(labels: np.ndarray) -> np.ndarray:
    rim = max(1, max(labels.shape) // 300)
    return np.unique(
        np.concatenate([side.ravel() for side in (labels[:rim], labels[-rim:], labels[:, :rim], labels[:, -rim:])])
    )


def border_marks(ink: np.ndarray) -> np.ndarray:
    """The part of the ink that hangs on the picture's border: bool of its shape."""
    labels, count = ndimage.label(ink, np.ones((3, 3)))
    touching = np.zeros(count + 1, bool)
    touching[_border_labels(labels)] = True
    touching[0] = False
    return touching[labels]


@dataclass(frozen=True, eq=False)
class Straight:
    """A page turned so that the line lies level.

    Attributes:
        contrast: float32 [h, w].
        ink, on_border: bool [h, w].
        turn: degrees by which the photo was turned counter-clockwise.
        scale: pixels of the photo to one of these.
        photo_shape: (height, width) of the photo in page pixels, before it was turned.
    """

    contrast: np.ndarray = field(repr=False)
    ink: np.ndarray = field(repr=False)
    on_border: np.ndarray = field(repr=False)
    turn: float
    scale: float
    photo_shape: tuple[int, int]

    def on_photo(self, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pixels of this page as rows and columns of the photo."""
        angle = np.deg2rad(self.turn)
        y, x = rows + 0.5 - self.ink.shape[0] / 2, columns + 0.5 - self.ink.shape[1] / 2
        back_x, back_y = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
        height, width = self.photo_shape
        return (back_y + height / 2) * self.scale, (back_x + width / 2) * self.scale


def from_photo(image: np.ndarray | str | os.PathLike) -> tuple[Straight, float, float | None]:
    """The ink of a picture, which is not turned yet.

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
    ink = separate(contrast, level)
    return Straight(contrast, ink, border_marks(ink), 0.0, scale, ink.shape), level, slope


def turned(flat: Straight, degrees: float) -> Straight:
    """The page turned counter-clockwise, with room for its corners."""

    def turn(values: np.ndarray, how: Image.Resampling) -> np.ndarray:
        return np.asarray(Image.fromarray(values).rotate(degrees, how, expand=True))

    levels = turn(np.uint8(flat.ink) + np.uint8(flat.on_border), Image.Resampling.NEAREST)
    contrast = turn(flat.contrast, Image.Resampling.BICUBIC)
    return Straight(contrast, levels > 0, levels == 2, degrees, flat.scale, flat.photo_shape)
