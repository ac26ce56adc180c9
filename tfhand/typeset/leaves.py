"""From lines of letters to the leaves of a page: each line on a baseline that wanders, each leaf of one paper.

Lengths are in x-heights, pixels only in names that say so; on the page y runs downward from the top.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tfhand.core.files import MAX_PIXELS
from tfhand.errors import TextError
from tfhand.typeset.layout import Layout
from tfhand.typeset.page import Mark, Page
from tfhand.typeset.shapes import DETAIL, Body

FIRST, LAST = 1.9, 1.0  # at least, from the margin to the first baseline, and from the last one to the margin
ON_THE_RULE = 0.02  # letters stand a little over the printed line


@dataclass
class Letter:
    """A letter in its place: `x` is where the left side of its body stands in its line."""

    character: str
    body: Body
    linear: np.ndarray  # (2, 2), a small change of its shape
    lift: float
    x: float = 0.0

    @property
    def width(self) -> float:
        return self.body.width / DETAIL

    @property
    def end(self) -> float:
        return self.x + self.width


def paged(lines: list[list[Letter]], layout: Layout, random: np.random.Generator) -> Page:
    """Puts the lines on paper, each on a baseline that wanders a little."""
    marks = []
    for line in lines:
        wander, indent = _baseline(layout, random), layout.vary(random, 0.08)
        marks.append(
            [_mark(letter, indent, wander(letter.x + letter.width / 2), layout) for letter in line if letter.body.shape]
        )
    per_leaf = _lines_of_a_leaf(layout) or len(lines)
    leaves = [marks[first : first + per_leaf] for first in range(0, len(lines), per_leaf)]
    across, down, width, height = _frame(leaves[0], lines, layout)
    if width * height > MAX_PIXELS:
        raise TextError(f"The page would have {width} x {height} pixels; write the text in parts, or smaller.")
    step = layout.pitch * layout.x_height
    placed = tuple(
        tuple(
            Mark(mark.character, mark.shape, mark.matrix + [[0, 0, across], [0, 0, down + number * step]])
            for number, line in enumerate(leaf)
            for mark in line
        )
        for leaf in leaves
    )
    rules = _rules(width, height, across, down, layout)
    return Page(width, height, layout.dpi, placed, layout.ink, rules)


def _mark(letter: Letter, indent: float, wander: float, layout: Layout) -> Mark:
    """The letter as a mark on a line whose baseline is at 0; it is turned about the middle of its foot."""
    scale, body = layout.x_height / DETAIL, letter.body
    foot = np.array([body.width / 2, body.above])
    place = np.array([letter.x + indent + letter.width / 2, wander - letter.lift]) * layout.x_height
    linear = letter.linear * scale
    return Mark(letter.character, body.shape, np.column_stack([linear, place - linear @ foot]))


def _baseline(layout: Layout, random: np.random.Generator) -> Callable[[float], float]:
    """The height of the line of writing along it: a slight slope and a slow wave, less on paper with lines."""
    led = 0.4 if layout.paper != "plain" else 1.0
    slope, phase = led * layout.vary(random, 0.003), random.uniform(0, 2 * np.pi)
    length, depth = random.uniform(10, 20), led * 0.04 * layout.liveliness
    return lambda x: slope * x + depth * np.sin(2 * np.pi * x / length + phase)


def _lines_of_a_leaf(layout: Layout) -> int | None:
    """How many lines there is room for on paper of a given height."""
    if layout.height is None:
        return None
    room = layout.height / layout.x_height - 2 * layout.margin - FIRST - LAST
    if room < 0:
        raise TextError(f"A page {layout.millimetres(layout.height)} mm high is too low for a line of this writing.")
    return int(room / layout.pitch) + 1


def _frame(leaf: list[list[Mark]], lines: list[list[Letter]], layout: Layout) -> tuple[float, float, int, int]:
    """Pixels to the first line's start and down to its baseline, and width and height of the page.

    Where the page is as large as the text, no ink stands in the margins; on paper of a given height the first line is
    always in the same place.
    """
    unit, margin = layout.x_height, layout.margin * layout.x_height
    step = layout.pitch * unit
    boxes = [np.add(mark.box, [0, n * step, 0, n * step]) for n, line in enumerate(leaf) for mark in line]
    left, top = np.min([(0, 0), *(box[:2] for box in boxes)], axis=0)
    right, bottom = np.max([(0, ((len(leaf) - 1) * layout.pitch + LAST) * unit), *(box[2:] for box in boxes)], axis=0)
    right = max([right, *(letter.end * unit for line in lines for letter in line)])
    across = margin - left
    width = layout.width or round(right + across + margin)
    if layout.height is not None:
        return across, margin + FIRST * unit, width, layout.height
    down = margin + max(FIRST * unit, -top)
    return across, down, width, round(down + bottom + margin)


def _rules(width: int, height: int, across: float, down: float, layout: Layout) -> tuple[tuple[float, ...], ...]:
    """The lines printed on the paper: one under each line of writing, or squares; from edge to edge."""
    if layout.paper == "plain":
        return ()
    step = (layout.pitch if layout.paper == "ruled" else layout.square) * layout.x_height
    first = (down + ON_THE_RULE * layout.x_height) % step
    if layout.paper == "ruled":
        first += step * max(0, round((down - first) / step))  # none above the first line
    level = [(0.0, y, float(width), y) for y in np.arange(first, height, step).tolist()]
    if layout.paper == "ruled":
        return tuple(level)
    return (*level, *((x, 0.0, x, float(height)) for x in np.arange(across % step, width, step).tolist()))
