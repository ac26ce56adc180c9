"""Fonts on disk: .ttf and .woff2."""

from __future__ import annotations

import os

from fontTools.ttLib import TTFont

from tfhand.core import files

FLAVORS = {".ttf": None, ".woff2": "woff2"}


def check_font_path(path: str | os.PathLike) -> None:
    """Raises a HandwritingError if the path does not end like a font file or cannot be written."""
    files.check_ending(path, "A font is", *FLAVORS)
    files.check_writable(path)


def save(font: TTFont, path: str | os.PathLike) -> None:
    """Writes a font as TrueType (.ttf) or compressed for web pages (.woff2).

    Raises:
        HandwritingError: another ending, or the place cannot be written.
    """
    ending = files.check_ending(path, "A font is", *FLAVORS)
    flavor, font.flavor = font.flavor, FLAVORS[ending]
    try:
        with files.atomic_write(path) as temporary:
            font.save(temporary)
    finally:
        font.flavor = flavor
