"""Which pieces of ink on a page stand in which line of a text, from their places and from how many a line has.

The lines may lie at unequal distances, bend, and have descenders that hang into the next.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfhand.core.charset import geometry
from tfhand.scan.image.components import Component

SKIP = "#skip"  # a line of the text: something on the paper that is not to be read
LETTER_SIZE = 0.4  # share of the usual size of components: smaller ones are dots, commas and specks
COUNT_COST = 1.0  # of a piece more or less than the line's text has
STRAY_COST = 1.5  # of a piece that stands in no line
EMPTY_COST = 0.5  # of a line without any ink, beside its missing pieces
CLOSE_COST, CLOSE = 3.0, 0.7  # of two lines between which there is no step, and the step in sizes that costs nothing
ROUNDS = 3  # of the search for lines, and for how they bend
MAX_BEND = 2  # degree of the curve that lines follow


def assign_lines(components: Sequence[Component], texts: Sequence[str]) -> np.ndarray:
    """The number of the line in which each component stands, -1 for none: int [n].

    Letters are put in order from top to bottom and divided into lines by dynamic programming: a division costs how far
    letters lie from the middle of their line, and how many more or fewer there are than the text has. Lines are then
    bent alike to fit what was found, and divided again. Small ink goes to the line of the letter next to it.

    Args:
        components: in any order.
        texts: the lines, of which `SKIP` holds any number of pieces.
    """
    boxes = np.array([one.box for one in components], float).reshape(-1, 4)
    longest = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    usual = float(np.median(longest[longest >= np.percentile(longest, 50)]))
    large = longest > LETTER_SIZE * usual
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2  # (row, column)
    rows, columns = middles[large].T
    counts = [-1 if text == SKIP else _pieces(text) for text in texts]
    bend, lines = np.zeros(large.sum()), np.zeros(large.sum(), int)
    for _ in range(ROUNDS):
        lines = _divided(rows - bend, usual, counts)
        bend = _bend(rows, columns, lines, bend)
    found = np.full(len(components), -1)
    found[large] = _nearest_line(rows - bend, lines, usual)
    _join_small(found, boxes, large, usual)
    return found


def _pieces(text: str) -> int:
    """The pieces of ink of a letter's size that a text has."""
    usual = [geometry(character) for character in "".join(text.split())]
    return sum(max(one.height, one.width) > LETTER_SIZE for one in usual)


def _divided(rows: np.ndarray, size: float, counts: Sequence[int]) -> np.ndarray:
    """The cheapest division of rows into lines from top to bottom; the line of each, -1 for none: int [n]."""
    order = np.argsort(rows, kind="stable")
    y = rows[order] / size
    n = len(y)
    sums, squares = (np.concatenate([[0], np.cumsum(each)]) for each in (y, y**2))
    first, last = np.arange(n + 1)[:, None], np.arange(n + 1)[None]
    size_of = np.maximum(last - first, 1)
    spread = squares[None] - squares[:, None] - (sums[None] - sums[:, None]) ** 2 / size_of
    spread = np.where(last >= first, np.maximum(spread, 0), np.inf)  # [first, last), of one line
    steps = np.concatenate([[np.inf], np.diff(y), [np.inf]]) if n else np.full(1, np.inf)
    close = np.where(last > first, CLOSE_COST * np.maximum(1 - steps / CLOSE, 0)[:, None], 0)  # to the line above
    best, came = np.where(np.arange(n + 1) == 0, 0.0, np.inf), []
    for count in counts:
        best, stray = _skipping(best)
        mismatch = 0.1 * size_of if count < 0 else COUNT_COST * np.abs((last - first) - count)
        cost = best[:, None] + spread + mismatch + close + np.where(last == first, EMPTY_COST, 0)
        came.append((stray, cost.argmin(axis=0)))
        best = cost.min(axis=0)
    best, stray_at_end = _skipping(best)
    lines, end = np.full(n, -1), int(stray_at_end[n])
    for number in range(len(counts) - 1, -1, -1):
        stray, start_of = came[number]
        start = int(start_of[end])
        lines[order[start:end]] = number
        end = int(stray[start])
    return lines


def _skipping(best: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The costs [n + 1] where pieces may be left out after a line, and where that line ended."""
    place = np.arange(len(best))
    cost = best[:, None] + np.where(place[None] >= place[:, None], STRAY_COST * (place[None] - place[:, None]), np.inf)
    return cost.min(axis=0), cost.argmin(axis=0)


def _bend(rows: np.ndarray, columns: np.ndarray, lines: np.ndarray, before: np.ndarray) -> np.ndarray:
    """How far below the level of its line each piece lies, by a curve that all lines share: float [n]."""
    known = lines >= 0
    if known.sum() < 3 * MAX_BEND:
        return before
    apart = np.zeros(len(rows))
    for number in set(lines[known].tolist()):
        own = lines == number
        apart[own] = rows[own] - np.median((rows - before)[own])
    x = (columns - columns.mean()) / max(float(np.ptp(columns)), 1.0)
    design = np.stack([x**power for power in range(MAX_BEND + 1)], 1)
    weight = np.ones(known.sum())
    solution = np.zeros(MAX_BEND + 1)
    for _ in range(5):
        solution = np.linalg.lstsq(design[known] * weight[:, None], apart[known] * weight, rcond=None)[0]
        residual = np.abs(design[known] @ solution - apart[known])
        weight = 1 / np.sqrt(1 + (residual / max(float(np.median(residual)), 1e-6)) ** 2)
    return design @ solution - solution[0]


def _nearest_line(rows: np.ndarray, lines: np.ndarray, size: float) -> np.ndarray:
    """The lines, with every piece of a line that lies nearer to the middle of another one moved there."""
    numbers = sorted(set(lines.tolist()) - {-1})
    if len(numbers) < 2:
        return lines
    middle = np.array([np.median(rows[lines == number]) for number in numbers])
    apart = np.abs(rows[:, None] - middle[None])
    own = np.searchsorted(numbers, np.maximum(lines, 0))
    nearest = apart.argmin(axis=1)
    much_nearer = apart[np.arange(len(rows)), nearest] < apart[np.arange(len(rows)), own] - 0.25 * size
    return np.where((lines >= 0) & much_nearer, np.array(numbers)[nearest], lines)


def _join_small(found: np.ndarray, boxes: np.ndarray, large: np.ndarray, usual: float) -> None:
    """Gives every small piece the line of the letter that it is nearest to, if that is near at all."""
    letters = np.flatnonzero(large & (found >= 0))
    if not letters.size:
        return
    for index in np.flatnonzero(~large):
        across = np.maximum(boxes[letters, 1] - boxes[index, 3], boxes[index, 1] - boxes[letters, 3])
        down = np.maximum(boxes[letters, 0] - boxes[index, 2], boxes[index, 0] - boxes[letters, 2])
        distance = np.hypot(np.maximum(across, 0), np.maximum(down, 0))
        nearest = int(distance.argmin())
        if distance[nearest] < 1.5 * usual:
            found[index] = found[letters[nearest]]
