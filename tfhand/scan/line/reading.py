"""A photo of one written line whose text is known, read into a Hand."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

from tfhand.errors import ReadingError, TextError
from tfhand.hands.hand import Hand, Sample
from tfhand.scan.image.components import find_components, stroke_width
from tfhand.scan.image.cropping import crop_glyph
from tfhand.scan.image.deskew import DeskewedPage, deskew, page_from_photo
from tfhand.scan.line.alignment import Alignment
from tfhand.scan.line.geometry import LineGeometry, boxes_of
from tfhand.scan.line.mismatch import describe_mismatch, photo_box, write_annotated
from tfhand.scan.line.page_alignment import RULED_SLOPE_SPREAD, SlopePrior, align_page
from tfhand.scan.line.plausibility import is_doubtful

FREE_SLOPE_SPREAD = 0.08  # standard deviation of the line's slope where there are no rulings
LEVEL_SLOPE = 0.005  # a line of less slope is left as it is
MAX_CHARACTERS = 200


@dataclass(frozen=True, eq=False)
class LineReading:
    """The reading of a line: the characters, their ink, and where the line lies.

    Attributes:
        characters: the text without its spaces.
        alignment: components and cost of each character; without groups where none was possible.
        page: turned so that the line is level.
        stroke: width of the strokes in its pixels.
        level: contrast of well inked strokes.
        boxes: float [n, 4], top, left, bottom and right of each character in pixels of the photo.
        doubt: why the reading is not to be believed, or an empty string.
    """

    characters: str
    alignment: Alignment
    page: DeskewedPage
    stroke: float
    level: float
    boxes: np.ndarray
    doubt: str


def read_line(image: np.ndarray | str | os.PathLike, says: str, annotate: str | os.PathLike | None = None) -> Hand:
    """The glyphs of a line of separate characters.

    Args:
        image: uint8 array of shape (height, width) or (height, width, 3), dark ink on light paper, or a path.
        says: the text on it, from left to right; spaces are wide gaps.
        annotate: where to write the picture with every part boxed and numbered if it cannot be read.

    Returns:
        A Hand with one written sample a character, each with its place on the line.

    Raises:
        PictureError: the picture is missing, unreadable, or too small or large.
        TextError: `says` is empty, or longer than 200 characters.
        ReadingError: there is no ink, or it does not fit the text; names what was seen and where.
    """
    reading = find_characters(image, says)
    if reading.doubt:
        hint = ""
        if annotate is not None:
            write_annotated(image, reading.page, reading.alignment, reading.characters, annotate)
            hint = f" What was seen is marked in {annotate}."
        raise ReadingError(reading.doubt + hint)
    assignment = _assign_ink(reading)
    return Hand(samples=[_sample(reading, assignment, index) for index in range(len(reading.characters))])


def find_characters(image: np.ndarray | str | os.PathLike, says: str) -> LineReading:
    """The likeliest reading of a line as the text `says`, however unlikely; see `read_line`."""
    characters = "".join(says.split()) if isinstance(says, str) else ""
    if not characters:
        raise TextError("Say what stands on the picture: the text is empty.")
    if len(characters) > MAX_CHARACTERS:
        raise TextError(f"A line of {len(characters)} characters is too long; read at most {MAX_CHARACTERS} at a time.")
    page, level, ruled = page_from_photo(image)
    stroke = stroke_width(page.ink)
    prior = SlopePrior(ruled or 0.0, FREE_SLOPE_SPREAD if ruled is None else RULED_SLOPE_SPREAD)
    alignment = align_page(page, says, stroke, prior)
    slope = alignment.line.slope if alignment else prior.mean
    if abs(slope) > LEVEL_SLOPE:
        page = deskew(page, slope)
        alignment = align_page(page, says, stroke, SlopePrior(0.0, RULED_SLOPE_SPREAD))
    return _reading(characters, alignment, page, stroke, level)


def _reading(
    characters: str, alignment: Alignment | None, page: DeskewedPage, stroke: float, level: float
) -> LineReading:
    if alignment is None:
        left_out = find_components(page.ink, page.on_border)
        alignment = Alignment([], np.zeros(0), left_out, np.inf, LineGeometry(1.0, 0.0))
        boxes, doubtful = np.zeros((0, 4)), True
    else:
        boxes = np.array([photo_box(page, group) for group in alignment.groups])
        doubtful = is_doubtful(alignment, characters, stroke)
    doubt = describe_mismatch(characters, page) if doubtful else ""
    return LineReading(characters, alignment, page, stroke, level, boxes, doubt)


def _assign_ink(reading: LineReading) -> np.ndarray:
    """The number of the character from 1 that each pixel of ink belongs to, -1 for none: int16 [h, w], 0 on paper."""
    assignment = -reading.page.ink.astype(np.int16)
    for number, group in enumerate(reading.alignment.groups, start=1):
        for component in group:
            assignment[component.rows, component.columns] = number
    return assignment


def _sample(reading: LineReading, assignment: np.ndarray, index: int) -> Sample:
    """One character cut out of the deskewed page, with soft edges and without its neighbours."""
    page, line, stroke = reading.page, reading.alignment.line, reading.stroke
    top, left, bottom, right = boxes_of([reading.alignment.groups[index]])[0].astype(int).tolist()
    image = crop_glyph(page.contrast, assignment, index + 1, (top, left, bottom, right), reading.level, stroke)
    baseline, unit = line.baseline_at((left + right) / 2) + stroke / 2, line.x_height + stroke
    return Sample(
        reading.characters[index],
        image,
        baseline=float(baseline - bottom) / unit,
        height=float(bottom - top) / unit,
    )
