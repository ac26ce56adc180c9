"""Whether to believe that some ink is a character, or why not."""

from __future__ import annotations

import numpy as np

from tfhand.core.charset import geometry
from tfhand.scan.image.components import Component
from tfhand.scan.line.alignment import ANY, Alignment
from tfhand.scan.line.candidates import BORDER_COST
from tfhand.scan.line.geometry import LineGeometry, box_costs, boxes_of

UNLIKELY_COST = 10.0  # a character that costs more is not believed
UNSURE = 0.9  # a character whose ink is less likely its own is not believed
BROKEN_GAP = 0.15  # x-heights: ink that is left out nearer to a letter may be a part of it
SMALL_GAP, LARGE_GAP = 0.1, 0.22  # x-heights between parts of a character: few have more than the first
LOOSE, LOOSE_GAP = "HKMNRWXYkx", 0.33  # characters written in strokes that some people leave apart
WIDE = 1.35  # times its usual width: a letter beside a missing one is then both of them
ENOUGH_LETTERS = 4  # that tell a person's usual width

NOT_FOUND, JOINED, CUT_OFF = "not found", "joined to another letter", "cut off at the edge"
ODD_SHAPE, UNCLEAR, BROKEN = "of an unusual shape or size", "not told from the letters beside it", "in pieces"
UNFIT = {NOT_FOUND, ODD_SHAPE, UNCLEAR}  # reasons that speak against the text


def disbelieved(alignment: Alignment, characters: str, stroke: float, was_read: bool) -> list[str]:
    """For each character why its ink is not to be believed, or an empty string.

    Args:
        alignment: to the characters.
        characters: the text without spaces.
        stroke: width of the strokes in pixels.
        was_read: whether a reader has seen the ink; else letters beside other ink might as well be that.
    """
    reasons = [_reason(alignment, k, character, stroke) for k, character in enumerate(characters)]
    for k in range(len(characters) - 1):
        if alignment.groups[k] and alignment.groups[k + 1] and _is_one_in_two(alignment, k, characters, stroke):
            reasons[k], reasons[k + 1] = reasons[k] or JOINED, reasons[k + 1] or JOINED
    for k in _beside_missing(alignment):
        if not reasons[k] and _may_be_both(alignment, characters, k, stroke):
            reasons[k] = JOINED
    reasons = _spread_over_cuts(alignment, reasons)
    return reasons if was_read else _spread_to_neighbours(alignment, reasons)


def _spread_over_cuts(alignment: Alignment, reasons: list[str]) -> list[str]:
    """The reasons, with no character believed that was cut off ink of which another part is not believed."""
    labels = [_labels([one for one in group if one.cut_left or one.cut_right]) for group in alignment.groups]
    reasons, bad = list(reasons), _labels([one for one in alignment.left_out if one.cut_left or one.cut_right])
    for _ in reasons:
        bad = bad.union(*(own for own, reason in zip(labels, reasons, strict=True) if reason))
        reasons = [reason or (JOINED if own & bad else "") for own, reason in zip(labels, reasons, strict=True)]
    return reasons


def _spread_to_neighbours(alignment: Alignment, reasons: list[str]) -> list[str]:
    """The reasons, with no character believed beside one that is not, or beside large ink that belongs to none."""
    bad = {k + way for k, reason in enumerate(reasons) if reason for way in (-1, 1)} | _beside_strays(alignment)
    return [reason or (UNCLEAR if k in bad else "") for k, reason in enumerate(reasons)]


def _reason(alignment: Alignment, k: int, character: str, stroke: float) -> str:
    group = alignment.groups[k]
    if not group:
        return NOT_FOUND
    if character == ANY:
        return ""
    border = BORDER_COST * sum(one.on_border for one in group)
    cost = alignment.costs[k] - border
    if border and cost > UNLIKELY_COST / 2:
        return CUT_OFF
    if cost > UNLIKELY_COST:
        return ODD_SHAPE
    if _is_two_in_one(alignment, k, character, stroke):
        return JOINED
    if alignment.chances[k] < UNSURE:
        return UNCLEAR
    return BROKEN if any(_is_piece_of(one, group, alignment.line) for one in alignment.left_out) else ""


def _is_piece_of(component: Component, group: list[Component], line: LineGeometry) -> bool:
    """Whether ink that is left out stands in the line and so near that it may be a part of a letter."""
    if component.on_border or not _is_in_line(component, line):
        return False
    return _gap(*sorted([[component], group], key=lambda one: one[0].left_edge)) < BROKEN_GAP * line.x_height


def _beside_missing(alignment: Alignment) -> list[int]:
    """The characters before and after those without ink."""
    groups = alignment.groups
    missing = [k for k, group in enumerate(groups) if not group]
    return [k + way for k in missing for way in (-1, 1) if 0 <= k + way < len(groups) and groups[k + way]]


def _width(alignment: Alignment, k: int, stroke: float) -> float:
    box = boxes_of([alignment.groups[k]])[0]
    return max(float(box[3] - box[1]) - stroke, 0.0) / alignment.line.x_height


def _beside_strays(alignment: Alignment) -> set[int]:
    """The characters next to large ink in the line that belongs to none."""
    found = [k for k, group in enumerate(alignment.groups) if group]
    middles = np.array([np.mean([one.left_edge + one.right_edge for one in alignment.groups[k]]) for k in found])
    beside: set[int] = set()
    for one in alignment.left_out:
        if not one.on_border and _is_in_line(one, alignment.line):
            place = int(np.searchsorted(middles, one.left_edge + one.right_edge))
            beside.update(found[max(place - 1, 0) : place + 1])
    return beside


def _may_be_both(alignment: Alignment, characters: str, k: int, stroke: float) -> bool:
    """Whether a character beside a missing one is wide enough for both, as the person's other letters tell."""
    others = [j for j, group in enumerate(alignment.groups) if group and j != k and characters[j] != ANY]
    if len(others) < ENOUGH_LETTERS or characters[k] == ANY:
        return True
    usual = [_geometry_width(characters[j]) for j in (*others, k)]
    widths = [_width(alignment, j, stroke) for j in (*others, k)]
    ratios = (np.array(widths) + 0.35) / (np.array(usual) + 0.35)
    return bool(ratios[-1] > WIDE * np.median(ratios[:-1]))


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
    found = [j for j, group in enumerate(groups) if group]
    boxes = boxes_of([*(groups[j] for j in found), groups[k] + groups[k + 1]])
    widths = np.maximum(boxes[:, 3] - boxes[:, 1] - stroke, 0) / alignment.line.x_height
    usual = np.array([_geometry_width(characters[j]) for j in found])
    writer = float(np.median(np.log((widths[:-1] + 0.35) / (usual + 0.35)))) if len(found) > 3 else 0.0
    together = np.log(widths[-1] + 0.35) - writer
    pair = np.array([_geometry_width(characters[j]) for j in (k, k + 1)])
    too_narrow = together - np.log(pair.sum() + 0.5) < -0.22
    like_one = np.abs(together - np.log(pair + 0.35)).min() < 0.42
    return bool(too_narrow or like_one or alignment.costs[k : k + 2].sum() > 1.2 * UNLIKELY_COST)


def _geometry_width(character: str) -> float:
    return geometry("x" if character == ANY else character).width


def _is_in_line(component: Component, line: LineGeometry) -> bool:
    """Whether a component is too large to be a speck and lies between baseline and ascenders."""
    top, left, bottom, right = component.box
    baseline = line.baseline_at((left + right) / 2)
    return component.longest_side > 0.6 * line.x_height and bottom > baseline - 1.2 * line.x_height and top < baseline
