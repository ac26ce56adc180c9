"""One glyph: a written character as a small square image, white ink (255) on black (0).

The longest side of the ink box is 26/32 of the image's side, and the box is centred. Every picture of a character,
from a scan, a data set or a pen, is converted to this shape first.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from tfhand.core.pictures import MIN_CONTRAST
from tfhand.errors import PictureError

SIZE = 32
BOX_SHARE = 26 / 32  # longest side of the ink box as a share of the image's side
INK_LEVEL = 0.25  # share of the strongest ink: a lower level is the soft edge of a stroke


def box_side(size: int = SIZE) -> int:
    """Pixels of the ink box's longest side in a glyph of `size` pixels."""
    return round(size * BOX_SHARE)


def as_ink(image: np.ndarray) -> np.ndarray:
    """A grey or colour picture of one character as white ink on black, whether the ink was dark or light.

    The border shows the colour of the paper. Paper becomes 0 and the strongest ink 255: a grey photo of a pencil letter
    and a clean drawing then look alike; a picture without contrast becomes all black.

    Args:
        image: uint8 or bool array of shape (height, width) or (height, width, 3 or 4); a fourth channel is ignored.

    Returns:
        uint8 array of shape (height, width).

    Raises:
        PictureError: another type or shape.
    """
    image = np.asarray(image)
    if image.dtype == bool:
        image = image.astype(np.uint8) * 255
    valid = image.dtype == np.uint8 and image.ndim in (2, 3) and min(image.shape[:2], default=0) >= 1
    if not valid or (image.ndim == 3 and image.shape[2] not in (3, 4)):
        raise PictureError(f"A glyph is a uint8 picture, not {image.dtype} of shape {image.shape}.")
    if image.ndim == 3:
        image = np.asarray(Image.fromarray(image[:, :, :3]).convert("L"))
    border = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    paper = float(np.median(border))
    grey = image.astype(np.float32)
    ink = np.clip(paper - grey if paper > 127 else grey - paper, 0, None)
    if ink.max() < MIN_CONTRAST:
        return np.zeros(image.shape, np.uint8)
    return np.round(ink * (255 / ink.max())).astype(np.uint8)


def ink_box(ink: np.ndarray) -> tuple[int, int, int, int]:
    """The box around the ink: (top, left, bottom, right), bottom and right exclusive.

    Raises:
        PictureError: there is no ink.
    """
    inked = ink > max(INK_LEVEL * int(ink.max(initial=0)), 8)
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if rows.size == 0:
        raise PictureError("A glyph without ink; leave the character out instead.")
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def cropped(ink: np.ndarray, edge: int = 1) -> np.ndarray:
    """The ink box with `edge` pixels around it for the soft edge of the strokes; black outside the picture."""
    top, left, bottom, right = ink_box(ink)
    return np.pad(ink, edge)[top : bottom + 2 * edge, left : right + 2 * edge]


def normalize(ink: np.ndarray, size: int = SIZE) -> np.ndarray:
    """The ink scaled so that the longest side of its box is `box_side(size)`, and centred.

    Args:
        ink: uint8 array of shape (height, width), white ink on black.
        size: side of the glyph in pixels.

    Returns:
        uint8 array of shape (size, size).
    """
    top, left, bottom, right = ink_box(ink)
    height, width = bottom - top, right - left
    scale = box_side(size) / max(height, width)
    target = max(1, round(width * scale)), max(1, round(height * scale))
    reach = int(np.ceil(2 * max(1, 1 / scale)))  # the resampling reads pixels outside the box, which must be paper
    box = (left + reach, top + reach, right + reach, bottom + reach)
    small = Image.fromarray(np.pad(ink, reach)).resize(target, Image.Resampling.BICUBIC, box=box)
    glyph = np.zeros((size, size), np.uint8)
    y, x = (size - target[1]) // 2, (size - target[0]) // 2
    glyph[y : y + target[1], x : x + target[0]] = np.asarray(small)
    return glyph


def inverted(glyph: np.ndarray) -> np.ndarray:
    """White ink on black as black ink on white, and the reverse."""
    return 255 - glyph


def as_network_input(glyphs: np.ndarray) -> np.ndarray:
    """uint8 glyphs (..., S, S) as input of networks: float32 (..., S, S, 1) in [-1, 1]."""
    return glyphs[..., None].astype(np.float32) / 127.5 - 1.0


def as_glyphs(images: np.ndarray) -> np.ndarray:
    """Images of networks (..., S, S, 1) in [-1, 1] as uint8 glyphs (..., S, S)."""
    return np.rint((np.clip(images[..., 0], -1, 1) + 1) * 127.5).astype(np.uint8)
