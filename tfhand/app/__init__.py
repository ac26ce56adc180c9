"""The page in the browser: everything from the first photo to the font, for people who use no terminal."""

from tfhand.app.command import build_parser, main

__all__ = ["build_parser", "main"]
