"""Rules for characters that neither the person nor the networks wrote: they are composed of letters and pen strokes.

An accented letter is its base letter with diacritics, drawn with the nib of that letter and placed clear of its ink. A
ligature is two letters that touch, a fraction two small digits beside a slanting line. Signs are drawn completely (see
`tfhand.synthesis.composition.signs`), in the nib, slant and width of the hand, a little differently each time. A
character without a rule, such as one of another alphabet, is left as a gap.

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
from tfhand.synthesis.composition.pen_drawing import SLOPPINESS, Drawing, StrokeStyle
from tfhand.synthesis.composition.signs import ABOVE, BELOW, BESIDE, SIGNS
from tfhand.typeset.shapes import DETAIL, ink_on_line
from tfhand.vector.distance_field import coverage, distance_field, nib_width
from tfhand.vector.splines import splines, wander

GAP = 0.2  # between the ink of a letter and that of the diacritic over it
CARON, CEDILLA, OGONEK = "\u030c", "\u0327", "\u0328"
COMMA_ABOVE, COMMA_BELOW = "\u0312", "\u0326"
_DOTLESS = {"ı": "i", "ȷ": "j"}
_PAIRS = {"æ": "ae", "œ": "oe", "Æ": "AE", "Œ": "OE", "ĳ": "ij", "Ĳ": "IJ", "ŉ": "’n", "ŀ": "l·", "Ŀ": "L·"}
_TOUCHING = "æœÆŒ"
_RAISED = dict(zip("¹²³⁰⁴⁵⁶⁷⁸⁹ªº", "1230456789ao", strict=True))
_FRACTIONS = {one: unicodedata.normalize("NFKD", one).replace("\u2044", "") for one in "¼½¾⅓⅔⅛⅜⅝⅞"}
SMALL, THIN = 0.78, 0.75  # height of a fraction's digits; thickness of its lines as a share of the nib
_BARS = {  # base; half the bar's length and half its rise; its height; whether it crosses the stem only
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
    """The letters that a character is composed of: "" for a sign, which needs none; None if there is no rule."""
    if character in SIGNS:
        return ""
    if character in _BARS:
        return _BARS[character][0]
    for rule in (_DOTLESS, _PAIRS, _RAISED, _FRACTIONS):
        if character in rule:
            return "".join(letter for letter in rule[character] if letter not in SIGNS)
    base, diacritics = _decompose(character)
    if not diacritics or any(one not in ABOVE and one not in BELOW for one in diacritics):
        return None
    return base if base in charset.CHARACTERS else bases(base)


def _decompose(character: str) -> tuple[str, str]:
    """The base of a character, and its diacritics in the order of Unicode's decomposition."""
    parts = unicodedata.normalize("NFD", character)
    return parts[0], parts[1:]


_CANDIDATES = [
    chr(code) for code in (*range(0x21, 0x250), *range(0x1E00, 0x1F00), *map(ord, (*SIGNS, *_RAISED, *_FRACTIONS)))
]
_BASES: Mapping[str, str] = MappingProxyType(
    {c: needed for c in sorted(_CANDIDATES) if c not in charset.CHARACTERS and (needed := bases(c)) is not None}
)


def composable(letters: str) -> str:
    """All characters that can be composed of these letters, in the order of charset."""
    return charset.order(c for c, needed in _BASES.items() if c not in letters and set(needed) <= set(letters))


def compose(
    character: str, letters: Mapping[str, Sample], stroke_style: StrokeStyle, random: np.random.Generator | None = None
) -> Sample:
    """Composes a character of its base letters and pen strokes.

    Args:
        character: one for which `bases` knows a rule.
        letters: a Sample for each of its base letters.
        stroke_style: the hand's, for signs and diacritics.
        random: the source of small variations; None for none.

    Returns:
        A generated Sample with baseline and height.

    Raises:
        TextError: there is no rule for the character.
    """
    if bases(character) is None:
        raise TextError(f"There is no rule by which {character!r} could be composed.")
    if character in SIGNS:
        drawing = _sign(character, stroke_style, random)
    elif character in _PAIRS:
        drawing = _pair(character, letters, stroke_style, random)
    elif character in _FRACTIONS:
        drawing = _fraction(character, letters, stroke_style, random)
    elif character in _RAISED:
        base = letters[_RAISED[character]]
        ink, _, height = ink_on_line(base.character, base)
        return Sample(character, np.pad(ink, 2), GENERATED, 1.7 - 0.6 * height, 0.6 * height)
    else:
        drawing = _accented(character, letters, stroke_style, random)
    return drawing.sample(character)


def _sign(character: str, stroke_style: StrokeStyle, random: np.random.Generator | None) -> Drawing:
    strokes = SIGNS[character]
    middle = np.concatenate([stroke.points for stroke in strokes])[:, 0].mean() * stroke_style.width
    drawing = Drawing(charset.Geometry(-0.7, 1.8, 1.6 * stroke_style.width), stroke_style.nib, stroke_style, random)
    drawing.draw_strokes(strokes, -middle, 0.0)
    return drawing


