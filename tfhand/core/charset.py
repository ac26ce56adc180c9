"""The characters: their height and depth, their look-alikes, and the names of their files.

Lengths are in x-heights: 1.0 is the height of a small x, 0.0 the baseline, negative numbers lie below it.

The numbers come from the writers of UNIPEN Train R01/V07 (I. Guyon et al., ICPR 1994) who wrote at least six of the
letters a c e m n o r s u v w x z, about 190. A writer's x-height is the median of their heights of these letters. Every
character's height, width and length of strokes were divided by it, and the median was taken within each writer and then
over the writers (`MEASURED`). The data have no baseline, so the parts below it follow from typography: the body of a
descender is one x-height tall and the rest is below the baseline; a j reaches below by as much as it is taller than an
i, an f by as much as it is taller than an h.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable, Mapping
from statistics import median
from types import MappingProxyType
from typing import NamedTuple

DIGITS = string.digits
CHARACTERS = DIGITS + string.ascii_uppercase + string.ascii_lowercase

WESTERN = (
    "".join(chr(code) for code in (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)))
    + "ŒœŠšŸŽž–—‘’‚“”„†•…‹›€"
)
"""The characters of Western European languages: Windows-1252 without spaces and rare characters."""

CLASSES = MappingProxyType(
    {
        "digit": string.digits,
        "capital": string.ascii_uppercase,
        "x-height": "acemnorsuvwxz",
        "ascender": "bdhiklt",
        "descender": "gpqy",
        "both": "fj",
    }
)

_HEIGHTS = """
    0 1.32  1 1.44  2 1.33  3 1.48  4 1.70  5 1.55  6 1.61  7 1.64  8 1.62  9 1.72
    A 1.81  B 1.84  C 1.43  D 1.68  E 1.62  F 1.77  G 1.77  H 1.77  I 1.53  J 1.75  K 1.76  L 1.55  M 1.64
    N 1.64  O 1.36  P 1.83  Q 1.75  R 1.82  S 1.62  T 1.67  U 1.46  V 1.61  W 1.55  X 1.59  Y 2.00  Z 1.48
    a 0.96  b 1.69  c 0.98  d 1.80  e 1.00  f 2.11  g 1.97  h 1.83  i 1.47  j 2.32  k 1.78  l 1.73  m 0.97
    n 1.00  o 0.91  p 1.78  q 2.03  r 1.00  s 1.10  t 1.56  u 0.97  v 1.04  w 1.00  x 1.13  y 1.95  z 1.11"""
_WIDTHS = """
    0 1.06  1 0.31  2 1.17  3 1.00  4 1.14  5 1.17  6 0.95  7 1.11  8 0.98  9 0.98
    A 1.25  B 1.27  C 1.15  D 1.29  E 1.26  F 1.33  G 1.40  H 1.25  I 0.92  J 1.38  K 1.27  L 1.20  M 1.55
    N 1.36  O 1.15  P 1.18  Q 1.44  R 1.28  S 1.16  T 1.63  U 1.14  V 1.24  W 1.73  X 1.26  Y 1.21  Z 1.46
    a 1.09  b 0.94  c 0.93  d 1.12  e 0.99  f 1.16  g 1.07  h 1.04  i 0.34  j 0.91  k 1.05  l 0.39  m 1.50
    n 1.02  o 0.85  p 0.92  q 1.04  r 0.90  s 0.90  t 1.08  u 1.00  v 0.96  w 1.41  x 1.08  y 1.07  z 1.18"""

_LENGTHS = """
    0 4.22  1 1.83  2 3.77  3 3.99  4 4.19  5 4.08  6 3.97  7 3.53  8 5.02  9 4.38
    A 5.57  B 6.97  C 3.28  D 5.34  E 4.96  F 4.40  G 5.28  H 4.87  I 3.24  J 4.09  K 4.83  L 3.03  M 6.48
    N 5.52  O 4.32  P 5.01  Q 6.56  R 6.22  S 4.11  T 3.69  U 4.08  V 3.67  W 5.80  X 4.17  Y 3.79  Z 4.73
    a 3.74  b 4.45  c 2.42  d 5.33  e 3.47  f 4.29  g 5.62  h 4.12  i 1.38  j 3.07  k 4.29  l 2.26  m 4.92
    n 3.37  o 3.04  p 4.76  q 5.85  r 2.59  s 3.05  t 3.36  u 3.23  v 2.54  w 3.93  x 3.18  y 4.23  z 3.70"""


def _table(text: str) -> dict[str, float]:
    words = text.split()
    return {character: float(number) for character, number in zip(words[::2], words[1::2], strict=True)}


MEASURED = MappingProxyType({"height": _table(_HEIGHTS), "width": _table(_WIDTHS), "length": _table(_LENGTHS)})

# (bottom, top, width) estimated by eye, for characters that are not in the data
_PUNCTUATION = {
    ".": (0.0, 0.2, 0.2),
    ",": (-0.3, 0.2, 0.25),
    ":": (0.0, 0.9, 0.2),
    ";": (-0.3, 0.9, 0.25),
    "!": (0.0, 1.7, 0.25),
    "?": (0.0, 1.7, 0.9),
    "'": (1.2, 1.75, 0.15),
    '"': (1.2, 1.75, 0.4),
    "-": (0.45, 0.6, 0.7),
    "_": (-0.25, -0.1, 1.0),
    "+": (0.2, 1.2, 1.0),
    "=": (0.35, 0.9, 0.9),
    "*": (0.9, 1.7, 0.8),
    "/": (-0.2, 1.8, 0.9),
    "(": (-0.3, 1.8, 0.5),
    ")": (-0.3, 1.8, 0.5),
    "[": (-0.3, 1.8, 0.5),
    "]": (-0.3, 1.8, 0.5),
    "&": (0.0, 1.65, 1.3),
    "%": (0.0, 1.65, 1.5),
    "@": (-0.3, 1.5, 1.7),
    "`": (1.2, 1.75, 0.3),
    "^": (1.2, 1.75, 0.6),
    "~": (0.5, 0.9, 0.9),
    "|": (-0.3, 1.8, 0.15),
    "{": (-0.3, 1.8, 0.5),
    "}": (-0.3, 1.8, 0.5),
    "<": (0.2, 1.2, 1.0),
    ">": (0.2, 1.2, 1.0),
}

PROPORTION = 0.2  # exponent by which narrower shapes are taller: a regression over UNIPEN's writers


class Geometry(NamedTuple):
    """The typical ink box of a character, in x-heights: its bottom and top over the baseline, and its width."""

    bottom: float
    top: float
    width: float

    @property
    def height(self) -> float:
        return self.top - self.bottom

    def likely_height(self, shape: tuple[int, int]) -> float:
        """The likely height in x-heights of an ink box with this shape (height, width) in pixels."""
        flatter = (shape[0] / shape[1]) / (self.height / self.width)
        if self.height < 0.4:  # a dash or a dot: its width tells more
            return self.height * min(max(flatter, 0.4), 2.5)
        if self.width < 0.5:  # an l or i: its width tells nothing
            return self.height
        return self.height * min(max(flatter**PROPORTION, 0.85), 1.15)

    def likely_bottom(self, height: float) -> float:
        """The likely bottom of an ink box of this height: on the baseline, or below it from the x-height down."""
        if self.bottom < -0.5 and self.top < 1.1:
            return self.top - height
        return self.bottom * height / self.height


def class_of(character: str) -> str:
    """The typographic class of a character: a key of `CLASSES`, or "other"."""
    return next((name for name, members in CLASSES.items() if character in members), "other")


def geometry(character: str) -> Geometry:
    """The typical ink box of a character; an unknown character is treated as a capital.

    The medians of single characters are noisy, so a height is the mean of the character's own median and that of its
    class: letters of one class are then about as even as in a written line.
    """
    if character in _PUNCTUATION:
        return Geometry(*_PUNCTUATION[character])
    return _GEOMETRY.get(character, Geometry(0.0, 1.65, 1.2))


def stroke_length(character: str) -> float:
    """The typical length of a character's strokes in x-heights."""
    usual = geometry(character)
    return MEASURED["length"].get(character, 2.2 * (usual.height**2 + usual.width**2) ** 0.5)


