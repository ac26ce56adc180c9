"""Sets glyphs as handwriting: each at its height on a line, spaced evenly to the eye, in words, lines and pages.

Lengths are in x-heights, pixels only in names that say so; on the page y runs downward from the top.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from tfhand.errors import TextError
from tfhand.hands.sample import Sample
from tfhand.hands.word_sample import WordSample
from tfhand.typeset.direction import begins_right, runs_right_to_left, visual_order
from tfhand.typeset.layout import Layout
from tfhand.typeset.page import Page
from tfhand.typeset.pagination import LineGlyph, paginate
from tfhand.typeset.shapes import ABOVE, DETAIL, glyph_bodies

OPEN = 0.65  # x-heights: a gap wider than this looks no wider
OVERLAP = 0.35  # x-heights that a letter may reach under the one before it, more if that is wide
AROUND_SIGNS = 0.06  # extra paper between a sign and a letter
LARGEST = 1000  # pixels to an x-height: 8 cm at 300 dpi
_INVISIBLE = re.compile(  # soft hyphens, joiners, marks of direction and the like
    "[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]"
)


def normalize_text(text: str) -> str:
    """The text with each accent joined to its letter, and without invisible characters such as soft hyphens."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFC", text))


def visible_characters(text: str) -> str:
    """The characters of a text that need a glyph, in order: all but white space."""
    return "".join(character for character in normalize_text(text) if not character.isspace())


def typeset(
    text: str, glyphs: Sequence[Sample | WordSample | np.ndarray | None], layout: Layout | None = None, seed: int = 0
) -> Page:
    """Sets a text with the glyphs given for it.

    Args:
        text: line breaks and blank lines are kept; each further space widens a gap.
        glyphs: one for each of the text's `visible_characters`: a Sample, a uint8 array [h, w] with white ink on black,
            or None, which leaves a gap. A Sample without baseline or height gets typical ones. A WordSample stands for
            as many characters as it has, all of one word of the text.
        layout: sizes and gaps; None for the default ones.
        seed: seed of the small variations; the same seed gives the same page.

    Raises:
        TextError: nothing to write, a number of glyphs that does not match the text, or a page too large or too small.
    """
    layout = layout or Layout()
    characters = visible_characters(text)
    if not characters:
        raise TextError("The text is empty; there is nothing to write.")
    runs = _runs(text, glyphs)
    if not 1 <= layout.x_height <= LARGEST:
        raise TextError(f"An x-height is 1 to {LARGEST} pixels, not {layout.x_height:g}.")
    random = np.random.default_rng(seed)
    bodies = glyph_bodies(runs, glyphs, layout.change, layout.jitter, random)
    line_glyphs = (LineGlyph(run, body, *_vary_shape(layout, random)) for run, body in zip(runs, bodies, strict=True))
    return paginate(_lines(normalize_text(text), line_glyphs, layout, random), layout, random)


def _runs(text: str, glyphs: Sequence[Sample | WordSample | np.ndarray | None]) -> list[str]:
    """The characters that each glyph stands for."""
    lengths = [len(glyph.text) if isinstance(glyph, WordSample) else 1 for glyph in glyphs]
    words = normalize_text(text).split()
    characters, ends = "".join(words), np.cumsum(lengths).tolist()
    if sum(lengths) != len(characters):
        raise TextError(f"The text needs {len(characters)} glyphs and was given {sum(lengths)}.")
    runs = [characters[end - length : end] for end, length in zip(ends, lengths, strict=True)]
    for run, glyph in zip(runs, glyphs, strict=True):
        if isinstance(glyph, WordSample) and run != glyph.text:
            raise TextError(f"The word {glyph.text!r} was given where the text says {run!r}.")
    if not {*np.cumsum([len(word) for word in words]).tolist()} <= {*ends}:
        raise TextError("A glyph was given that stands for letters of two words.")
    return runs


def _vary_shape(layout: Layout, random: np.random.Generator) -> tuple[np.ndarray, float]:
    """A random small change of angle, slant, width and size as a matrix (2, 2), and of the height over the baseline."""
    tilt, slant = (np.deg2rad(layout.vary(random, degrees)) for degrees in (0.8, 0.8))
    size, stretch, lift = (layout.vary(random, deviation) for deviation in (0.02, 0.015, 0.02))
    turn = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
    return turn @ np.array([[1 + stretch, -slant], [0.0, 1.0]]) * (1 + size), lift


def _advance(before: LineGlyph, after: LineGlyph, layout: Layout) -> float:
    """The distance from the left side of one glyph to that of the next that makes the gap between them look even.

    The gap is the mean space between the facing contours from baseline to x-height; wide openings count only up
    to `OPEN`.
    """
    if before.body.shape is None or after.body.shape is None:
        return before.width + layout.letter_gap
    body = slice(round((ABOVE - 1) * DETAIL), round(ABOVE * DETAIL))
    space = (after.body.left - before.body.right) / DETAIL  # infinite where one of them has no ink
    nearest, overlap = layout.nearest, OVERLAP * max(1.0, before.width / len(before.character))
    beside_sign = not (before.character[-1].isalnum() and after.character[0].isalnum())
    if beside_sign:  # a comma under an r's arm would be read as a semicolon
        nearest, overlap = nearest + AROUND_SIGNS, 0.0
    least = max(before.width - overlap, float(np.max(nearest - space)))
    return float(even_distance(space[body], np.array(least), np.array(before.width + 2.0), layout.letter_gap))


