"""Pieces of ink: connected strokes, and the places where a piece may be cut because two letters touch."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import ndimage

MAX_CUTS = 5  # in one connected piece
SLANTS = np.linspace(-0.3, 0.9, 13)  # of handwriting, as run by rise


@dataclass(frozen=True, eq=False)
class Piece:
    """Connected ink, or one part of it after cutting.

    Attributes:
        rows, columns: int arrays [n], its pixels.
        component: number of the connected ink that it is part of.
        on_border: whether that ink hangs on the picture's border.
        cut_left, cut_right: how unlikely the cuts are that bound it; 0 where it ends by itself.
        left_edge, right_edge: its reach along the line in pixels once the writing's slant is taken out.
    """

    rows: np.ndarray = field(repr=False)
    columns: np.ndarray = field(repr=False)
    component: int
    on_border: bool
    left_edge: float
    right_edge: float
    cut_left: float = 0.0
    cut_right: float = 0.0

    @property
    def box(self) -> tuple[int, int, int, int]:
        """(top, left, bottom, right) in pixels, bottom and right exclusive."""
        return (
            int(self.rows.min()),
            int(self.columns.min()),
            int(self.rows.max()) + 1,
            int(self.columns.max()) + 1,
        )


def stroke_width(ink: np.ndarray) -> float:
    """The usual width of the strokes in pixels: a long bar has twice as much area to a pixel of edge as it is half wide."""
    edge = ink & ~ndimage.binary_erosion(ink)
    return max(1.0, 2 * float(ink.sum()) / max(1, int(edge.sum())))


def writing_slant(ink: np.ndarray) -> float:
    """The slant, as run by rise, at which the strokes stand most upright: 0 unless another one is plainly better."""
    rows, columns = np.nonzero(ink)
    if len(rows) > 60_000:
        rows, columns = rows[:: len(rows) // 30_000], columns[:: len(columns) // 30_000]
    rows = rows - rows.mean() if len(rows) else rows
    sharpness = [float((np.bincount(_upright(rows, columns, slant)) ** 2.0).sum()) for slant in SLANTS]
    score = np.array(sharpness) * (1 - 0.15 * SLANTS**2)
    return float(SLANTS[score.argmax()]) if len(rows) else 0.0


def _upright(rows: np.ndarray, columns: np.ndarray, slant: float) -> np.ndarray:
    along = np.rint(columns + slant * rows).astype(int)
    return along - along.min()


def find_pieces(ink: np.ndarray, on_border: np.ndarray) -> list[Piece]:
    """The connected pieces of ink from left to right, without specks much smaller than a pen's dot.

    Args:
        ink: bool [H, W].
        on_border: bool [H, W], the part of it that hangs on the picture's border.
    """
    labels, _ = ndimage.label(ink, np.ones((3, 3)))
    smallest = max(4.0, 0.35 * stroke_width(ink) ** 2)
    slant = writing_slant(ink & ~on_border)
    pieces = []
    for number, place in enumerate(ndimage.find_objects(labels), start=1):
        rows, columns = np.nonzero(labels[place] == number)
        if len(rows) < smallest:
            continue
        rows, columns = rows + place[0].start, columns + place[1].start
        along = columns + slant * (rows - ink.shape[0] / 2)
        border = bool(on_border[rows, columns].mean() > 0.5)
        pieces.append(Piece(rows, columns, number, border, float(along.min()), float(along.max()) + 1))
    return sorted(pieces, key=lambda piece: piece.left_edge + piece.right_edge)


def cut_pieces(pieces: list[Piece], x_height: float, stroke: float, slant: float, middle: float) -> list[Piece]:
    """The pieces with every wide one cut wherever two letters could touch in it.

    A cut follows the slant through a place where the ink is thin; the more ink it cuts, the less likely it is.
    """
    parts = []
    for piece in pieces:
        parts += [piece] if piece.on_border else _cut(piece, x_height, stroke, slant, middle)
    return sorted(parts, key=lambda piece: piece.left_edge + piece.right_edge)


def _cut(piece: Piece, x_height: float, stroke: float, slant: float, middle: float) -> list[Piece]:
    along = np.floor(piece.columns + slant * (piece.rows - middle)).astype(int)
    start = int(along.min())
    thickness = ndimage.gaussian_filter1d(np.bincount(along - start).astype(float), 0.5 + 0.02 * x_height, mode="nearest")
    least = max(3, round(0.22 * x_height))  # between cuts
    if len(thickness) < max(2 * least + 1, 0.7 * x_height):
        return [piece]
    inner = np.arange(least, len(thickness) - least)
    order = inner[np.argsort(thickness[inner], kind="stable")]
    cuts: list[int] = []
    for place in order:
        if thickness[place] > 2.2 * stroke or len(cuts) == MAX_CUTS:
            break
        if all(abs(place - other) >= least for other in cuts):
            cuts.append(int(place))
    if not cuts:
        return [piece]
    bounds = [0, *sorted(cuts), len(thickness)]
    costs = [0.0, *(6 + 3 * max(0.0, thickness[cut] / stroke - 0.8) for cut in sorted(cuts)), 0.0]
    parts = []
    for index, (left, right) in enumerate(zip(bounds[:-1], bounds[1:], strict=True)):
        inside = (along - start >= left) & (along - start < right)
        edges = float(start + left), float(start + right)
        parts.append(
            Piece(piece.rows[inside], piece.columns[inside], piece.component, False, *edges, costs[index], costs[index + 1])
        )
    return parts
