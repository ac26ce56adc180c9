"""Characters that neither the person nor the networks wrote: composed of letters that they did, and of a pen's strokes.

An accented letter is its base letter and a mark, drawn with the stroke of that very letter and put where its ink leaves
room; a ligature is two letters that touch. Signs are drawn whole (see `tfhand.signs`), in the weight, slant and width
of the hand, a little differently each time. What follows from no rule, such as another alphabet, is left as a gap.

Lengths are in x-heights, pixels (`DETAIL` to an x-height) only in names that say so; y runs down from the baseline.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np

from tfhand import charset
from tfhand.curves import Stroke, splines, wander
from tfhand.drawing import coverage, distance_field, nib_width, stroke_field
from tfhand.errors import TextError
from tfhand.measures import slant
from tfhand.sample import GENERATED, Sample
from tfhand.shapes import DETAIL, placed
from tfhand.signs import ABOVE, BELOW, BESIDE, SIGNS

GAP = 0.2  # between the ink of a letter and that of the mark over it
RISE = 1.2  # what stands over the x-height in the table of signs is drawn so much taller, as people's capitals are
SLOPPINESS, SKEW, UNEVENNESS = 0.014, 1.5, 0.04  # of points, of the whole in degrees, and of its size
AROUND = 1.0  # paper on each side of the base of a character, for its marks
STEMS = "bdfhkltpqijBDEFHIKLMNPRT14"  # their moments show the slant of their stems
USUAL_NIB = 0.14
SHORT, BROAD = 0.06, 1.35  # a stroke so short is a dot, and drawn so much broader: a pen that rests leaves more ink
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


@dataclass(frozen=True)
class Manner:
    """How a person draws a line, for what is drawn in their place.

    Attributes:
        nib: width of the line.
        slant: shear, to the right for each length upward.
        width: of the letters over what is typical.
    """

    nib: float = USUAL_NIB
    slant: float = 0.0
    width: float = 1.0

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> Manner:
        """Read off some of a person's letters and digits; what cannot be told from them is as usual."""
        known = [sample for sample in samples if sample.character in charset.CHARACTERS]
        if not known:
            return cls()
        nibs, widths = [], []
        for sample in known:
            ink, _, height = placed(sample.character, sample)
            nibs.append(nib_width(distance_field(ink, height * DETAIL / ink.shape[0])) / DETAIL)
            typical = charset.geometry(sample.character)
            if typical.width > 0.6:
                widths.append(ink.shape[1] / ink.shape[0] * height / typical.width)
        stems = [sample.glyph for sample in known if sample.character in STEMS]
        leans = slant(np.stack(stems)) if stems else 0.7 * slant(np.stack([sample.glyph for sample in known]))
        width = float(np.clip(np.median(widths), 0.7, 1.35)) if widths else 1.0
        return cls(float(np.median(nibs)), float(np.clip(np.median(leans), -0.5, 0.9)), width)


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


