"""Sets glyphs as handwriting: on a line, each at its height, evenly spaced by eye, in words, lines and on pages.

Lengths are in x-heights, pixels only in names that say so; on the page y runs downward from the top.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import numpy as np

from tfhand.errors import TextError
from tfhand.files import MAX_PIXELS
from tfhand.page import Mark, Page
from tfhand.sample import Sample
from tfhand.shapes import ABOVE, DETAIL, Body, Change, bodies

Paper = Literal["plain", "ruled", "squared"]


@dataclass(frozen=True)
class Layout:
    """How a text is set.

    Attributes:
        x_height: pixels of an x-height; 48 at 300 dpi are 4 mm.
        dpi: pixels per inch, noted in the saved page.
        width: pixels of the page, at which lines wrap; None makes the page as wide as the text.
        height: pixels of the page, at whose foot the text goes on to a new one; None makes it as high as the text.
        margin, line_pitch: paper around the text, and from line to line.
        letter_gap, nearest, word_gap: mean gap between letters, the least gap between their contours, and a space.
        liveliness: how far baseline, size, angle, gaps and letters vary: 0 not at all, 1 as in a calm hand.
        change: of the person's slant, width and line.
        ink: colour of the writing, (red, green, blue).
        paper: plain, ruled at each line of writing, or with squares.
        square: side of the squares; the lines of writing keep to them.
    """

    x_height: float = 48
    dpi: int = 300
    width: int | None = None
    height: int | None = None
    margin: float = 1.5
    line_pitch: float = 3.2
    letter_gap: float = 0.26
    nearest: float = 0.14
    word_gap: float = 0.75
    liveliness: float = 1.0
    change: Change = field(default_factory=Change)
    ink: tuple[int, int, int] = (0, 0, 0)
    paper: Paper = "plain"
    square: float = 1.6

    @property
    def pitch(self) -> float:
        """From line to line, on the lines of the paper."""
        if self.paper != "squared":
            return self.line_pitch
        return max(1, round(self.line_pitch / self.square)) * self.square


OPEN = 0.65  # x-heights: a gap wider than this looks no wider
UNDERCUT = 0.35  # x-heights that a letter may slip under the one before it, more if that is wide
AROUND_SIGNS = 0.06  # more paper between a sign and a letter than between two letters
LARGEST = 1000  # pixels of an x-height: 8 cm at 300 dpi
FIRST, LAST = 1.9, 1.0  # at least, from the margin to the first baseline, and from the last one to the margin
ON_THE_RULE = 0.02  # letters stand a little over the printed line
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]")  # soft hyphens, joiners and the like


def plain(text: str) -> str:
    """The text as it is written: an accent in one with its letter, nothing that cannot be seen."""
    return _UNSEEN.sub("", unicodedata.normalize("NFC", text))


def drawn(text: str) -> str:
    """The characters of a text that need a glyph, in order: all but white space."""
    return "".join(character for character in plain(text) if not character.isspace())


def typeset(
    text: str, glyphs: Sequence[Sample | np.ndarray | None], layout: Layout | None = None, seed: int = 0
) -> Page:
    """Sets a text with the glyphs given for it.

    Args:
        text: lines end at line breaks, blank lines stay blank, each further space widens a gap.
        glyphs: one for each character of `drawn(text)`: a Sample, an uint8 array [h, w] with white ink on black, or
            None, which leaves a gap. A Sample that does not know its baseline or height gets what is typical.
        layout: sizes and gaps.
        seed: of the small variations; the same seed gives the same page.

    Raises:
        TextError: there is nothing to write, glyphs and text do not fit, or the page would be too large or too small.
    """
    layout = layout or Layout()
    characters = drawn(text)
    if not characters:
        raise TextError("The text is empty; there is nothing to write.")
    if len(glyphs) != len(characters):
        raise TextError(f"The text needs {len(characters)} glyphs and was given {len(glyphs)}.")
    if not 1 <= layout.x_height <= LARGEST:
        raise TextError(f"An x-height is 1 to {LARGEST} pixels, not {layout.x_height:g}.")
    random = np.random.default_rng(seed)
    letters = (
        _Letter(*letter, *_tilted(layout, random))
        for letter in zip(characters, bodies(characters, glyphs, layout.change, layout.liveliness, random), strict=True)
    )
    return _page(_lines(plain(text), letters, layout, random), layout, random)


@dataclass
class _Letter:
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


def _tilted(layout: Layout, random: np.random.Generator) -> tuple[np.ndarray, float]:
    """How one letter differs in angle, slant, width and size from another of the same shape, and in its height."""
    tilt, slant = (np.deg2rad(_vary(random, degrees, layout)) for degrees in (0.8, 0.8))
    size, stretch, lift = (_vary(random, deviation, layout) for deviation in (0.02, 0.015, 0.02))
    turn = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
    return turn @ np.array([[1 + stretch, -slant], [0.0, 1.0]]) * (1 + size), lift


def _advance(before: _Letter, after: _Letter, layout: Layout) -> float:
    """From the left side of one letter to that of the next, so that the gap between them looks even.

    The gap is what the facing contours leave open between baseline and x-height, wide openings counted only so far.
    """
    if before.body.shape is None or after.body.shape is None:
        return before.width + layout.letter_gap
    body = slice(round((ABOVE - 1) * DETAIL), round(ABOVE * DETAIL))
    space = (after.body.left - before.body.right) / DETAIL  # infinite where one of them has no ink
    nearest, undercut = layout.nearest, UNDERCUT * max(1.0, before.width)
    if not (
        before.character.isalnum() and after.character.isalnum()
    ):  # a comma under an r's arm is taken for a semicolon
        nearest, undercut = nearest + AROUND_SIGNS, 0.0
    least = max(before.width - undercut, float(np.max(nearest - space)))
    low, high = least, before.width + 2.0
    for _ in range(12):
        middle = (low + high) / 2
        gap = np.minimum(space[body] + middle, OPEN).mean()
        low, high = (middle, high) if gap < layout.letter_gap else (low, middle)
    return low


def _lines(text: str, letters: Iterator[_Letter], layout: Layout, random: np.random.Generator) -> list[list[_Letter]]:
    """Wraps the text into lines of letters, with their `x` set; an empty line stands for a blank one."""
    room = np.inf if layout.width is None else layout.width / layout.x_height - 2 * layout.margin
    lines = []
    for row in text.strip("\r\n").expandtabs(4).splitlines():
        line: list[_Letter] = []
        lines.append(line)
        for spaces, word in re.findall(r"(\s*)(\S+)", row):
            gap = len(spaces) * layout.word_gap * (1 + _vary(random, 0.08, layout))
            run = _word([next(letters) for _ in word], layout, random)
            start = gap + (_word_start(line[-1], run[0], layout) if line else 0.0)
            if line and start + run[-1].end > room:
                line, start = [], 0.0
                lines.append(line)
            for letter in run:  # a word wider than the page is broken where it must
                if line and start + letter.end > room:
                    line, start = [], -letter.x
                    lines.append(line)
                letter.x += start
                line.append(letter)
                if len(line) == 1 and letter.end > room:
                    raise TextError(f"A page {layout.width} pixels wide is too narrow for {letter.character!r}.")
    return lines


def _word(letters: list[_Letter], layout: Layout, random: np.random.Generator) -> list[_Letter]:
    letters[0].x = 0.0
    for before, after in pairwise(letters):
        after.x = before.x + _advance(before, after, layout) + _vary(random, 0.03, layout)
    return letters


def _word_start(before: _Letter, after: _Letter, layout: Layout) -> float:
    """Where a word would begin without a space; unlike a letter it slips under nothing, as after a full stop."""
    return before.x + max(_advance(before, after, layout), before.width)


def _vary(random: np.random.Generator, deviation: float, layout: Layout) -> float:
    return float(np.clip(random.normal(), -2, 2)) * deviation * layout.liveliness


def _page(lines: list[list[_Letter]], layout: Layout, random: np.random.Generator) -> Page:
    """Puts the lines on paper, each on a baseline that wanders a little."""
    marks = []
    for line in lines:
        wander, indent = _baseline(layout, random), _vary(random, 0.08, layout)
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


def _mark(letter: _Letter, indent: float, wander: float, layout: Layout) -> Mark:
    """The letter as a mark on a line whose baseline is at 0; it is turned about the middle of its foot."""
    scale, body = layout.x_height / DETAIL, letter.body
    foot = np.array([body.width / 2, body.above])
    place = np.array([letter.x + indent + letter.width / 2, wander - letter.lift]) * layout.x_height
    linear = letter.linear * scale
    return Mark(letter.character, body.shape, np.column_stack([linear, place - linear @ foot]))


def _baseline(layout: Layout, random: np.random.Generator) -> Callable[[float], float]:
    """The height of the line of writing along it: a slight slope and a slow wave, less on paper with lines."""
    led = 0.4 if layout.paper != "plain" else 1.0
    slope, phase = led * _vary(random, 0.003, layout), random.uniform(0, 2 * np.pi)
    length, depth = random.uniform(10, 20), led * 0.04 * layout.liveliness
    return lambda x: slope * x + depth * np.sin(2 * np.pi * x / length + phase)


def _lines_of_a_leaf(layout: Layout) -> int | None:
    """How many lines there is room for on paper of a given height."""
    if layout.height is None:
        return None
    room = layout.height / layout.x_height - 2 * layout.margin - FIRST - LAST
    if room < 0:
        raise TextError(f"A page {layout.height} pixels high is too low for a line of writing.")
    return int(room / layout.pitch) + 1


def _frame(leaf: list[list[Mark]], lines: list[list[_Letter]], layout: Layout) -> tuple[float, float, int, int]:
    """Pixels to the first line's start and down to its baseline, and width and height of the page.

    Where the page is as large as the text, no ink stands in the margins; on paper of a given height the first line is
    always in the same place.
    """
    unit, margin = layout.x_height, layout.margin * layout.x_height
    step = layout.pitch * unit
    left = min((mark.left for line in leaf for mark in line), default=0)
    top = min((mark.top + number * step for number, line in enumerate(leaf) for mark in line), default=0)
    right = max((mark.left + mark.ink.shape[1] for line in leaf for mark in line), default=0)
    right = max([right, *(letter.end * unit for line in lines for letter in line)])
    bottom = max((mark.top + mark.ink.shape[0] + n * step for n, line in enumerate(leaf) for mark in line), default=0)
    bottom = max(bottom, ((len(leaf) - 1) * layout.pitch + LAST) * unit)
    across = margin - min(left, 0)
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
