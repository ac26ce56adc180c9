"""Letters that touch: the places where a connected component may be cut because two letters meet in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from tfhand.scan.image.components import Component

MAX_CUTS = 8  # in one component
MAX_THICKNESS = 2.5  # strokes that a cut may cross
SIDEWAYS_COST = 0.25  # pixels of ink that count as much as moving a cut by one column
CUT_COST = 5.0  # letters are meant to stand apart


class Cutter:
    """Cuts wide components wherever two letters could touch in them, for one guess of the letters' size after another.

    A cut runs from top to bottom through as little ink as it can; the more ink it crosses, the less likely it is.

    Args:
        stroke: width of the strokes in pixels.
        slant: of the writing, as run by rise.
        middle: the row around which the slant is taken out.
    """

    def __init__(self, stroke: float, slant: float, middle: float):
        self.stroke, self.slant, self.middle = stroke, slant, middle
        self._paths: dict[Component, _Paths] = {}

    def cut(self, components: list[Component], x_height: float) -> list[Component]:
        """The components from left to right, or their parts, where a small letter is `x_height` pixels high."""
        parts = [[one] if one.on_border else self._cut(one, x_height) for one in components]
        return [part for together in parts for part in together]

    def _cut(self, component: Component, x_height: float) -> list[Component]:
        along = np.floor(component.columns + self.slant * (component.rows - self.middle)).astype(int)
        along, rows = along - along.min(), component.rows - component.rows.min()
        min_part = max(3.0, 0.2 * x_height)  # width
        if along.max() < max(2 * min_part, 0.7 * x_height):
            return [component]
        if component not in self._paths:
            self._paths[component] = _Paths.through(rows, along, self.stroke)
        paths = self._paths[component]
        seams, crossed = _seams(paths, self.stroke, min_part / 2)
        middles = seams.mean(axis=1)
        kept: list[int] = []
        for number in range(len(seams)):
            trial = sorted([*kept, number], key=middles.__getitem__)
            if paths.widths(seams[trial]).min() >= min_part:
                kept = trial
            if len(kept) == MAX_CUTS:
                break
        part = _part_numbers(along, rows, seams[kept])
        costs = [0.0, *(CUT_COST + 3 * crossed[kept] / self.stroke).tolist(), 0.0]
        return [_part(component, along, part == number, number, costs) for number in range(len(kept) + 1)]


def _part_numbers(along: np.ndarray, rows: np.ndarray, seams: np.ndarray) -> np.ndarray:
    """For each pixel how many seams lie to its left, int [n]."""
    numbers = np.zeros(len(rows), int)
    for seam in seams:
        numbers += along >= seam[rows]
    return numbers


def _part(whole: Component, along: np.ndarray, inside: np.ndarray, number: int, costs: list[float]) -> Component:
    start = whole.left_edge
    return Component(
        whole.rows[inside],
        whole.columns[inside],
        whole.label,
        False,
        start + float(along[inside].min()),
        start + float(along[inside].max()) + 1,
        number,
        costs[number],
        costs[number + 1],
    )


@dataclass(frozen=True, eq=False)
class _Paths:
    """The ways through a component that cross the least ink, from the first row and from the last to every pixel.

    Found as shortest paths that move at most one column a row, as in S. Avidan and A. Shamir, Seam Carving for
    Content-Aware Image Resizing, SIGGRAPH 2007, section 3.

    Attributes:
        ink: float32 [h, w], what crossing each pixel costs.
        cost: float32 [2, h, w], the least ink on a way from the first row, and from the last, its own included.
        step: int8 [2, h, w], the columns (-1, 0, 1) to the pixel before it.
        first, last: int [h, w + 1], the first column of ink from each column on, and the last one before it.
    """

    ink: np.ndarray
    cost: np.ndarray
    step: np.ndarray
    first: np.ndarray
    last: np.ndarray

    @classmethod
    def through(cls, rows: np.ndarray, along: np.ndarray, stroke: float) -> _Paths:
        """The ways through the ink at these rows and columns."""
        ink = np.zeros((rows.max() + 1, along.max() + 1), bool)
        ink[rows, along] = True
        own = _cut_costs(ink, stroke)
        cost, step = _least_costs(np.stack([own, own[::-1]]))
        for each in (cost, step):
            each[1] = each[1, ::-1].copy()
        columns, width = np.arange(ink.shape[1]), ink.shape[1]
        first = np.pad(np.where(ink, columns, width), ((0, 0), (0, 1)), constant_values=width)
        last = np.pad(np.where(ink, columns, -1), ((0, 0), (1, 0)), constant_values=-1)
        first = np.minimum.accumulate(first[:, ::-1], axis=1)[:, ::-1]
        return cls(own, cost, step, first, np.maximum.accumulate(last, axis=1))

    def widths(self, seams: np.ndarray) -> np.ndarray:
        """The widths of the parts between seams, int [n, h] from the left: int [n + 1], negative where one is empty."""
        height, width = self.ink.shape
        ends = np.pad(seams, ((1, 1), (0, 0)), constant_values=((0, width), (0, 0)))
        rows = np.arange(height)
        first, last = self.first[rows, ends[:-1]], self.last[rows, ends[1:]]
        own = first < ends[1:]
        return last.max(axis=1, where=own, initial=-1) - first.min(axis=1, where=own, initial=width)


def _cut_costs(ink: np.ndarray, stroke: float) -> np.ndarray:
    """The cost of cutting each pixel: 1 in a stroke, less where two strokes side by side are thicker than one."""
    thickness = ndimage.distance_transform_edt(np.pad(ink, 1))[1:-1, 1:-1] / (stroke / 2)
    return np.where(ink, np.clip(2.1 - 0.9 * thickness, 0.25, 1), 0).astype(np.float32)


def _least_costs(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The least ink on ways from the first row of pictures [n, h, w], and their steps; see `_Paths`."""
    cost = np.pad(ink, ((0, 0), (0, 0), (1, 1)), constant_values=np.inf)
    for row in range(1, cost.shape[1]):
        before = cost[:, row - 1]
        aside = np.minimum(before[:, :-2], before[:, 2:]) + np.float32(SIDEWAYS_COST)
        cost[:, row, 1:-1] += np.minimum(before[:, 1:-1], aside)
    straight, left, right = cost[:, :-1, 1:-1], cost[:, :-1, :-2], cost[:, :-1, 2:]
    is_aside = np.minimum(left, right) + np.float32(SIDEWAYS_COST) < straight
    step = np.zeros(ink.shape, np.int8)
    step[:, 1:] = np.where(is_aside, np.where(right < left, 1, -1), 0)
    return cost[..., 1:-1], step


def _seams(paths: _Paths, stroke: float, apart: float) -> tuple[np.ndarray, np.ndarray]:
    """Ways from top to bottom through little ink, best first.

    Returns:
        int [n, h], the columns of each; float [n], how many pixels of ink it crosses.
    """
    height, width = paths.ink.shape
    half, columns = height // 2, np.arange(width)
    through = paths.cost[0, half] + paths.cost[1, half] - paths.ink[half]
    centrality = np.minimum(columns, columns[::-1]) / (0.5 * width)  # two letters meet in the middle
    free = (columns >= apart) & (columns < width - apart)
    found = []
    for column in np.argsort(through - 1.5 * stroke * centrality, kind="stable").tolist():
        if free[column]:
            found.append(column)
            free &= np.abs(columns - column) >= apart
    chosen = np.array([column for column in found if through[column] < MAX_THICKNESS * stroke], int)
    seams = np.empty((height, len(chosen)), int)
    seams[half] = chosen
    for row in range(half, 0, -1):
        seams[row - 1] = seams[row] + paths.step[0, row, seams[row]]
    for row in range(half, height - 1):
        seams[row + 1] = seams[row] + paths.step[1, row, seams[row]]
    return seams.T, through[chosen].astype(float)
