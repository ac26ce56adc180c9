"""What stands in the boxes of a straightened page: which of them are written in, and whose ink is whose.

A page is its contrast (see `scan.page`) and the boxes that were printed on it. Everything that is printed in the boxes
themselves is paler than ink.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import ndimage

from tfhand.core.charset import CLASSES, geometry, stroke_length
from tfhand.hands.hand import Hand, Sample
from tfhand.scan.cutting import cut_out, ink_bounds
from tfhand.scan.owners import ink_levels, ink_of, owners_of, pixels
from tfhand.scan.pieces import stroke_width

WRITTEN, EMPTY, SCRIBBLED, UNREADABLE = "written", "empty", "scribbled", "unreadable"
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


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read from boxes.

    Attributes:
        boxes: in the order of what they ask for.
    """

    boxes: tuple[Box, ...]

    @property
    def hand(self) -> Hand:
        """The written samples."""
        return Hand(samples=[box.sample for box in self.boxes if box.sample])

    def of(self, state: str) -> str:
        """The characters whose boxes are in a state, once for each box."""
        return "".join(box.character for box in self.boxes if box.state == state)


def read_boxes(page: Page) -> list[Box]:
    """Looks into every box of a page."""
    contrast = np.where(page.barred, 0, page.contrast)
    level, low = ink_levels(contrast, page.areas)
    if level is None:
        return [_blank(page, index) for index in range(len(page.letters))]
    ink = ink_of(contrast, level, low)
    owners = owners_of(ink, page.areas, page.x_height)
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


def _hidden(page: Page, index: int) -> bool:
    return bool(page.covered[pixels(page.areas[index])].mean() > 0.02)


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
        cut_out(contrast, owners, index + 1, box.bounds, level, stroke),
        baseline=float(line - bottom) / unit,
        height=float(bottom - top) / unit,
    )
