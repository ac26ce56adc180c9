"""A photo of several written lines whose text is known, read into a Hand line by line."""

from __future__ import annotations

import os

import cv2
import numpy as np

from tfhand.errors import ReadingError, TextError
from tfhand.hands.hand import Hand
from tfhand.scan import page
from tfhand.scan.line import read_line
from tfhand.scan.pieces import Piece, find_pieces

MOST_LINES = 60
SLOPES = np.linspace(-page.STEEPEST, page.STEEPEST, 61)
UNEVEN = 0.35  # of the usual distance, by which two lines may stand closer or further apart
AROUND = 0.25  # of a line's height, paper left around it


def read_lines(image: np.ndarray | str | os.PathLike, says: str, annotate: str | os.PathLike | None = None) -> Hand:
    """The glyphs of several lines of separate characters.

    Args:
        image: uint8 array of shape (height, width) or (height, width, 3), dark ink on light paper, or a path.
        says: what stands there, with a line break after each line.
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
    if len(texts) > MOST_LINES:
        raise TextError(f"A text of {len(texts)} lines is too long; read at most {MOST_LINES} at a time.")
    if len(texts) == 1:
        return read_line(image, texts[0], annotate)
    samples = []
    for number, (text, picture) in enumerate(zip(texts, split_lines(image, len(texts)), strict=True), start=1):
        try:
            samples += read_line(picture, text, annotate).samples
        except ReadingError as error:
            raise ReadingError(f"Line {number} of {len(texts)}, {_quoted(text)}: {error}") from None
    return Hand(samples=samples)


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 24 else text[:21] + "...")


def split_lines(image: np.ndarray | str | os.PathLike, count: int) -> list[np.ndarray]:
    """The lines of a page from top to bottom, each as a picture without the ink of the others.

    Returns:
        `count` uint8 arrays of shape (h, w), dark ink on white.

    Raises:
        ReadingError: there is no ink, or not in so many lines.
    """
    flat, _, ruled = page.from_photo(image)
    slope = _slope(flat.ink & ~flat.on_border) if ruled is None else ruled
    flat = page.turned(flat, float(np.rad2deg(np.arctan(slope))))
    pieces = [piece for piece in find_pieces(flat.ink, flat.on_border) if not piece.on_border]
    if not pieces:
        raise ReadingError("There is no ink to be seen on the picture; take the photo with paper all around the text.")
    cuts = _cuts(pieces, count)
    middles = np.array([_middle(piece) for piece in pieces])
    lines = np.searchsorted(cuts[1:-1], middles)
    if len(set(lines.tolist())) < count:
        raise ReadingError(
            f"The text has {count} lines, and the picture shows {len(set(lines.tolist()))}; put a line break wherever "
            "one ends on the paper."
        )
    return [_alone(flat, pieces, lines, number) for number in range(count)]


def _middle(piece: Piece) -> float:
    return (piece.box[0] + piece.box[2]) / 2


def _slope(ink: np.ndarray) -> float:
    """The slope, fall by run, at which the rows of ink are most uneven: that of the lines."""
    rows, columns = np.nonzero(ink)
    if rows.size == 0:
        return 0.0
    step, score = max(1.0, len(ink) / 600), []
    for slope in SLOPES:
        level = (rows - slope * columns) / step
        score.append(np.square(np.bincount((level - level.min()).astype(int))).sum())
    return float(SLOPES[int(np.argmax(score))])


def _cuts(pieces: list[Piece], count: int) -> np.ndarray:
    """Rows between which the lines lie (count + 1): through as little ink as can be, at about equal distances."""
    top, bottom = min(piece.box[0] for piece in pieces), max(piece.box[2] for piece in pieces)
    ink = np.zeros(bottom - top + 1)
    for piece in pieces:
        np.add.at(ink, piece.rows - top, 1)
    usual = len(ink) / count
    smooth = cv2.GaussianBlur(ink[:, None], (0, 0), max(0.5, usual / 20))[:, 0]
    smooth /= max(smooth.mean(), 1e-6)
    low, high = max(1, int(usual * (1 - UNEVEN))), int(np.ceil(usual * (1 + UNEVEN)))
    best, came = np.full((count + 1, len(ink) + 1), np.inf), np.zeros((count + 1, len(ink) + 1), int)
    best[0, 0] = 0
    cost = np.append(smooth, 0)
    for line in range(1, count + 1):
        for row in range(line * low, len(ink) + 1):
            before = np.arange(max(0, row - high), row - low + 1)
            tried = best[line - 1, before] + ((row - before) / usual - 1) ** 2
            chosen = int(tried.argmin())
            best[line, row] = tried[chosen] + (cost[row] if line < count else 0)
            came[line, row] = before[chosen]
    cuts = [len(ink)]
    for line in range(count, 0, -1):
        cuts.append(int(came[line, cuts[-1]]))
    return np.array(cuts[::-1]) + top


def _alone(flat: page.Straight, pieces: list[Piece], lines: np.ndarray, number: int) -> np.ndarray:
    """One line cut out of the page, the ink of the others taken for paper."""
    own, other = np.zeros(flat.ink.shape, np.uint8), np.uint8(flat.on_border)
    for piece, line in zip(pieces, lines, strict=True):
        (own if line == number else other)[piece.rows, piece.columns] = 1
    rows, columns = np.flatnonzero(own.any(axis=1)), np.flatnonzero(own.any(axis=0))
    around = int(AROUND * (rows[-1] - rows[0])) + 8
    place = (
        slice(max(0, rows[0] - around), rows[-1] + around),
        slice(max(0, columns[0] - 2 * around), columns[-1] + 2 * around),
    )
    beside = cv2.dilate(other[place], np.ones((7, 7), np.uint8)) & ~cv2.dilate(own[place], np.ones((5, 5), np.uint8))
    contrast = np.where(beside > 0, 0, flat.contrast[place])
    return np.uint8(np.rint(250 * (1 - np.clip(contrast, 0, 1))))
