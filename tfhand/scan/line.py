"""A photo of one written line whose text is known, read into a Hand."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from tfhand.charset import geometry
from tfhand.errors import ReadingError, TextError
from tfhand.files import write_picture
from tfhand.hand import Hand, Sample
from tfhand.scan import page
from tfhand.scan.match import Candidates, Layout, Match, best_match, boxes_of, fitted_layout
from tfhand.scan.pieces import Piece, cut_pieces, find_pieces, stroke_width, writing_slant

SMALL = 0.3  # x-heights: a piece no longer than this is a dot or a speck and is given to a letter afterwards
SURE_SLOPE, FREE_SLOPE = 0.015, 0.08  # standard deviation of the line's slope with printed rulings, and without
GOOD = 4.0  # cost of one character below which no other reading is looked for
UNLIKELY = 14.0  # cost of one character above which a reading is not believed
MOST_CHARACTERS = 200


@dataclass(frozen=True, eq=False)
class Straight:
    """A page turned so that the line lies level.

    Attributes:
        contrast: float32 [h, w].
        ink, on_border: bool [h, w].
        turn: degrees by which the photo was turned counter-clockwise.
        scale: pixels of the photo to one of these.
        photo_shape: (height, width) of the photo in page pixels, before it was turned.
    """

    contrast: np.ndarray = field(repr=False)
    ink: np.ndarray = field(repr=False)
    on_border: np.ndarray = field(repr=False)
    turn: float
    scale: float
    photo_shape: tuple[int, int]

    def on_photo(self, rows: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Pixels of this page as rows and columns of the photo."""
        angle = np.deg2rad(self.turn)
        y, x = rows + 0.5 - self.ink.shape[0] / 2, columns + 0.5 - self.ink.shape[1] / 2
        back_x, back_y = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
        height, width = self.photo_shape
        return (back_y + height / 2) * self.scale, (back_x + width / 2) * self.scale


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read: the characters, their pieces, and where the line lies.

    Attributes:
        characters: the text without its spaces.
        match: pieces and cost of each character.
        boxes: float [n, 4], top, left, bottom and right of each character in pixels of the photo.
        doubt: why the reading is not to be believed, or an empty string.
    """

    characters: str
    match: Match
    page: Straight
    stroke: float
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
    return Hand(samples=[_sample(reading, index) for index in range(len(reading.characters))])


def find_characters(image: np.ndarray | str | os.PathLike, says: str) -> Reading:
    """The likeliest reading of a line as the text `says`, however unlikely; see `read_line`."""
    characters = "".join(says.split()) if isinstance(says, str) else ""
    if not characters:
        raise TextError("Say what stands on the picture: the text is empty.")
    if len(characters) > MOST_CHARACTERS:
        raise TextError(
            f"A line of {len(characters)} characters is too long; read at most {MOST_CHARACTERS} at a time."
        )
    grey, scale = page.as_grey(image)
    contrast = page.contrast_of(grey)
    slope = page.ruling_slope(contrast)
    if slope is not None:
        contrast = page.without_rulings(contrast, slope)
    ink = page.separate(contrast)
    flat = Straight(contrast, ink, page.border_marks(ink), 0.0, scale, ink.shape)
    stroke = stroke_width(ink)
    match = search(flat, says, stroke, slope or 0.0, SURE_SLOPE if slope is not None else FREE_SLOPE)
    found = match.layout.slope if match else slope or 0.0
    if abs(found) > 0.005:
        flat = turned(flat, float(np.rad2deg(np.arctan(np.clip(found, -page.STEEPEST, page.STEEPEST)))))
        match = search(flat, says, stroke, 0.0, SURE_SLOPE)
    return _judged(characters, match, flat, stroke)


def turned(flat: Straight, degrees: float) -> Straight:
    """The page turned counter-clockwise, with room for its corners."""

    def turn(values: np.ndarray, how: Image.Resampling) -> np.ndarray:
        return np.asarray(Image.fromarray(values).rotate(degrees, how, expand=True))

    levels = turn(np.uint8(flat.ink) + np.uint8(flat.on_border), Image.Resampling.NEAREST)
    contrast = turn(flat.contrast, Image.Resampling.BICUBIC)
    return Straight(contrast, levels > 0, levels == 2, degrees, flat.scale, flat.photo_shape)


def search(flat: Straight, says: str, stroke: float, slope: float, slope_spread: float) -> Match | None:
    """The likeliest reading over several guesses of the size and slope of the writing.

    Pieces are first taken as they are; only where that reads badly are touching letters cut apart, and letters looked for
    among the marks on the border.
    """
    characters = "".join(says.split())
    pieces = find_pieces(flat.ink, flat.on_border)
    slant, middle = writing_slant(flat.ink & ~flat.on_border), flat.ink.shape[0] / 2
    best, tiny_counts = None, min(map(_length, characters)) < 1.5 * SMALL
    guesses = _guesses(pieces, characters, stroke, slope, slope_spread)
    for cutting, bordering, enough in ((False, False, GOOD), (True, False, UNLIKELY), (True, True, UNLIKELY)):
        given = pieces if bordering else [piece for piece in pieces if not piece.on_border]
        for layout in guesses:
            limit = 0 if tiny_counts else SMALL * layout.x_height + stroke
            parts, small = [p for p in given if _longest(p) >= limit], [p for p in given if _longest(p) < limit]
            if cutting:
                parts = cut_pieces(parts, layout.x_height, stroke, slant, middle)
            if not parts:
                continue
            candidates = Candidates(parts)
            for _ in range(3):
                match = best_match(candidates, says, layout, stroke)
                if match is None:
                    break
                layout = fitted_layout(match, characters, stroke, slope, slope_spread)
                if best is None or match.total < best[0].total:
                    best = Match(match.groups, match.costs, match.left_out, match.total, layout), small
        if best and best[0].costs.max() < enough and best[0].total < enough * len(characters) / 2:
            break
    return _with_dots(*best, characters, stroke) if best else None


def _length(character: str) -> float:
    usual = geometry(character)
    return max(usual.height, usual.width)


def _longest(piece: Piece) -> int:
    top, left, bottom, right = piece.box
    return max(bottom - top, right - left)


def _guesses(pieces: list[Piece], characters: str, stroke: float, slope: float, slope_spread: float) -> list[Layout]:
    """Layouts to start from, judged by the largest pieces."""
    free = [piece for piece in pieces if not piece.on_border] or pieces
    large = sorted(free, key=_longest, reverse=True)[: len(characters)]
    if not large:
        return []
    boxes = boxes_of([[piece] for piece in large])
    usual = np.array([geometry(character) for character in characters])
    height = float(np.median(boxes[:, 2] - boxes[:, 0])) - stroke
    x_height = max(2.0, height) / float(np.median(usual[:, 1] - usual[:, 0]))
    slopes = [slope]
    x, y = (boxes[:, 1] + boxes[:, 3]) / 2, (boxes[:, 0] + boxes[:, 2]) / 2
    if len(large) >= 4 and slope_spread > SURE_SLOPE:
        pairs = np.triu_indices(len(large), 1)
        run, rise = (x[pairs[1]] - x[pairs[0]]), (y[pairs[1]] - y[pairs[0]])
        wide = np.abs(run) > x_height
        if wide.any():
            slopes.append(float(np.clip(np.median(rise[wide] / run[wide]), -page.STEEPEST, page.STEEPEST)))
    layouts = []
    for tilt in slopes:
        for factor in (1.0, 0.75, 1.35):
            unit = factor * x_height
            bottom = float(np.median(boxes[:, 2] - tilt * x)) + float(np.median(usual[:, 0])) * unit
            layouts.append(Layout(unit, bottom - stroke / 2, tilt))
    return layouts


def _with_dots(match: Match, small: list[Piece], characters: str, stroke: float) -> Match:
    """The reading with every small piece given to the letter it belongs to, or left out."""
    groups, left_out, unit = [list(group) for group in match.groups], list(match.left_out), match.layout.x_height
    dotted = {k for k, character in enumerate(characters) if character in "ij"}
    inks = [np.concatenate([np.stack([p.rows, p.columns], 1) for p in group]) for group in groups]
    for piece in sorted(small, key=lambda piece: -len(piece.rows)):
        if piece.on_border:
            left_out.append(piece)
            continue
        point = np.array([piece.rows.mean(), piece.columns.mean()])
        edge = _longest(piece) / 2
        away = np.array([np.sqrt(((ink - point) ** 2).sum(1).min()) for ink in inks]) - edge
        owner = int(away.argmin())
        if away[owner] > 0.12 * unit + 1:
            above = [k for k in dotted if _dot_fits(piece, groups[k], unit)]
            owner = min(above, key=lambda k: away[k]) if above else -1
        if owner < 0:
            left_out.append(piece)
            continue
        if owner in dotted and piece.box[2] <= min(p.box[0] for p in groups[owner]) + 1:
            dotted.discard(owner)
        groups[owner].append(piece)
    return Match(groups, match.costs, left_out, match.total, match.layout)


def _dot_fits(piece: Piece, group: list[Piece], unit: float) -> bool:
    top = min(p.box[0] for p in group)
    left, right = min(p.left_edge for p in group), max(p.right_edge for p in group)
    centre = (piece.left_edge + piece.right_edge) / 2
    return (
        piece.box[2] <= top + 0.1 * unit
        and top - piece.box[2] < 1.2 * unit
        and left - 0.6 * unit < centre < right + 0.6 * unit
    )


def _judged(characters: str, match: Match | None, flat: Straight, stroke: float) -> Reading:
    if match is None:
        match = Match([], np.zeros(0), find_pieces(flat.ink, flat.on_border), np.inf, Layout(1.0, 0.0))
        return Reading(characters, match, flat, stroke, np.zeros((0, 4)), _seen(characters, match, flat))
    boxes = np.array([_photo_box(flat, group) for group in match.groups])
    stray = [piece for piece in match.left_out if not piece.on_border and _in_line(piece, match.layout)]
    doubt = _seen(characters, match, flat) if stray or match.costs.max() > UNLIKELY else ""
    return Reading(characters, match, flat, stroke, boxes, doubt)


def _in_line(piece: Piece, layout: Layout) -> bool:
    """Whether a piece is too large to be a speck and stands between baseline and ascenders."""
    top, left, bottom, right = piece.box
    line = layout.at((left + right) / 2)
    return _longest(piece) > 0.6 * layout.x_height and bottom > line - 1.2 * layout.x_height and top < line


def _photo_box(flat: Straight, group: list[Piece]) -> list[float]:
    rows, columns = (np.concatenate([getattr(piece, name) for piece in group]) for name in ("rows", "columns"))
    y, x = flat.on_photo(rows, columns)
    half = flat.scale / 2
    return [y.min() - half, x.min() - half, y.max() + half, x.max() + half]


def _seen(characters: str, match: Match, flat: Straight) -> str:
    """The sentence that names what was seen and where."""
    pieces = [p for group in match.groups for p in group] + [p for p in match.left_out if not p.on_border]
    clusters = _clusters(pieces)
    places = [_photo_box(flat, cluster) for cluster in clusters]
    where = ", ".join(f"{left:.0f}-{right:.0f}" for _, left, _, right in places[:12]) + (
        ", ..." if len(places) > 12 else ""
    )
    count = f"{len(places)} separate marks" if len(places) != 1 else "one mark"
    return (
        f"The text has {len(characters)} characters, and the picture shows {count} (x = {where} pixels) that do not fit it; "
        "check the text, or write the characters apart and photograph only that line."
    )


def _clusters(pieces: list[Piece]) -> list[list[Piece]]:
    """Pieces that stand over each other, or are parts of one, together: what a person would count."""
    clusters: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: p.left_edge):
        last = clusters[-1] if clusters else []
        reach = max((p.right_edge for p in last), default=-np.inf)
        shared = reach - piece.left_edge
        joined = any(p.component == piece.component for p in last)
        if joined or shared > 0.5 * min(
            piece.right_edge - piece.left_edge, max((reach - p.left_edge for p in last), default=1)
        ):
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
        top, left, bottom, right = (value / scale for value in _photo_box(reading.page, group))
        taken = index < len(reading.match.groups)
        colour = (0, 130, 0) if taken else (210, 0, 0)
        draw.rectangle([left, top, right, bottom], outline=colour, width=max(1, size // 12))
        label = f"{index + 1}: {reading.characters[index]}" if taken else f"{index + 1}"
        draw.text((left, max(0, top - 1.2 * size)), label, fill=colour, font_size=size)
    write_picture(path, np.asarray(picture))
    return f" What was seen is marked in {path}."


def _sample(reading: Reading, index: int) -> Sample:
    """One character cut out of the straightened page, with soft edges and without its neighbours."""
    flat, layout, stroke = reading.page, reading.match.layout, reading.stroke
    group = reading.match.groups[index]
    top, left, bottom, right = boxes_of([group])[0].astype(int)
    around = int(np.ceil(2 + 0.3 * stroke))
    y0, x0 = max(0, top - around), max(0, left - around)
    place = slice(y0, bottom + around), slice(x0, right + around)
    own = np.zeros(flat.ink[place].shape, bool)
    for piece in group:
        own[piece.rows - y0, piece.columns - x0] = True
    to_own = ndimage.distance_transform_edt(~own)
    others = flat.ink[place] & ~own
    to_others = ndimage.distance_transform_edt(~others) if others.any() else np.inf
    level = page.ink_level(flat.contrast)
    soft = np.clip((flat.contrast[place] / level - 0.1) / 0.9, 0, 1)
    soft[(to_own > around) | (to_own > to_others)] = 0
    line, unit = layout.at((left + right) / 2) + stroke / 2, layout.x_height + stroke
    image = np.pad(np.rint(255 * soft).astype(np.uint8), 2)
    return Sample(
        reading.characters[index], image, baseline=float(line - bottom) / unit, height=float(bottom - top) / unit
    )  # fmt: skip
