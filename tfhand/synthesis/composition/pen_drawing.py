"""Strokes drawn in the nib, slant and width of a hand, on empty paper or on a base letter.

Lengths are in x-heights, pixels (`DETAIL` to an x-height) only in names that say so; y runs down from the baseline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from tfhand.core import charset
from tfhand.hands.sample import GENERATED, Sample
from tfhand.metrics import slant
from tfhand.typeset.nib import BROAD, ENOUGH, line_width
from tfhand.typeset.shapes import DETAIL, ink_on_line
from tfhand.vector.distance_field import coverage, distance_field, keep_islands, nib_width, stroke_field
from tfhand.vector.splines import Stroke, splines, wander

RISE = 1.2  # signs of the table are drawn this much taller above the x-height, as tall as people's capitals
AROUND = 1.0  # paper on each side of a base letter, for its diacritics
STEMS = "bdfhkltpqijBDEFHIKLMNPRT14"  # characters whose second moments show the slant of their stems
TYPICAL_NIB = 0.14
SHORT = 0.06  # a shorter stroke is a dot
SLOPPINESS, SKEW, UNEVENNESS = 0.014, 1.5, 0.04  # standard deviations: of points, of the angle in degrees, of the size


@dataclass(frozen=True)
class StrokeStyle:
    """The look of a person's strokes, for drawing signs and diacritics.

    Attributes:
        nib: thickness of the line.
        slant: shear: length to the right for each length upward.
        width: width of the letters as a multiple of what is typical.
    """

    nib: float = TYPICAL_NIB
    slant: float = 0.0
    width: float = 1.0

    @classmethod
    def from_samples(cls, samples: Sequence[Sample]) -> StrokeStyle:
        """Measures some of a person's letters and digits; attributes that they do not show are typical ones.

        Letters of other alphabets show the nib.
        """
        known = [sample for sample in samples if sample.character in charset.CHARACTERS]
        known = known[:: 1 + len(known) // ENOUGH]
        if not known:
            nibs = [line_width(*_ink(one)) for one in samples if one.character.isalpha()][:ENOUGH]
            return cls(float(np.median(nibs))) if nibs else cls()
        nibs, widths = [], []
        for sample in known:
            ink, height = _ink(sample)
            nibs.append(line_width(ink, height))
            typical = charset.geometry(sample.character)
            if typical.width > 0.6:
                widths.append(ink.shape[1] / ink.shape[0] * height / typical.width)
        stems = [sample.glyph for sample in known if sample.character in STEMS]
        slants = slant(np.stack(stems)) if stems else 0.7 * slant(np.stack([sample.glyph for sample in known]))
        width = float(np.clip(np.median(widths), 0.7, 1.35)) if widths else 1.0
        return cls(float(np.median(nibs)), float(np.clip(np.median(slants), -0.5, 0.9)), width)


def _ink(sample: Sample) -> tuple[np.ndarray, float]:
    ink, _, height = ink_on_line(sample.character, sample)
    return ink, height


class Drawing:
    """A character that is being drawn.

    Attributes:
        ink: uint8 (h, w), white ink on black; row `line` is the baseline, column `middle` is x = 0.
        nib: thickness of the line.
        stroke_style: slant and width of the strokes.
        random: the source of small variations; None for none.
    """

    def __init__(
        self, box: charset.Geometry, nib: float, stroke_style: StrokeStyle, random: np.random.Generator | None
    ):
        self.line = round((max(box.top, 1.8) + AROUND) * DETAIL)
        self.middle = round((box.width / 2 + AROUND) * DETAIL)
        self.ink = np.zeros((self.line + round((AROUND - min(box.bottom, -0.5)) * DETAIL), 2 * self.middle), np.uint8)
        self.nib, self.stroke_style, self.random = nib, stroke_style, random

    @classmethod
    def from_sample(cls, base: Sample, stroke_style: StrokeStyle, random: np.random.Generator | None) -> Drawing:
        """A drawing that starts with the base letter, x = 0 in the middle of its box."""
        ink, baseline, height = ink_on_line(base.character, base)
        scale = height * DETAIL / ink.shape[0]
        field = keep_islands(distance_field(ink, scale), ink, scale)
        box = charset.Geometry(baseline, baseline + height, field.shape[1] / DETAIL)
        drawing = cls(box, nib_width(field) / DETAIL, stroke_style, random)
        drawing.paste(coverage(field), 0.0, baseline + height / 2)
        return drawing

    def paste(self, ink: np.ndarray, x: float, up: float) -> None:
        """Adds ink with its middle at x and `up` over the baseline; ink outside the paper is lost."""
        top = round(self.line - up * DETAIL - ink.shape[0] / 2)
        left = round(self.middle + x * DETAIL - ink.shape[1] / 2)
        part = self.ink[max(top, 0) : max(top + ink.shape[0], 0), max(left, 0) : max(left + ink.shape[1], 0)]
        ink = ink[max(-top, 0) :, max(-left, 0) :][: part.shape[0], : part.shape[1]]
        np.maximum(part, ink, out=part)

    def draw_line(self, line: np.ndarray) -> None:
        """Draws a line through points (n, 2) with the nib, x from the middle, y down from the baseline."""
        nib = self.nib * (BROAD if np.ptp(line, axis=0).max() < SHORT else 1.0)
        reach = nib / 2 + 3 / DETAIL
        low, high = line.min(axis=0) - reach, line.max(axis=0) + reach
        wide, tall = np.ceil((high - low) * DETAIL).astype(int).tolist()
        field = stroke_field((line - low) * DETAIL, nib * DETAIL, (tall, wide))
        middle = low + np.array([wide, tall]) / DETAIL / 2
        self.paste(coverage(field), middle[0], -middle[1])

    def draw_strokes(self, strokes: Sequence[Stroke], x: float, y: float) -> None:
        """Draws strokes with their origin at x, y."""
        for line in _lines(strokes, self.stroke_style, self.random):
            self.draw_line(line + [x, y])

    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the ink."""
        return self._extent(0, len(self.ink))

    def span(self, top: float, bottom: float) -> tuple[float, float]:
        """Left and right of the ink between two heights."""
        rows = [int(np.clip(round(self.line + y * DETAIL), 0, len(self.ink) - 1)) for y in (top, bottom)]
        left, _, right, _ = self._extent(rows[0], rows[1] + 1)
        return left, right

    def _extent(self, first: int, last: int) -> tuple[float, float, float, float]:
        rows, columns = np.nonzero(self.ink[first:last] > 127)
        if not len(rows):
            return 0.0, 0.0, 0.0, 0.0
        x, y = columns - self.middle, rows + first - self.line
        return x.min() / DETAIL, y.min() / DETAIL, (x.max() + 1) / DETAIL, (y.max() + 1) / DETAIL

    def remove_dot(self) -> None:
        """Removes the dot of an i or j: islands over the body, or else all ink clearly over the x-height."""
        count, islands, stats, _ = cv2.connectedComponentsWithStats((self.ink > 60).astype(np.uint8))
        body = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])) if count > 1 else 0
        high = stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT] < self.line - 0.7 * DETAIL
        dots = [island for island in range(1, count) if island != body and high[island]]
        self.ink[cv2.dilate(np.isin(islands, dots).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0] = 0
        if not dots and self.box()[1] < -1.25:
            self.ink[: self.line - round(1.05 * DETAIL)] = 0

    def sample(self, character: str) -> Sample:
        """The drawing as a Sample with baseline and height."""
        _, top, _, bottom = self.box()
        return Sample(character, self.ink, GENERATED, -bottom, bottom - top)


def _lines(
    strokes: Sequence[Stroke], stroke_style: StrokeStyle, random: np.random.Generator | None
) -> list[np.ndarray]:
    """Strokes of the table as lines (n, 2) in the hand's slant and width, with small variations."""
    size, turn = np.ones(2), 0.0
    if random is not None:
        size, turn = np.exp(random.normal(0, UNEVENNESS, 2)), np.deg2rad(random.normal(0, SKEW))
    cosine, sine = np.cos(turn), np.sin(turn)
    shear = np.array([[1.0, -stroke_style.slant], [0.0, 1.0]]) @ np.array([[cosine, -sine], [sine, cosine]])
    lines = []
    for stroke in strokes:
        points = stroke.points * size * [stroke_style.width, 1.0]
        if random is not None:
            points = points + SLOPPINESS * wander(random, points.shape)
        points[:, 1] = np.where(points[:, 1] < -1, -1 + (points[:, 1] + 1) * RISE, points[:, 1])
        curve = splines(stroke.points.tobytes(), stroke.sharp.tobytes())[0] @ points if len(points) > 1 else points
        lines.append(curve @ shear.T)
    return lines
