"""A photo of one written line whose text is known, read into a Hand."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from tfhand.core.files import write_picture
from tfhand.errors import ReadingError, TextError
from tfhand.hands.hand import Hand, Sample
from tfhand.scan import page
from tfhand.scan.cutting import cut_out
from tfhand.scan.match import Layout, Match, boxes_of
from tfhand.scan.pieces import Piece, find_pieces, stroke_width
from tfhand.scan.search import MOST_PIECES, SURE_SLOPE, doubtful, search

FREE_SLOPE = 0.08  # standard deviation of the line's slope where nothing is known of it
MOST_CHARACTERS = 200


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read: the characters, their pieces, and where the line lies.

    Attributes:
        characters: the text without its spaces.
        match: pieces and cost of each character.
        straight: the page, turned so that the line lies level.
        stroke: width of the strokes in its pixels.
        level: contrast of well inked strokes.
        boxes: float [n, 4], top, left, bottom and right of each character in pixels of the photo.
        doubt: why the reading is not to be believed, or an empty string.
    """

    characters: str
    match: Match
    straight: page.Straight
    stroke: float
    level: float
    boxes: np.ndarray
    doubt: str


def read_line(image: np.ndarray | str | os.PathLike, says: str, annotate: str | os.PathLike | None = None) -> Hand:
    """The glyphs of a line of separate characters.

    Args:
        image: uint8 array of shape (height, width) or (height, width, 3), dark ink on light paper, or a path.
        says: what stands there, from left to right; spaces are wide gaps.
        annotate: where to write the picture with every piece boxed and numbered if it cannot be read.

    Returns:
        A Hand with one written sample a character, each with its place on the line.

    Raises:
        PictureError: the picture is missing, unreadable, or too small or large.
        TextError: `says` is empty, or longer than 200 characters.
        ReadingError: there is no ink, or it does not fit the text; names what was seen and where.
    """
    reading = find_characters(image, says)
    if reading.doubt:
        raise ReadingError(reading.doubt + _annotated(reading, image, annotate))
    owners = _owners(reading)
    return Hand(samples=[_sample(reading, owners, index) for index in range(len(reading.characters))])


def find_characters(image: np.ndarray | str | os.PathLike, says: str) -> Reading:
    """The likeliest reading of a line as the text `says`, however unlikely; see `read_line`."""
    characters = "".join(says.split()) if isinstance(says, str) else ""
    if not characters:
        raise TextError("Say what stands on the picture: the text is empty.")
    if len(characters) > MOST_CHARACTERS:
        raise TextError(
            f"A line of {len(characters)} characters is too long; read at most {MOST_CHARACTERS} at a time."
        )
    flat, level, slope = page.from_photo(image)
    stroke = stroke_width(flat.ink)
    match = search(flat, says, stroke, slope or 0.0, SURE_SLOPE if slope is not None else FREE_SLOPE)
    found = match.layout.slope if match else slope or 0.0
    if abs(found) > 0.005:
        flat = page.turned(flat, float(np.rad2deg(np.arctan(np.clip(found, -page.STEEPEST, page.STEEPEST)))))
        match = search(flat, says, stroke, 0.0, SURE_SLOPE)
    return _judged(characters, match, flat, stroke, level)


def _judged(characters: str, match: Match | None, flat: page.Straight, stroke: float, level: float) -> Reading:
    if match is None:
        match = Match([], np.zeros(0), find_pieces(flat.ink, flat.on_border), np.inf, Layout(1.0, 0.0))
        return Reading(characters, match, flat, stroke, level, np.zeros((0, 4)), _seen(characters, flat))
    boxes = np.array([_photo_box(flat, group) for group in match.groups])
    doubt = _seen(characters, flat) if doubtful(match, characters, stroke) else ""
    return Reading(characters, match, flat, stroke, level, boxes, doubt)


