"""The alignment of a whole page to a text, over several guesses of the size and slope of the writing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from tfhand.core.charset import geometry
from tfhand.scan.image.components import Component, find_components, writing_slant
from tfhand.scan.image.deskew import DeskewedPage
from tfhand.scan.image.rulings import MAX_SLOPE
from tfhand.scan.line.alignment import ANY, Alignment, align_candidates, character_costs
from tfhand.scan.line.candidates import Candidates, ink_distances
from tfhand.scan.line.dots import with_dots
from tfhand.scan.line.geometry import LineGeometry, boxes_of, fit_geometry
from tfhand.scan.line.plausibility import UNLIKELY_COST
from tfhand.scan.line.recognition import ReadCosts, recognition_costs
from tfhand.scan.line.touching import Cutter

SMALL = 0.3  # x-heights: a component no longer than this is a dot or a speck and is given to a letter afterwards
RULED_SLOPE_SPREAD = 0.015  # standard deviation of the line's slope where rulings show it
MAX_COMPONENTS = 600  # a picture with more does not show a line of writing
GOOD_COST = 4.0  # if every character costs less, no other alignment is looked for


class SlopePrior(NamedTuple):
    """Prior knowledge of the line's slope: mean and standard deviation."""

    mean: float
    spread: float


def align_page(
    page: DeskewedPage, says: str, stroke: float, slope: SlopePrior, read: ReadCosts | None = None
) -> Alignment | None:
    """The likeliest alignment of a page's ink to the text `says`, or None where there is none at all.

    Components are first taken as they are. Only where that gives a bad alignment are touching letters cut apart, and
    letters looked for in the ink on the border. The line is found by the letters' shapes alone; where there is a
    reader, what it sees is then added to them.
    """
    characters = "".join(says.split())
    trials = _Trials(page, says, stroke, slope)
    best: _Trial | None = None
    guesses = _guesses(trials.components, characters, stroke, slope)
    for cutting, with_border, enough in (
        (False, False, GOOD_COST),
        (True, False, UNLIKELY_COST),
        (True, True, UNLIKELY_COST),
    ):
        for line in guesses if best is None else [best.alignment.line, guesses[0]]:
            trial = trials.aligned(line, cutting, with_border)
            if trial and (best is None or trial.alignment.total < best.alignment.total):
                best = trial
        if best and best.alignment.costs.max() < enough and best.alignment.total < enough * len(characters) / 2:
            break
    if best is None:
        return None
    if read:
        others = [(True, False), (True, True)] if best.alignment.costs.max() > GOOD_COST else []
        tried = [best, *(trials.aligned(best.alignment.line, *how) for how in others)]
        best = min((trials.read(one, read) for one in tried if one), key=lambda one: one.alignment.total)
    return with_dots(best.alignment, best.small, characters)


@dataclass(frozen=True, eq=False)
class _Trial:
    """An alignment, the groups that it was chosen from, and the small ink that was left aside."""

    alignment: Alignment
    candidates: Candidates
    small: list[Component]


class _Trials:
    """Alignments of one page's ink to one text, with and without cuts and the ink on the border."""

    def __init__(self, page: DeskewedPage, says: str, stroke: float, slope: SlopePrior):
        self.page, self.says, self.stroke, self.slope = page, says, stroke, slope
        self.characters = "".join(says.split())
        self.components = find_components(page.ink, page.on_border)
        self._cutter = Cutter(stroke, writing_slant(page.ink & ~page.on_border), page.ink.shape[0] / 2)
        self._distances = ink_distances(self.components) if len(self.components) <= MAX_COMPONENTS else {}
        self._tiny_counts = min(map(_usual_length, self.characters)) < 1.5 * SMALL

    def aligned(self, line: LineGeometry, cutting: bool, with_border: bool) -> _Trial | None:
        """The best alignment near a guess of the line, by shape alone."""
        limit = 0 if self._tiny_counts else SMALL * line.x_height + self.stroke
        given = self.components if with_border else [one for one in self.components if not one.on_border]
        parts = [one for one in given if one.longest_side >= limit]
        small = [one for one in given if one.longest_side < limit]
        if cutting:
            parts = self._cutter.cut(parts, line.x_height)
        if not 0 < len(parts) <= MAX_COMPONENTS:
            return None
        candidates, best = Candidates(parts, self._distances), None
        for alignment in _refined(candidates, self.says, line, self.stroke, self.slope):
            if best is None or alignment.total < best.total:
                best = alignment
        return None if best is None else _Trial(best, candidates, small)

    def read(self, trial: _Trial, read: ReadCosts) -> _Trial:
        """The same ink aligned by shape and by what a reader takes it for."""
        line = trial.alignment.line
        shapes = character_costs(trial.candidates, self.characters, line, self.stroke)
        nib = self.stroke, line.x_height
        costs = recognition_costs(trial.candidates, shapes, self.characters, self.page, nib, read)
        alignment = align_candidates(trial.candidates, self.says, line, self.stroke, costs)
        return replace(trial, alignment=alignment) if alignment else trial


def _refined(
    candidates: Candidates, says: str, line: LineGeometry, stroke: float, slope: SlopePrior, rounds: int = 3
) -> Iterator[Alignment]:
    """Alignments, each to the line that was fitted to the one before; each with the line fitted to itself."""
    characters = "".join(says.split())
    for _ in range(rounds):
        alignment = align_candidates(candidates, says, line, stroke)
        if alignment is None:
            return
        found = [k for k, group in enumerate(alignment.groups) if group and characters[k] != ANY]
        if found:
            groups = [alignment.groups[k] for k in found]
            line = fit_geometry(groups, "".join(characters[k] for k in found), stroke, line, *slope)
        yield replace(alignment, line=line)


def _usual_length(character: str) -> float:
    usual = geometry(character)
    return 1.0 if character == ANY else max(usual.height, usual.width)


def _guesses(components: list[Component], characters: str, stroke: float, slope: SlopePrior) -> list[LineGeometry]:
    """Lines to start from, estimated from the largest components."""
    free = [one for one in components if not one.on_border] or components
    large = sorted(free, key=lambda one: one.longest_side, reverse=True)[: len(characters)]
    if not large:
        return []
    boxes = boxes_of([[one] for one in large])
    usual = np.array([geometry("x" if character == ANY else character) for character in characters])
    height = float(np.median(boxes[:, 2] - boxes[:, 0])) - stroke
    x_height = max(2.0, height) / float(np.median(usual[:, 1] - usual[:, 0]))
    slopes = [slope.mean]
    x, y = (boxes[:, 1] + boxes[:, 3]) / 2, (boxes[:, 0] + boxes[:, 2]) / 2
    if len(large) >= 4 and slope.spread > RULED_SLOPE_SPREAD:
        pairs = np.triu_indices(len(large), 1)
        run, rise = (x[pairs[1]] - x[pairs[0]]), (y[pairs[1]] - y[pairs[0]])
        wide = np.abs(run) > x_height
        if wide.any():
            slopes.append(float(np.clip(np.median(rise[wide] / run[wide]), -MAX_SLOPE, MAX_SLOPE)))
    lines = []
    for tilt in slopes:
        for factor in (1.0, 0.75, 1.35):
            unit = factor * x_height
            bottom = float(np.median(boxes[:, 2] - tilt * x)) + float(np.median(usual[:, 0])) * unit
            lines.append(LineGeometry(unit, bottom - stroke / 2, tilt))
    return lines
