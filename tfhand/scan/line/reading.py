"""A photo of one written line whose text is known, read into a Hand."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from tfhand.errors import ReadingError, TextError
from tfhand.hands.hand import Hand, Sample, WordSample
from tfhand.scan.image.components import Component, find_components, stroke_width
from tfhand.scan.image.cropping import crop_glyph
from tfhand.scan.image.deskew import DeskewedPage, deskew
from tfhand.scan.line.alignment import ANY, Alignment
from tfhand.scan.line.best_reading import best_reading
from tfhand.scan.line.found import FoundCharacter
from tfhand.scan.line.geometry import LineGeometry, boxes_of
from tfhand.scan.line.mismatch import describe_mismatch, photo_box
from tfhand.scan.line.page_alignment import RULED_SLOPE_SPREAD, SlopePrior, align_page
from tfhand.scan.line.plausibility import disbelieved
from tfhand.scan.line.recognition import ReadCosts
from tfhand.scan.running.letters import FindLetters
from tfhand.scan.running.reading import RunningReading, find_running_on, is_running

FREE_SLOPE_SPREAD = 0.08  # standard deviation of the line's slope where there are no rulings
WORK_STROKE = 8.0  # pixels; letters of strokes twice as wide or wider are read at a smaller scale
LEVEL_SLOPE = 0.005  # a line of less slope is left as it is
MAX_CHARACTERS = 200
ENOUGH_SEPARATE = 0.5  # share of a line's letters that are taken as separate ones; where fewer are, they may be joined
LEAST_BELIEVED = 0.5  # share of a line's characters; where fewer are believed and no reader helps, none are
LEAST_FOUND = 1 / 3  # share of a line's characters that have ink; where fewer have, none of it is believed


@dataclass(frozen=True, eq=False)
class LineReading:
    """The reading of a line: its characters, their ink, and where the line lies.

    Attributes:
        found: the characters of the text without its spaces.
        alignment: components and cost of each of them; without groups where none was possible.
        page: turned so that the line is level.
        stroke: width of the strokes in its pixels.
        doubt: why nothing of it is to be believed, or an empty string.
        words: of joined letters, of which there are none.
    """

    found: tuple[FoundCharacter, ...]
    alignment: Alignment
    page: DeskewedPage
    stroke: float
    doubt: str
    words: tuple[WordSample, ...] = ()

    @property
    def boxes(self) -> np.ndarray:
        """The characters' boxes, float [n, 4], see `FoundCharacter`."""
        return np.array([one.box for one in self.found]).reshape(-1, 4)

    @property
    def taken(self) -> list[Sample]:
        """The characters that are believed."""
        return [] if self.doubt else [one.sample for one in self.found if one.sample]

    @property
    def hand(self) -> Hand:
        """The characters that are believed, even where a doubt speaks against all."""
        return Hand(samples=[one.sample for one in self.found if one.sample])


def read_line(
    image: np.ndarray | str | os.PathLike,
    says: str,
    read: ReadCosts | None = None,
    find_letters: FindLetters | None = None,
) -> Hand:
    """The glyphs of a line of writing; those that are not sure are left out.

    Args:
        image: uint8 array of shape (height, width) or (height, width, 3), dark ink on light paper, or a path.
        says: the text on it, from left to right; spaces are wide gaps, and ~ is ink that is no letter of the person's.
        read: a reader that helps to tell the letters, see `scan.line.recognition`.
        find_letters: an aligner for joined letters, see `scan.running.letters`; without one, letters must stand apart.

    Returns:
        A Hand with written samples, each with its place on the line, and with the words of joined letters.

    Raises:
        PictureError: the picture is missing, unreadable, or too small or large.
        TextError: `says` is empty, or longer than 200 characters.
        ReadingError: there is no ink, or it does not fit the text; names what was seen and where.
    """
    reading = find_line(image, says, read, find_letters)
    if reading.doubt:
        raise ReadingError(reading.doubt)
    return reading.hand


def find_line(
    image: np.ndarray | str | os.PathLike,
    says: str,
    read: ReadCosts | None = None,
    find_letters: FindLetters | None = None,
) -> LineReading | RunningReading:
    """All that can be read from a line, even where it does not fit the text `says`; see `read_line`."""
    check_line(says)
    return best_reading(image, lambda page: find_any_line_on(page, says, read, find_letters))


