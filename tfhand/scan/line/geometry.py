"""Where a line of writing lies, and how well boxes of ink fit the characters on it.

Costs in this room are like negative log-likelihoods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from scipy import special

from tfhand.core.charset import geometry
from tfhand.scan.image.components import Component

SINGLE_STROKE = "1IJl"  # many people write them without serif or hook, and so narrower than usual
Columns = TypeVar("Columns", float, np.ndarray)


@dataclass(frozen=True)
class LineGeometry:
    """Where the line lies: its baseline is at row `baseline + slope * column`; all in pixels."""

    x_height: float
    baseline: float
    slope: float = 0.0

    def baseline_at(self, column: Columns) -> Columns:
        """The row of the baseline at a column."""
        return self.baseline + self.slope * column


def huber(z: np.ndarray) -> np.ndarray:
    """Huber's cost: half the square up to 2, linear beyond, so that one odd letter does not decide the line."""
    return special.huber(2.0, z)


def boxes_of(groups: Sequence[Sequence[Component]]) -> np.ndarray:
    """Boxes float [n, 4] around groups of components: top, left, bottom, right."""
    boxes = np.zeros((len(groups), 4))
    for index, group in enumerate(groups):
        each = np.array([component.box for component in group])
        boxes[index] = [*each[:, :2].min(0), *each[:, 2:].max(0)]
    return boxes


def box_costs(boxes: np.ndarray, characters: str, line: LineGeometry, stroke: float) -> np.ndarray:
    """How unusual boxes [..., 4] are for each character: [..., K]."""
    usual = np.array([geometry(character) for character in characters])  # (K, 3)
    top, left, bottom, right = np.moveaxis(boxes[..., None], -2, 0)
    baseline = line.baseline_at((left + right) / 2)
    unit = line.x_height
    low, high = (baseline - bottom) / unit, (baseline - top) / unit
    width = np.maximum(right - left - stroke, 0) / unit
    height = np.maximum(bottom - top - stroke, 0) / unit
    wider = np.log((width + 0.35) / (usual[:, 2] + 0.35)) / 0.33
    may_be_narrow = [character in SINGLE_STROKE for character in characters]
    by_width = huber(np.where(may_be_narrow, np.maximum(wider, 0), wider))
    by_height = huber(np.log((height + 0.25) / (usual[:, 1] - usual[:, 0] + 0.25)) / 0.28)
    by_place = huber((low - usual[:, 0]) / 0.3) + huber((high - usual[:, 1]) / 0.35)
    return by_width + 0.6 * by_height + 0.6 * by_place


def fit_geometry(
    groups: Sequence[Sequence[Component]],
    characters: str,
    stroke: float,
    before: LineGeometry,
    slope: float,
    slope_spread: float,
) -> LineGeometry:
    """The line under characters: baseline, slope and x-height by robust least squares over all tops and bottoms.

    Args:
        groups: the components of each character.
        characters: the text without spaces.
        stroke: width of the strokes in pixels.
        before: the line as it was thought to lie; its x-height is the prior mean.
        slope, slope_spread: prior mean and standard deviation of the slope.
    """
    boxes, usual = boxes_of(groups), np.array([geometry(character) for character in characters])
    rows = np.concatenate([boxes[:, 2] - stroke / 2, boxes[:, 0] + stroke / 2])
    heights = np.concatenate([usual[:, 0], usual[:, 1]])
    columns = np.tile((boxes[:, 1] + boxes[:, 3]) / 2, 2)
    middle = columns.mean()
    design = np.stack([np.ones_like(columns), columns - middle, -heights], 1)
    spread = 0.15 * before.x_height
    prior = np.array([[0, 1 / slope_spread, 0], [0, 0, 1 / (0.4 * before.x_height)]])
    prior_values = np.array([slope / slope_spread, before.x_height / (0.4 * before.x_height)])
    weight, solution = np.ones_like(rows), np.zeros(3)
    for _ in range(5):
        system = np.concatenate([design * weight[:, None] / spread, prior])
        values = np.concatenate([rows * weight / spread, prior_values])
        solution = np.linalg.lstsq(system, values, rcond=None)[0]
        residual = np.abs(design @ solution - rows) / spread
        weight = 1 / np.sqrt(np.maximum(residual, 1))
    x_height = float(np.clip(solution[2], 0.3 * before.x_height, 3 * before.x_height))
    return LineGeometry(x_height, float(solution[0] - solution[1] * middle), float(solution[1]))
