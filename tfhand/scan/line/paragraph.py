"""A photo of several written lines whose text is known, read into a Hand line by line."""

from __future__ import annotations

import os

import cv2
import numpy as np

from tfhand.errors import ReadingError, TextError
from tfhand.hands.hand import Hand, Sample
from tfhand.scan.image.components import Component, find_components
from tfhand.scan.image.deskew import DeskewedPage, deskew, page_from_photo
from tfhand.scan.image.rulings import MAX_SLOPE
from tfhand.scan.line.reading import read_line

MAX_LINES = 60
SLOPES = np.linspace(-MAX_SLOPE, MAX_SLOPE, 61)
UNEVEN = 0.35  # share of the usual distance by which two lines may lie closer or further apart
MARGIN = 0.25  # share of a line's height that is left as paper around it


def read_lines(image: np.ndarray | str | os.PathLike, says: str, annotate: str | os.PathLike | None = None) -> Hand:
    """The glyphs of several lines of separate characters.

    Args:
        image: uint8 array of shape (height, width) or (height, width, 3), dark ink on light paper, or a path.
        says: the text on it, with a line break after each line.
        annotate: where to write the first line that cannot be read, with what was seen in it.

    Returns:
        A Hand with one written sample a character, each with its place on its line.

    Raises:
        PictureError: the picture is missing, unreadable, or too small or large.
        TextError: `says` is empty, or has more than 60 lines.
        ReadingError: there is no ink, or it does not fit the text; names the line.
    """
    texts = [line.strip() for line in says.splitlines() if line.strip()]
    if not texts:
        raise TextError("Say what stands on the picture: the text is empty.")
    if len(texts) > MAX_LINES:
        raise TextError(f"A text of {len(texts)} lines is too long; read at most {MAX_LINES} at a time.")
    if len(texts) == 1:
        return read_line(image, texts[0], annotate)
    samples: list[Sample] = []
    for number, (text, picture) in enumerate(zip(texts, line_pictures(image, len(texts)), strict=True), start=1):
        try:
            samples += read_line(picture, text, annotate).samples
        except ReadingError as error:
            raise ReadingError(f"Line {number} of {len(texts)}, {_quoted(text)}: {error}") from None
    return Hand(samples=samples)


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 24 else text[:21] + "...")


def line_pictures(image: np.ndarray | str | os.PathLike, count: int) -> list[np.ndarray]:
    """The lines of a page from top to bottom, each as a picture without the ink of the others.

    Returns:
        `count` uint8 arrays of shape (h, w), dark ink on white.

    Raises:
        ReadingError: there is no ink, or another number of lines.
    """
    page, _, ruled = page_from_photo(image)
    page = deskew(page, _slope(page.ink & ~page.on_border) if ruled is None else ruled)
    components = [one for one in find_components(page.ink, page.on_border) if not one.on_border]
    if not components:
        raise ReadingError("There is no ink to be seen on the picture; take the photo with paper all around the text.")
    bounds = _line_bounds(components, count)
    middles = np.array([(one.box[0] + one.box[2]) / 2 for one in components])
    lines = np.searchsorted(bounds[1:-1], middles)
    seen = len(set(lines.tolist()))
    if seen < count:
        raise ReadingError(
            f"The text has {count} lines, and the picture shows {seen}; put a line break wherever one "
            "ends on the paper."
        )
    return [_line_picture(page, components, lines, number) for number in range(count)]


def _slope(ink: np.ndarray) -> float:
    """The slope, fall by run, of the lines: the one at which the amounts of ink in the rows differ most."""
    rows, columns = np.nonzero(ink)
    if rows.size == 0:
        return 0.0
    step, score = max(1.0, len(ink) / 600), []
    for slope in SLOPES:
        level = (rows - slope * columns) / step
        score.append(np.square(np.bincount((level - level.min()).astype(int))).sum())
    return float(SLOPES[int(np.argmax(score))])


def _line_bounds(components: list[Component], count: int) -> np.ndarray:
    """Rows between which the lines lie, int [count + 1]: where there is little ink, at about equal distances.

    The cheapest bounds by dynamic programming: `best[line, row]` is the least cost of `line` lines above a row.
    """
    top, bottom = min(one.box[0] for one in components), max(one.box[2] for one in components)
    ink = np.zeros(bottom - top + 1)
    for component in components:
        np.add.at(ink, component.rows - top, 1)
    usual = len(ink) / count
    smooth = np.asarray(cv2.GaussianBlur(ink[:, None], (0, 0), max(0.5, usual / 20)))[:, 0]
    smooth = smooth / max(smooth.mean(), 1e-6)
    low, high = max(1, int(usual * (1 - UNEVEN))), int(np.ceil(usual * (1 + UNEVEN)))
    best, previous = np.full((count + 1, len(ink) + 1), np.inf), np.zeros((count + 1, len(ink) + 1), int)
    best[0, 0] = 0
    cost = np.append(smooth, 0)
    for line in range(1, count + 1):
        for row in range(line * low, len(ink) + 1):
            before = np.arange(max(0, row - high), row - low + 1)
            tried = best[line - 1, before] + ((row - before) / usual - 1) ** 2
            chosen = int(tried.argmin())
            best[line, row] = tried[chosen] + (cost[row] if line < count else 0)
            previous[line, row] = before[chosen]
    bounds = [len(ink)]
    for line in range(count, 0, -1):
        bounds.append(int(previous[line, bounds[-1]]))
    return np.array(bounds[::-1]) + top


def _line_picture(page: DeskewedPage, components: list[Component], lines: np.ndarray, number: int) -> np.ndarray:
    """One line cut out of the page, with paper in place of the ink of the others."""
    own, other = np.zeros(page.ink.shape, np.uint8), page.on_border.astype(np.uint8)
    for component, line in zip(components, lines, strict=True):
        (own if line == number else other)[component.rows, component.columns] = 1
    rows, columns = np.flatnonzero(own.any(axis=1)), np.flatnonzero(own.any(axis=0))
    margin = int(MARGIN * (rows[-1] - rows[0])) + 8
    place = (
        slice(max(0, rows[0] - margin), rows[-1] + margin),
        slice(max(0, columns[0] - 2 * margin), columns[-1] + 2 * margin),
    )
    near_others = cv2.dilate(other[place], np.ones((7, 7), np.uint8)) > 0
    near_own = cv2.dilate(own[place], np.ones((5, 5), np.uint8)) > 0
    contrast = np.where(near_others & ~near_own, 0, page.contrast[place])
    return np.rint(250 * (1 - np.clip(contrast, 0, 1))).astype(np.uint8)
