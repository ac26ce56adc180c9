"""Glyphs in grids with captions, and grids on one sheet: black ink on white, glyphs at twice their size."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tfhand.hands.glyph import inverted

ENLARGED = 2  # times the size of a cell
GAP, MARGIN, LINE = 8, 24, 20  # pixels: on both sides of a rule, around a grid, height of a line of captions
WIDEST = 1600  # pixels: width of a sheet of grids
COLUMNS = 31  # most letters in a row: half of the 62
_INK, _RULE = 40, 190  # greys


def grid(
    cells: np.ndarray,
    title: str = "",
    above: Sequence[str] = (),
    beside: Sequence[str] = (),
    sources: tuple[int, int] = (0, 0),
) -> np.ndarray:
    """Glyphs in rows and columns, with captions in the margins.

    Args:
        cells: uint8 (rows, columns, S, S), white ink on black.
        title: a line at the top.
        above, beside: a caption for each column and for each row, or none.
        sources: numbers of first rows and first columns that a rule separates from the others; 0 for no rule.

    Returns:
        uint8 array of shape (height, width), black ink on white.
    """
    rows, columns, size = cells.shape[:3]
    font, side = ImageFont.load_default(13), ENLARGED * size
    left = GAP + max(math.ceil(font.getlength(text)) for text in beside) if beside else 0
    top = LINE * (bool(title) + bool(above))
    ys, xs = (
        [start + side * at + 2 * GAP * (0 < first <= at) for at in range(count)]
        for start, count, first in zip((top, left), (rows, columns), sources, strict=True)
    )
    bottom, right = ys[-1] + side, xs[-1] + side
    sheet = Image.new("L", (max(right, left + math.ceil(font.getlength(title))), bottom), "white")
    draw = ImageDraw.Draw(sheet)
    draw.text((left, 0), title, _INK, font)
    for x, text in zip(xs, above, strict=bool(above)):
        draw.text((x + side // 2, top - 6), text, _INK, font, anchor="ms")
    for y, text in zip(ys, beside, strict=bool(beside)):
        draw.text((left - GAP, y + side // 2), text, _INK, font, anchor="rm")
    for y, row in zip(ys, cells, strict=True):
        for x, cell in zip(xs, row, strict=True):
            sheet.paste(Image.fromarray(inverted(cell)).resize((side, side), Image.Resampling.BICUBIC), (x, y))
    if sources[0]:
        draw.line((left, ys[sources[0]] - GAP, right, ys[sources[0]] - GAP), _RULE)
    if sources[1]:
        draw.line((xs[sources[1]] - GAP, top, xs[sources[1]] - GAP, bottom), _RULE)
    return np.asarray(sheet)


def arrange(pictures: Sequence[np.ndarray], across: int | None = None) -> np.ndarray:
    """Pictures in lines, `across` in each or as many as `WIDEST` has room for: uint8 (height, width)."""
    wide = max(picture.shape[1] for picture in pictures)
    across = across or max(1, min(len(pictures), (WIDEST + MARGIN) // (wide + MARGIN)))
    lines = [pictures[at : at + across] for at in range(0, len(pictures), across)]
    heights = [max(picture.shape[0] for picture in line) for line in lines]
    size = sum(heights) + MARGIN * (len(lines) - 1), across * (wide + MARGIN) - MARGIN
    sheet, y = np.full(size, 255, np.uint8), 0
    for line, high in zip(lines, heights, strict=True):
        for place, picture in enumerate(line):
            x = place * (wide + MARGIN)
            sheet[y : y + picture.shape[0], x : x + picture.shape[1]] = picture
        y += high + MARGIN
    return sheet


def add_margin(picture: np.ndarray) -> np.ndarray:
    """A picture with a margin of paper around it."""
    return np.pad(picture, MARGIN, constant_values=255)


def alphabets(
    cells: np.ndarray, characters: str, beside: Sequence[str] = (), sources: tuple[int, int] = (0, 0)
) -> np.ndarray:
    """Rows of letters in bands of at most `COLUMNS` letters and of about equal width, with a margin around all.

    Args:
        cells: uint8 (rows, count, S, S), white ink on black.
        characters: the character of each column, written above it.
        beside, sources: the same for every band, see `grid`.

    Returns:
        uint8 array of shape (height, width), black ink on white.
    """
    wide = math.ceil(len(characters) / math.ceil(len(characters) / COLUMNS))
    parts = [slice(at, at + wide) for at in range(0, len(characters), wide)]
    return add_margin(
        arrange([grid(cells[:, part], "", characters[part], beside, sources) for part in parts], across=1)
    )