def find_any_line_on(
    page: DeskewedPage, says: str, read: ReadCosts | None, find_letters: FindLetters | None
) -> LineReading | RunningReading:
    """All that can be read from a page that shows one line, whose letters may be joined where there is an aligner.

    Letters are joined where there are fewer pieces of ink than letters. Else they are read as separate ones; where that
    leaves many out, the line is read as joined too, and the reading that takes more letters counts.
    """
    if find_letters and is_running(page, says):
        return find_running_on(page, says, find_letters)
    reading = find_line_on(page, says, read)
    taken = len(reading.taken)
    if not find_letters or taken >= ENOUGH_SEPARATE * len("".join(says.split())):
        return reading
    running = find_running_on(page, says, find_letters)
    return running if len(running.taken) > taken else reading


def check_line(says: str) -> None:
    """Raises TextError if a text has no characters, or too many for a line."""
    characters = "".join(says.split()) if isinstance(says, str) else ""
    if not characters.replace(ANY, ""):
        raise TextError("Say what stands on the picture: the text is empty.")
    if len(characters) > MAX_CHARACTERS:
        raise TextError(f"A line of {len(characters)} characters is too long; read at most {MAX_CHARACTERS} at a time.")


def find_line_on(page: DeskewedPage, says: str, read: ReadCosts | None = None) -> LineReading:
    """All that can be read from a page that shows one line of separate characters."""
    page = page.around_ink()
    stroke = stroke_width(page.ink)
    if stroke >= 2 * WORK_STROKE:
        page = page.reduced(int(stroke / WORK_STROKE))
        stroke = stroke_width(page.ink)
    characters = "".join(says.split())
    prior = SlopePrior(page.ruled or 0.0, FREE_SLOPE_SPREAD if page.ruled is None else RULED_SLOPE_SPREAD)
    alignment = align_page(page, says, stroke, prior)
    slope = alignment.line.slope if alignment else prior.mean
    if abs(slope) > LEVEL_SLOPE:
        page, prior = deskew(page, slope), SlopePrior(0.0, RULED_SLOPE_SPREAD)
        alignment = align_page(page, says, stroke, prior, read)
    elif read:
        alignment = align_page(page, says, stroke, prior, read)
    if alignment is None:
        left_out = find_components(page.ink, page.on_border)
        nothing = Alignment([], np.zeros(0), left_out, np.inf, LineGeometry(1.0, 0.0), lambda: np.zeros(0))
        return LineReading((), nothing, page, stroke, describe_mismatch(characters, page))
    reasons = disbelieved(alignment, characters, stroke, read is not None)
    believed = [k for k, reason in enumerate(reasons) if not reason and characters[k] != ANY]
    count = len(characters.replace(ANY, ""))
    least = 1 if read else max(1.0, LEAST_BELIEVED * count)
    fits = len(believed) >= least and sum(map(bool, alignment.groups)) >= LEAST_FOUND * count
    doubt = "" if fits else describe_mismatch(characters, page)
    assignment = _assign_ink(page, alignment)
    found = []
    for k, (character, group) in enumerate(zip(characters, alignment.groups, strict=True)):
        box = np.array(photo_box(page, group) if group else [np.nan] * 4)
        sample = _sample(character, group, page, alignment.line, stroke, assignment, k + 1) if k in believed else None
        found.append(FoundCharacter(character, box, sample, reasons[k]))
    return LineReading(tuple(found), alignment, page, stroke, doubt)


def _assign_ink(page: DeskewedPage, alignment: Alignment) -> np.ndarray:
    """The number of the character from 1 that each pixel of ink belongs to, -1 for none: int16 [h, w], 0 on paper."""
    assignment = -page.ink.astype(np.int16)
    for number, group in enumerate(alignment.groups, start=1):
        for component in group:
            assignment[component.rows, component.columns] = number
    return assignment


def _sample(
    character: str,
    group: list[Component],
    page: DeskewedPage,
    line: LineGeometry,
    stroke: float,
    assignment: np.ndarray,
    number: int,
) -> Sample:
    """One character cut out of the level page, with soft edges and without its neighbours."""
    top, left, bottom, right = boxes_of([group])[0].astype(int).tolist()
    image = crop_glyph(page.contrast, assignment, number, (top, left, bottom, right), page.level, stroke)
    baseline, unit = line.baseline_at((left + right) / 2) + stroke / 2, line.x_height + stroke
    return Sample(character, image, baseline=float(baseline - bottom) / unit, height=float(bottom - top) / unit)
