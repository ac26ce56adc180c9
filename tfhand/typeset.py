"""Sets glyphs as handwriting: on a line, each at its height, evenly spaced by eye, in words, lines and paragraphs.

Lengths are in x-heights, pixels only in names that say so; on the page y runs downward from the top.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy import ndimage

from tfhand import charset, glyph
from tfhand.drawing import Mark, Page, coverage, distance_field, evened, nib_width
from tfhand.errors import PictureError, TextError
from tfhand.files import MAX_PIXELS
from tfhand.sample import Sample


@dataclass(frozen=True)
class Layout:
    """How a text is set.

    Attributes:
        x_height: pixels of an x-height; 48 at 300 dpi are 4 mm.
        dpi: pixels per inch, noted in the saved page.
        width: pixels of the page, at which lines wrap; None makes the page as wide as the text.
        margin, line_pitch: paper around the text, and from line to line.
        letter_gap, nearest, word_gap: mean gap between letters, the least gap between their contours, and a space.
        liveliness: how far baseline, size, angle and gaps vary: 0 not at all, 1 as in a calm hand.
        even_nib: share of the differences in stroke thickness between the glyphs that is taken away.
    """

    x_height: int = 48
    dpi: int = 300
    width: int | None = None
    margin: float = 1.5
    line_pitch: float = 3.2
    letter_gap: float = 0.26
    nearest: float = 0.14
    word_gap: float = 0.75
    liveliness: float = 1.0
    even_nib: float = 0.8


OPEN = 0.65  # x-heights: a gap wider than this looks no wider
UNDERCUT = 0.35  # x-heights that a letter may slip under the one before it
LARGEST = 1000  # pixels of an x-height: 8 cm at 300 dpi
ABOVE, BELOW = 3.0, 2.0  # x-heights over and under the baseline that spacing looks at


def drawn(text: str) -> str:
    """The characters of a text that need a glyph, in order: all but white space."""
    return "".join(character for character in text if not character.isspace())


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
        TextError: there is nothing to write, glyphs and text do not fit, or the page would be too large or too narrow.
    """
    layout = layout or Layout()
    characters = drawn(text)
    if not characters:
        raise TextError("The text is empty; there is nothing to write.")
    if len(glyphs) != len(characters):
        raise TextError(f"The text needs {len(characters)} glyphs and was given {len(glyphs)}.")
    if not 1 <= layout.x_height <= LARGEST:
        raise TextError(f"An x-height is 1 to {LARGEST} pixels, not {layout.x_height}.")
    random = np.random.default_rng(seed)
    letters = [_letter(c, image, layout, random) for c, image in zip(characters, glyphs, strict=True)]
    _even_nibs(letters, layout)
    lines = _lines(text, iter(letters), layout, random)
    return _page(lines, layout, random)


@dataclass
class _Letter:
    """A glyph at its size: a distance field whose row `above` is the baseline, or None for a gap."""

    character: str
    field: np.ndarray | None
    above: float  # pixels from the field's first row down to the baseline
    width: int
    measured: bool  # whether its height is known and not only typical
    left: np.ndarray | None = None  # contour by row of the page's grid around the baseline, in pixels
    right: np.ndarray | None = None
    x: float = 0.0


def _letter(character: str, image: Sample | np.ndarray | None, layout: Layout, random: np.random.Generator) -> _Letter:
    tilt, size, lift = (_vary(random, deviation, layout) for deviation in (0.8, 0.02, 0.02))
    typical = charset.geometry(character)
    if image is None:
        return _Letter(character, None, 0.0, round(typical.width * layout.x_height), False)
    ink, baseline, height = image, None, None
    if isinstance(image, Sample):
        ink, baseline, height = image.ink, image.baseline, image.height
    try:
        top, left, bottom, right = glyph.ink_box(ink)
    except PictureError:
        raise TextError(f"The glyph given for {character!r} holds no ink; give None to leave a gap.") from None
    ink = ink[top:bottom, left:right]
    measured = height is not None
    if height is None:
        height = typical.likely_height(ink.shape)
    if baseline is None:
        baseline = typical.likely_bottom(height)
    scale = height * (1 + size) * layout.x_height / ink.shape[0]
    field = distance_field(ink, scale, tilt)
    middle = (baseline + height / 2 + lift) * layout.x_height
    return _Letter(character, field, field.shape[0] / 2 + middle, 0, measured)


def _even_nibs(letters: Sequence[_Letter], layout: Layout) -> None:
    """Moves all contours toward one stroke thickness, and notes them row by row."""
    inked = [letter for letter in letters if letter.field is not None]
    widths = np.array([nib_width(letter.field) for letter in inked])
    measured = np.array([letter.measured for letter in inked], bool)
    for letter, wider in zip(inked, evened(widths, measured, layout.even_nib), strict=True):
        letter.field = letter.field + wider
        _trim(letter, layout)


