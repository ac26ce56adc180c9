"""Pieces of ink: connected strokes, and the places where a piece may be cut because two letters touch."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import ndimage

MAX_CUTS = 8  # in one connected piece
THICKEST_CUT = 2.5  # strokes
ASIDE = 0.25  # pixels of ink that a cut rather crosses than to leave its column by one
CUT_COST = 5.0  # letters are meant to stand apart
SLANTS = np.linspace(-0.3, 0.9, 13)  # of handwriting, as run by rise


@dataclass(frozen=True, eq=False)
class Piece:
    """Connected ink, or one part of it after cutting.

    Attributes:
        rows, columns: int arrays [n], its pixels.
        component: number of the connected ink that it is part of.
        on_border: whether that ink hangs on the picture's border.
        left_edge, right_edge: its reach along the line in pixels once the writing's slant is taken out.
        part: its number among the parts of its component, from the left.
        cut_left, cut_right: how unlikely the cuts are that bound it; 0 where it ends by itself.
    """

    rows: np.ndarray = field(repr=False)
    columns: np.ndarray = field(repr=False)
    component: int
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


def stroke_width(ink: np.ndarray) -> float:
    """The usual width of the strokes in pixels: a long bar has half as much area as width to each pixel of its edge."""
    edge = ink & ~ndimage.binary_erosion(ink)
    return max(1.0, 2 * float(ink.sum()) / max(1, int(edge.sum())))


def writing_slant(ink: np.ndarray) -> float:
    """The slant, as run by rise, at which the strokes stand most upright: 0 unless another one is plainly better."""
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

    A cut winds its way from top to bottom through as little ink as it can; the more it crosses, the less likely it is.
    """
    parts = [[piece] if piece.on_border else _cut(piece, x_height, stroke, slant, middle) for piece in pieces]
    return [part for together in parts for part in together]


def _cut(piece: Piece, x_height: float, stroke: float, slant: float, middle: float) -> list[Piece]:
    along = np.floor(piece.columns + slant * (piece.rows - middle)).astype(int)
    along, rows = along - along.min(), piece.rows - piece.rows.min()
    least = max(3.0, 0.2 * x_height)  # width of a part
    if along.max() < max(2 * least, 0.7 * x_height):
        return [piece]
    ink = np.zeros((rows.max() + 1, along.max() + 1), bool)
    ink[rows, along] = True
    kept: list[tuple[np.ndarray, float]] = []
    for seam, thickness in _seams(_cut_costs(ink, stroke), stroke, least / 2):
        trial = sorted([*kept, (seam, thickness)], key=lambda cut: cut[0].mean())
        part = sum((along >= cut[0][rows]).astype(int) for cut in trial)
        narrowest = min(_reach(along[part == number]) for number in range(len(trial) + 1))
        if thickness < THICKEST_CUT * stroke and narrowest >= least and len(trial) <= MAX_CUTS:
            kept = trial
    part = sum((along >= cut[0][rows]).astype(int) for cut in kept) + np.zeros(len(rows), int)
    costs = [0.0, *(CUT_COST + 3 * thickness / stroke for _, thickness in kept), 0.0]
    return [_part(piece, along, part == number, number, costs) for number in range(len(kept) + 1)]


def _reach(along: np.ndarray) -> int:
    return int(np.ptp(along)) if along.size else 0


def _part(piece: Piece, along: np.ndarray, inside: np.ndarray, number: int, costs: list[float]) -> Piece:
    start = piece.left_edge
    return Piece(
        piece.rows[inside],
        piece.columns[inside],
        piece.component,
        False,
        start + float(along[inside].min()),
        start + float(along[inside].max()) + 1,
        number,
        costs[number],
        costs[number + 1],
    )


def _cut_costs(ink: np.ndarray, stroke: float) -> np.ndarray:
    """What it costs to cut each pixel: 1 in a stroke, less where two strokes side by side are thicker than one."""
    thickness = ndimage.distance_transform_edt(np.pad(ink, 1))[1:-1, 1:-1] / (stroke / 2)
    return np.where(ink, np.clip(2.1 - 0.9 * thickness, 0.25, 1), 0).astype(np.float32)


def _seams(ink: np.ndarray, stroke: float, apart: float) -> list[tuple[np.ndarray, float]]:
    """Ways from top to bottom through little ink, best first: the columns [h] of each, and how many pixels it crosses.

    Found as shortest paths that move at most one column a row, as in S. Avidan and A. Shamir, Seam Carving for
    Content-Aware Image Resizing, SIGGRAPH 2007, section 3.
    """
    height, width = ink.shape
    down, came = _path_costs(ink)
    up, went = _path_costs(ink[::-1])
    half = height // 2
    through = down[half] + up[height - 1 - half] - ink[half]
    seams, chosen = [], np.full(1, -np.inf)
    centrality = np.minimum(np.arange(width), np.arange(width)[::-1]) / (0.5 * width)  # two letters meet in the middle
    for column in np.argsort(through - 1.5 * stroke * centrality, kind="stable"):
        if np.abs(chosen - column).min() < apart or not apart <= column < width - apart:
            continue
        chosen = np.append(chosen, column)
        seam = np.full(height, column)
        for row in range(half, 0, -1):
            seam[row - 1] = seam[row] + came[row, seam[row]]
        for row in range(half, height - 1):
            seam[row + 1] = seam[row] + went[height - 1 - row, seam[row]]
        seams.append((seam, float(through[column])))
    return seams


def _path_costs(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The least ink on a path from the first row to every pixel, and the step (-1, 0, 1) to the pixel before."""
    cost, step = ink.copy(), np.zeros(ink.shape, np.int8)
    for row in range(1, len(ink)):
        before = np.pad(cost[row - 1], 1, constant_values=np.inf)
        options = np.stack([before[1:-1], before[:-2] + ASIDE, before[2:] + ASIDE])
        best = options.argmin(axis=0)
        step[row] = np.array([0, -1, 1], np.int8)[best]
        cost[row] += options.min(axis=0)
    return cost, step
