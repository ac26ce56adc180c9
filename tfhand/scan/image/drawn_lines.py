"""Lines drawn or printed as dark as ink, such as the line under a word or the box around it: taken off the writing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from tfhand.scan.image.components import stroke_width

LEAST_LENGTH = 0.05  # share of the picture's longer side; shorter lines may be strokes of letters
LEAST_PIXELS = 40  # of a line
SEGMENT, BROKEN = 5, 3  # a line is made of level pieces: so many of the shortest length, and so many strokes long
SLOPE = 0.12  # by which a piece may rise or fall
MOST_THICKNESS = 2.5  # strokes
BEND = 1.0  # strokes by which a line may leave a parabola
LETTERS = 2.5  # heights of the letters beside it that a line is long at least
LETTER_SIZE = 0.3  # share of the tallest of them, from which ink counts as a letter
CROSSED = 1.6  # times its thickness that the ink is deep where a letter crosses or touches a line
EDGE = 1.5  # pixels beside a line that are soft
SIDE = 0.85  # share of the way between the ends of two lines that is ink where a box is closed there


@dataclass(frozen=True, eq=False)
class DrawnLine:
    """A line across a picture.

    Attributes:
        start, stop: its columns.
        rows: float [stop - start], its middle at each column.
        thickness: in pixels.
    """

    start: int
    stop: int
    rows: np.ndarray = field(repr=False)
    thickness: float


def without_drawn_lines(contrast: np.ndarray, ink: np.ndarray) -> np.ndarray:
    """The contrast without long thin lines across, and the sides of boxes; strokes that cross or touch them stay whole.

    Lines down are taken off only where they close a box: a tall letter may be as straight.

    Args:
        contrast: float32 [h, w].
        ink: bool [h, w], its ink.
    """
    if not ink.any():
        return contrast
    lines = _lines(ink, stroke_width(ink))
    if not lines:
        return contrast
    longest = max(one.stop - one.start for one in lines)
    rest = _cleaned(contrast, ink, [one for one in lines if one.stop - one.start > longest / 2])
    height = _letter_height(ink & (rest > 0))  # with what crosses lines, as all of them may be bars of bold letters
    lines = [one for one in lines if one.stop - one.start > LETTERS * height]
    if not lines:
        return contrast
    sides, clean = _sides(ink, lines), _cleaned(contrast, ink, lines)
    return _cleaned(clean.T, (ink & (clean > 0)).T, sides).T


def _lines(ink: np.ndarray, stroke: float) -> list[DrawnLine]:
    """The long, thin, almost straight lines across."""
    least = max(LEAST_PIXELS, round(LEAST_LENGTH * max(ink.shape)))
    piece = max(least // SEGMENT, round(BROKEN * stroke))
    slack = round(SLOPE * piece)
    thick = cv2.dilate(ink.astype(np.uint8), np.ones((1 + slack, 1), np.uint8))
    level = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, piece), np.uint8))
    joined = cv2.dilate(level, np.ones((3, 3), np.uint8))
    _, labels, facts, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found = []
    for number in np.flatnonzero(facts[:, cv2.CC_STAT_WIDTH] >= least):
        if number == 0:
            continue
        left, top, width, height = facts[number, :4]
        own = (labels[top : top + height, left : left + width] == number) & (level[top:, left:][:height, :width] > 0)
        line = _followed(own, left, top, slack, stroke)
        if line is not None and line.stop - line.start >= least:
            found.append(line)
    return found


def _followed(own: np.ndarray, left: int, top: int, slack: int, stroke: float) -> DrawnLine | None:
    """The line that level pixels, thickened by `slack`, are; None where they are too thick or too crooked for one."""
    depth = own.sum(axis=0)
    columns = np.flatnonzero(depth)
    if len(columns) < 5:
        return None
    thickness = max(1.0, float(np.median(depth[columns])) - slack)
    if thickness > MOST_THICKNESS * stroke:
        return None
    rows, at = np.nonzero(own)
    scale = max(float(np.ptp(columns)), 1.0)
    curve = np.polyfit(at / scale, rows, 2)
    for _ in range(3):  # letters that stand on it widen it here and there
        near = np.abs(np.polyval(curve, at / scale) - rows) < max(2.0, BEND * stroke)
        if near.sum() < 0.5 * len(rows):
            return None
        curve = np.polyfit(at[near] / scale, rows[near], 2)
    middle = np.polyval(curve, np.arange(columns[0], columns[-1] + 1) / scale)
    return DrawnLine(left + int(columns[0]), left + int(columns[-1]) + 1, top + middle, thickness)


def _sides(ink: np.ndarray, lines: Sequence[DrawnLine]) -> list[DrawnLine]:
    """The lines down that join the ends of two lines across, as lines across of the transposed picture."""
    pairs = [(upper, lower) for upper in lines for lower in lines if upper.rows.mean() < lower.rows.mean()]
    found = [_side(ink, upper, lower, place) for upper, lower in pairs for place in (0, -1)]
    return [side for side in found if side]


def _side(ink: np.ndarray, upper: DrawnLine, lower: DrawnLine, place: int) -> DrawnLine | None:
    """The line down between the beginnings (0) or the ends (-1) of two lines, if it is drawn there."""
    start, stop = max(0, round(float(upper.rows[place]))), min(len(ink), round(float(lower.rows[place])) + 1)
    thickness = max(upper.thickness, lower.thickness)
    if stop - start < 4 * thickness:
        return None
    rows = np.arange(start, stop)
    straight = np.linspace((upper.start, upper.stop - 1)[place], (lower.start, lower.stop - 1)[place], len(rows))
    reach = int(np.ceil(2 * thickness)) + 2
    shifts = np.arange(-reach, reach + 1)
    at = np.clip(np.rint(straight[None] + shifts[:, None]).astype(int), 0, ink.shape[1] - 1)
    shares = ink[np.clip(rows, 0, len(ink) - 1)[None], at].mean(axis=1)
    if shares.max() < SIDE:
        return None
    middle = straight + shifts[shares > shares.max() - 0.05].mean()
    corner = min(round(thickness), start, len(ink) - stop)
    return DrawnLine(start - corner, stop + corner, np.pad(middle, corner, mode="edge"), thickness)


def _letter_height(ink: np.ndarray) -> float:
    """The usual height of letters in pixels; a little over the median, as lines cut some of them in two."""
    _, _, facts, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    heights = facts[1:, cv2.CC_STAT_HEIGHT]
    return float(np.percentile(heights[heights > LETTER_SIZE * heights.max()], 60)) if len(heights) else 0.0


def _cleaned(contrast: np.ndarray, ink: np.ndarray, lines: Sequence[DrawnLine]) -> np.ndarray:
    """The contrast with paper in place of the lines, but where ink goes on above or below them."""
    clean = contrast.copy() if lines else contrast
    for one in lines:
        reach = one.thickness / 2 + EDGE
        top, bottom = max(0, int(one.rows.min() - reach)), max(0, int(one.rows.max() + reach) + 1)
        around = clean[top:bottom, one.start : one.stop]
        away = np.abs(np.arange(top, top + len(around))[:, None] - one.rows)
        around[(away <= reach) & (_depths(ink, one) <= CROSSED * one.thickness + 2)] = 0
    return clean


def _depths(ink: np.ndarray, line: DrawnLine) -> np.ndarray:
    """How many pixels of ink lie upon each other at each column of a line, the line among them: int [stop - start]."""
    reach = int(np.ceil(3 * line.thickness)) + 3
    columns = np.arange(line.start, line.stop)
    steps = np.arange(reach + 1)[:, None]
    around = np.pad(ink, ((reach + 1, reach + 1), (0, 0)))
    middle = np.clip(np.rint(line.rows).astype(int), 0, len(ink) - 1) + reach + 1
    up, down = (np.logical_and.accumulate(around[middle + way * steps, columns], axis=0).sum(axis=0) for way in (-1, 1))
    return np.maximum(up + down - 1, 0)
