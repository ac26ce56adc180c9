"""A placed text as pixels: one page as an array, or as a PNG file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import PngImagePlugin

from tfhand.core.files import MILLIMETRES
from tfhand.core.pictures import write_picture
from tfhand.typeset.placement import NOTE, RULE_COLOUR, RULE_WIDTH, PlacedText
from tfhand.version import __version__


def draw_writing(text: PlacedText, number: int = 0) -> np.ndarray:
    """The writing of one page alone, uint8 (height, width), black ink on white paper."""
    pixels = np.full((text.height, text.width), 255, np.uint8)
    for glyph in text.page_glyphs[number]:
        high, wide = glyph.ink.shape
        top, left = max(glyph.top, 0), max(glyph.left, 0)
        part = pixels[top : max(glyph.top + high, 0), left : max(glyph.left + wide, 0)]
        ink = glyph.ink[top - glyph.top :, left - glyph.left :][: part.shape[0], : part.shape[1]]
        np.minimum(part, 255 - ink, out=part)
    return pixels


def draw_in_colour(text: PlacedText, number: int = 0) -> np.ndarray:
    """One page in its colours, on its paper: uint8 (height, width, 3)."""
    pixels = np.full((text.height, text.width, 3), 255, np.uint8)
    _draw_rules(pixels, text)
    writing = draw_writing(text, number)
    rows, columns = np.nonzero(writing < 255)
    share = 1 - writing[rows, columns, None] / 255
    pixels[rows, columns] = np.rint(pixels[rows, columns] * (1 - share) + share * np.array(text.ink))
    return pixels


def _draw_rules(pixels: np.ndarray, text: PlacedText) -> None:
    """Draws the lines of the paper with soft edges."""
    thick = RULE_WIDTH / MILLIMETRES * text.dpi
    for x, y, to_x, to_y in text.rules:
        horizontal = y == to_y
        middle, ends = (y, (x, to_x)) if horizontal else (x, (y, to_y))
        first, last, part = int(middle - thick / 2), int(middle + thick / 2) + 1, slice(*np.rint(ends).astype(int))
        for line in range(max(first, 0), min(last, text.height if horizontal else text.width)):
            share = max(0.0, min(line + 1, middle + thick / 2) - max(line, middle - thick / 2))
            colour = np.rint(255 + share * (np.array(RULE_COLOUR) - 255)).astype(np.uint8)
            pixels[(line, part) if horizontal else (part, line)] = colour


def write_png(text: PlacedText, path: Path, number: int = 0) -> None:
    """Writes one page as a PNG file that notes its size in print; grey where it is black ink on plain paper."""
    note = PngImagePlugin.PngInfo()
    note.add_text("Software", f"tfhand {__version__}")
    note.add_text("Comment", NOTE)
    grey = text.ink == (0, 0, 0) and not text.rules
    pixels = draw_writing(text, number) if grey else draw_in_colour(text, number)
    write_picture(path, pixels, dpi=(text.dpi, text.dpi), pnginfo=note)