def _trim(letter: _Letter, layout: Layout) -> None:
    """Cuts the field to its ink and notes the left and right contour in rows around the baseline."""
    inked = letter.field > -1
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if rows.size == 0:
        letter.field, letter.width = None, round(charset.geometry(letter.character).width * layout.x_height)
        return
    letter.field = letter.field[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    letter.above -= rows[0]
    letter.width = letter.field.shape[1]
    inked = letter.field > 0
    high = round((ABOVE + BELOW) * layout.x_height)
    left, right = np.full(high, np.inf), np.full(high, -np.inf)
    first = round(ABOVE * layout.x_height - letter.above)
    for row in np.flatnonzero(inked.any(axis=1)):
        if 0 <= first + row < high:
            columns = np.flatnonzero(inked[row])
            left[first + row], right[first + row] = columns[0], columns[-1] + 1
    near = 2 * round(0.15 * layout.x_height) + 1  # ink a little higher or lower stands in the way as well
    letter.left, letter.right = ndimage.minimum_filter1d(left, near), ndimage.maximum_filter1d(right, near)


def _advance(before: _Letter, after: _Letter, layout: Layout) -> float:
    """Pixels from the left side of one letter to that of the next, so that the gap between them looks even.

    The gap is what the facing contours leave open between baseline and x-height, wide openings counted only so far.
    """
    unit = layout.x_height
    if before.field is None or after.field is None:
        return before.width + layout.letter_gap * unit
    body = slice(round((ABOVE - 1) * unit), round(ABOVE * unit))
    space = after.left - before.right  # infinite where one of them has no ink
    least = max(before.width - UNDERCUT * unit, float(np.max(layout.nearest * unit - space)))
    low, high = least, before.width + 2.0 * unit
    for _ in range(12):
        middle = (low + high) / 2
        gap = np.clip(space[body] + middle, None, OPEN * unit).mean()
        low, high = (middle, high) if gap < layout.letter_gap * unit else (low, middle)
    return low


def _lines(text: str, letters: Iterator[_Letter], layout: Layout, random: np.random.Generator) -> list[list[_Letter]]:
    """Wraps the text into lines of letters, with their `x` set in pixels; an empty line stands for a blank one."""
    room = np.inf if layout.width is None else layout.width - 2 * layout.margin * layout.x_height
    lines = []
    for row in text.strip("\r\n").expandtabs(4).splitlines():
        line: list[_Letter] = []
        lines.append(line)
        for spaces, word in re.findall(r"(\s*)(\S+)", row):
            gap = len(spaces) * layout.word_gap * layout.x_height * (1 + _vary(random, 0.08, layout))
            run = _word([next(letters) for _ in word], layout, random)
            start = gap + (_word_start(line[-1], run[0], layout) if line else 0.0)
            if line and start + run[-1].x + run[-1].width > room:
                line, start = [], 0.0
                lines.append(line)
            for letter in run:  # a word wider than the page is broken where it must
                if line and start + letter.x + letter.width > room:
                    line, start = [], -letter.x
                    lines.append(line)
                letter.x += start
                line.append(letter)
                if len(line) == 1 and letter.x + letter.width > room:
                    raise TextError(f"A page {layout.width} pixels wide is too narrow for {letter.character!r}.")
    return lines


def _word(letters: list[_Letter], layout: Layout, random: np.random.Generator) -> list[_Letter]:
    letters[0].x = 0.0
    for before, after in pairwise(letters):
        after.x = before.x + _advance(before, after, layout) + _vary(random, 0.03, layout) * layout.x_height
    return letters


def _word_start(before: _Letter, after: _Letter, layout: Layout) -> float:
    """Where a word would begin without a space; unlike a letter it slips under nothing, as after a full stop."""
    return before.x + max(_advance(before, after, layout), before.width)


def _vary(random: np.random.Generator, deviation: float, layout: Layout) -> float:
    return float(np.clip(random.normal(), -2, 2)) * deviation * layout.liveliness


def _page(lines: list[list[_Letter]], layout: Layout, random: np.random.Generator) -> Page:
    """Puts the lines on paper, each on a baseline that wanders a little."""
    unit, marks = layout.x_height, []
    for number, line in enumerate(lines):
        wander = _baseline(layout, random)
        indent = _vary(random, 0.08, layout) * unit
        for letter in line:
            if letter.field is not None:
                y = number * layout.line_pitch * unit - letter.above + wander(letter.x + letter.width / 2)
                marks.append(Mark(letter.character, round(letter.x + indent), round(y), coverage(letter.field)))
    return _framed(marks, lines, layout)


def _baseline(layout: Layout, random: np.random.Generator) -> Callable[[float], float]:
    """The height of the line of writing along it, in pixels: a slight slope and a slow wave."""
    unit = layout.x_height
    slope, phase = _vary(random, 0.004, layout), random.uniform(0, 2 * np.pi)
    length, depth = random.uniform(10, 20) * unit, 0.04 * unit * layout.liveliness
    return lambda x: slope * x + depth * np.sin(2 * np.pi * x / length + phase)


def _framed(marks: list[Mark], lines: list[list[_Letter]], layout: Layout) -> Page:
    """Moves the marks so that the margins are kept, and measures the page."""
    unit, margin = layout.x_height, round(layout.margin * layout.x_height)
    left = min((mark.left for mark in marks), default=0)
    top = min([-round(1.9 * unit), *(mark.top for mark in marks)])
    right = max([letter.x + letter.width for line in lines for letter in line])
    right = max([right, *(mark.left + mark.ink.shape[1] for mark in marks)])
    bottom = round(((len(lines) - 1) * layout.line_pitch + 1) * unit)
    bottom = max([bottom, *(mark.top + mark.ink.shape[0] for mark in marks)])
    across = margin - min(left, 0)
    width, height = layout.width or round(right) + across + margin, bottom - top + 2 * margin
    if width * height > MAX_PIXELS:
        raise TextError(f"The page would have {width} x {height} pixels; write the text in parts, or smaller.")
    moved = (replace(mark, left=mark.left + across, top=mark.top + margin - top) for mark in marks)
    return Page(width, height, layout.dpi, tuple(moved))