def _fraction(
    character: str, letters: Mapping[str, Sample], stroke_style: StrokeStyle, random: np.random.Generator | None
) -> Drawing:
    """A small digit above a slanting line, and another one below it."""
    nib, side = THIN * stroke_style.nib, 0.6 * stroke_style.width
    drawing = Drawing(charset.Geometry(0.0, 1.8, 4 * side), nib, stroke_style, random)
    ends = np.array([[-0.42, 0.0], [0.0, -0.84], [0.4, -1.7]]) * [stroke_style.width, 1.0]
    if random is not None:
        ends = ends + SLOPPINESS * wander(random, ends.shape)
    drawing.draw_line(splines(ends.tobytes(), bytes(3))[0] @ ends)
    for digit, x, up in zip(_FRACTIONS[character], (-side, side), (1.7 - SMALL / 2, SMALL / 2), strict=True):
        ink, _, _ = ink_on_line(digit, letters[digit])
        field = distance_field(ink, SMALL * DETAIL / ink.shape[0])
        drawing.paste(coverage(field + max(nib * DETAIL - nib_width(field), 0.0) / 2), x, up)
    return drawing


def _pair(
    character: str, letters: Mapping[str, Sample], stroke_style: StrokeStyle, random: np.random.Generator | None
) -> Drawing:
    """Two letters side by side; those of a ligature touch."""
    parts = [compose(c, {}, stroke_style, random) if c in SIGNS else letters[c] for c in _PAIRS[character]]
    first, second = (Drawing.from_sample(part, stroke_style, random) for part in parts)
    rows = [one.ink[one.line - round(1.6 * DETAIL) : one.line + 1] > 127 for one in (first, second)]
    right = [np.flatnonzero(row)[-1] - first.middle if row.any() else -np.inf for row in rows[0]]
    left = [np.flatnonzero(row)[0] - second.middle if row.any() else np.inf for row in rows[1]]
    space = np.min(np.subtract(left, right)) / DETAIL
    apart = -0.6 * first.nib if character in _TOUCHING else 0.16
    shift = float(np.clip(apart - space, 0.2, 3.0)) if np.isfinite(space) else 0.6
    tops, feet = zip(
        *((one.line / DETAIL, one.line / DETAIL - len(one.ink) / DETAIL) for one in (first, second)), strict=True
    )
    both = Drawing(charset.Geometry(min(feet), max(tops), shift + 2.0), first.nib, stroke_style, random)
    for one, x in ((first, -shift / 2), (second, shift / 2)):
        both.paste(one.ink, x, (one.line - len(one.ink) / 2) / DETAIL)
    return both


def _accented(
    character: str, letters: Mapping[str, Sample], stroke_style: StrokeStyle, random: np.random.Generator | None
) -> Drawing:
    """A base letter with a bar, or with its diacritics one after the other."""
    if character in _BARS:
        base, half, rise, height, on_stem = _BARS[character]
        drawing = Drawing.from_sample(letters[base], stroke_style, random)
        _bar(drawing, half, rise, height, on_stem)
        return drawing
    base, diacritics = _decompose(character)
    if base in charset.CHARACTERS or base in _DOTLESS:
        base = _DOTLESS.get(base, base)
        drawing = Drawing.from_sample(letters[base], stroke_style, random)
        if base in "ij" and (not diacritics or any(one in ABOVE for one in diacritics)):
            drawing.remove_dot()
    else:
        drawing = Drawing.from_sample(compose(base, letters, stroke_style, random), stroke_style, random)
    for diacritic in diacritics:
        if diacritic == CARON and base in "dtlL":
            _, top, _, _ = drawing.box()
            drawing.draw_strokes(BESIDE, drawing.span(top, top + 0.4)[1] + drawing.nib + 0.08, top + 0.1)
        elif diacritic == CEDILLA and base in "GKLNRgklnr":  # Latvian letters have a comma in its place
            _attach(drawing, COMMA_ABOVE if base == "g" else COMMA_BELOW)
        else:
            _attach(drawing, diacritic)
    return drawing


def _attach(drawing: Drawing, diacritic: str) -> None:
    """Draws a diacritic over or under the ink, centred on the part of the letter that is nearest to it."""
    _, top, _, bottom = drawing.box()
    if diacritic in ABOVE:
        x, y = sum(drawing.span(top, top + 0.35)) / 2, top - GAP - drawing.nib / 2
        drawing.draw_strokes(ABOVE[diacritic], x + drawing.stroke_style.slant * (GAP + 0.17), y)
    elif diacritic == OGONEK:
        drawing.draw_strokes(
            BELOW[diacritic], drawing.span(-0.2, 0.1)[1] - 0.6 * drawing.nib, min(bottom, 0.0) - drawing.nib / 2
        )
    else:
        x = sum(drawing.span(-0.2, 0.1)) / 2
        drawing.draw_strokes(
            BELOW[diacritic], x, (min(bottom, 0.05) - drawing.nib / 2) if diacritic == CEDILLA else max(bottom, 0.0)
        )


def _bar(drawing: Drawing, half: float, rise: float, height: float, on_stem: bool) -> None:
    """A bar across the stem, or across the whole letter."""
    left, top, right, bottom = drawing.box()
    x, y = (left + right) / 2, -height
    if on_stem:
        sides = drawing.span(-height - 0.1, -height + 0.1)
        x = sides[0] + drawing.nib / 2 if sides[1] - sides[0] > 0.5 else sum(sides) / 2
        if top > -height:  # the letter is lower than usual
            y = top * 0.7
    else:
        half, y = max(half, (right - left) / 2 + 0.1), (top + bottom) / 2 if rise > 0.3 else -height
    ends = np.array([[x - half, y + rise], [x, y - 0.02], [x + half, y - rise]])
    if drawing.random is not None:
        ends = ends + SLOPPINESS * wander(drawing.random, ends.shape)
    drawing.draw_line(splines(ends.tobytes(), bytes(3))[0] @ ends)