def _smoothed_height(character: str, members: str) -> float:
    heights = MEASURED["height"]
    return (heights[character] + median(heights[member] for member in members)) / 2


def _typical(character: str) -> Geometry:
    heights, width = MEASURED["height"], MEASURED["width"][character]
    if character == "f":
        return Geometry(heights["h"] - heights["f"], heights["h"], width)
    if character == "j":
        return Geometry(heights["i"] - heights["j"], heights["i"], width)
    if character in "it":
        return Geometry(0.0, heights[character], width)
    kind = class_of(character)
    height = _smoothed_height(character, "bdhkl" if kind == "ascender" else CLASSES[kind])
    bottom = 1.0 - height if kind == "descender" else -0.1 if character == "Q" else 0.0
    return Geometry(bottom, height + bottom, width)


_GEOMETRY = {character: _typical(character) for character in CHARACTERS}

_LOOK_ALIKE = ("0Oo", "1Il", "Cc", "Kk", "Pp", "Ss", "Uu", "Vv", "Ww", "Xx", "Yy", "Zz")

# every character -> the first of the characters that look the same at one size
first_look_alike: Mapping[str, str] = MappingProxyType(
    {c: next((group[0] for group in _LOOK_ALIKE if c in group), c) for c in CHARACTERS}
)


def reading(character: str) -> str:
    """The character that stands for all its look-alikes when glyphs are read: the first of them, or itself."""
    return first_look_alike.get(character, character)


def order(characters: Iterable[str]) -> str:
    """Each character once: those of `CHARACTERS` first in its order, then the others by code point."""
    ranks = {character: rank for rank, character in enumerate(CHARACTERS)}
    return "".join(sorted(set(characters), key=lambda c: (ranks.get(c, len(ranks)), c)))


def file_name(character: str) -> str:
    """The name of a character's file without ending: "a", "7", "upper_A", "U+00E9".

    Safe on every file system: for macOS and Windows, A.png and a.png are the same file.
    """
    if character in string.ascii_uppercase:
        return f"upper_{character}"
    return character if character in CHARACTERS else f"U+{ord(character):04X}"


def character_of(name: str) -> str | None:
    """The character that a file or folder is named after, or None: the inverse of `file_name`, but more tolerant.

    Accepts "a", "A", "upper_A", "A_upper", "upper_a", "lower_a" and "U+0041", each with or
    without a counter: "a_2", "a-2", "a (2)".
    """
    name = unicodedata.normalize("NFC", name).strip()
    if len(name) > 1:
        name = re.sub(r"(?:[ _-]*\(\d+\)|[ _-]+\d+)$", "", name)
    if len(name) == 1:
        return name if name.isprintable() and not name.isspace() else None
    if code := re.fullmatch(r"[Uu]\+?([0-9A-Fa-f]{4,6})", name):
        number = int(code[1], 16)
        return chr(number) if number <= 0x10FFFF and chr(number).isprintable() and not chr(number).isspace() else None
    if case := re.fullmatch(r"(upper|capital|lower|small)[ _-]?(\w)|(\w)[ _-]?(upper|capital|lower|small)", name, re.I):
        letter, kind = case[2] or case[3], (case[1] or case[4]).lower()
        return letter.upper() if kind in ("upper", "capital") else letter.lower()
    return None
