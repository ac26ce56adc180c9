"""Layouts from the names and millimetres that stationery is sold by: paper, ink, the size of the writing."""

from __future__ import annotations

from typing import NamedTuple

from PIL import ImageColor

from tfhand.core.files import MILLIMETRES
from tfhand.errors import HandwritingError
from tfhand.typeset.layout import Layout, Paper
from tfhand.typeset.shapes import Change

DPI = 300  # pixels per inch in print
PAGES = {"a4": (210.0, 297.0), "a5": (148.0, 210.0), "letter": (215.9, 279.4), "legal": (215.9, 355.6)}
LEAST, MOST = 10.0, 1000.0  # millimetres of a page's side
INKS = {"blue": "#1d3c94", "blue-black": "#1c2b4a", "red": "#a3202c", "green": "#1f6a3c", "pencil": "#5a5a5c"}
SIZE = 2.5  # millimetres of a small x: usual in letters written by hand
MARGIN = 20.0  # millimetres, but never more than a tenth of the page's width
SQUARE = 5.0  # millimetres: the usual squared paper


class PageSize(NamedTuple):
    """Width and height of a page in millimetres; None makes it as large as the text."""

    width: float | None = None
    height: float | None = None


def page_size(text: str) -> PageSize:
    """The size of a page by name, "A4", by its width, "120", or by width and height, "100x150" in millimetres.

    Raises:
        HandwritingError: it is none of these, or a side is too short or too long.
    """
    if text.lower() in PAGES:
        return PageSize(*PAGES[text.lower()])
    try:
        sides = [float(side) for side in text.lower().removesuffix("mm").split("x")]
    except ValueError:
        sides = []
    if len(sides) not in (1, 2):
        raise HandwritingError(f"There is no page {text!r}; say A4, A5, Letter, Legal, or millimetres: 120 or 100x150.")
    if not all(LEAST <= side <= MOST for side in sides):
        raise HandwritingError(f"A page has {LEAST:g} to {MOST:g} millimetres a side, unlike {text!r}.")
    return PageSize(*sides)


def ink_colour(text: str) -> tuple[int, int, int]:
    """The colour of an ink, (red, green, blue): those of `INKS` as pens have them, any other as in HTML.

    Raises:
        HandwritingError: there is no such colour.
    """
    try:
        return ImageColor.getrgb(INKS.get(text.lower(), text))[:3]
    except ValueError:
        known = ", ".join(INKS)
        raise HandwritingError(f"There is no ink {text!r}; say black, {known}, or a colour like #1d3c94.") from None


def layout(
    page: PageSize = PageSize(),  # noqa: B008 (it cannot be changed)
    size: float = SIZE,
    neatness: float = 0.5,
    ink: tuple[int, int, int] = (0, 0, 0),
    paper: Paper = "plain",
    slant: float = 0.0,
    width: float = 1.0,
    weight: float = 1.0,
    nib: float | None = None,
) -> Layout:
    """The layout of a page.

    Args:
        page: its size in millimetres, see `page_size`.
        size: height of a small x in millimetres.
        neatness: 0 hasty, 0.5 calm, 1 as regular as print.
        ink: its colour, see `ink_colour`.
        paper: plain, ruled or squared.
        slant: degrees to the right, added to the person's own.
        width, weight: width of letters and thickness of lines, as multiples of the person's own.
        nib: thickness of lines in millimetres instead; None keeps the person's own.
    """
    unit = size * DPI / MILLIMETRES  # pixels of an x-height
    wide, high = (None if side is None else round(side * DPI / MILLIMETRES) for side in page)
    margin = 1.5 if page.width is None else max(1.5, min(MARGIN, page.width / 10) / size)
    change = Change(slant, width, weight, None if nib is None else nib / size)
    jitter = 2 * (1 - neatness)
    return Layout(
        unit, DPI, wide, high, margin, jitter=jitter, change=change, ink=ink, paper=paper, square=SQUARE / size
    )
