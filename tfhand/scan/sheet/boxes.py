"""The boxes of a rectified page: which of them are written in, and the glyphs in them.

A page is its contrast (see `scan.image.paper`) and the boxes that were printed on it. Everything that is printed in the
boxes themselves is paler than ink.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import ndimage

from tfhand.core.charset import CHARACTERS, geometry, stroke_length
from tfhand.hands.hand import Hand, Sample
from tfhand.scan.image.components import stroke_width
from tfhand.scan.image.cropping import Bounds, crop_glyph, ink_bounds
from tfhand.scan.sheet.baselines import on_baseline, own_x_height, weighted_median, written_baselines
from tfhand.scan.sheet.ink_assignment import assign_ink, box_ink_mask, ink_levels, pixels

WRITTEN, EMPTY, SCRIBBLED, UNREADABLE = "written", "empty", "scribbled", "unreadable"
SPECK = 0.3  # share of a character's usual length; smaller ink is dust
DUST, DUST_APART = 1.35, 0.25  # stroke widths of a grain of dust, and x-heights from it to the strokes
BLOT = 1.0  # x-heights: no pen is so thick
MIN_LENGTH = 2.6  # x-heights: the strokes of a 1 with serifs, or of an l with a loop
ZIGZAG_LENGTH, SCRIBBLE_LENGTH = 1.6, 2.0  # usual lengths of the character's strokes: in a zigzag, in any scribble
MANY_CROSSINGS = 4  # of strokes with a line through the middle: few letters have 3
MIN_SCRIBBLE = 1.2  # x-heights: smaller ink is no scribble
USUAL_SIZE = 0.86  # x-height of people's writing as a share of the printed one
WITHOUT_DOTS = CHARACTERS.translate(str.maketrans("", "", "ij"))
MAX_COVERED = 0.02  # share of a box that the photo may miss


@dataclass(frozen=True, eq=False)
class BoxedPage:
    """A rectified page of boxes.

    Attributes:
        contrast: float32 [h, w], 0 on paper.
        areas: float [n, 4], the boxes: top, left, bottom, right in pixels.
        letters: the character that each box asks for.
        baselines: float [n], pixels down to the printed baselines, or to where people write without any.
        x_height: height of the printed x-height line above the baseline in pixels, or about that of writing.
        mask: bool [h, w], the parts that are not looked at: captions and markers.
        covered: bool [h, w], the places that the photo does not show.
        rows: int [n], which boxes are written in one line; None where baselines are printed.
    """

    contrast: np.ndarray = field(repr=False)
    areas: np.ndarray = field(repr=False)
    letters: str
    baselines: np.ndarray = field(repr=False)
    x_height: float
    mask: np.ndarray = field(repr=False)
    covered: np.ndarray = field(repr=False)
    rows: np.ndarray | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False)
class Box:
    """The content of one box.

    Attributes:
        character: the character that it asks for.
        state: "written", "empty", "scribbled" or "unreadable".
        bounds: of the ink in pixels of the page, or None where there is no ink.
        sample: the written glyph, or None.
    """

    character: str
    state: str
    bounds: Bounds | None = None
    sample: Sample | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False)
class BoxReading:
    """The reading of boxes.

    Attributes:
        boxes: in the order of the characters that they ask for.
    """

    boxes: tuple[Box, ...]

    @property
    def hand(self) -> Hand:
        """The written samples."""
        return Hand(samples=[box.sample for box in self.boxes if box.sample])

    def with_state(self, state: str) -> str:
        """The characters whose boxes are in a state, once for each box."""
        return "".join(box.character for box in self.boxes if box.state == state)


def read_boxes(page: BoxedPage) -> list[Box]:
    """Reads every box of a page."""
    contrast = np.where(page.mask, 0, page.contrast)
    level, print_level = ink_levels(contrast, page.areas)
    if level is None:
        return [_without_ink(page, index) for index in range(len(page.letters))]
    ink = box_ink_mask(contrast, level, print_level)
    assignment = assign_ink(ink, page.areas, page.x_height)
    places = ndimage.find_objects(assignment, len(page.letters))
    stroke = _stroke(assignment, places)
    assignment = _without_dust(page, assignment, places, stroke)
    places = ndimage.find_objects(assignment, len(page.letters))
    boxes = [_found(page, assignment, index, place) for index, place in enumerate(places)]
    size = _size(page, boxes)
    boxes = [_scribbles_marked(page, assignment, index, box, stroke, size) for index, box in enumerate(boxes)]
    unit, baselines = _own_lines(page, boxes, stroke)
    boxes = [_without_specks(box, unit) for box in boxes]
    read = []
    for index, box in enumerate(boxes):
        if box.state == WRITTEN and box.bounds:
            glyph = crop_glyph(contrast, assignment, index + 1, box.bounds, level, stroke)
            box = replace(box, sample=_sample(box.character, glyph, box.bounds, baselines[index], stroke, unit))
        read.append(box)
    return read


def _without_ink(page: BoxedPage, index: int) -> Box:
    return Box(page.letters[index], UNREADABLE if _is_covered(page, index) else EMPTY)


def _is_covered(page: BoxedPage, index: int) -> bool:
    return bool(page.covered[pixels(page.areas[index])].mean() > MAX_COVERED)


def _found(page: BoxedPage, assignment: np.ndarray, index: int, place: tuple[slice, slice] | None) -> Box:
    """One box with the bounds of its ink, and with the state "written" if there is any."""
    if _is_covered(page, index) or place is None:
        return _without_ink(page, index)
    bounds = ink_bounds(assignment[place] == index + 1, place[0].start, place[1].start)
    return Box(page.letters[index], WRITTEN, bounds)


def _stroke(assignment: np.ndarray, places: Sequence[tuple[slice, slice] | None]) -> float:
    """The usual width of the strokes in pixels: the median over the boxes, on which a few blots have no influence."""
    widths = [stroke_width(assignment[place] == number) for number, place in enumerate(places, start=1) if place]
    return float(np.median(widths)) if widths else 1.0


def _without_dust(
    page: BoxedPage, assignment: np.ndarray, places: Sequence[tuple[slice, slice] | None], stroke: float
) -> np.ndarray:
    """The assignment without dots of dust away from the strokes of characters that have no dots."""
    clean = assignment.copy()
    for number, place in enumerate(places, start=1):
        if place is None or page.letters[number - 1] not in WITHOUT_DOTS:
            continue
        own = assignment[place] == number
        labels, count = ndimage.label(own, np.ones((3, 3)))
        sides = [max(part.stop - part.start for part in parts) for parts in ndimage.find_objects(labels)]
        small = np.flatnonzero(np.array(sides) < DUST * stroke) + 1
        if not 0 < len(small) < count:
            continue
        is_small = np.isin(labels, small)
        distance = ndimage.distance_transform_edt(~own | is_small)
        nearest = ndimage.minimum(distance, labels, small)
        clean[place][np.isin(labels, small[nearest > DUST_APART * page.x_height])] = 0
    return clean


def _diagonal(bounds: Bounds) -> float:
    top, left, bottom, right = bounds
    return float(np.hypot(bottom - top, right - left))


def _usual_diagonal(character: str) -> float:
    usual = geometry(character)
    return float(np.hypot(usual.height, usual.width))


def _size(page: BoxedPage, boxes: Sequence[Box]) -> float:
    """Pixels of an x-height, estimated from the diagonals of everything in the boxes, good or scribbled."""
    sizes = [(_diagonal(box.bounds) / _usual_diagonal(box.character), 1.0) for box in boxes if box.bounds]
    return weighted_median([(USUAL_SIZE * page.x_height, 2.0), *sizes])


def _scribbles_marked(page: BoxedPage, assignment: np.ndarray, index: int, box: Box, stroke: float, size: float) -> Box:
    """The box with its state corrected where its ink is a scribble or a blot.

    A scribble has a stroke much too long for the character, or somewhat too long and in a zigzag.
    """
    if not box.bounds:
        return box
    top, left, bottom, right = box.bounds
    own = assignment[top:bottom, left:right] == index + 1
    thickest = float(ndimage.distance_transform_edt(np.pad(own, 1)).max()) * 2
    if thickest > BLOT * page.x_height:
        area, over = page.areas[index], 0.2 * page.x_height
        runs_over = top < area[0] - over or left < area[1] - over or bottom > area[2] + over or right > area[3] + over
        return replace(box, state=UNREADABLE if runs_over else SCRIBBLED)
    length = own.sum() / (stroke * size * max(stroke_length(box.character), MIN_LENGTH))
    limit = ZIGZAG_LENGTH if _crossings(own) >= MANY_CROSSINGS else SCRIBBLE_LENGTH
    is_scribble = length > limit and _diagonal(box.bounds) > MIN_SCRIBBLE * size
    return replace(box, state=SCRIBBLED) if is_scribble else box


def _crossings(own: np.ndarray) -> float:
    """How often a line through the middle of some ink usually crosses it, down or across, whichever is more often."""

    def crossings(ink: np.ndarray) -> float:
        starts = (np.diff(ink.astype(np.int8), axis=0, prepend=0) == 1).sum(axis=0)
        return float(np.median(starts[len(starts) // 4 : max(len(starts) // 4 + 1, 3 * len(starts) // 4)]))

    return max(crossings(own), crossings(own.T))


def _own_lines(page: BoxedPage, boxes: Sequence[Box], stroke: float) -> tuple[float, np.ndarray]:
    """The person's own x-height in pixels, and the baselines on which they write, float [n] in pixels.

    On printed baselines all letters tell how far off them the person writes, and the print counts like one letter.
    """
    written = [index for index, box in enumerate(boxes) if box.state == WRITTEN and box.bounds]
    letters = "".join(page.letters[index] for index in written)
    bounds = np.array([boxes[index].bounds for index in written]).reshape(-1, 4)
    prior = USUAL_SIZE * page.x_height, 2.0 if page.rows is None else 0.5
    unit = own_x_height(letters, bounds, stroke, prior)
    baselines = np.array(page.baselines, float)
    if page.rows is None:
        lines = zip(letters, bounds[:, 2] - page.baselines[written], strict=True)
        drops = [(bottom - stroke / 2 + geometry(c).bottom * unit, 1.0) for c, bottom in lines if on_baseline(c)]
        return unit, baselines + weighted_median([(0.0, 1.0), *drops])
    tops = page.areas[:, 0]
    prior_drop = float(np.median(page.baselines - tops))
    baselines[written] = written_baselines(letters, bounds, page.rows[written], tops[written], stroke, unit, prior_drop)
    return unit, baselines


def _without_specks(box: Box, unit: float) -> Box:
    """The box as empty where its ink is much too small for the character."""
    if box.state != WRITTEN or not box.bounds:
        return box
    usual = geometry(box.character)
    top, left, bottom, right = box.bounds
    if max(bottom - top, right - left) < SPECK * max(usual.height, usual.width) * unit:
        return Box(box.character, EMPTY)
    return box


def _sample(
    character: str, glyph: np.ndarray, bounds: Bounds, baseline: float, stroke: float, x_height: float
) -> Sample:
    """The sample of a written box; baseline and x-height are those of the middle lines of its strokes."""
    top, _, bottom, _ = bounds
    line, unit = baseline + stroke / 2, x_height + stroke
    return Sample(character, glyph, baseline=float(line - bottom) / unit, height=float(bottom - top) / unit)
