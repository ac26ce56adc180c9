"""A photo of several written lines whose text is known, read into a Hand line by line."""

from __future__ import annotations

import os
from dataclasses import dataclass

import cv2
import numpy as np

from tfhand.core.progress import Done, unwatched
from tfhand.errors import ReadingError, TextError
from tfhand.hands.hand import Hand
from tfhand.scan.image.components import Component, find_components
from tfhand.scan.image.deskew import DeskewedPage, deskew
from tfhand.scan.image.rulings import MAX_SLOPE
from tfhand.scan.line.best_reading import best_reading
from tfhand.scan.line.found import FoundCharacter
from tfhand.scan.line.plausibility import NOT_FOUND
from tfhand.scan.line.reading import LineReading, check_line, find_any_line_on
from tfhand.scan.line.recognition import ReadCosts
from tfhand.scan.line.text_lines import SKIP, assign_lines
from tfhand.scan.running.letters import FindLetters
from tfhand.scan.running.lines import running_lines
from tfhand.scan.running.reading import RunningReading, is_running

MAX_LINES = 60
SLOPES = np.linspace(-MAX_SLOPE, MAX_SLOPE, 61)
MARGIN = 0.25  # share of a line's height that is left as paper around it


@dataclass(frozen=True, eq=False)
class PageReading:
    """The reading of several lines.

    Attributes:
        texts: the lines of the text.
        lines: what was found of each; None where the picture shows no ink for it, or it is not to be read.
    """

    texts: tuple[str, ...]
    lines: tuple[LineReading | RunningReading | None, ...]

    @property
    def found(self) -> tuple[FoundCharacter, ...]:
        """All characters of the text, line by line."""
        found: list[FoundCharacter] = []
        for text, line in zip(self.texts, self.lines, strict=True):
            if line and not line.doubt:
                found += line.found
            elif text != SKIP:
                reason = "in a line that does not fit its text" if line else NOT_FOUND
                found += [FoundCharacter(one, np.full(4, np.nan), reason=reason) for one in "".join(text.split())]
        return tuple(found)

    @property
    def hand(self) -> Hand:
        """The characters that are believed, and the words of lines of joined letters."""
        words = [word for line in self.lines if line for word in line.words]
        return Hand(samples=[one.sample for one in self.found if one.sample], words=words)

    @property
    def doubt(self) -> str:
        """Why nothing of it is to be believed, or an empty string."""
        if any(one.sample for one in self.found):
            return ""
        doubts = [
            f"Line {number} of {len(self.texts)}, {_quoted(text)}: {line.doubt}"
            for number, (text, line) in enumerate(zip(self.texts, self.lines, strict=True), start=1)
            if line and line.doubt
        ]
        return doubts[0] if doubts else "The picture shows no ink that could be the lines of the text."


def read_lines(
    image: np.ndarray | str | os.PathLike,
    says: str,
    read: ReadCosts | None = None,
    find_letters: FindLetters | None = None,
) -> Hand:
    """The glyphs of several lines of writing; those that are not sure are left out.

    Args:
        image: uint8 array of shape (height, width) or (height, width, 3), dark ink on light paper, or a path.
        says: the text on it, with a line break after each line; a line `#skip` stands for a line, a drawing or print
            that is not to be read, and ~ for ink that is no letter of the person's.
        read: a reader that helps to tell the letters, see `scan.line.recognition`.
        find_letters: an aligner for lines of joined letters, see `scan.running.letters`; without one, letters must
            stand apart.

    Returns:
        A Hand with written samples, each with its place on its line, and with the words of lines of joined letters.

    Raises:
        PictureError: the picture is missing, unreadable, or too small or large.
        TextError: `says` is empty, or has more than 60 lines.
        ReadingError: there is no ink, or nothing of it fits the text.
    """
    reading = find_lines(image, says, read, find_letters)
    if reading.doubt:
        raise ReadingError(reading.doubt)
    return reading.hand


