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
        kept: list[tuple[np.ndarray, float]] = []
        for seam, thickness in _seams(self._paths[component], self.stroke, min_part / 2):
            if thickness >= MAX_THICKNESS * self.stroke or len(kept) == MAX_CUTS:
                continue
            trial = sorted([*kept, (seam, thickness)], key=lambda cut: cut[0].mean())
            part = _part_numbers(along, rows, trial)
            if min(_width(along[part == number]) for number in range(len(trial) + 1)) >= min_part:
                kept = trial
        part = _part_numbers(along, rows, kept)
        costs = [0.0, *(CUT_COST + 3 * thickness / self.stroke for _, thickness in kept), 0.0]
        return [_part(component, along, part == number, number, costs) for number in range(len(kept) + 1)]


def _part_numbers(along: np.ndarray, rows: np.ndarray, cuts: list[tuple[np.ndarray, float]]) -> np.ndarray:
    """For each pixel how many cuts lie to its left, int [n]."""
    numbers = np.zeros(len(rows), int)
    for seam, _ in cuts:
        numbers += along >= seam[rows]
    return numbers


def _width(along: np.ndarray) -> int:
    return int(np.ptp(along)) if along.size else 0


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
    """

    ink: np.ndarray
    cost: np.ndarray
    step: np.ndarray

    @classmethod
    def through(cls, rows: np.ndarray, along: np.ndarray, stroke: float) -> _Paths:
        """The ways through the ink at these rows and columns."""
        ink = np.zeros((rows.max() + 1, along.max() + 1), bool)
        ink[rows, along] = True
        own = _cut_costs(ink, stroke)
        cost, step = _least_costs(np.stack([own, own[::-1]]))
        for each in (cost, step):
            each[1] = each[1, ::-1].copy()
        return cls(own, cost, step)


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


def _seams(paths: _Paths, stroke: float, apart: float) -> list[tuple[np.ndarray, float]]:
    """Ways from top to bottom through little ink, best first: the columns [h] of each, and how many pixels it crosses."""
    height, width = paths.ink.shape
    half = height // 2
    through = paths.cost[0, half] + paths.cost[1, half] - paths.ink[half]
    chosen = np.zeros(0, int)
    centrality = np.minimum(np.arange(width), np.arange(width)[::-1]) / (0.5 * width)  # two letters meet in the middle
    for column in np.argsort(through - 1.5 * stroke * centrality, kind="stable"):
        if apart <= column < width - apart and np.abs(chosen - column).min(initial=width) >= apart:
            chosen = np.append(chosen, column)
    seams = np.empty((height, len(chosen)), int)
    seams[half] = chosen
    for row in range(half, 0, -1):
        seams[row - 1] = seams[row] + paths.step[0, row, seams[row]]
    for row in range(half, height - 1):
        seams[row + 1] = seams[row] + paths.step[1, row, seams[row]]
    return list(zip(seams.T, through[chosen].tolist(), strict=True))
