"""Whether to believe an alignment, or to tell the person that text and picture do not fit."""

from __future__ import annotations

import numpy as np

from tfhand.core.charset import geometry
from tfhand.scan.image.components import Component
from tfhand.scan.line.alignment import Alignment
from tfhand.scan.line.geometry import LineGeometry, box_costs, boxes_of

UNLIKELY_COST = 10.0  # an alignment in which one character costs more is not believed
SMALL_GAP, LARGE_GAP = 0.1, 0.22  # x-heights between parts of a character: few have more than the first
LOOSE, LOOSE_GAP = "HKMNRWXYkx", 0.33  # characters written in strokes that some people leave apart


def is_doubtful(alignment: Alignment, characters: str, stroke: float) -> bool:
    """Whether an alignment is forced: stray ink in the line, an odd shape, two letters taken for one or one for two."""
    if any(not one.on_border and _is_in_line(one, alignment.line) for one in alignment.left_out):
        return True
    pairs = range(len(characters) - 1)
    return bool(
        alignment.costs.max() > UNLIKELY_COST
        or any(_is_two_in_one(alignment, k, characters[k], stroke) for k in range(len(characters)))
        or any(_is_one_in_two(alignment, k, characters, stroke) for k in pairs)
    )


def _is_two_in_one(alignment: Alignment, k: int, character: str, stroke: float) -> bool:
    """Whether a character's parts stand apart like two characters, or somewhat apart where one is better by itself."""
    unit = alignment.line.x_height
    tall = [one for one in alignment.groups[k] if one.box[2] - one.box[0] > 0.5 * unit]
    tall.sort(key=lambda one: one.left_edge)
    for index in range(1, len(tall)):
        before, after = tall[:index], tall[index:]
        gap = _gap(before, after) / unit
        if gap < SMALL_GAP or _labels(before) & _labels(after):
            continue
        alone = box_costs(boxes_of([before, after]), character, alignment.line, stroke).min()
        gap_limit, cost_limit = (LOOSE_GAP, 3.0) if character in LOOSE else (LARGE_GAP, 0.0)
        if gap > gap_limit or alignment.costs[k] > alone + cost_limit:
            return True
    return False


def _labels(components: list[Component]) -> set[int]:
    return {one.label for one in components}


def _gap(before: list[Component], after: list[Component]) -> float:
    """The gap between two groups along the line in pixels, upright or with the slant taken out: the wider one."""
    upright = min(one.box[1] for one in after) - max(one.box[3] for one in before)
    return max(upright, min(one.left_edge for one in after) - max(one.right_edge for one in before))


def _is_one_in_two(alignment: Alignment, k: int, characters: str, stroke: float) -> bool:
    """Whether two letters that were cut apart are together as wide as one of them, or not wide enough for both.

    The limits lie between two figures: what simulated photos of real writers show for letters that touch (-0.12 and
    0.48 at most, once the writer's own width is taken out), and what one letter shows where a wrong text has two.
    """
    groups = alignment.groups
    if not _labels(groups[k]) & _labels(groups[k + 1]):
        return False
    boxes = boxes_of([*groups, groups[k] + groups[k + 1]])
    widths = np.maximum(boxes[:, 3] - boxes[:, 1] - stroke, 0) / alignment.line.x_height
    usual = np.array([geometry(character).width for character in characters])
    writer = float(np.median(np.log((widths[:-1] + 0.35) / (usual + 0.35)))) if len(characters) > 3 else 0.0
    together, pair = np.log(widths[-1] + 0.35) - writer, usual[k : k + 2]
    too_narrow = together - np.log(pair.sum() + 0.5) < -0.22
    like_one = np.abs(together - np.log(pair + 0.35)).min() < 0.42
    return bool(too_narrow or like_one or alignment.costs[k : k + 2].sum() > 1.2 * UNLIKELY_COST)


def _is_in_line(component: Component, line: LineGeometry) -> bool:
    """Whether a component is too large to be a speck and lies between baseline and ascenders."""
    top, left, bottom, right = component.box
    baseline = line.baseline_at((left + right) / 2)
    return component.longest_side > 0.6 * line.x_height and bottom > baseline - 1.2 * line.x_height and top < baseline
