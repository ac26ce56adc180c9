"""A written page: letters as shapes, each with its place, on one leaf of paper or several.

One object is drawn as pixels and as curves. A shape is a field of distances to the contour of its ink (see
`tfhand.vector.distance_field`); from it follow the picture at any size, and the outline.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from PIL import PngImagePlugin

from tfhand.core.files import MILLIMETRES, atomic_write, numbered, write_picture
from tfhand.errors import HandwritingError
from tfhand.typeset import vector
from tfhand.vector.distance_field import coverage
from tfhand.vector.outlines import trace_all
from tfhand.version import __version__

ENDINGS = (".png", ".svg", ".pdf")


@dataclass(frozen=True, eq=False)
class Shape:
    """The ink of a letter, once for all places where it stands.

    Attributes:
        field: float32 (h, w), distance to the contour in its own pixels, positive within the ink.
    """

    field: np.ndarray


@dataclass(frozen=True, eq=False)
class Mark:
    """One letter on a page.

    Attributes:
        character: what it says.
        shape: its ink.
        matrix: float64 (2, 3), from the pixels of the shape's field (x, y, 1) to those of the page.
    """

    character: str
    shape: Shape
    matrix: np.ndarray

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of what it may cover, in whole pixels of the page."""
        high, wide = self.shape.field.shape
        corners = np.array([[0, 0], [wide, 0], [0, high], [wide, high]]) @ self.matrix[:, :2].T + self.matrix[:, 2]
        left, top = np.floor(corners.min(axis=0)).astype(int).tolist()
        right, bottom = np.ceil(corners.max(axis=0)).astype(int).tolist()
        return left, top, right, bottom

    @property
    def left(self) -> int:
        """Pixels from the page's left side to the first column of `ink`."""
        return self.box[0]

    @property
    def top(self) -> int:
        """Pixels from the page's top to the first row of `ink`."""
        return self.box[1]

    @cached_property
    def ink(self) -> np.ndarray:
        """How much of each pixel is ink: uint8 (h, w)."""
        left, top, right, bottom = self.box
        linear, shift = self.matrix[:, :2], self.matrix[:, 2] - [left, top]
        affine = np.column_stack([linear, linear @ [0.5, 0.5] + shift - 0.5])  # cv2 counts from pixels' middles
        size = right - left, bottom - top
        flags = {"flags": cv2.INTER_CUBIC, "borderMode": cv2.BORDER_REPLICATE}
        return coverage(cv2.warpAffine(self.shape.field, affine, size, **flags) * abs(np.linalg.det(linear)) ** 0.5)


@dataclass(frozen=True, eq=False)
class Page:
    """A written page; where the text is too long for its paper, several leaves of one size.

    Attributes:
        width, height: of each leaf in pixels.
        dpi: pixels per inch in print.
        leaves: the marks of each leaf, in the order of the text.
        ink: colour of the pen, (red, green, blue) from 0 to 255.
        rules: lines printed on the paper, each from x, y to x, y in pixels, upright or level.
    """

    width: int
    height: int
    dpi: int
    leaves: tuple[tuple[Mark, ...], ...]
    ink: tuple[int, int, int] = (0, 0, 0)
    rules: tuple[tuple[float, float, float, float], ...] = ()

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The letters of all leaves."""
        return tuple(mark for leaf in self.leaves for mark in leaf)

    @cached_property
    def outlines(self) -> dict[int, list[np.ndarray]]:
        """The closed curves around the ink of each shape, by its `id`, in pixels of its field."""
        shapes = list({id(mark.shape): mark.shape for mark in self.marks}.values())
        return {
            id(shape): curves
            for shape, curves in zip(shapes, trace_all([shape.field for shape in shapes]), strict=True)
        }

    def image(self, leaf: int = 0) -> np.ndarray:
        """The writing alone as uint8 array of shape (height, width), black ink on white paper."""
        page = np.full((self.height, self.width), 255, np.uint8)
        for mark in self.leaves[leaf]:
            high, wide = mark.ink.shape
            top, left = max(mark.top, 0), max(mark.left, 0)
            part = page[top : max(mark.top + high, 0), left : max(mark.left + wide, 0)]
            ink = mark.ink[top - mark.top :, left - mark.left :][: part.shape[0], : part.shape[1]]
            np.minimum(part, 255 - ink, out=part)
        return page

    def picture(self, leaf: int = 0) -> np.ndarray:
        """The page in its colours, on its paper: uint8 array of shape (height, width, 3)."""
        picture = np.full((self.height, self.width, 3), 255, np.uint8)
        thick = vector.RULE_WIDTH / MILLIMETRES * self.dpi
        for x, y, to_x, to_y in self.rules:
            level = y == to_y
            middle, ends = (y, (x, to_x)) if level else (x, (y, to_y))
            first, last, part = int(middle - thick / 2), int(middle + thick / 2) + 1, slice(*np.rint(ends).astype(int))
            for line in range(max(first, 0), min(last, self.height if level else self.width)):
                share = max(0.0, min(line + 1, middle + thick / 2) - max(line, middle - thick / 2))
                colour = np.rint(255 + share * (np.array(vector.RULE_COLOUR) - 255)).astype(np.uint8)
                picture[(line, part) if level else (part, line)] = colour
        writing = self.image(leaf)
        rows, columns = np.nonzero(writing < 255)
        share = 1 - writing[rows, columns, None] / 255
        picture[rows, columns] = np.rint(picture[rows, columns] * (1 - share) + share * np.array(self.ink))
        return picture

    def save(self, path: str | os.PathLike) -> tuple[Path, ...]:
        """Writes the page in the format of the path's ending, with its size in print and a note that tfhand wrote it.

        Args:
            path: ends in .png for pixels, .svg or .pdf for true outlines. A PDF holds all leaves; of a picture there is
                one for each, numbered where there are several: letter-1.png, letter-2.png.

        Returns:
            The files that were written.

        Raises:
            HandwritingError: another ending, or the place cannot be written.
        """
        path = Path(path)
        ending = checked_ending(path)
        if ending == ".pdf":
            with atomic_write(path) as temporary:
                vector.write_pdf(self, temporary)
            return (path,)
        paths = numbered(path, len(self.leaves))
        for leaf, place in enumerate(paths):
            if ending == ".png":
                self._save_png(place, leaf)
                continue
            with atomic_write(place) as temporary:
                temporary.write_text(vector.svg(self, leaf), encoding="utf-8")
        return tuple(paths)

    def _save_png(self, path: Path, leaf: int) -> None:
        note = PngImagePlugin.PngInfo()
        note.add_text("Software", f"tfhand {__version__}")
        note.add_text("Comment", vector.NOTE)
        grey = self.ink == (0, 0, 0) and not self.rules
        pixels = self.image(leaf) if grey else self.picture(leaf)
        write_picture(path, pixels, dpi=(self.dpi, self.dpi), pnginfo=note)


def checked_ending(path: str | os.PathLike) -> str:
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