def _photo_box(flat: page.Straight, group: list[Piece]) -> list[float]:
    rows, columns = (np.concatenate([getattr(piece, name) for piece in group]) for name in ("rows", "columns"))
    y, x = flat.on_photo(rows, columns)
    half = flat.scale / 2
    return [y.min() - half, x.min() - half, y.max() + half, x.max() + half]


def _seen(characters: str, flat: page.Straight) -> str:
    """The sentence that names what was seen and where."""
    pieces = [p for p in find_pieces(flat.ink, flat.on_border) if not p.on_border]
    large = max((p.box[2] - p.box[0] for p in pieces), default=0)
    pieces = [p for p in pieces if max(p.box[2] - p.box[0], p.box[3] - p.box[1]) > 0.15 * large]
    clusters = _clusters(sorted(pieces, key=lambda piece: -len(piece.rows))[:MOST_PIECES])
    places = [_photo_box(flat, cluster) for cluster in clusters]
    where = ", ".join(f"{left:.0f}-{right:.0f}" for _, left, _, right in places[:12]) + (
        ", ..." if len(places) > 12 else ""
    )
    count = f"{len(places)} separate marks" if len(places) != 1 else "one mark"
    asked = f"{len(characters)} characters" if len(characters) != 1 else "1 character"
    return (
        f"The text has {asked}, and the picture shows {count} (x = {where} pixels) "
        "that do not fit it; check the text, or write the characters apart and photograph only that line."
    )


def _clusters(pieces: list[Piece]) -> list[list[Piece]]:
    """Pieces that stand over each other together: what a person would count."""
    clusters: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: p.box[1]):
        left, right = piece.box[1], piece.box[3]
        last = clusters[-1] if clusters else []
        reach, begin = max((p.box[3] for p in last), default=-1), min((p.box[1] for p in last), default=0)
        if reach - left > 0.5 * min(right - left, reach - begin):
            last.append(piece)
        else:
            clusters.append([piece])
    return clusters


def _annotated(reading: Reading, image, path: str | os.PathLike | None) -> str:
    """Writes the picture with numbered boxes, if a path is given, and says so."""
    if path is None:
        return ""
    grey, scale = page.as_grey(image)
    picture = Image.fromarray(grey.astype(np.uint8)).convert("RGB")
    draw = ImageDraw.Draw(picture)
    groups = reading.match.groups + [[piece] for piece in reading.match.left_out]
    size = max(12, picture.height // 25)
    for index, group in enumerate(groups):
        top, left, bottom, right = (value / scale for value in _photo_box(reading.straight, group))
        taken = index < len(reading.match.groups)
        colour = (0, 130, 0) if taken else (210, 0, 0)
        draw.rectangle([left, top, right, bottom], outline=colour, width=max(1, size // 12))
        label = f"{index + 1}: {reading.characters[index]}" if taken else f"{index + 1}"
        draw.text((left, max(0, top - 1.2 * size)), label, fill=colour, font_size=size)
    write_picture(path, np.asarray(picture))
    return f" What was seen is marked in {path}."


def _owners(reading: Reading) -> np.ndarray:
    """The number of the character from 1 that each pixel of ink belongs to, -1 for none: int16 [h, w], 0 on paper."""
    owners = -reading.straight.ink.astype(np.int16)
    for number, group in enumerate(reading.match.groups, start=1):
        for piece in group:
            owners[piece.rows, piece.columns] = number
    return owners


def _sample(reading: Reading, owners: np.ndarray, index: int) -> Sample:
    """One character cut out of the straightened page, with soft edges and without its neighbours."""
    flat, layout, stroke = reading.straight, reading.match.layout, reading.stroke
    bounds = tuple(boxes_of([reading.match.groups[index]])[0].astype(int).tolist())
    top, left, bottom, right = bounds
    image = cut_out(flat.contrast, owners, index + 1, bounds, reading.level, stroke)
    line, unit = layout.at((left + right) / 2) + stroke / 2, layout.x_height + stroke
    return Sample(
        reading.characters[index], image, baseline=float(line - bottom) / unit, height=float(bottom - top) / unit
    )  # fmt: skip
