"""The sheet to be filled in, drawn by its layout: as a PDF for the printer, or as pictures.

Everything in the writing areas is printed in a pale orange, which is hardly visible in the red of a photo.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tfhand.core.files import MILLIMETRES, POINTS, atomic_write
from tfhand.scan.sheet import layout
from tfhand.scan.sheet.codes import marker_modules, qr_modules
from tfhand.scan.sheet.layout import FRAME, MARKER_SIDE, PAPERS, QR_SIDE, SheetPage
from tfhand.version import __version__

GUIDE, CAPTION, TEXT = (255, 212, 186), (232, 142, 100), (120, 120, 120)  # colours, RGB
GUIDE_WIDTH = 0.25  # mm
_POINT = POINTS / MILLIMETRES  # points to a millimetre
_INSTRUCTIONS = (
    "Write each character on its line, with your own pen. Leave empty",
    "what you like, and scribble over what went wrong. Then lay the",
    "sheet flat and photograph all of it, with every black square.",
)


@dataclass(frozen=True)
class Bar:
    """A filled rectangle: its box in the frame and its colour."""

    box: tuple[float, float, float, float]
    colour: tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Bitmap:
    """Black and white modules, uint8 [n, n], in their box in the frame."""

    box: tuple[float, float, float, float]
    modules: np.ndarray = field(repr=False)


@dataclass(frozen=True)
class Text:
    """A text centred over a point of its baseline (down, right), with its size in mm."""

    down: float
    right: float
    size: float
    text: str
    colour: tuple[int, int, int]


def elements(page: SheetPage) -> Iterator[Bar | Bitmap | Text]:
    """All that is printed on a page."""
    for box in page.boxes:
        yield from _guides(*box)
    for character, (_, left, bottom, right) in zip(page.letters, page.captions, strict=True):
        yield Text(bottom - 0.9, (left + right) / 2, 3.4, character, CAPTION)
    for number, (top, left) in enumerate(layout.MARKERS):
        yield Bitmap((top, left, top + MARKER_SIDE, left + MARKER_SIDE), marker_modules(number))
    modules = qr_modules(page.qr_text)
    for top, left in layout.QR_CODES:
        yield Bitmap((top, left, top + QR_SIDE, left + QR_SIDE), modules)
    for number, line in enumerate(_INSTRUCTIONS):
        yield Text(12.4 + 3.9 * number, FRAME[0] / 2, 2.8, line, TEXT)
    if page.count > 1:
        yield Text(4.8, FRAME[0] / 2 + 31, 2.8, f"page {page.number} of {page.count}", TEXT)


def _guides(top: float, left: float, bottom: float, right: float) -> Iterator[Bar]:
    """The lines of a box: its four sides, the baseline, and dashes at the x-height."""
    half, baseline = GUIDE_WIDTH / 2, top + layout.BASELINE
    for y in (top, baseline, bottom):
        yield Bar((y - half, left, y + half, right), GUIDE)
    for x in (left, right):
        yield Bar((top, x - half, bottom, x + half), GUIDE)
    x_line = baseline - layout.X_HEIGHT
    for x in np.arange(left + 0.6, right - 1, 2.0):  # dashes, so that nobody takes it for the baseline
        yield Bar((x_line - half, x, x_line + half, x + 1), GUIDE)


def margins(page: SheetPage) -> tuple[float, float]:
    """The paper above and to the left of the frame, in mm."""
    width, height = PAPERS[page.paper]
    return (height - FRAME[1]) / 2, (width - FRAME[0]) / 2


def picture(page: SheetPage, scale: float = 8.0) -> np.ndarray:
    """A page as a picture.

    Args:
        page: the page to draw.
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

    for element in elements(page):
        if isinstance(element, Text):
            place = scale * (element.right + before), scale * (element.down + above)
            font = ImageFont.truetype(_font_file(), scale * element.size)
            draw.text(place, element.text, element.colour, font, anchor="ms")
            continue
        left, top, right, bottom = pixels(element.box)
        if isinstance(element, Bar):
            draw.rectangle((left, top, right - 1, bottom - 1), element.colour)
        else:
            image = Image.fromarray(element.modules)
            sheet.paste(image.resize((right - left, bottom - top), Image.Resampling.NEAREST), (left, top))
    return np.asarray(sheet)


def save_pdf(pages: Sequence[SheetPage], path: str | os.PathLike) -> None:
    """Writes the pages as one PDF, whole or not at all.

    Raises:
        HandwritingError: the file cannot be written.
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
        for element in elements(page):
            _to_pdf(canvas, element)
        canvas.restoreState()
        canvas.showPage()
    canvas.save()
    with atomic_write(path) as temporary:
        temporary.write_bytes(stream.getvalue())


def _to_pdf(canvas, element: Bar | Bitmap | Text) -> None:
    if isinstance(element, Text):
        canvas.setFillColorRGB(*(level / 255 for level in element.colour))
        canvas.setFont("captions", element.size)
        canvas.drawCentredString(element.right, -element.down, element.text)
        return
    top, left, bottom, right = element.box
    if isinstance(element, Bar):
        canvas.setFillColorRGB(*(level / 255 for level in element.colour))
        canvas.rect(left, -bottom, right - left, bottom - top, stroke=0, fill=1)
    else:  # enlarged, because viewers smooth a small picture
        image = Image.fromarray(np.kron(element.modules, np.ones((10, 10), np.uint8)))
        canvas.drawInlineImage(image, left, -bottom, right - left, bottom - top)


@cache
def _font_file() -> str:
    """DejaVu Sans, which Matplotlib brings along: it knows all European letters."""
    import matplotlib

    return str(Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf"))
