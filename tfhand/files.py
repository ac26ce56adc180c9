"""Files that are read with suspicion and written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from tfhand.errors import HandwritingError, PictureError

MAX_PIXELS = 120_000_000  # a 600 dpi scan of A4 has 35 million
MIN_SIDE = 4


@contextmanager
def whole_file(path: str | os.PathLike) -> Iterator[Path]:
    """Yields a temporary path beside `path`; it takes the place of `path` only if the block ends well.

    Raises:
        HandwritingError: the folder cannot be made or written to.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
        os.close(descriptor)
    except OSError as error:
        raise HandwritingError(f"Cannot write {path}: {error.strerror}; choose a place that can be written.") from None
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise HandwritingError(f"Cannot write {path}: {error.strerror or error}.") from None
    finally:
        temporary.unlink(missing_ok=True)


def read_picture(path: str | os.PathLike) -> np.ndarray:
    """A picture from disk, upright (EXIF orientation applied), transparency laid on white.

    Returns:
        uint8 array of shape (height, width, 3).

    Raises:
        PictureError: missing, not a picture, truncated, smaller than 4 pixels or larger than 120 million pixels.
    """
    path = Path(path)
    if not path.is_file():
        raise PictureError(f"There is no picture at {path}.")
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None  # the size is checked below, with our own sentence
    try:
        with Image.open(path) as picture:
            width, height = picture.size
            if width * height > MAX_PIXELS:
                raise PictureError(f"{path} has {width} x {height} pixels; scale it down to at most 120 million.")
            if min(width, height) < MIN_SIDE:
                raise PictureError(f"{path} has only {width} x {height} pixels; nothing can be read from it.")
            picture = _of_8_bits(ImageOps.exif_transpose(picture)).convert("RGBA")
            paper = Image.new("RGBA", picture.size, "white")
            return np.asarray(Image.alpha_composite(paper, picture).convert("RGB"))
    except PictureError:
        raise
    except Exception as error:  # Pillow's decoders raise many kinds
        raise PictureError(f"{path} is not a picture that can be read ({type(error).__name__}).") from None
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _of_8_bits(picture: Image.Image) -> Image.Image:
    """A picture of more than 8 bits a level as grey of 8, where Pillow would cut off all that is over 255."""
    if not picture.mode.startswith(("I", "F")):
        return picture
    levels = np.nan_to_num(np.asarray(picture, np.float32))
    return Image.fromarray(np.uint8(np.clip(levels * (255 / max(levels.max(), 255)), 0, 255)))


def write_picture(path: str | os.PathLike, pixels: np.ndarray, **options) -> None:
    """Saves uint8 pixels of shape (height, width) or (height, width, 3) in the format of the path's ending.

    Raises:
        HandwritingError: the ending is of no format, or the place cannot be written to.
    """
    if Path(path).suffix.lower() not in Image.registered_extensions():
        raise PictureError(f"{path} has no ending of a picture; end it in .png.")
    with whole_file(path) as temporary:
        Image.fromarray(pixels).save(temporary, **options)
