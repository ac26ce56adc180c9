"""From glyphs to pages: shapes at one size, set in lines, laid on leaves, saved as PNG, SVG and PDF."""

from tfhand.typeset.layout import Layout
from tfhand.typeset.page import Page
from tfhand.typeset.shapes import Change
from tfhand.typeset.text import drawn, plain, typeset

__all__ = ["Change", "Layout", "Page", "drawn", "plain", "typeset"]
