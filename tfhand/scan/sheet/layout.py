"""Where everything is on a printed sheet: the one layout by which it is drawn and read.

Lengths are millimetres from the top left corner of the frame, the rectangle that the black markers span. The frame is
the same on every paper, so that a reader needs no paper size and no scale. Boxes are float arrays [n, 4]: top, left,
bottom, right.
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
NAME = "tfhand"  # how every QR code begins
PUNCTUATION = ".,;:!?'\"()-+=/&@#%€$"
EVERYTHING = CHARACTERS + PUNCTUATION  # the QR codes of this version depend on this order
PAPERS = {"A4": (210.0, 297.0), "Letter": (215.9, 279.4)}  # mm, width and height

FRAME = (198.0, 266.0)  # mm, width and height: fits both papers with margins that every printer reaches
COLUMNS, ROWS = 10, 9
HEADER = 24.0  # QR codes and text; the boxes with their captions begin below
_BOXES_LEFT = 11.0
_PITCH = (25.6, 17.6)  # from box to box, down and across
_BOX = (19.2, 16.2)  # height and width
_STRIP = 5.0  # above each box, for its caption
_CAPTION = (3.6, 5.0)  # height and width of a caption's place
BASELINE, X_HEIGHT = 12.4, 4.4  # guides: below the box's top, and above the baseline

MARKER_SIDE = 8.0
_MARKER_TOPS = np.linspace(0, FRAME[1] - MARKER_SIDE, 5)
MARKERS = np.array(
    [(top, left) for top in _MARKER_TOPS for left in (0.0, FRAME[0] - MARKER_SIDE)]
    + [(top, (FRAME[0] - MARKER_SIDE) / 2) for top in (0.0, FRAME[1] - MARKER_SIDE)]
)
"""Top and left of each black marker; its number is its place in this list."""

QR_SIDE = 22.0
QR_CODES = np.array([(0.5, 11.0), (0.5, FRAME[0] - 11.0 - QR_SIDE)])
"""Top and left of each of the two equal QR codes: a thumb or a folded corner hides only one."""
MAX_QR_TEXT = 106  # characters; a longer text would need modules too fine for a phone


@dataclass(frozen=True)
class SheetPage:
    """One page of a sheet.

    Attributes:
        characters: asked for on this page, each once, in order.
        variants: how often each is asked for.
        paper: a key of `PAPERS`.
        number, count: this page's number from 1, and how many pages there are.

    Raises:
        TextError: a page cannot hold this.
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
            or not _are_single(self.characters)
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
        """The places of the captions, above the left end of each box: large letters rarely reach there."""
        corner = self.boxes[:, :2] - [_STRIP - 0.7, 0]
        return np.concatenate([corner, corner + _CAPTION], axis=1)

    @property
    def qr_text(self) -> str:
        """The text of the page's QR code: short, and ASCII."""
        characters = _shortened(self.characters).encode("unicode_escape").decode("ascii")
        return f"{NAME} {VERSION} {self.paper} {self.number}/{self.count} {self.variants} {characters}"


def page_of(qr_text: str) -> SheetPage:
    """The page that a QR code's text describes: the inverse of `SheetPage.qr_text`.

    Raises:
        ReadingError: the text is not one of ours, of a newer version, or damaged.
    """
    found = re.match(rf"{NAME} (\d{{1,4}}) ", qr_text)
    if not found:
        raise ReadingError("The QR code on the sheet is not one of tfhand's; for other sheets say --grid and --order.")
    if int(found[1]) != VERSION:
        raise ReadingError(
            f"This sheet is of version {found[1]}, and this tfhand reads version {VERSION}; "
            "update tfhand, or print the sheet anew."
        )
    damaged = ReadingError("The QR code on the sheet is damaged; print the sheet anew.")
    parts = re.fullmatch(r"(\S+) (\d{1,3})/(\d{1,3}) (\d{1,2}) ([\x20-\x7e]+)", qr_text[found.end() :])
    if not parts:
        raise damaged
    try:
        characters = _lengthened(parts[5].encode("ascii").decode("unicode_escape"))
        return SheetPage(characters, int(parts[4]), parts[1], int(parts[2]), int(parts[3]))
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
    wanted = "".join(dict.fromkeys("".join(unicodedata.normalize("NFC", characters).split())))
    if not wanted:
        raise TextError("There is no character to ask for on the sheet.")
    refused = [character for character in wanted if not _are_single(character)]
    if refused:
        raise TextError(f"Cannot ask for {refused[0]!r} on a sheet: it is not a character that is written by itself.")
    parts = [""]
    for character in wanted:
        trial = parts[-1] + character
        if len(trial) * variants > COLUMNS * ROWS or _qr_length(trial, variants, paper) > MAX_QR_TEXT:
            parts.append("")
        parts[-1] += character
    return [SheetPage(part, variants, paper, number, len(parts)) for number, part in enumerate(parts, 1)]


def _qr_length(characters: str, variants: int, paper: str) -> int:
    """The length of the QR code's text, whatever number the page will have."""
    return len(SheetPage(characters, variants, paper, 999, 999).qr_text)


def _are_single(characters: Sequence[str]) -> bool:
    """Whether these are different characters, each of which is written by itself."""
    by_itself = all(c.isprintable() and not c.isspace() and not unicodedata.combining(c) for c in characters)
    return by_itself and len(set(characters)) == len(characters)


def _shortened(characters: str) -> str:
    """The characters with every run of neighbours as its two ends and a space: "0 Z" for digits and capitals."""
    runs: list[str] = []
    for character in characters:
        if runs and _next(runs[-1][-1]) == character:
            runs[-1] += character
        else:
            runs.append(character)
    return "".join(run if len(run) < 4 else f"{run[0]} {run[-1]}" for run in runs)


def _lengthened(text: str) -> str:
    """The inverse of `_shortened`."""

    def run(ends: re.Match) -> str:
        characters = ends[1]
        while characters[-1] != ends[2] and len(characters) <= COLUMNS * ROWS:
            characters += _next(characters[-1])
        return characters

    return re.sub(r"(\S) (\S)", run, text)


def _next(character: str) -> str:
    """The neighbour of a character: in `EVERYTHING`, or by code point."""
    index = EVERYTHING.find(character)
    return chr(min(ord(character) + 1, 0x10FFFF)) if index < 0 else EVERYTHING[(index + 1) % len(EVERYTHING)]
