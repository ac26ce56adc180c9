"""Boxes and arrows in one style, of which the diagrams of the course are made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Patch

COLUMN, ROW, WIDE, HIGH = 2.0, 1.1, 1.5, 0.6  # inches: from box to box, and a box
TEXT, SMALL = 11, 9.5  # points
INK, PAPER = "#222222", "white"
FILLS = {"network": "#cfe0f5", "data": "#f3f0e6", "loss": "#f8d3cc"}  # networks have corners, the others are rounded
LINES = {"data": (INK, "-"), "gradient": ("#c0392b", "--")}


class Box(NamedTuple):
    """A network, what goes in or comes out, or a loss."""

    text: str
    column: float
    row: float  # from the top down
    kind: str = "network"


class Arrow(NamedTuple):
    """From one box to another, by their names; a gradient goes the other way and is dashed."""

    start: str
    end: str
    label: str = ""
    kind: str = "data"
    bend: float = 0.0
    aside: tuple[float, float] = (0.0, 0.0)  # inches by which the label is moved


def draw(boxes: Mapping[str, Box], arrows: Sequence[Arrow]) -> Figure:
    """A diagram as a figure; an arrow names its boxes by their keys."""
    right, low = max(box.column for box in boxes.values()), max(box.row for box in boxes.values())
    width, height = COLUMN * right + WIDE + 0.2, ROW * low + HIGH + 0.2
    figure = Figure((width, height), facecolor=PAPER)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(-WIDE / 2 - 0.1, width - WIDE / 2 - 0.1), autoscale_on=False)
    axes.set_ylim(height - HIGH / 2 - 0.1, -HIGH / 2 - 0.1)
    axes.set_axis_off()
    patches: dict[str, Patch] = {}
    for name, box in boxes.items():
        x, y = COLUMN * box.column, ROW * box.row
        style = "square,pad=0" if box.kind == "network" else "round,pad=0,rounding_size=0.2"
        patches[name] = FancyBboxPatch(
            (x - WIDE / 2, y - HIGH / 2), WIDE, HIGH, style, facecolor=FILLS[box.kind], edgecolor=INK
        )
        axes.add_patch(patches[name])
        axes.text(x, y, box.text, ha="center", va="center", size=TEXT, color=INK)
    for arrow in arrows:
        _add_arrow(axes, boxes, patches, arrow)
    return figure


def _add_arrow(axes: Any, boxes: Mapping[str, Box], patches: Mapping[str, Patch], arrow: Arrow) -> None:
    color, line = LINES[arrow.kind]
    start, end = ((COLUMN * boxes[name].column, ROW * boxes[name].row) for name in (arrow.start, arrow.end))
    between = {"patchA": patches[arrow.start], "patchB": patches[arrow.end], "shrinkA": 1, "shrinkB": 1}
    style = {"connectionstyle": f"arc3,rad={arrow.bend}", "arrowstyle": "-|>", "mutation_scale": 12, **between}
    axes.add_patch(FancyArrowPatch(start, end, color=color, linestyle=line, **style))
    (x0, y0), (x1, y1) = start, end
    x, y = (x0 + x1) / 2 + arrow.bend * (y1 - y0) / 2, (y0 + y1) / 2 - arrow.bend * (x1 - x0) / 2
    across, down = arrow.aside
    background = {"facecolor": PAPER, "edgecolor": "none", "pad": 1}
    if arrow.label:
        axes.text(x + across, y + down, arrow.label, ha="center", va="center", size=SMALL, color=color, bbox=background)