def find_lines(
    image: np.ndarray | str | os.PathLike,
    says: str,
    read: ReadCosts | None = None,
    find_letters: FindLetters | None = None,
    done: Done = unwatched,
) -> PageReading:
    """All that can be read from several lines, even where they do not fit the text; see `read_lines`.

    Args:
        image, says, read, find_letters: as for `read_lines`.
        done: is called with the share of the lines that are read.
    """
    texts = [line.strip() for line in says.splitlines() if line.strip()]
    if all(text == SKIP for text in texts):
        raise TextError("Say what stands on the picture: the text is empty.")
    if len(texts) > MAX_LINES:
        raise TextError(f"A text of {len(texts)} lines is too long; read at most {MAX_LINES} at a time.")
    for text in texts:
        if text != SKIP:
            check_line(text)
    return best_reading(image, lambda page: _find_lines_on(page, texts, read, find_letters, done))


def _find_lines_on(
    page: DeskewedPage, texts: list[str], read: ReadCosts | None, find_letters: FindLetters | None, done: Done
) -> PageReading:
    running = find_letters is not None and is_running(page, " ".join(text for text in texts if text != SKIP))
    lines: list[LineReading | RunningReading | None] = []
    for text, line in zip(texts, line_pages(page, texts, running), strict=True):
        lines.append(None if line is None or text == SKIP else find_any_line_on(line, text, read, find_letters))
        done(len(lines) / len(texts))
    return PageReading(tuple(texts), tuple(lines))


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 24 else text[:21] + "...")


def line_pages(page: DeskewedPage, texts: list[str], running: bool = False) -> list[DeskewedPage | None]:
    """The lines of a page from top to bottom, each without the ink of the others; None for a line without ink.

    Args:
        page: with all of them.
        texts: what they say.
        running: whether the letters are joined.

    Raises:
        ReadingError: there is no ink.
    """
    if len(texts) == 1:
        return [page]
    page = deskew(page, page_slope(page))
    components = find_components(page.ink, page.on_border)
    free = [one for one in components if not one.on_border]
    if not free:
        raise ReadingError("There is no ink to be seen on the picture; take the photo with paper all around the text.")
    free, lines = running_lines(free, texts) if running else (free, assign_lines(free, texts))
    return [_line_page(page, free, lines == number) for number in range(len(texts))]


def page_slope(page: DeskewedPage) -> float:
    """The slope, fall by run, of the lines: that of rulings, or at which the amounts of ink in the rows differ most."""
    if page.ruled is not None:
        return page.ruled
    rows, columns = np.nonzero(page.ink & ~page.on_border)
    if rows.size == 0:
        return 0.0
    step, score = max(1.0, len(page.ink) / 600), []
    for slope in SLOPES:
        level = (rows - slope * columns) / step
        score.append(np.square(np.bincount((level - level.min()).astype(int))).sum())
    return float(SLOPES[int(np.argmax(score))])


def _line_page(page: DeskewedPage, components: list[Component], chosen: np.ndarray) -> DeskewedPage | None:
    """One line cut out of the page, with paper in place of the ink of the others."""
    height, width = page.ink.shape
    own = np.zeros((height, width), np.uint8)
    for component, is_own in zip(components, chosen, strict=True):
        if is_own:
            own[component.rows, component.columns] = 1
    rows, columns = np.flatnonzero(own.any(axis=1)), np.flatnonzero(own.any(axis=0))
    if not rows.size:
        return None
    margin = int(MARGIN * (rows[-1] - rows[0])) + 8
    down = slice(max(0, int(rows[0]) - margin), min(int(rows[-1]) + margin, height))
    along = slice(max(0, int(columns[0]) - 2 * margin), min(int(columns[-1]) + 2 * margin, width))
    other = (page.ink[down, along] & (own[down, along] == 0)).astype(np.uint8)
    near_others = cv2.dilate(other, np.ones((7, 7), np.uint8)) > 0
    near_own = cv2.dilate(own[down, along], np.ones((5, 5), np.uint8)) > 0
    return page.part(down, along, ~near_others | near_own)
