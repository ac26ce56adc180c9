"""The sheet to be filled in, drawn by its plan: as a PDF for the printer, or as pictures.

What stands where ink may come is printed in a pale orange, which all but vanishes in the red of a photo.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tfhand.core.files import MILLIMETRES, POINTS, atomic_write
from tfhand.scan import layout
from tfhand.scan.layout import FRAME, MARKER, PAPERS, SheetPage
from tfhand.version import __version__

DICTIONARY = cv2.aruco.DICT_4X4_50  # the fewest and so the largest modules
GUIDE, CAPTION, TEXT = (255, 212, 186), (232, 142, 100), (120, 120, 120)  # colours, RGB
HAIR = 0.25  # mm, width of the guides
_POINT = POINTS / MILLIMETRES  # points to a millimetre
_QUIET = 2  # modules of paper that OpenCV puts around a mark, and that are not wanted
_SAYS = (
    "Write each character on its line, with your own pen. Leave empty",
    "what you like, and scribble over what went wrong. Then lay the",
    "sheet flat and photograph all of it, with every black mark.",
)


@dataclass(frozen=True)
class Bar:
    """A filled rectangle: its box in the frame and its colour."""

    box: tuple[float, float, float, float]
    colour: tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Bitmap:
    """Black and white modules, uint8 [n, n], in a box of the frame."""

    box: tuple[float, float, float, float]
    modules: np.ndarray = field(repr=False)


@dataclass(frozen=True)
class Text:
    """A text in the middle over a point of its baseline (down, right), with its size in mm."""

    down: float
    right: float
    size: float
    text: str
    colour: tuple[int, int, int]


def marker(number: int) -> np.ndarray:
    """The modules of a corner mark, uint8 [6, 6]."""
    dictionary = cv2.aruco.getPredefinedDictionary(DICTIONARY)
    return cv2.aruco.generateImageMarker(dictionary, number, dictionary.markerSize + 2)


def mark(text: str) -> np.ndarray:
    """The modules of a QR code that says `text`, uint8 [n, n]."""
    options = cv2.QRCodeEncoder.Params()
    options.mode, options.correction_level = cv2.QRCodeEncoder_MODE_BYTE, cv2.QRCodeEncoder_CORRECT_LEVEL_M
    modules = cv2.QRCodeEncoder.create(options).encode(text)
    return modules[_QUIET:-_QUIET, _QUIET:-_QUIET]


def elements(page: SheetPage) -> Iterator[Bar | Bitmap | Text]:
    """All that is printed on a page."""
    for top, left, bottom, right in page.boxes:
        line = top + layout.BASELINE
        for y in (top, line, bottom):
            yield Bar((y - HAIR / 2, left, y + HAIR / 2, right), GUIDE)
        for x in (left, right):
            yield Bar((top, x - HAIR / 2, bottom, x + HAIR / 2), GUIDE)
        for x in np.arange(left + 0.6, right - 1, 2.0):  # dashes, so that nobody takes it for the baseline
            yield Bar((line - layout.X_HEIGHT - HAIR / 2, x, line - layout.X_HEIGHT + HAIR / 2, x + 1), GUIDE)
    for character, (_, left, bottom, right) in zip(page.letters, page.captions, strict=True):
        yield Text(bottom - 0.9, (left + right) / 2, 3.4, character, CAPTION)
    for number, (top, left) in enumerate(layout.MARKERS):
        yield Bitmap((top, left, top + MARKER, left + MARKER), marker(number))
    modules = mark(page.mark)
    for top, left in layout.MARKS:
        yield Bitmap((top, left, top + layout.MARK, left + layout.MARK), modules)
    for place, says in enumerate(_SAYS):
        yield Text(12.4 + 3.9 * place, FRAME[0] / 2, 2.8, says, TEXT)
    if page.count > 1:
        yield Text(4.8, FRAME[0] / 2 + 31, 2.8, f"page {page.number} of {page.count}", TEXT)


def margins(page: SheetPage) -> tuple[float, float]:
    """Paper above and to the left of the frame, in mm."""
    width, height = PAPERS[page.paper]
    return (height - FRAME[1]) / 2, (width - FRAME[0]) / 2


def picture(page: SheetPage, scale: float = 8.0) -> np.ndarray:
    """A page as a picture.

    Args:
        page: to draw.
        scale: pixels a millimetre; 8 is about 200 dpi.

    Returns:
        uint8 array of shape (height, width, 3).
    """
    width, height = PAPERS[page.paper]
    sheet = Image.new("RGB", (round(width * scale), round(height * scale)), "white")
    draw, (above, before) = ImageDraw.Draw(sheet), margins(page)

    def pixels(box: Sequence[float]) -> tuple[int, int, int, int]:
        top, left, bottom, right = (round(scale * (edge + (before if i % 2 else above))) for i, edge in enumerate(box))
        return left, top, max(right, left + 1), max(bottom, top + 1)

    for one in elements(page):
        if isinstance(one, Text):
            place = scale * (one.right + before), scale * (one.down + above)
            draw.text(place, one.text, one.colour, ImageFont.truetype(_font_file(), scale * one.size), anchor="ms")
            continue
        left, top, right, bottom = pixels(one.box)
        if isinstance(one, Bar):
            draw.rectangle((left, top, right - 1, bottom - 1), one.colour)
        else:
            image = Image.fromarray(one.modules)
            sheet.paste(image.resize((right - left, bottom - top), Image.Resampling.NEAREST), (left, top))
    return np.asarray(sheet)


def save_pdf(pages: Sequence[SheetPage], path: str | os.PathLike) -> None:
    """Writes the pages as one PDF, whole or not at all.

    Raises:
        HandwritingError: the place cannot be written to.
    """
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(TTFont("captions", _font_file()))
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=tuple(_POINT * side for side in PAPERS[pages[0].paper]), invariant=True)
    canvas.setTitle("Handwriting sheet")
    canvas.setCreator(f"tfhand {__version__}")
    for page in pages:
        above, before = margins(page)
        canvas.saveState()
        canvas.translate(_POINT * before, _POINT * (PAPERS[page.paper][1] - above))
        canvas.scale(_POINT, _POINT)
        for one in elements(page):
            _to_pdf(canvas, one)
        canvas.restoreState()
        canvas.showPage()
    canvas.save()
    with atomic_write(path) as temporary:
        temporary.write_bytes(stream.getvalue())


def _to_pdf(canvas, one: Bar | Bitmap | Text) -> None:
    if isinstance(one, Text):
        canvas.setFillColorRGB(*(level / 255 for level in one.colour))
        canvas.setFont("captions", one.size)
        canvas.drawCentredString(one.right, -one.down, one.text)
        return
    top, left, bottom, right = one.box
    if isinstance(one, Bar):
        canvas.setFillColorRGB(*(level / 255 for level in one.colour))
        canvas.rect(left, -bottom, right - left, bottom - top, stroke=0, fill=1)
    else:  # enlarged, because viewers smooth a small picture
        image = Image.fromarray(np.kron(one.modules, np.ones((10, 10), np.uint8)))
        canvas.drawInlineImage(image, left, -bottom, right - left, bottom - top)


@cache
def _font_file() -> str:
    """DejaVu Sans, which Matplotlib brings along: it knows all European letters."""
    import matplotlib

    return str(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"))