class _Drawing:
    """Ink on paper: uint8 `ink`, whose row `line` is the baseline and whose column `middle` is x = 0."""

    def __init__(self, box: charset.Geometry, nib: float, manner: Manner, random: np.random.Generator | None):
        self.line = round((max(box.top, 1.8) + AROUND) * DETAIL)
        self.middle = round((box.width / 2 + AROUND) * DETAIL)
        self.ink = np.zeros((self.line + round((AROUND - min(box.bottom, -0.5)) * DETAIL), 2 * self.middle), np.uint8)
        self.nib, self.manner, self.random = nib, manner, random

    @classmethod
    def of(cls, base: Sample, manner: Manner, random: np.random.Generator | None) -> _Drawing:
        """The base letter, x = 0 in the middle of its box."""
        ink, baseline, height = placed(base.character, base)
        field = distance_field(ink, height * DETAIL / ink.shape[0])
        box = charset.Geometry(baseline, baseline + height, field.shape[1] / DETAIL)
        drawing = cls(box, nib_width(field) / DETAIL, manner, random)
        drawing.paste(coverage(field), 0.0, baseline + height / 2)
        return drawing

    def paste(self, ink: np.ndarray, x: float, up: float) -> None:
        """Lays ink on the paper, its middle at x and `up` over the baseline; what lies beyond the paper is lost."""
        top = round(self.line - up * DETAIL - ink.shape[0] / 2)
        left = round(self.middle + x * DETAIL - ink.shape[1] / 2)
        part = self.ink[max(top, 0) : max(top + ink.shape[0], 0), max(left, 0) : max(left + ink.shape[1], 0)]
        ink = ink[max(-top, 0) :, max(-left, 0) :][: part.shape[0], : part.shape[1]]
        np.maximum(part, ink, out=part)

    def stroke(self, line: np.ndarray) -> None:
        """Draws a line (n, 2) with the nib, x from the middle, y down from the baseline."""
        nib = self.nib * (BROAD if np.ptp(line, axis=0).max() < SHORT else 1.0)
        reach = nib / 2 + 3 / DETAIL
        low, high = line.min(axis=0) - reach, line.max(axis=0) + reach
        shape = tuple(np.ceil((high - low) * DETAIL).astype(int)[::-1])
        field = stroke_field((line - low) * DETAIL, nib * DETAIL, shape)
        middle = low + np.array(shape[::-1]) / DETAIL / 2
        self.paste(coverage(field), middle[0], -middle[1])

    def mark(self, strokes: Sequence[Stroke], x: float, y: float) -> None:
        """Draws strokes with their origin at x, y."""
        for line in _lines(strokes, self.manner, self.random):
            self.stroke(line + [x, y])

    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the ink."""
        return self._extent(0, len(self.ink))

    def span(self, top: float, bottom: float) -> tuple[float, float]:
        """Left and right of the ink between two heights."""
        rows = [int(np.clip(round(self.line + y * DETAIL), 0, len(self.ink) - 1)) for y in (top, bottom)]
        left, _, right, _ = self._extent(rows[0], rows[1] + 1)
        return left, right

    def _extent(self, first: int, last: int) -> tuple[float, float, float, float]:
        rows, columns = np.nonzero(self.ink[first:last] > 127)
        if not len(rows):
            return 0.0, 0.0, 0.0, 0.0
        x, y = columns - self.middle, rows + first - self.line
        return x.min() / DETAIL, y.min() / DETAIL, (x.max() + 1) / DETAIL, (y.max() + 1) / DETAIL

    def without_dot(self) -> None:
        """Takes the dot off an i or j: what floats over the body, or else what stands clearly over an x."""
        count, islands, stats, _ = cv2.connectedComponentsWithStats((self.ink > 60).astype(np.uint8))
        body = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])) if count > 1 else 0
        high = stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT] < self.line - 0.7 * DETAIL
        dots = [island for island in range(1, count) if island != body and high[island]]
        self.ink[cv2.dilate(np.isin(islands, dots).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0] = 0
        if not dots and self.box()[1] < -1.25:
            self.ink[: self.line - round(1.05 * DETAIL)] = 0

    def sample(self, character: str) -> Sample:
        """The drawing as a Sample that knows its place."""
        _, top, _, bottom = self.box()
        return Sample(character, self.ink, GENERATED, -bottom, bottom - top)


def _lines(strokes: Sequence[Stroke], manner: Manner, random: np.random.Generator | None) -> list[np.ndarray]:
    """Strokes of the table as lines (n, 2) in the hand's slant and width, each draw a little different."""
    size, turn = np.ones(2), 0.0
    if random is not None:
        size, turn = np.exp(random.normal(0, UNEVENNESS, 2)), np.deg2rad(random.normal(0, SKEW))
    cosine, sine = np.cos(turn), np.sin(turn)
    shear = np.array([[1.0, -manner.slant], [0.0, 1.0]]) @ np.array([[cosine, -sine], [sine, cosine]])
    drawn = []
    for stroke in strokes:
        points = stroke.points * size * [manner.width, 1.0]
        if random is not None:
            points = points + SLOPPINESS * wander(random, points.shape)
        points[:, 1] = np.where(points[:, 1] < -1, -1 + (points[:, 1] + 1) * RISE, points[:, 1])
        curve = splines(stroke.points.tobytes(), stroke.sharp.tobytes())[0] @ points if len(points) > 1 else points
        drawn.append(curve @ shear.T)
    return drawn


