"""Files: checked carefully when read, and written completely or not at all."""

from __future__ import annotations

import errno
import importlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import numpy as np
from PIL import Image, ImageOps

from tfhand.errors import HandwritingError, PictureError

MAX_PIXELS = 120_000_000  # a 600 dpi scan of A4 has 35 million
MIN_SIDE = 4
MOST_PAGES = 50
MILLIMETRES, POINTS = 25.4, 72  # in an inch
PDF_SCALE = 220 / POINTS  # pixels to a point
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")


@contextmanager
def atomic_write(path: str | os.PathLike) -> Iterator[Path]:
    """Yields a temporary path beside `path`, which replaces `path` only if the block ends without an error.

    Raises:
        HandwritingError: the folder cannot be made or written to.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
        os.close(descriptor)
    except OSError as error:
        raise _unwritable(path, error) from None
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise HandwritingError(f"Cannot write {path}: {error.strerror or error}.") from None
    finally:
        temporary.unlink(missing_ok=True)


def check_writable(path: str | os.PathLike) -> None:
    """Checks, before long work, that `atomic_write` can write there; creates nothing.

    Raises:
        HandwritingError: it cannot.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        folder = next(folder for folder in path.absolute().parents if folder.exists())
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> HandwritingError:
    return HandwritingError(f"Cannot write {path}: {error.strerror}; choose a place that can be written.")


def check_ending(path: str | os.PathLike, subject: str, *endings: str) -> str:
    """The ending of a path in small letters.

    Args:
        path: where something will be saved.
        subject: the beginning of the error's sentence, "A sheet is".
        endings: the allowed endings.

    Raises:
        HandwritingError: another ending.
    """
    ending = Path(path).suffix.lower()
    if ending not in endings:
        raise HandwritingError(f"{subject} saved as {' or '.join(endings)}; {path} ends otherwise.")
    return ending


def numbered_paths(path: Path, count: int) -> list[Path]:
    """The paths for `count` files: the path itself for one, letter-1.png, letter-2.png ... for several."""
    return [path] if count == 1 else [path.with_stem(f"{path.stem}-{number}") for number in range(1, count + 1)]


def read_picture(path: str | os.PathLike) -> np.ndarray:
    """A picture from disk, upright (EXIF orientation applied), transparency laid on white.

    Returns:
        uint8 array of shape (height, width, 3).

    Raises:
        PictureError: missing, not a picture, truncated, smaller than 4 pixels or larger than 120 million pixels; of a
            kind that needs a package which is not installed; or of several pages.
    """
    pages = read_pictures(path)
    if len(pages) > 1:
        raise PictureError(f"{path} has {len(pages)} pages; give one of them as a picture.")
    return pages[0]


def read_pictures(path: str | os.PathLike) -> list[np.ndarray]:
    """The pages of a PDF, or the one picture of any other file; see `read_picture`."""
    path = Path(path)
    if not path.is_file():
        raise PictureError(f"There is no picture at {path}.")
    try:
        with path.open("rb") as file:
            start = file.read(12)
    except OSError as error:
        raise PictureError(f"Cannot read {path}: {error.strerror}.") from None
    if start.startswith(b"%PDF-"):
        return _pdf_pages(path)
    if start[4:8] == b"ftyp" and start[8:12] in _HEIC_BRANDS:
        _import_optional("pillow_heif", "a HEIC photo", path).register_heif_opener()
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None  # the size is checked below, with a clearer message
    try:
        with Image.open(path) as picture:
            _check_size(path, *picture.size)
            upright = _to_8_bits(ImageOps.exif_transpose(picture)).convert("RGBA")
            paper = Image.new("RGBA", upright.size, "white")
            return [np.asarray(Image.alpha_composite(paper, upright).convert("RGB"))]
    except PictureError:
        raise
    except Exception as error:  # Pillow's decoders raise many kinds
        raise PictureError(f"{path} is not a picture that can be read ({type(error).__name__}).") from None
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _check_size(path: Path, width: float, height: float) -> None:
    if width * height > MAX_PIXELS:
        raise PictureError(f"{path} has {width:.0f} x {height:.0f} pixels; scale it down to at most 120 million.")
    if min(width, height) < MIN_SIDE:
        raise PictureError(f"{path} has only {width:.0f} x {height:.0f} pixels; nothing can be read from it.")


def _import_optional(package: str, kind: str, path: Path) -> ModuleType:
    """Imports a package that is not required by tfhand."""
    try:
        return importlib.import_module(package)
    except ImportError:
        raise PictureError(
            f'{path} is {kind}, which needs a package more: pip install "tfhand[photos]", or save it as JPEG or PNG.'
        ) from None


def _pdf_pages(path: Path) -> list[np.ndarray]:
    pdfium = _import_optional("pypdfium2", "a PDF", path)
    try:
        with pdfium.PdfDocument(path) as document:
            if not 0 < len(document) <= MOST_PAGES:
                raise PictureError(f"{path} has {len(document)} pages; give a PDF of 1 to {MOST_PAGES}.")
            pages = []
            for page in document:
                _check_size(path, *(PDF_SCALE * side for side in page.get_size()))
                pages.append(np.array(page.render(scale=PDF_SCALE).to_pil().convert("RGB")))
            return pages
    except PictureError:
        raise
    except Exception as error:  # pdfium raises many kinds for a broken PDF
        raise PictureError(f"{path} is not a PDF that can be read ({type(error).__name__}).") from None


def _to_8_bits(picture: Image.Image) -> Image.Image:
    """A grey picture of more than 8 bits scaled to 8 bits; Pillow would cut off all levels over 255."""
    if not picture.mode.startswith(("I", "F")):
        return picture
    levels = np.nan_to_num(np.asarray(picture, np.float32))
    return Image.fromarray(np.uint8(np.clip(levels * (255 / max(levels.max(), 255)), 0, 255)))


def write_picture(path: str | os.PathLike, pixels: np.ndarray, **options) -> None:
    """Saves uint8 pixels of shape (height, width) or (height, width, 3) in the format of the path's ending.

    Raises:
        HandwritingError: no format has this ending, or the place cannot be written.
    """
    if Path(path).suffix.lower() not in Image.registered_extensions():
        raise PictureError(f"{path} has no ending of a picture; end it in .png.")
    with atomic_write(path) as temporary:
        Image.fromarray(pixels).save(temporary, **options)
