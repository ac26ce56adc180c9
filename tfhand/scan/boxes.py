"""What stands in the boxes of a straightened page: which of them are written in, and whose ink is whose.

A page is its contrast (see `scan.page`) and the boxes that were printed on it. Everything that is printed in the boxes
themselves is paler than ink.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from scipy import ndimage

from tfhand.charset import CLASSES, geometry, stroke_length
from tfhand.hand import Sample
from tfhand.scan.cutting import cut_out, ink_bounds
from tfhand.scan.page import FAINTEST_INK
from tfhand.scan.pieces import stroke_width

WRITTEN, EMPTY, SCRIBBLED, UNREADABLE = "written", "empty", "scribbled", "unreadable"
SHARED = 0.2  # of a piece's ink in boxes: less in a second box is a stroke that ran over
RIM = 0.12  # x-heights along a box's lines: what lies there alone is the end of a neighbour's stroke
OWN = 0.35  # of a piece that lies in boxes at all: less is a thumb or the edge of the paper
SPECK = 0.3  # of a character's usual length: what is smaller is dust
BLOT = 1.0  # x-heights: no pen is so thick
SHORTEST = 2.6  # x-heights: the strokes of a 1 with serifs, or of an l with a loop
LONG, LONGEST = 1.6, 2.0  # usual lengths of the character's strokes: of a scribble to and fro, of any
OFTEN = 4  # crossings of a line through its middle: few letters reach 3
LARGE = 1.2  # x-heights: what is smaller is no scribble
USUAL = 0.86  # of the printed x-height, that people write
_SMALL = CLASSES["x-height"]


@dataclass(frozen=True, eq=False)
class Page:
    """A straightened page.

    Attributes:
        contrast: float32 [h, w], 0 on paper; what is no writing area is taken for paper where `barred`.
        areas: float [n, 4], the boxes: top, left, bottom, right in pixels.
        letters: the character that each box asks for.
        baselines: float [n], rows of the printed baselines, or of where one would be.
        x_height: of the guides, in pixels.
        barred: bool [h, w], captions and marks.
        covered: bool [h, w], where the photo does not reach.
    """

    contrast: np.ndarray = field(repr=False)
    areas: np.ndarray = field(repr=False)
    letters: str
    baselines: np.ndarray = field(repr=False)
    x_height: float
    barred: np.ndarray = field(repr=False)
    covered: np.ndarray = field(repr=False)


@dataclass(frozen=True, eq=False)
class Box:
    """What was seen in one box.

    Attributes:
        character: that it asks for.
        state: "written", "empty", "scribbled" or "unreadable".
        bounds: of the ink in pixels of the page: top, left, bottom, right; None where there is none.
        sample: of what is written, or None.
    """

    character: str
    state: str
    bounds: tuple[int, int, int, int] | None = None
    sample: Sample | None = field(default=None, repr=False)


def read_boxes(page: Page) -> list[Box]:
    """Looks into every box of a page."""
    contrast = np.where(page.barred, 0, page.contrast)
    level, low = _levels(contrast, page.areas)
    if level is None:
        return [_blank(page, index) for index in range(len(page.letters))]
    ink = _ink(contrast, level, low)
    owners = _owners(ink, page.areas, RIM * page.x_height)
    places = ndimage.find_objects(owners, len(page.letters))
    seen = [_seen(page, owners, index, place) for index, place in enumerate(places)]
    stroke = _stroke(owners, places)
    size = _size(page, seen)
    boxes = [_judged(page, owners, index, box, stroke, size) for index, box in enumerate(seen)]
    unit, lift = _own_size(page, boxes, stroke)
    boxes = [_without_specks(box, unit) for box in boxes]
    return [
        replace(box, sample=_sample(page, contrast, owners, index, level, stroke, box, unit, lift))
        if box.state == WRITTEN
        else box
        for index, box in enumerate(boxes)
    ]


def _blank(page: Page, index: int) -> Box:
    return Box(page.letters[index], UNREADABLE if _hidden(page, index) else EMPTY)


def _pixels(area: np.ndarray) -> tuple[slice, slice]:
    top, left, bottom, right = np.rint(area).astype(int)
    return slice(max(top, 0), bottom), slice(max(left, 0), right)


def _hidden(page: Page, index: int) -> bool:
    return bool(page.covered[_pixels(page.areas[index])].mean() > 0.02)


def _levels(contrast: np.ndarray, areas: np.ndarray) -> tuple[float | None, float]:
    """The contrast of well inked strokes in the boxes (None without any), and what is darker than all print there."""
    inside = np.concatenate([contrast[_pixels(area)].ravel() for area in areas])
    noise = 1.4826 * float(np.median(np.abs(inside - np.median(inside))))
    printed = _print_level(contrast, areas)
    likely = inside[inside > max(FAINTEST_INK, 6 * noise, 1.6 * printed)]
    if likely.size < 8:
        return None, 0.0
    return float(np.percentile(likely, 80)), max(1.3 * printed, 2.5 * noise)


def _print_level(contrast: np.ndarray, areas: np.ndarray) -> float:
    """The contrast of the boxes' own lines: most of their length has no ink on it."""
    around, seen = 3, []
    for area in areas:
        rows, columns = _pixels(area)
        for strip in (contrast[max(rows.stop - around, 0) : rows.stop + around, columns],
                      contrast[rows, max(columns.stop - around, 0) : columns.stop + around].T):  # fmt: skip
            if strip.size:
                seen.append(float(np.median(strip.max(axis=0))))
    return float(np.median(seen)) if seen else 0.0


