"""From lines of glyphs to pages: each line on a baseline that wavers a little, as many lines as a page has room for.

Lengths are in x-heights, pixels only in names that say so; on the page y runs downward from the top.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tfhand.core.pictures import MAX_PIXELS
from tfhand.errors import TextError
from tfhand.typeset.layout import Layout
from tfhand.typeset.page import Page
from tfhand.typeset.placement import PlacedGlyph
from tfhand.typeset.shapes import DETAIL, GlyphBody

FIRST, LAST = 1.9, 1.0  # least distance from the margin to the first baseline, and from the last one to the margin
ABOVE_RULE = 0.02  # glyphs stand a little over the printed line
Rule = tuple[float, float, float, float]


@dataclass
class LineGlyph:
    """A glyph in its line.

    `character` is what it shows, a whole word where the glyph is one; `x` the distance from the start of the line to
    the left side of its body; `space` the paper that spaces before it leave.
    """

    character: str
    body: GlyphBody
    linear: np.ndarray  # (2, 2), a small change of its shape
    lift: float
    x: float = 0.0
    space: float = 0.0

    @property
    def width(self) -> float:
        return self.body.width / DETAIL

    @property
    def end(self) -> float:
        return self.x + self.width


def paginate(lines: list[list[LineGlyph]], layout: Layout, random: np.random.Generator) -> Page:
    """Puts the lines on paper, each on a baseline that wavers a little.

    Raises:
        TextError: the page would be too large, or is too low for a line.
    """
    placed = []
    for line in lines:
        baseline, indent = _draw_baseline(layout, random), layout.vary(random, 0.08)
        glyphs = (_place(glyph, indent, baseline(glyph.x + glyph.width / 2), layout) for glyph in line)
        placed.append([glyph for glyph in glyphs if glyph is not None])
    per_page = _lines_per_page(layout) or len(lines)
    pages = [placed[first : first + per_page] for first in range(0, len(lines), per_page)]
    across, down, width, height = _measure_page(pages[0], lines, layout)
    if width * height > MAX_PIXELS:
        raise TextError(f"The page would have {width} x {height} pixels; write the text in parts, or smaller.")
    step = layout.pitch * layout.x_height
    page_glyphs = tuple(
        tuple(
            PlacedGlyph(glyph.character, glyph.shape, glyph.matrix + [[0, 0, across], [0, 0, down + number * step]])
            for number, line in enumerate(page)
            for glyph in line
        )
        for page in pages
    )
    rules = _rules(width, height, across, down, layout)
    return Page(width, height, layout.dpi, page_glyphs, layout.ink, rules)


def _place(glyph: LineGlyph, indent: float, baseline: float, layout: Layout) -> PlacedGlyph | None:
    """The glyph on a line whose baseline is at 0, turned about the middle of its foot; None for a gap."""
    scale, body = layout.x_height / DETAIL, glyph.body
    if body.shape is None:
        return None
    foot = np.array([body.width / 2, body.above])
    place = np.array([glyph.x + indent + glyph.width / 2, baseline - glyph.lift]) * layout.x_height
    linear = glyph.linear * scale
    return PlacedGlyph(glyph.character, body.shape, np.column_stack([linear, place - linear @ foot]))


def _draw_baseline(layout: Layout, random: np.random.Generator) -> Callable[[float], float]:
    """The height of a baseline as a function of x: a slight slope and a slow wave, less on paper with lines."""
    guided = 0.4 if layout.paper != "plain" else 1.0
    slope, phase = guided * layout.vary(random, 0.003), random.uniform(0, 2 * np.pi)
    length, depth = random.uniform(10, 20), guided * 0.04 * layout.jitter
    return lambda x: slope * x + depth * np.sin(2 * np.pi * x / length + phase)


def _lines_per_page(layout: Layout) -> int | None:
    """How many lines fit on paper of a given height; None where the page is as high as the text."""
    if layout.height is None:
        return None
    room = layout.height / layout.x_height - 2 * layout.margin - FIRST - LAST
    if room < 0:
        raise TextError(f"A page {layout.millimetres(layout.height)} mm high is too low for a line of this writing.")
    return int(room / layout.pitch) + 1


def _measure_page(
    page: list[list[PlacedGlyph]], lines: list[list[LineGlyph]], layout: Layout
) -> tuple[float, float, int, int]:
    """Pixels to the first line's start and down to its baseline, then width and height of the page.

    Where the page is as large as the text, no ink stands in the margins; on paper of a given height the first line is
    always in the same place.
    """
    unit, margin = layout.x_height, layout.margin * layout.x_height
    step = layout.pitch * unit
    boxes = [np.add(glyph.box, [0, n * step, 0, n * step]) for n, line in enumerate(page) for glyph in line]
    left, top = np.min(np.array([(0, 0), *(box[:2] for box in boxes)]), axis=0)
    lowest = ((len(page) - 1) * layout.pitch + LAST) * unit
    right, bottom = np.max(np.array([(0, lowest), *(box[2:] for box in boxes)]), axis=0)
    right = max([right, *(glyph.end * unit for line in lines for glyph in line)])
    across = margin - left
    width = layout.width or round(right + across + margin)
    if layout.height is not None:
        return across, margin + FIRST * unit, width, layout.height
    down = margin + max(FIRST * unit, -top)
    return across, down, width, round(down + bottom + margin)


def _rules(width: int, height: int, across: float, down: float, layout: Layout) -> tuple[Rule, ...]:
    """The lines printed on the paper: one under each line of writing, or squares; from edge to edge."""
    if layout.paper == "plain":
        return ()
    step = (layout.pitch if layout.paper == "ruled" else layout.square) * layout.x_height
    first = (down + ABOVE_RULE * layout.x_height) % step
    if layout.paper == "ruled":
        first += step * max(0, round((down - first) / step))  # none above the first line
    horizontal = [(0.0, y, float(width), y) for y in np.arange(first, height, step).tolist()]
    if layout.paper == "ruled":
        return tuple(horizontal)
    return (*horizontal, *((x, 0.0, x, float(height)) for x in np.arange(across % step, width, step).tolist()))
