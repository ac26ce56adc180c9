"""Sets glyphs as handwriting: on a line, each at its height, evenly spaced by eye, in words, lines and on pages.

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
from tfhand.typeset.layout import Layout
from tfhand.typeset.leaves import Letter, paged
from tfhand.typeset.page import Page
from tfhand.typeset.shapes import ABOVE, DETAIL, bodies

OPEN = 0.65  # x-heights: a gap wider than this looks no wider
UNDERCUT = 0.35  # x-heights that a letter may slip under the one before it, more if that is wide
AROUND_SIGNS = 0.06  # more paper between a sign and a letter than between two letters
LARGEST = 1000  # pixels of an x-height: 8 cm at 300 dpi
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
        Letter(*letter, *_tilted(layout, random))
        for letter in zip(characters, bodies(characters, glyphs, layout.change, layout.liveliness, random), strict=True)
    )
    return paged(_lines(plain(text), letters, layout, random), layout, random)


def _tilted(layout: Layout, random: np.random.Generator) -> tuple[np.ndarray, float]:
    """How one letter differs in angle, slant, width and size from another of the same shape, and in its height."""
    tilt, slant = (np.deg2rad(layout.vary(random, degrees)) for degrees in (0.8, 0.8))
    size, stretch, lift = (layout.vary(random, deviation) for deviation in (0.02, 0.015, 0.02))
    turn = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])
    return turn @ np.array([[1 + stretch, -slant], [0.0, 1.0]]) * (1 + size), lift


def _advance(before: Letter, after: Letter, layout: Layout) -> float:
    """From the left side of one letter to that of the next, so that the gap between them looks even.

    The gap is what the facing contours leave open between baseline and x-height, wide openings counted only so far.
    """
    if before.body.shape is None or after.body.shape is None:
        return before.width + layout.letter_gap
    body = slice(round((ABOVE - 1) * DETAIL), round(ABOVE * DETAIL))
    space = (after.body.left - before.body.right) / DETAIL  # infinite where one of them has no ink
    nearest, undercut = layout.nearest, UNDERCUT * max(1.0, before.width)
    signs = not (before.character.isalnum() and after.character.isalnum())
    if signs:  # a comma under an r's arm is taken for a semicolon
        nearest, undercut = nearest + AROUND_SIGNS, 0.0
    least = max(before.width - undercut, float(np.max(nearest - space)))
    return float(even_distance(space[body], np.float64(least), np.float64(before.width + 2.0), layout.letter_gap))


def even_distance(space: np.ndarray, least: np.ndarray, most: np.ndarray, gap: float) -> np.ndarray:
    """How far letters stand apart so that the mean gap between their contours is as wanted, in x-heights.

    Args:
        space: (..., rows), the gap in each row where they stand at 0; wide openings are counted only so far.
        least, most: (...), between which the answer lies.
        gap: the mean that is wanted.

    Returns:
        float64 array of shape (...).
    """
    low, high = least, most
    for _ in range(12):
        middle = (low + high) / 2
        narrow = np.minimum(space + middle[..., None], OPEN).mean(axis=-1) < gap
        low, high = np.where(narrow, middle, low), np.where(narrow, high, middle)
    return low


def _lines(text: str, letters: Iterator[Letter], layout: Layout, random: np.random.Generator) -> list[list[Letter]]:
    """Wraps the text into lines of letters, with their `x` set; an empty line stands for a blank one."""
    room = np.inf if layout.width is None else layout.width / layout.x_height - 2 * layout.margin
    lines = []
    for row in text.strip("\r\n").expandtabs(4).splitlines():
        line: list[Letter] = []
        lines.append(line)
        for spaces, word in re.findall(r"(\s*)(\S+)", row):
            gap = len(spaces) * layout.word_gap * (1 + layout.vary(random, 0.08))
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
                    wide = layout.millimetres(layout.width)
                    raise TextError(f"A page {wide} mm wide is too narrow for {letter.character!r} at this size.")
    return lines


def _word(letters: list[Letter], layout: Layout, random: np.random.Generator) -> list[Letter]:
    letters[0].x = 0.0
    for before, after in pairwise(letters):
        after.x = before.x + _advance(before, after, layout) + layout.vary(random, 0.03)
    return letters


def _word_start(before: Letter, after: Letter, layout: Layout) -> float:
    """Where a word would begin without a space; unlike a letter it slips under nothing, as after a full stop."""
    return before.x + max(_advance(before, after, layout), before.width)
