"""Where two blocks of a word meet: how far apart they stand, how ends of ink are bent to meet, what is drawn between.

Coordinates are those of `blocks`: pixels to the right, and upward from the writing line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from tfhand.synthesis.joined.blocks import Block
from tfhand.synthesis.joined.pieces import OPENING
from tfhand.typeset.shapes import DETAIL
from tfhand.typeset.text import even_distance

MOST_BENT = 0.15 * DETAIL  # by which an end of ink is raised or lowered
BENT = 0.7 * DETAIL  # from a cut, along which that fades
NEAREST = 0.1 * DETAIL  # between letters that are not joined
FARTHEST = 0.8 * DETAIL  # to which ink that runs on is led
_ROWS = np.arange(round(3 * DETAIL), round(-2 * DETAIL), -1)  # heights of rows of pixels around the line
BODY = (_ROWS <= DETAIL) & (_ROWS > 0)
_AROUND = 0.25 * DETAIL  # over and under a height, where the side of a letter is looked for
_POINTS = 12  # of a drawn ligature
Stroke = tuple[np.ndarray, float]  # points (n, 2) and half a nib


def bent_to_meet(blocks: Sequence[Block]) -> list[Block]:
    """The blocks of a word with ends of ink that meet raised and lowered a little, toward the same height."""
    rises = np.zeros((len(blocks), 2))
    for place, (left, right) in enumerate(zip(blocks, blocks[1:], strict=False)):
        if left.exit is not None and right.entry is not None:
            half = float(np.clip((right.entry[1] - left.exit[1]) / 2, -MOST_BENT, MOST_BENT))
            rises[place, 1], rises[place + 1, 0] = half, -half
    return [_bent(block, *rise) if rise.any() else block for block, rise in zip(blocks, rises, strict=True)]


def _bent(block: Block, at_entry: float, at_exit: float) -> Block:
    """A block with its ends raised by some pixels."""

    def rise(x: np.ndarray) -> np.ndarray:
        raised = np.zeros(np.shape(x))
        for point, by, way in ((block.entry, at_entry, 1), (block.exit, at_exit, -1)):
            if point is not None:
                raised += by * (0.5 + 0.5 * np.cos(np.pi * np.clip(way * (x - point[0]) / BENT, 0, 1)))
        return raised

    edge = int(np.ceil(MOST_BENT)) + 1
    field = np.pad(block.field, ((edge, edge), (0, 0)), mode="edge")
    x, y = np.meshgrid(np.arange(field.shape[1], dtype=np.float32), np.arange(field.shape[0], dtype=np.float32))
    moved = cv2.remap(field, x, y + rise(x + 0.5).astype(np.float32), cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)
    entry, leave = (None if p is None else p + [0.0, float(rise(p[0]))] for p in (block.entry, block.exit))
    return replace(block, field=moved, above=block.above + edge, entry=entry, exit=leave)


def distance(left: Block, right: Block, gap: float) -> float:
    """Pixels from the left side of one block to that of the next.

    Args:
        left, right: the blocks.
        gap: the mean space between them in x-heights, where ink does not run on from one to the other.
    """
    if left.exit is not None and right.entry is not None:
        return float(left.exit[0] - right.entry[0])
    if (left.exit is not None or right.entry is not None) and left.cuts is not None and right.cuts is not None:
        return left.cuts[-1] - right.cuts[0]
    space = contour(right, 0) - contour(left, 1)
    clear = float(np.max(NEAREST - space))  # infinite rows, where one of them has no ink, count for nothing
    least, most = (np.array(one / DETAIL) for one in (max(clear, 0.0), left.field.shape[1] + 2 * DETAIL))
    return DETAIL * float(even_distance(space[BODY] / DETAIL, least, most, gap, OPENING))


def contour(block: Block, side: int) -> np.ndarray:
    """The left or the right end of the ink in each of `_ROWS`; infinite where there is none."""
    inked = block.field > 0
    rows = np.rint(block.above - _ROWS).astype(int)
    inside = (rows >= 0) & (rows < len(inked))
    inside[inside] = inked[rows[inside]].any(axis=1)
    found = np.full(len(_ROWS), -np.inf if side else np.inf)
    own = inked[rows[inside]]
    found[inside] = own.shape[1] - own[:, ::-1].argmax(axis=1) if side else own.argmax(axis=1)
    return found


def stroke_between(left: Block, right: Block, apart: float, height: float | None) -> list[Stroke]:
    """What is drawn where two blocks meet, as strokes in the coordinates of the first.

    Args:
        left, right: the blocks.
        apart: the distance between their left sides.
        height: of a ligature where no ink runs on; None draws none.
    """
    shift = np.array([apart, 0.0])
    start = None if left.exit is None else (left.exit, left.radius(left.exit))
    end = None if right.entry is None else (right.entry + shift, right.radius(right.entry))
    if start and end:
        return [(np.stack([start[0], end[0]]), min(start[1], end[1]))]
    if height is None:
        return [(point[None], radius) for point, radius in (one for one in (start, end) if one)]
    start = start or side_of(left, 1, end[0][1] if end else height)
    to, radius = side_of(right, 0, start[0][1] if left.exit is not None else height) if end is None else end
    to = to if end else to + shift
    if np.hypot(*(to - start[0])) > 2 * FARTHEST:
        return [(start[0][None], start[1])] if left.exit is not None else []
    return [(_ligature(start[0], to), min(start[1], radius))]


def side_of(block: Block, side: int, height: float) -> tuple[np.ndarray, float]:
    """The middle of the line at the left or right side of a letter near a height, and half the width of that line."""
    heights = block.above - 0.5 - np.arange(len(block.field))
    for reach in (_AROUND, 2 * _AROUND, np.inf):
        near = np.where(np.abs(heights - height)[:, None] <= reach, block.field, -np.inf)
        columns = np.flatnonzero((near > 0).any(axis=0))
        if len(columns):
            break
    line = 2 * max(1, round(float(np.median(near[near > 0]))))  # at most as broad as this
    first = max(columns[-1] - 2 * line, 0) if side else columns[0]
    edge = near[:, first : first + 2 * line + 1]
    row, column = np.unravel_index(edge.argmax(), edge.shape)
    return np.array([first + column + 0.5, float(heights[row])]), max(1.0, float(near[row, first + column]))


def _ligature(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """A curve (n, 2) from one letter to the next that sags like that of a pen on its way up."""
    sag = np.array([(start[0] + end[0]) / 2, min(start[1], end[1])])
    t = np.linspace(0, 1, _POINTS)[:, None]
    return (1 - t) ** 2 * start + 2 * t * (1 - t) * sag + t**2 * end
