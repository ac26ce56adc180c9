"""Letters that touch: the places where a connected component may be cut because two letters meet in it."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from tfhand.scan.image.components import Component

MAX_CUTS = 8  # in one component
MAX_THICKNESS = 2.5  # strokes that a cut may cross
SIDEWAYS_COST = 0.25  # pixels of ink that count as much as moving a cut by one column
CUT_COST = 5.0  # letters are meant to stand apart


def cut_components(
    components: list[Component], x_height: float, stroke: float, slant: float, middle: float
) -> list[Component]:
    """The components, with every wide one cut wherever two letters could touch in it.

    A cut runs from top to bottom through as little ink as it can; the more ink it crosses, the less likely it is.

    Args:
        components: from left to right.
        x_height, stroke: height of a small letter and width of the strokes, in pixels.
        slant: of the writing, as run by rise.
        middle: the row around which the slant is taken out.
    """
    parts = [[one] if one.on_border else _cut(one, x_height, stroke, slant, middle) for one in components]
    return [part for together in parts for part in together]


def _cut(component: Component, x_height: float, stroke: float, slant: float, middle: float) -> list[Component]:
    along = np.floor(component.columns + slant * (component.rows - middle)).astype(int)
    along, rows = along - along.min(), component.rows - component.rows.min()
    min_part = max(3.0, 0.2 * x_height)  # width
    if along.max() < max(2 * min_part, 0.7 * x_height):
        return [component]
    ink = np.zeros((rows.max() + 1, along.max() + 1), bool)
    ink[rows, along] = True
    kept: list[tuple[np.ndarray, float]] = []
    for seam, thickness in _seams(_cut_costs(ink, stroke), stroke, min_part / 2):
        trial = sorted([*kept, (seam, thickness)], key=lambda cut: cut[0].mean())
        part = _part_numbers(along, rows, trial)
        narrowest = min(_width(along[part == number]) for number in range(len(trial) + 1))
        if thickness < MAX_THICKNESS * stroke and narrowest >= min_part and len(trial) <= MAX_CUTS:
            kept = trial
    part = _part_numbers(along, rows, kept)
    costs = [0.0, *(CUT_COST + 3 * thickness / stroke for _, thickness in kept), 0.0]
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


def _cut_costs(ink: np.ndarray, stroke: float) -> np.ndarray:
    """The cost of cutting each pixel: 1 in a stroke, less where two strokes side by side are thicker than one."""
    thickness = ndimage.distance_transform_edt(np.pad(ink, 1))[1:-1, 1:-1] / (stroke / 2)
    return np.where(ink, np.clip(2.1 - 0.9 * thickness, 0.25, 1), 0).astype(np.float32)


def _seams(ink: np.ndarray, stroke: float, apart: float) -> list[tuple[np.ndarray, float]]:
    """Ways from top to bottom through little ink, best first: the columns [h] of each, and how many pixels it crosses.

    Found as shortest paths that move at most one column a row, as in S. Avidan and A. Shamir, Seam Carving for
    Content-Aware Image Resizing, SIGGRAPH 2007, section 3.
    """
    height, width = ink.shape
    down, down_steps = _path_costs(ink)
    up, up_steps = _path_costs(ink[::-1])
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
            seam[row - 1] = seam[row] + down_steps[row, seam[row]]
        for row in range(half, height - 1):
            seam[row + 1] = seam[row] + up_steps[height - 1 - row, seam[row]]
        seams.append((seam, float(through[column])))
    return seams


def _path_costs(ink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The least ink on a path from the first row to every pixel, and the step (-1, 0, 1) to the pixel before."""
    cost, step = ink.copy(), np.zeros(ink.shape, np.int8)
    for before, least, taken in zip(cost[:-1], cost[1:], step[1:], strict=True):
        beside = before + np.float32(SIDEWAYS_COST)
        best = before.copy()
        for way, own, other in ((-1, slice(1, None), slice(None, -1)), (1, slice(None, -1), slice(1, None))):
            nearer = beside[other] < best[own]
            best[own][nearer], taken[own][nearer] = beside[other][nearer], way
        least += best
    return cost, step
