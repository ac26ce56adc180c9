"""The alignment of a whole page to a text, over several guesses of the size and slope of the writing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tfhand.core.charset import geometry
from tfhand.scan.image.components import Component, find_components, writing_slant
from tfhand.scan.image.deskew import DeskewedPage
from tfhand.scan.image.rulings import MAX_SLOPE
from tfhand.scan.line.alignment import Alignment, align_candidates
from tfhand.scan.line.candidates import Candidates, ink_distances
from tfhand.scan.line.dots import with_dots
from tfhand.scan.line.geometry import LineGeometry, boxes_of, fit_geometry
from tfhand.scan.line.plausibility import UNLIKELY_COST
from tfhand.scan.line.touching import cut_components

SMALL = 0.3  # x-heights: a component no longer than this is a dot or a speck and is given to a letter afterwards
RULED_SLOPE_SPREAD = 0.015  # standard deviation of the line's slope where rulings show it
MAX_COMPONENTS = 600  # a picture with more does not show a line of writing
GOOD_COST = 4.0  # if every character costs less, no other alignment is looked for


class SlopePrior(NamedTuple):
    """Prior knowledge of the line's slope: mean and standard deviation."""

    mean: float
    spread: float


def align_page(page: DeskewedPage, says: str, stroke: float, slope: SlopePrior) -> Alignment | None:
    """The likeliest alignment of a page's ink to the text `says`, or None where there is none at all.

    Components are first taken as they are. Only where that gives a bad alignment are touching letters cut apart, and
    letters looked for in the ink on the border.
    """
    characters = "".join(says.split())
    components = find_components(page.ink, page.on_border)
    slant, middle = writing_slant(page.ink & ~page.on_border), page.ink.shape[0] / 2
    distances = ink_distances(components) if len(components) <= MAX_COMPONENTS else {}
    best: tuple[Alignment, list[Component]] | None = None
    tiny_counts = min(map(_usual_length, characters)) < 1.5 * SMALL
    guesses = _guesses(components, characters, stroke, slope)
    for cutting, with_border, enough in (
        (False, False, GOOD_COST),
        (True, False, UNLIKELY_COST),
        (True, True, UNLIKELY_COST),
    ):
        given = components if with_border else [one for one in components if not one.on_border]
        for line in guesses if best is None else [best[0].line, guesses[0]]:
            limit = 0 if tiny_counts else SMALL * line.x_height + stroke
            parts = [one for one in given if one.longest_side >= limit]
            small = [one for one in given if one.longest_side < limit]
            if cutting:
                parts = cut_components(parts, line.x_height, stroke, slant, middle)
            if not 0 < len(parts) <= MAX_COMPONENTS:
                continue
            for alignment in _refined(Candidates(parts, distances), says, line, stroke, slope):
                if best is None or alignment.total < best[0].total:
                    best = alignment, small
        if best and best[0].costs.max() < enough and best[0].total < enough * len(characters) / 2:
            break
    return with_dots(*best, characters) if best else None


def _refined(
    candidates: Candidates, says: str, line: LineGeometry, stroke: float, slope: SlopePrior, rounds: int = 3
) -> Iterator[Alignment]:
    """Alignments, each to the line that was fitted to the one before; each with the line fitted to itself."""
    characters = "".join(says.split())
    for _ in range(rounds):
        alignment = align_candidates(candidates, says, line, stroke)
        if alignment is None:
            return
        line = fit_geometry(alignment.groups, characters, stroke, line, *slope)
        yield replace(alignment, line=line)


def _usual_length(character: str) -> float:
    usual = geometry(character)
    return max(usual.height, usual.width)


def _guesses(components: list[Component], characters: str, stroke: float, slope: SlopePrior) -> list[LineGeometry]:
    """Lines to start from, estimated from the largest components."""
    free = [one for one in components if not one.on_border] or components
    large = sorted(free, key=lambda one: one.longest_side, reverse=True)[: len(characters)]
    if not large:
        return []
    boxes = boxes_of([[one] for one in large])
    usual = np.array([geometry(character) for character in characters])
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
