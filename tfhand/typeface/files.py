"""Fonts on disk: .ttf and .woff2."""

from __future__ import annotations

import os
from pathlib import Path

from fontTools.ttLib import TTFont

from tfhand.errors import HandwritingError
from tfhand.files import whole_file

FLAVORS = {".ttf": None, ".woff2": "woff2"}


def check_place(path: str | os.PathLike) -> None:
    """Raises a HandwritingError unless the path has the ending of a font."""
    if Path(path).suffix.lower() not in FLAVORS:
        raise HandwritingError(f"A font is saved as .ttf or .woff2; {path} ends otherwise.")


def save(font: TTFont, path: str | os.PathLike) -> None:
    """Writes a font as TrueType (.ttf) or compressed for web pages (.woff2).

    Raises:
        HandwritingError: another ending, or a place that cannot be written.
    """
    check_place(path)
    flavor, font.flavor = font.flavor, FLAVORS[Path(path).suffix.lower()]
    try:
        with whole_file(path) as temporary:
            font.save(temporary)
    finally:
        font.flavor = flavor