def _ink(contrast: np.ndarray, level: float, low: float) -> np.ndarray:
    """What is ink, by hysteresis between nearly half and a little over half of its contrast: bool of the page's shape.

    The upper limit is lower than for running lines: an i's dot, blurred, is paler than strokes, and little dirt is seen
    as long as only the boxes are looked at.
    """
    soft = cv2.GaussianBlur(contrast, (0, 0), 0.6)
    count, labels = cv2.connectedComponents((soft > max(0.42 * level, low)).astype(np.uint8), connectivity=8)
    sure = np.zeros(count, bool)
    sure[np.unique(labels[soft > max(0.52 * level, 1.2 * low)])] = True
    sure[0] = False
    return sure[labels]


def _owners(ink: np.ndarray, areas: np.ndarray, rim: float) -> np.ndarray:
    """The number of the box from 1 that each pixel of ink belongs to, 0 for none: int32 [h, w].

    A piece of ink goes whole to the box that holds most of it; one that fills two boxes is cut between them.
    """
    count, labels = cv2.connectedComponents(ink.astype(np.uint8), connectivity=8)
    boxes, deep = np.zeros(ink.shape, np.int32), np.zeros(ink.shape, bool)
    for number, area in enumerate(areas, start=1):
        boxes[_pixels(area)] = number
        deep[_pixels(area + rim * np.array([1, 1, -1, -1]))] = True
    rows, columns = np.nonzero(ink)
    pieces, inside = labels[rows, columns], boxes[rows, columns]
    held = np.zeros((count, len(areas) + 1), np.int64)
    np.add.at(held, (pieces, inside), 1)
    held = held[:, 1:]
    most, total = held.max(axis=1, initial=0), held.sum(axis=1)
    foreign = (total <= OWN * np.bincount(pieces, minlength=count)) | ~np.isin(np.arange(count), labels[deep])
    owner = np.where(foreign, 0, held.argmax(axis=1) + 1)
    owners = np.zeros(ink.shape, np.int32)
    owners[rows, columns] = owner[pieces]
    shared = ~foreign & (total - most > SHARED * total)
    if shared.any():
        of_shared = shared[pieces]
        nearest = _nearest(rows[of_shared], columns[of_shared], areas)
        owners[rows[of_shared], columns[of_shared]] = nearest
    return owners


