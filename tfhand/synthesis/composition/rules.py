"""Characters that neither the person nor the networks wrote: composed of letters that they did, and of a pen's strokes.

An accented letter is its base letter and a mark, drawn with the stroke of that very letter and put where its ink leaves
room; a ligature is two letters that touch. Signs are drawn whole (see `tfhand.synthesis.composition.signs`), in the
weight, slant and width of the hand, a little differently each time. What follows from no rule, such as another
alphabet, is left as a gap.

Lengths are in x-heights, pixels (`DETAIL` to an x-height) only in names that say so; y runs down from the baseline.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from tfhand.core import charset
from tfhand.errors import TextError
from tfhand.hands.sample import GENERATED, Sample
from tfhand.synthesis.composition.penwork import SLOPPINESS, Drawing, Manner
from tfhand.synthesis.composition.signs import ABOVE, BELOW, BESIDE, SIGNS
from tfhand.typeset.shapes import DETAIL, placed
from tfhand.vector.splines import splines, wander

GAP = 0.2  # between the ink of a letter and that of the mark over it
_DOTLESS = {"ı": "i", "ȷ": "j"}
_PAIRS = {"æ": "ae", "œ": "oe", "Æ": "AE", "Œ": "OE", "ĳ": "ij", "Ĳ": "IJ", "ŉ": "’n", "ŀ": "l·", "Ŀ": "L·"}
_TOUCHING = "æœÆŒ"
_RAISED = dict(zip("¹²³ªº", "123ao", strict=True))
_BARS = {  # base; from the middle of the bar's reach: half its length and its rise; its height, and whether on the stem
    "đ": ("d", 0.38, 0.03, 1.38, True),
    "ħ": ("h", 0.36, 0.03, 1.36, True),
    "Đ": ("D", 0.36, 0.02, 0.82, True),
    "Ð": ("D", 0.36, 0.02, 0.82, True),
    "ł": ("l", 0.3, 0.2, 0.85, True),
    "Ł": ("L", 0.36, 0.24, 0.8, True),
    "ŧ": ("t", 0.34, 0.02, 0.5, True),
    "Ŧ": ("T", 0.38, 0.02, 0.8, True),
    "Ħ": ("H", 0.85, 0.02, 1.25, False),
    "ø": ("o", 0.52, 0.62, 0.5, False),
    "Ø": ("O", 0.66, 1.0, 0.8, False),
}


def bases(character: str) -> str | None:
    """The letters that a character is composed of; "" for a sign, which needs none, None if there is no rule for it."""
    if character in SIGNS:
        return ""
    if character in _BARS:
        return _BARS[character][0]
    for rule in (_DOTLESS, _PAIRS, _RAISED):
        if character in rule:
            return "".join(letter for letter in rule[character] if letter not in SIGNS)
    base, *marks = unicodedata.normalize("NFD", character)
    if not marks or any(mark not in ABOVE and mark not in BELOW for mark in marks):
        return None
    return base if base in charset.CHARACTERS else bases(base)


_CANDIDATES = [chr(code) for code in (*range(0x21, 0x250), *range(0x1E00, 0x1F00), *map(ord, SIGNS))]
_BASES = MappingProxyType({c: bases(c) for c in _CANDIDATES if c not in charset.CHARACTERS and bases(c) is not None})


def composable(letters: str) -> str:
    """All characters that can be composed of these letters, in the order of charset."""
    return charset.order(c for c, needed in _BASES.items() if c not in letters and set(needed) <= set(letters))


def compose(
    character: str, letters: Mapping[str, Sample], manner: Manner, random: np.random.Generator | None = None
) -> Sample:
    """A character of its base letters and strokes of a pen.

    Args:
        character: one for which `bases` knows a rule.
        letters: a Sample for each of its base letters.
        manner: of the hand, for signs.
        random: of the small differences between draws; None for none.

    Returns:
        A generated Sample that knows its baseline and height.

    Raises:
        TextError: there is no rule for the character.
    """
    if bases(character) is None:
        raise TextError(f"There is no rule by which {character!r} could be composed.")
    if character in SIGNS:
        drawing = _sign(character, manner, random)
    elif character in _PAIRS:
        drawing = _pair(character, letters, manner, random)
    elif character in _RAISED:
        base = letters[_RAISED[character]]
        ink, _, height = placed(base.character, base)
        return Sample(character, np.pad(ink, 2), GENERATED, 1.7 - 0.6 * height, 0.6 * height)
    else:
        drawing = _marked(character, letters, manner, random)
    return drawing.sample(character)


def _sign(character: str, manner: Manner, random: np.random.Generator | None) -> Drawing:
    strokes = SIGNS[character]
    middle = np.concatenate([stroke.points for stroke in strokes])[:, 0].mean() * manner.width
    drawing = Drawing(charset.Geometry(-0.7, 1.8, 1.6 * manner.width), manner.nib, manner, random)
    drawing.mark(strokes, -middle, 0.0)
    return drawing


def _pair(character: str, letters: Mapping[str, Sample], manner: Manner, random: np.random.Generator | None) -> Drawing:
    """Two letters side by side; those of a ligature touch."""
    parts = [compose(c, {}, manner, random) if c in SIGNS else letters[c] for c in _PAIRS[character]]
    first, second = (Drawing.of(part, manner, random) for part in parts)
    rows = [one.ink[one.line - round(1.6 * DETAIL) : one.line + 1] > 127 for one in (first, second)]
    right = [np.flatnonzero(row)[-1] - first.middle if row.any() else -np.inf for row in rows[0]]
    left = [np.flatnonzero(row)[0] - second.middle if row.any() else np.inf for row in rows[1]]
    space = np.min(np.subtract(left, right)) / DETAIL
    apart = -0.6 * first.nib if character in _TOUCHING else 0.16
    shift = float(np.clip(apart - space, 0.2, 3.0)) if np.isfinite(space) else 0.6
    tops, feet = zip(
        *((one.line / DETAIL, one.line / DETAIL - len(one.ink) / DETAIL) for one in (first, second)), strict=True
    )
    both = Drawing(charset.Geometry(min(feet), max(tops), shift + 2.0), first.nib, manner, random)
    for one, x in ((first, -shift / 2), (second, shift / 2)):
        both.paste(one.ink, x, (one.line - len(one.ink) / 2) / DETAIL)
    return both


def _marked(
    character: str, letters: Mapping[str, Sample], manner: Manner, random: np.random.Generator | None
) -> Drawing:
    """A base letter with a bar, or with the marks of its decomposition one after the other."""
    if character in _BARS:
        base, half, rise, height, on_stem = _BARS[character]
        drawing = Drawing.of(letters[base], manner, random)
        _bar(drawing, half, rise, height, on_stem)
        return drawing
    base, *marks = unicodedata.normalize("NFD", character)
    if base in charset.CHARACTERS or base in _DOTLESS:
        base = _DOTLESS.get(base, base)
        drawing = Drawing.of(letters[base], manner, random)
        if base in "ij" and (not marks or any(mark in ABOVE for mark in marks)):
            drawing.without_dot()
    else:
        drawing = Drawing.of(compose(base, letters, manner, random), manner, random)
    for mark in marks:
        if mark == "\u030c" and base in "dtlL":
            _, top, _, _ = drawing.box()
            drawing.mark(BESIDE, drawing.span(top, top + 0.4)[1] + drawing.nib + 0.08, top + 0.1)
        elif mark == "\u0327" and base in "GKLNRgklnr":
            _hang(drawing, "\u0312" if base == "g" else "\u0326")
        else:
            _hang(drawing, mark)
    return drawing


def _hang(drawing: Drawing, mark: str) -> None:
    """Puts a mark over the ink, or under it, in the middle of what faces it."""
    _, top, _, bottom = drawing.box()
    if mark in ABOVE:
        x, y = sum(drawing.span(top, top + 0.35)) / 2, top - GAP - drawing.nib / 2
        drawing.mark(ABOVE[mark], x + drawing.manner.slant * (GAP + 0.17), y)
    elif mark == "\u0328":
        drawing.mark(BELOW[mark], drawing.span(-0.2, 0.1)[1] - 0.6 * drawing.nib, min(bottom, 0.0) - drawing.nib / 2)
    else:
        x = sum(drawing.span(-0.2, 0.1)) / 2
        drawing.mark(BELOW[mark], x, (min(bottom, 0.05) - drawing.nib / 2) if mark == "\u0327" else max(bottom, 0.0))


def _bar(drawing: Drawing, half: float, rise: float, height: float, on_stem: bool) -> None:
    """A bar across the stem, or across the whole letter."""
    left, top, right, bottom = drawing.box()
    x, y = (left + right) / 2, -height
    if on_stem:
        sides = drawing.span(-height - 0.1, -height + 0.1)
        x = sides[0] + drawing.nib / 2 if sides[1] - sides[0] > 0.5 else sum(sides) / 2
        if top > -height:  # the letter is lower than it should be
            y = top * 0.7
    else:
        half, y = max(half, (right - left) / 2 + 0.1), (top + bottom) / 2 if rise > 0.3 else -height
    ends = np.array([[x - half, y + rise], [x, y - 0.02], [x + half, y - rise]])
    if drawing.random is not None:
        ends = ends + SLOPPINESS * wander(drawing.random, ends.shape)
    drawing.stroke(splines(ends.tobytes(), bytes(3))[0] @ ends)
