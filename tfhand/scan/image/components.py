"""Connected components of ink, the width of the pen's strokes, and the slant of the writing."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np

SLANTS = np.linspace(-0.3, 0.9, 13)  # slants of handwriting, as run by rise


@dataclass(frozen=True, eq=False)
class Component:
    """Connected ink, or one part of it after cutting.

    Attributes:
        rows, columns: int arrays [n], its pixels.
        label: number of the connected ink that it is part of; equal in all parts of the same ink.
        on_border: whether that ink is connected to the picture's border.
        left_edge, right_edge: its extent along the line in pixels once the writing's slant is taken out.
        part: its number among the parts of the same ink, from the left.
        cut_left, cut_right: how unlikely the cuts on either side are; 0 where it ends by itself.
    """

    rows: np.ndarray = field(repr=False)
    columns: np.ndarray = field(repr=False)
    label: int
    on_border: bool
    left_edge: float
    right_edge: float
    part: int = 0
    cut_left: float = 0.0
    cut_right: float = 0.0

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """(top, left, bottom, right) in pixels, bottom and right exclusive."""
        return (
            int(self.rows.min()),
            int(self.columns.min()),
            int(self.rows.max()) + 1,
            int(self.columns.max()) + 1,
        )

    @property
    def longest_side(self) -> int:
        """The longer side of its box in pixels."""
        top, left, bottom, right = self.box
        return max(bottom - top, right - left)


def stroke_width(ink: np.ndarray) -> float:
    """The usual width of the strokes in pixels: a long bar has half as much area as width to each pixel of its edge."""
    pixels = ink.astype(np.uint8)
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    inner = cv2.erode(pixels, cross, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    area = cv2.countNonZero(pixels)
    return max(1.0, 2 * area / max(1, area - cv2.countNonZero(inner)))


def writing_slant(ink: np.ndarray) -> float:
    """The slant, as run by rise, at which the strokes are most upright: 0 unless another one is clearly better."""
    rows, columns = np.nonzero(ink)
    if not len(rows):
        return 0.0
    if len(rows) > 60_000:
        rows, columns = rows[:: len(rows) // 30_000], columns[:: len(columns) // 30_000]
    rows = rows - rows.mean()
    sharpness = [float((np.bincount(_upright(rows, columns, slant)) ** 2.0).sum()) for slant in SLANTS]
    score = np.array(sharpness) * (1 - 0.15 * SLANTS**2)
    return float(SLANTS[score.argmax()])


def _upright(rows: np.ndarray, columns: np.ndarray, slant: float) -> np.ndarray:
    along = np.rint(columns + slant * rows).astype(int)
    return along - along.min()


def find_components(ink: np.ndarray, on_border: np.ndarray) -> list[Component]:
    """The connected components of ink from left to right, without specks much smaller than a pen's dot.

    Args:
        ink: bool [H, W].
        on_border: bool [H, W], the part of it that is connected to the picture's border.
    """
    count, labels, facts, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    smallest = max(4.0, 0.35 * stroke_width(ink) ** 2)
    slant = writing_slant(ink & ~on_border)
    components = []
    for number in range(1, count):
        left, top, width, height, area = facts[number]
        if area < smallest:
            continue
        rows, columns = np.nonzero(labels[top : top + height, left : left + width] == number)
        rows, columns = rows + top, columns + left
        along = columns + slant * (rows - ink.shape[0] / 2)
        border = bool(on_border[rows, columns].mean() > 0.5)
        components.append(Component(rows, columns, number, border, float(along.min()), float(along.max()) + 1))
    return sorted(components, key=lambda component: component.left_edge + component.right_edge)
