"""From glyphs to pages: shapes at one size, set in lines, distributed over pages, saved as PNG, SVG and PDF."""

from tfhand.typeset.layout import Layout
from tfhand.typeset.page import Page
from tfhand.typeset.shapes import Change
from tfhand.typeset.text import normalize_text, typeset, visible_characters

__all__ = ["Change", "Layout", "Page", "normalize_text", "typeset", "visible_characters"]
