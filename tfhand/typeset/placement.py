"""Glyphs in their places on paper: the data that `raster_output` draws as pixels and `vector_output` as curves.

A shape is a field of distances to the contour of its ink (see `tfhand.vector.distance_field`). Both its picture at any
size and its outline follow from that field, so that pixels and curves show the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from tfhand.vector.distance_field import coverage
from tfhand.vector.outlines import trace_all

NOTE = "written by tfhand"  # in every file that is saved
RULE_COLOUR, RULE_WIDTH = (196, 212, 232), 0.2  # the lines of the paper: pale blue; millimetres


@dataclass(frozen=True, eq=False)
class Shape:
    """The ink of a glyph; all places where it stands share it.

    Attributes:
        field: float32 (h, w), distance to the contour in the field's own pixels, positive within the ink.
    """

    field: np.ndarray


@dataclass(frozen=True, eq=False)
class PlacedGlyph:
    """One glyph in its place on the paper.

    Attributes:
        character: the character that it shows; a whole word where the glyph is one.
        shape: its ink.
        matrix: float64 (2, 3), from the pixels of the shape's field (x, y, 1) to those of the paper.
    """

    character: str
    shape: Shape
    matrix: np.ndarray

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of the area that the ink may cover, in whole pixels of the paper."""
        high, wide = self.shape.field.shape
        corners = np.array([[0, 0], [wide, 0], [0, high], [wide, high]]) @ self.matrix[:, :2].T + self.matrix[:, 2]
        left, top = np.floor(corners.min(axis=0)).astype(int).tolist()
        right, bottom = np.ceil(corners.max(axis=0)).astype(int).tolist()
        return left, top, right, bottom

    @property
    def left(self) -> int:
        """Pixels from the left side of the paper to the first column of `ink`."""
        return self.box[0]

    @property
    def top(self) -> int:
        """Pixels from the top of the paper to the first row of `ink`."""
        return self.box[1]

    @cached_property
    def ink(self) -> np.ndarray:
        """How much of each pixel is ink: uint8 (h, w)."""
        left, top, right, bottom = self.box
        linear, shift = self.matrix[:, :2], self.matrix[:, 2] - [left, top]
        affine = np.column_stack([linear, linear @ [0.5, 0.5] + shift - 0.5])  # cv2 counts from the middle of a pixel
        field = cv2.warpAffine(
            self.shape.field,
            affine,
            (right - left, bottom - top),
            flags=cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return coverage(field * abs(np.linalg.det(linear)) ** 0.5)


@dataclass(frozen=True, eq=False)
class PlacedText:
    """A text in its place on paper. A long text runs over several numbered pages, all of one size.

    Attributes:
        width, height: size of a page in pixels.
        dpi: pixels per inch in print.
        page_glyphs: the glyphs of each page, in the order of the text.
        ink: colour of the pen, (red, green, blue) from 0 to 255.
        rules: lines printed on the paper, each from x, y to x, y in pixels, horizontal or vertical.
    """

    width: int
    height: int
    dpi: int
    page_glyphs: tuple[tuple[PlacedGlyph, ...], ...]
    ink: tuple[int, int, int] = (0, 0, 0)
    rules: tuple[tuple[float, float, float, float], ...] = ()

    @property
    def glyphs(self) -> tuple[PlacedGlyph, ...]:
        """The glyphs of all pages."""
        return tuple(glyph for glyphs in self.page_glyphs for glyph in glyphs)

    @cached_property
    def outlines(self) -> dict[int, list[np.ndarray]]:
        """The closed curves around the ink of each shape, in pixels of its field; the keys are the shapes' `id`."""
        shapes = list({id(glyph.shape): glyph.shape for glyph in self.glyphs}.values())
        return {
            id(shape): curves
            for shape, curves in zip(shapes, trace_all([shape.field for shape in shapes]), strict=True)
        }
