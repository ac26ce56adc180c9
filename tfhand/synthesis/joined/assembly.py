"""Blocks put together to one picture of a word."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from tfhand.hands.seams import rising
from tfhand.hands.word_sample import WordSample
from tfhand.synthesis.joined.blocks import Block
from tfhand.synthesis.joined.meeting import Stroke, bent_to_meet, distance, stroke_between
from tfhand.synthesis.joined.pair_joins import DRAWN, PairJoins
from tfhand.typeset.shapes import BENDING, DETAIL, bend
from tfhand.vector.distance_field import coverage, stroke_field

ADDED = 0.8  # probability of a join, from which on a ligature is drawn after a capital, and between pieces without one
LIGATURE = 0.6  # x-heights: the mean space in which a ligature is drawn
_FAR = -50.0  # pixels: the field of paper
_LEAST = 0.02  # pixels from a cut to the next
_EDGE = 6  # pixels of paper around a word


def assemble(blocks: Sequence[Block], joins: PairJoins, slant: float, random: np.random.Generator) -> WordSample:
    """A word of blocks.

    Args:
        blocks: from left to right, at least one.
        joins: how the person joins letters.
        slant: of the person's writing.
        random: of small differences, as nobody writes a word twice the same way.
    """
    blocks = bent_to_meet(blocks)
    places, strokes = [0.0], _open_ends(blocks[0], "entry", 0.0)
    for left, right in pairwise(blocks):
        pair = left.letters[-1], right.letters[0]
        alone = (left.cuts is None or right.cuts is None) and not pair[0].isupper()
        runs_on = left.exit is not None or right.entry is not None
        joined = joins.are_joined(*pair, DRAWN if alone or runs_on else ADDED)
        apart = distance(left, right, LIGATURE if joined else joins.gap)
        drawn = stroke_between(left, right, apart, joins.height(*pair) * DETAIL if joined else None)
        strokes += [(line + [places[-1], 0.0], radius) for line, radius in drawn]
        places.append(places[-1] + apart)
    strokes += _open_ends(blocks[-1], "exit", places[-1])
    return _as_word(blocks, places, strokes, slant, random)


def _open_ends(block: Block, end: str, place: float) -> list[Stroke]:
    """A round end of ink that ran on."""
    point = getattr(block, end)
    return [] if point is None else [(point[None] + [place, 0.0], block.radius(point))]


def _as_word(
    blocks: Sequence[Block],
    places: Sequence[float],
    strokes: Sequence[Stroke],
    slant: float,
    random: np.random.Generator,
) -> WordSample:
    """Blocks in their places and strokes as one picture."""
    left = int(np.floor(min(places))) - _EDGE
    right = int(np.ceil(max(place + block.field.shape[1] for block, place in zip(blocks, places, strict=True)))) + _EDGE
    above = int(np.ceil(max(block.above for block in blocks))) + _EDGE
    below = int(np.ceil(max(len(block.field) - block.above for block in blocks))) + _EDGE
    field = np.full((above + below, right - left), _FAR, np.float32)
    for block, place in zip(blocks, places, strict=True):
        _put(field, block.field, round(place) - left, above - round(block.above))
    for line, radius in strokes:
        _put_stroke(field, line * [1, -1] + [-left, above], radius)
    field = bend(field, BENDING * DETAIL, random)
    cuts = rising(np.array(_cuts(blocks, places)) - left, _LEAST)
    text = "".join(block.letters for block in blocks)
    return WordSample(text, coverage(field), float(above), float(DETAIL), cuts, slant)


def _put(field: np.ndarray, own: np.ndarray, x: int, y: int) -> None:
    part = field[y : y + own.shape[0], x : x + own.shape[1]]
    np.maximum(part, own[: part.shape[0], : part.shape[1]], out=part)


def _put_stroke(field: np.ndarray, line: np.ndarray, radius: float) -> None:
    """Draws a stroke (n, 2), x right and y down in pixels of the field."""
    room = int(np.ceil(radius)) + 3
    (x, y), (end_x, end_y) = np.floor(line.min(axis=0)).astype(int) - room, np.ceil(line.max(axis=0)).astype(int) + room
    x, y = max(x, 0), max(y, 0)
    shape = min(end_y, field.shape[0]) - y, min(end_x, field.shape[1]) - x
    if min(shape) > 0:
        _put(field, stroke_field(line - [x, y], 2 * radius, shape), x, y)


def _cuts(blocks: Sequence[Block], places: Sequence[float]) -> list[float]:
    """Where letters meet on the writing line."""
    found: list[float] = []
    for block, place in zip(blocks, places, strict=True):
        sides = block.cuts or (0.0, float(block.field.shape[1]))
        inner = [place + side for side in sides]
        if found:
            found[-1] = (found[-1] + inner[0]) / 2
        found += inner[1:]
    return found[:-1]