def even_distance(
    space: np.ndarray, least: np.ndarray, most: np.ndarray, gap: float, opening: float = OPEN
) -> np.ndarray:
    """The distance between two glyphs at which the mean gap between their contours is the wanted one, in x-heights.

    Args:
        space: (..., rows), the gap in each row at a distance of 0; a wide opening counts only as far as `opening`.
        least, most: (...), the range in which the answer lies.
        gap: the wanted mean gap.
        opening: a gap wider than this looks no wider.

    Returns:
        float64 array of shape (...).
    """
    low, high = least, most
    for _ in range(12):
        middle = (low + high) / 2
        narrow = np.minimum(space + middle[..., None], opening).mean(axis=-1) < gap
        low, high = np.where(narrow, middle, low), np.where(narrow, high, middle)
    return low


def _lines(
    text: str, glyphs: Iterator[LineGlyph], layout: Layout, random: np.random.Generator
) -> list[list[LineGlyph]]:
    """Wraps the text into lines of glyphs and sets their `x`; a blank line is an empty list."""
    room = np.inf if layout.width is None else layout.width / layout.x_height - 2 * layout.margin
    rows = text.strip("\r\n").expandtabs(4).splitlines()
    paragraphs = [(row, _wrap(row, glyphs, room, layout, random)) for row in rows]
    lines = [line for _, wrapped in paragraphs for line in wrapped]
    from_right = []
    for row, wrapped in paragraphs:
        if runs_right_to_left(row):
            ends = [_set_as_seen(line, begins_right(row), layout, random) for line in wrapped]
            from_right += list(zip(wrapped, ends, strict=True)) if begins_right(row) else []
    if from_right:
        width = room if np.isfinite(room) else max(glyph.end for line in lines for glyph in line)
        for line, end in from_right:
            for glyph in line:
                glyph.x += width - end
    return lines


def _wrap(
    row: str, glyphs: Iterator[LineGlyph], room: float, layout: Layout, random: np.random.Generator
) -> list[list[LineGlyph]]:
    """The lines of one paragraph, their glyphs from left to right in the order of the text."""
    line: list[LineGlyph] = []
    lines = [line]
    for spaces, word in re.findall(r"(\s*)(\S+)", row):
        gap = len(spaces) * layout.word_gap * (1 + layout.vary(random, 0.08))
        run = _word(_of_word(word, glyphs), layout, random)
        start = gap + (_word_start(line[-1], run[0], layout) if line else 0.0)
        if line and start + run[-1].end > room:
            line, start, gap = [], 0.0, 0.0
            lines.append(line)
        run[0].space = gap
        for glyph in run:  # a word wider than the page is broken anywhere
            if line and start + glyph.end > room:
                line, start = [], -glyph.x
                lines.append(line)
            glyph.x += start
            line.append(glyph)
            if len(line) == 1 and glyph.end > room:
                wide = layout.millimetres(layout.width or 0)
                raise TextError(f"A page {wide} mm wide is too narrow for {glyph.character!r} at this size.")
    return lines


def _of_word(word: str, glyphs: Iterator[LineGlyph]) -> list[LineGlyph]:
    """The next glyphs, as many as make a word."""
    found: list[LineGlyph] = []
    while sum(len(glyph.character) for glyph in found) < len(word):
        found.append(next(glyphs))
    return found


def _set_as_seen(line: list[LineGlyph], from_right: bool, layout: Layout, random: np.random.Generator) -> float:
    """Sets the `x` of a line's glyphs anew, in the order in which they are seen; returns where the line ends."""
    parts: list[LineGlyph | float] = [part for glyph in line for part in (glyph.space, glyph) if part]
    characters = "".join(part.character[0] if isinstance(part, LineGlyph) else " " for part in parts)
    before, gap, end = None, 0.0, 0.0
    for at, as_in_mirror in visual_order(characters, from_right):
        part = parts[at]
        if not isinstance(part, LineGlyph):
            gap += part
            continue
        part.body = part.body.mirrored if as_in_mirror else part.body
        if before is None:
            part.x = gap
        elif gap:
            part.x = gap + _word_start(before, part, layout)
        else:
            part.x = before.x + _advance(before, part, layout) + layout.vary(random, 0.03)
        before, gap, end = part, 0.0, part.end
    return end + gap


def _word(glyphs: list[LineGlyph], layout: Layout, random: np.random.Generator) -> list[LineGlyph]:
    """Sets the `x` of a word's glyphs, the first at 0."""
    glyphs[0].x = 0.0
    for before, after in pairwise(glyphs):
        after.x = before.x + _advance(before, after, layout) + layout.vary(random, 0.03)
    return glyphs


def _word_start(before: LineGlyph, after: LineGlyph, layout: Layout) -> float:
    """Where a word would begin without a space; unlike a letter, a word never reaches under the glyph before it."""
    return before.x + max(_advance(before, after, layout), before.width)
