"""Where everything stands on a printed sheet: the one plan by which it is drawn and read.

Lengths are millimetres from the top left corner of the frame that the corner marks span. The frame is the same on every
paper, so that a reader needs no paper size and no scale. Boxes are float arrays [n, 4]: top, left, bottom, right.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tfhand.core.charset import CHARACTERS
from tfhand.errors import ReadingError, TextError

VERSION = 1
NAME = "tfhand"  # how every mark begins
PUNCTUATION = ".,;:!?'\"()-+=/&@#%€$"
EVERYTHING = CHARACTERS + PUNCTUATION  # in an order on which the marks of this version build
PAPERS = {"A4": (210.0, 297.0), "Letter": (215.9, 279.4)}  # mm, width and height

FRAME = (198.0, 266.0)  # mm, width and height: fits both papers with margins that every printer reaches
COLUMNS, ROWS = 10, 9
HEADER = 24.0  # marks and text; the boxes with their captions begin below
_BOXES_LEFT = 11.0
_PITCH = (25.6, 17.6)  # down and across
_BOX = (19.2, 16.2)  # height and width
_STRIP = 5.0  # over each box, for its caption
_CAPTION = (3.6, 5.0)  # height and width of the place of a caption
BASELINE, X_HEIGHT = 12.4, 4.4  # of the guides: below the box's top, and over the baseline

MARKER = 8.0  # side of a corner mark
_BETWEEN = np.linspace(0, FRAME[1] - MARKER, 5)
MARKERS = np.array(
    [(top, left) for top in _BETWEEN for left in (0.0, FRAME[0] - MARKER)]
    + [(top, (FRAME[0] - MARKER) / 2) for top in (0.0, FRAME[1] - MARKER)]
)
"""Top and left of each corner mark; its number is its place in this list."""

MARK = 22.0  # side of a machine-readable mark
MARKS = np.array([(0.5, 11.0), (0.5, FRAME[0] - 11.0 - MARK)])
"""Top and left of each of the two equal marks: a thumb or a folded corner hides only one."""
LONGEST_MARK = 106  # characters; a longer one would be too fine for a phone


@dataclass(frozen=True)
class SheetPage:
    """One page of a sheet.

    Attributes:
        characters: asked for on this page, each once, in order.
        variants: how often each is asked for.
        paper: a key of `PAPERS`.
        number, count: of this page, and of all pages.

    Raises:
        TextError: not what a page can hold.
    """

    characters: str
    variants: int = 1
    paper: str = "A4"
    number: int = 1
    count: int = 1

    def __post_init__(self):
        wrong = (
            self.paper not in PAPERS
            or not 1 <= self.variants <= COLUMNS * ROWS
            or not 1 <= len(self.characters) <= COLUMNS * ROWS // self.variants
            or not 1 <= self.number <= self.count
            or not _sound(self.characters)
        )
        if wrong:
            raise TextError(
                f"A page of a sheet cannot ask for {len(self.characters)} characters {self.variants} times on "
                f"{self.paper}; it holds up to {COLUMNS * ROWS} single characters on {' or '.join(PAPERS)}."
            )

    @property
    def letters(self) -> str:
        """The character of each box."""
        return "".join(character * self.variants for character in self.characters)

    @cached_property
    def boxes(self) -> np.ndarray:
        """The writing areas."""
        row, column = np.divmod(np.arange(len(self.letters)), COLUMNS)
        corner = np.stack([HEADER + _STRIP + _PITCH[0] * row, _BOXES_LEFT + _PITCH[1] * column], axis=1)
        return np.concatenate([corner, corner + _BOX], axis=1)

    @cached_property
    def captions(self) -> np.ndarray:
        """The places of the captions, over the left end of each box: what is written too large goes elsewhere."""
        corner = self.boxes[:, :2] - [_STRIP - 0.7, 0]
        return np.concatenate([corner, corner + _CAPTION], axis=1)

    @property
    def mark(self) -> str:
        """What the machine-readable mark says: short, and plain ASCII."""
        said = _shortened(self.characters).encode("unicode_escape").decode("ascii")
        return f"{NAME} {VERSION} {self.paper} {self.number}/{self.count} {self.variants} {said}"


def page_of(mark: str) -> SheetPage:
    """The page that a mark stands for: the inverse of `SheetPage.mark`.

    Raises:
        ReadingError: it is not one of ours, of a newer version, or damaged.
    """
    found = re.match(rf"{NAME} (\d{{1,4}}) ", mark)
    if not found:
        raise ReadingError("The mark on the sheet is not one of tfhand's; for other sheets say --grid and --order.")
    if int(found[1]) != VERSION:
        raise ReadingError(
            f"This sheet is of version {found[1]}, and this tfhand reads version {VERSION}; "
            "update tfhand, or print the sheet anew."
        )
    damaged = ReadingError("The mark on the sheet is damaged; print the sheet anew.")
    parts = re.fullmatch(r"(\S+) (\d{1,3})/(\d{1,3}) (\d{1,2}) ([\x20-\x7e]+)", mark[found.end() :])
    if not parts:
        raise damaged
    try:
        said = _lengthened(parts[5].encode("ascii").decode("unicode_escape"))
        return SheetPage(said, int(parts[4]), parts[1], int(parts[2]), int(parts[3]))
    except (UnicodeDecodeError, TextError):
        raise damaged from None


def pages_of(characters: str, variants: int = 1, paper: str = "A4") -> list[SheetPage]:
    """The pages of a sheet that asks for these characters.

    Args:
        characters: in the order wanted; spaces are left out, and a character that comes twice is asked for once.
        variants: how often each is asked for.
        paper: a key of `PAPERS`.

    Raises:
        TextError: nothing to ask for, something that is no character by itself, or too many variants for a page.
    """
    asked = "".join(dict.fromkeys("".join(unicodedata.normalize("NFC", characters).split())))
    if not asked:
        raise TextError("There is no character to ask for on the sheet.")
    odd = [character for character in asked if not _sound(character)]
    if odd:
        raise TextError(f"Cannot ask for {odd[0]!r} on a sheet: it is not a character that is written by itself.")
    parts = [""]
    for character in asked:
        trial = parts[-1] + character
        if len(trial) * variants > COLUMNS * ROWS or len(_trial(trial, variants, paper).mark) > LONGEST_MARK:
            parts.append("")
        parts[-1] += character
    return [SheetPage(part, variants, paper, number, len(parts)) for number, part in enumerate(parts, 1)]


def _trial(characters: str, variants: int, paper: str) -> SheetPage:
    return SheetPage(characters, variants, paper, 999, 999)


def _sound(characters: Sequence[str]) -> bool:
    by_itself = all(c.isprintable() and not c.isspace() and not unicodedata.combining(c) for c in characters)
    return by_itself and len(set(characters)) == len(characters)


def _shortened(characters: str) -> str:
    """Runs of neighbours as their ends with a space between: "0 Z" for digits and capitals."""
    runs: list[str] = []
    for character in characters:
        if runs and _next(runs[-1][-1]) == character:
            runs[-1] += character
        else:
            runs.append(character)
    return "".join(run if len(run) < 4 else f"{run[0]} {run[-1]}" for run in runs)


def _lengthened(text: str) -> str:
    def run(ends: re.Match) -> str:
        characters = ends[1]
        while characters[-1] != ends[2] and len(characters) <= COLUMNS * ROWS:
            characters += _next(characters[-1])
        return characters

    return re.sub(r"(\S) (\S)", run, text)


def _next(character: str) -> str:
    """The neighbour of a character: in `EVERYTHING`, or by code point."""
    place = EVERYTHING.find(character)
    return chr(min(ord(character) + 1, 0x10FFFF)) if place < 0 else EVERYTHING[(place + 1) % len(EVERYTHING)]