def _sign(character: str, manner: Manner, random: np.random.Generator | None) -> _Drawing:
    strokes = SIGNS[character]
    middle = np.concatenate([stroke.points for stroke in strokes])[:, 0].mean() * manner.width
    drawing = _Drawing(charset.Geometry(-0.7, 1.8, 1.6 * manner.width), manner.nib, manner, random)
    drawing.mark(strokes, -middle, 0.0)
    return drawing


def _pair(
    character: str, letters: Mapping[str, Sample], manner: Manner, random: np.random.Generator | None
) -> _Drawing:
    """Two letters side by side; those of a ligature touch."""
    parts = [compose(c, {}, manner, random) if c in SIGNS else letters[c] for c in _PAIRS[character]]
    first, second = (_Drawing.of(part, manner, random) for part in parts)
    rows = [one.ink[one.line - round(1.6 * DETAIL) : one.line + 1] > 127 for one in (first, second)]
    right = [np.flatnonzero(row)[-1] - first.middle if row.any() else -np.inf for row in rows[0]]
    left = [np.flatnonzero(row)[0] - second.middle if row.any() else np.inf for row in rows[1]]
    space = np.min(np.subtract(left, right)) / DETAIL
    apart = -0.6 * first.nib if character in _TOUCHING else 0.16
    shift = float(np.clip(apart - space, 0.2, 3.0)) if np.isfinite(space) else 0.6
    tops, feet = zip(
        *((one.line / DETAIL, one.line / DETAIL - len(one.ink) / DETAIL) for one in (first, second)), strict=True
    )
    both = _Drawing(charset.Geometry(min(feet), max(tops), shift + 2.0), first.nib, manner, random)
    for one, x in ((first, -shift / 2), (second, shift / 2)):
        both.paste(one.ink, x, (one.line - len(one.ink) / 2) / DETAIL)
    return both


def _marked(
    character: str, letters: Mapping[str, Sample], manner: Manner, random: np.random.Generator | None
) -> _Drawing:
    """A base letter with a bar, or with the marks of its decomposition one after the other."""
    if character in _BARS:
        base, half, rise, height, on_stem = _BARS[character]
        drawing = _Drawing.of(letters[base], manner, random)
        _bar(drawing, half, rise, height, on_stem)
        return drawing
    base, *marks = unicodedata.normalize("NFD", character)
    if base in charset.CHARACTERS or base in _DOTLESS:
        base = _DOTLESS.get(base, base)
        drawing = _Drawing.of(letters[base], manner, random)
        if base in "ij" and (not marks or any(mark in ABOVE for mark in marks)):
            drawing.without_dot()
    else:
        drawing = _Drawing.of(compose(base, letters, manner, random), manner, random)
    for mark in marks:
        if mark == "\u030c" and base in "dtlL":
            _, top, _, _ = drawing.box()
            drawing.mark(BESIDE, drawing.span(top, top + 0.4)[1] + drawing.nib + 0.08, top + 0.1)
        elif mark == "\u0327" and base in "GKLNRgklnr":
            _hang(drawing, "\u0312" if base == "g" else "\u0326")
        else:
            _hang(drawing, mark)
    return drawing


def _hang(drawing: _Drawing, mark: str) -> None:
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


def _bar(drawing: _Drawing, half: float, rise: float, height: float, on_stem: bool) -> None:
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