def _nearest(rows: np.ndarray, columns: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """The number from 1 of the box nearest to each pixel."""
    best, nearest = np.full(len(rows), np.inf), np.zeros(len(rows), np.int32)
    for number, (top, left, bottom, right) in enumerate(areas, start=1):
        away = np.maximum(np.maximum(top - rows, rows - bottom), 0) ** 2
        away = away + np.maximum(np.maximum(left - columns, columns - right), 0) ** 2
        closer = away < best
        best[closer], nearest[closer] = away[closer], number
    return nearest


def _seen(page: Page, owners: np.ndarray, index: int, place: tuple[slice, slice] | None) -> Box:
    """One box with the bounds of its ink, and with the state "written" if there is any."""
    if _hidden(page, index) or place is None:
        return _blank(page, index)
    return Box(page.letters[index], WRITTEN, ink_bounds(owners[place] == index + 1, place[0].start, place[1].start))


def _stroke(owners: np.ndarray, places: Sequence[tuple[slice, slice] | None]) -> float:
    """The usual width of the strokes in pixels: that of most boxes, whatever blots there are in others."""
    widths = [stroke_width(owners[place] == number) for number, place in enumerate(places, start=1) if place]
    return float(np.median(widths)) if widths else 1.0


def _diagonal(box: Box) -> float:
    top, left, bottom, right = box.bounds
    return float(np.hypot(bottom - top, right - left))


def _usual(character: str) -> float:
    usual = geometry(character)
    return float(np.hypot(usual.height, usual.width))


def _size(page: Page, boxes: Sequence[Box]) -> float:
    """Pixels of an x-height by the diagonals of all that stands in the boxes, good or gone wrong."""
    sizes = [(_diagonal(box) / _usual(box.character), 1.0) for box in boxes if box.bounds]
    return _median([(USUAL * page.x_height, 2.0), *sizes])


def _judged(page: Page, owners: np.ndarray, index: int, box: Box, stroke: float, size: float) -> Box:
    """The box with its state.

    A scribble has too long a stroke for the character, or a long one that goes to and fro.
    """
    if not box.bounds:
        return box
    top, left, bottom, right = box.bounds
    own = owners[top:bottom, left:right] == index + 1
    thickest = float(ndimage.distance_transform_edt(np.pad(own, 1)).max()) * 2
    if thickest > BLOT * page.x_height:
        area, over = page.areas[index], 0.2 * page.x_height
        runs_over = top < area[0] - over or left < area[1] - over or bottom > area[2] + over or right > area[3] + over
        return replace(box, state=UNREADABLE if runs_over else SCRIBBLED)
    length = own.sum() / (stroke * size * max(stroke_length(box.character), SHORTEST))
    limit = LONG if _crossed(own) >= OFTEN else LONGEST
    return replace(box, state=SCRIBBLED) if length > limit and _diagonal(box) > LARGE * size else box


def _crossed(own: np.ndarray) -> float:
    """How often a line through the middle of some ink usually crosses it, down or across, whichever is more often."""

    def crossings(ink: np.ndarray) -> float:
        starts = (np.diff(ink.astype(np.int8), axis=0, prepend=0) == 1).sum(axis=0)
        return float(np.median(starts[len(starts) // 4 : max(len(starts) // 4 + 1, 3 * len(starts) // 4)]))

    return max(crossings(own), crossings(own.T))


def _own_size(page: Page, boxes: Sequence[Box], stroke: float) -> tuple[float, float]:
    """The person's own x-height in pixels, and how far below the printed baselines they write.

    Medians over all letters, in which the printed guides count like one letter or two.
    """
    written = [(index, box) for index, box in enumerate(boxes) if box.state == WRITTEN]
    units, lifts = [(USUAL * page.x_height, 2.0)], [(0.0, 1.0)]
    for _, box in written:
        usual = geometry(box.character)
        if usual.height > 0.8:
            unit = (box.bounds[2] - box.bounds[0] - stroke) / usual.height
            units.append((unit, 3.0 if box.character in _SMALL else 1.0))
    unit = max(_median(units), 2.0)
    for index, box in written:
        bottom = geometry(box.character).bottom
        if -0.15 < bottom < 0.05:
            lifts.append((box.bounds[2] - stroke / 2 + bottom * unit - page.baselines[index], 1.0))
    return unit, _median(lifts)


def _median(weighted: Sequence[tuple[float, float]]) -> float:
    values, weights = np.array(sorted(weighted)).T
    reached = np.cumsum(weights)
    return float(values[np.searchsorted(reached, reached[-1] / 2)])


def _without_specks(box: Box, unit: float) -> Box:
    """The box as empty where its ink is much too small for the character."""
    if box.state != WRITTEN:
        return box
    usual = geometry(box.character)
    top, left, bottom, right = box.bounds
    if max(bottom - top, right - left) < SPECK * max(usual.height, usual.width) * unit:
        return Box(box.character, EMPTY)
    return box


def _sample(page, contrast, owners, index, level, stroke, box, unit, lift) -> Sample:
    top, _, bottom, _ = box.bounds
    line, unit = page.baselines[index] + lift + stroke / 2, unit + stroke
    return Sample(
        box.character,
        cut_out(contrast, owners > 0, owners == index + 1, box.bounds, level, stroke),
        baseline=float(line - bottom) / unit,
        height=float(bottom - top) / unit,
    )
