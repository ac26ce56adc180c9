"""A written page: what typesetting returns, to look at or to save as PNG, SVG or PDF."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfhand.core.files import atomic_write, numbered_paths
from tfhand.errors import HandwritingError
from tfhand.typeset.placement import PlacedText
from tfhand.typeset.raster_output import draw_in_colour, draw_writing, write_png
from tfhand.typeset.vector_output import stroke_svg, svg, write_pdf

ENDINGS = (".png", ".svg", ".pdf")


class Page(PlacedText):
    """A text written by hand, ready to be looked at or saved; see `PlacedText` for its attributes."""

    def image(self, number: int = 0) -> np.ndarray:
        """The writing alone as uint8 array of shape (height, width), black ink on white paper.

        Args:
            number: which page of a long text, counted from 0.
        """
        return draw_writing(self, number)

    def picture(self, number: int = 0) -> np.ndarray:
        """The writing in its colours, on its paper: uint8 array of shape (height, width, 3).

        Args:
            number: which page of a long text, counted from 0.
        """
        return draw_in_colour(self, number)

    def save_strokes(self, path: str | os.PathLike, strokes: Sequence[Sequence[np.ndarray]]) -> tuple[Path, ...]:
        """Writes the text as single lines, where the pen goes, for a plotter.

        Args:
            path: ends in .svg; each page goes into a file, and the files are numbered as for `save`.
            strokes: of each page, as from `tfhand.synthesis.pen_paths`.

        Returns:
            The files that were written.

        Raises:
            HandwritingError: another ending, or the place cannot be written.
        """
        check_stroke_ending(path)
        paths = numbered_paths(Path(path), len(self.page_glyphs))
        for place, page_strokes in zip(paths, strokes, strict=True):
            with atomic_write(place) as temporary:
                temporary.write_text(stroke_svg(self, page_strokes), encoding="utf-8")
        return tuple(paths)

    def save(self, path: str | os.PathLike) -> tuple[Path, ...]:
        """Writes the text in the format of the path's ending, with its size in print and a note that tfhand wrote it.

        Args:
            path: ends in .png for pixels, .svg or .pdf for true outlines. A PDF holds all pages of a long text; the
                other formats hold one page in each file, and the files are numbered: letter-1.png, letter-2.png.

        Returns:
            The files that were written.

        Raises:
            HandwritingError: another ending, or the place cannot be written.
        """
        path = Path(path)
        ending = page_ending(path)
        if ending == ".pdf":
            with atomic_write(path) as temporary:
                write_pdf(self, temporary)
            return (path,)
        paths = numbered_paths(path, len(self.page_glyphs))
        for number, place in enumerate(paths):
            if ending == ".png":
                write_png(self, place, number)
                continue
            with atomic_write(place) as temporary:
                temporary.write_text(svg(self, number), encoding="utf-8")
        return tuple(paths)


def page_ending(path: str | os.PathLike) -> str:
    """The ending of a path in small letters.

    Raises:
        HandwritingError: no page is saved under such an ending.
    """
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        raise HandwritingError(
            f"A page is saved as .png, .svg or .pdf, not {f'as {ending}' if ending else 'without an ending'}: {path}"
        )
    return ending


def check_stroke_ending(path: str | os.PathLike) -> None:
    """Makes sure that single lines can be saved under a path.

    Raises:
        HandwritingError: only .svg holds single lines.
    """
    if Path(path).suffix.lower() != ".svg":
        raise HandwritingError(f"Single lines for a plotter are saved as .svg: {path}")
