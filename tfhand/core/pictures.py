"""Pictures: read from an explicit list of formats within limits of size, and written whole or not at all."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from types import ModuleType

import numpy as np
from PIL import Image, ImageOps, PngImagePlugin

from tfhand.core.files import POINTS, atomic_write
from tfhand.errors import PictureError

FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP")  # Pillow would hand others to other programs
MAX_PIXELS = 80_000_000  # a 600 dpi scan of A4 has 35 million, one of A3 70
MAX_GLYPH_PIXELS = 4_000_000  # of a picture of one character
MAX_PDF_PIXELS = 500_000_000  # of all pages together; fifty of A4 have 234 million
MIN_SIDE = 4
MAX_PAGES = 50
PDF_SCALE = 220 / POINTS  # pixels to a point
BAND = 512  # rows of a transparent picture that are laid on paper at a time
MIN_CONTRAST = 24  # grey levels between paper and ink: a smaller contrast is camera noise on empty paper
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
TAG = ("Software", "tfhand")  # text in a PNG that tfhand made unasked, so that a person's is never taken for one


def read_picture(path: str | os.PathLike, most: int = MAX_PIXELS) -> np.ndarray:
    """A picture from disk, upright (EXIF orientation applied), transparency laid on white.

    Where that shows nothing, because the ink is as light as the paper, transparency itself is the paper.

    Args:
        path: of a picture of one of `FORMATS`, told by its content, a HEIC photo, or a PDF of one page.
        most: the largest number of pixels.

    Returns:
        uint8 array of shape (height, width, 3).

    Raises:
        PictureError: missing, not such a picture, truncated, too small or too large; of a kind that needs a package
            which is not installed; or of several pages.
    """
    pages = count_pages(path)
    if pages > 1:
        raise PictureError(f"{path} has {pages} pages; give one of them as a picture.")
    return read_page(path, most=most)


def count_pages(path: str | os.PathLike) -> int:
    """The pages of a PDF; 1 for any other file.

    Raises:
        PictureError: missing, or a PDF that is broken, empty or too large.
    """
    if not _start_of(path).startswith(b"%PDF-"):
        return 1
    pdfium = _import_optional("pypdfium2", "a PDF", path)
    try:
        with pdfium.PdfDocument(path) as document:
            count = len(document)
            if not 0 < count <= MAX_PAGES:
                raise PictureError(f"{path} has {count} pages; give a PDF of 1 to {MAX_PAGES}.")
            sizes = [[PDF_SCALE * side for side in document.get_page_size(number)] for number in range(count)]
    except PictureError:
        raise
    except Exception as error:  # pdfium raises many kinds for a broken PDF
        raise PictureError(f"{path} is not a PDF that can be read ({type(error).__name__}).") from None
    for width, height in sizes:
        _check_size(path, width, height, MAX_PIXELS)
    if sum(width * height for width, height in sizes) > MAX_PDF_PIXELS:
        raise PictureError(f"The pages of {path} have over {MAX_PDF_PIXELS // 10**6} million pixels; give it in parts.")
    return count


def read_page(path: str | os.PathLike, number: int = 0, most: int = MAX_PIXELS) -> np.ndarray:
    """One page of a PDF, counted from 0, or the picture in any other file; see `read_picture`."""
    start = _start_of(path)
    if start.startswith(b"%PDF-"):
        return _pdf_page(path, number)
    formats: tuple[str, ...] = FORMATS
    if start[4:8] == b"ftyp" and start[8:12] in _HEIC_BRANDS:
        _import_optional("pillow_heif", "a HEIC photo", path).register_heif_opener()
        formats = ("HEIF",)
    try:
        with Image.open(path, formats=formats) as picture:
            _check_size(path, picture.width, picture.height, most)
            ImageOps.exif_transpose(picture, in_place=True)
            return _as_rgb(picture)
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise PictureError(f"{path} is too large; scale it down to at most {most // 10**6} million pixels.") from None
    except Exception as error:  # Pillow's decoders raise many kinds
        raise PictureError(f"{path} is not a picture that can be read ({type(error).__name__}).") from None


def _start_of(path: str | os.PathLike) -> bytes:
    if not os.path.isfile(path):
        raise PictureError(f"There is no picture at {path}.")
    try:
        with Path(path).open("rb") as file:
            return file.read(12)
    except OSError as error:
        raise PictureError(f"Cannot read {path}: {error.strerror}.") from None


def _check_size(path: str | os.PathLike, width: float, height: float, most: int) -> None:
    if width * height > most:
        raise PictureError(
            f"{path} has {width:.0f} x {height:.0f} pixels; scale it down to at most {most // 10**6} million."
        )
    if min(width, height) < MIN_SIDE:
        raise PictureError(f"{path} has only {width:.0f} x {height:.0f} pixels; nothing can be read from it.")


def _import_optional(package: str, kind: str, path: str | os.PathLike) -> ModuleType:
    """Imports a package that is not required by tfhand."""
    try:
        return importlib.import_module(package)
    except ImportError:
        raise PictureError(
            f'{path} is {kind}, which needs a package more: pip install "tfhand[photos]", or save it as JPEG or PNG.'
        ) from None


def _pdf_page(path: str | os.PathLike, number: int) -> np.ndarray:
    pdfium = _import_optional("pypdfium2", "a PDF", path)
    try:
        with pdfium.PdfDocument(path) as document:
            page = document[number]
            width, height = page.get_size()
            _check_size(path, PDF_SCALE * width, PDF_SCALE * height, MAX_PIXELS)
            return np.array(page.render(scale=PDF_SCALE).to_pil().convert("RGB"))
    except PictureError:
        raise
    except Exception as error:  # pdfium raises many kinds for a broken PDF
        raise PictureError(f"{path} is not a PDF that can be read ({type(error).__name__}).") from None


def _as_rgb(picture: Image.Image) -> np.ndarray:
    if picture.mode.startswith(("I", "F")):
        return np.repeat(_to_8_bits(picture)[..., None], 3, axis=2)
    if not picture.has_transparency_data:
        return np.asarray(picture if picture.mode == "RGB" else picture.convert("RGB"))
    clear = picture.convert("RGBA")
    laid = np.empty((clear.height, clear.width, 3), np.uint8)
    for top in range(0, clear.height, BAND):  # a band at a time, as a whole large picture would be in memory thrice
        band = clear.crop((0, top, clear.width, min(top + BAND, clear.height)))
        paper = Image.new("RGBA", band.size, "white")
        laid[top : top + BAND] = np.asarray(Image.alpha_composite(paper, band).convert("RGB"))
    alpha = np.asarray(clear.getchannel("A"))
    if np.ptp(alpha) >= MIN_CONTRAST > np.ptp(laid):  # white ink on a clear ground
        return np.repeat(255 - alpha[..., None], 3, axis=2)
    return laid


def _to_8_bits(picture: Image.Image) -> np.ndarray:
    """A grey picture of more than 8 bits scaled to 8 bits; Pillow would cut off all levels over 255."""
    levels = np.nan_to_num(np.asarray(picture, np.float32))
    return np.clip(levels * (255 / max(levels.max(), 255)), 0, 255).astype(np.uint8)


def write_picture(path: str | os.PathLike, pixels: np.ndarray, **options) -> None:
    """Saves uint8 pixels of shape (height, width) or (height, width, 3) in the format of the path's ending.

    Raises:
        HandwritingError: no format has this ending, or the place cannot be written.
    """
    if Path(path).suffix.lower() not in Image.registered_extensions():
        raise PictureError(f"{path} has no ending of a picture; end it in .png.")
    with atomic_write(path) as temporary:
        Image.fromarray(pixels).save(temporary, **options)


def write_tagged_picture(path: str | os.PathLike, pixels: np.ndarray) -> None:
    """Saves a PNG with the tag of pictures that tfhand makes unasked."""
    note = PngImagePlugin.PngInfo()
    note.add_text(*TAG)
    write_picture(path, pixels, pnginfo=note)


def is_tagged_picture(path: str | os.PathLike) -> bool:
    """Whether a file is a PNG with this tag."""
    try:
        with Image.open(path, formats=("PNG",)) as picture:
            return picture.info.get(TAG[0]) == TAG[1]
    except Exception:  # Pillow's decoders raise many kinds
        return False
