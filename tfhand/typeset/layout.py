"""Settings of a page: sizes and gaps, the pen, the paper.

Lengths are in x-heights, pixels only where it says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from tfhand.core.files import MILLIMETRES
from tfhand.typeset.shapes import Change

Paper = Literal["plain", "ruled", "squared"]


@dataclass(frozen=True)
class Layout:
    """Settings of a page.

    Attributes:
        x_height: pixels of an x-height; 48 at 300 dpi are 4 mm.
        dpi: pixels per inch, noted in the saved page.
        width: width of a page in pixels, at which lines wrap; None makes the page as wide as the text.
        height: height of a page in pixels; a longer text takes several pages. None makes the page as high as the text.
        margin, line_pitch: paper around the text, and distance from line to line.
        letter_gap, nearest, word_gap: mean gap between letters, the least gap between their contours, and a space.
        jitter: how much baseline, size, angle, gaps and shapes vary: 0 not at all, 1 as in a calm hand.
        change: changes to the person's slant, width and line.
        ink: colour of the writing, (red, green, blue).
        paper: "plain", "ruled" with a line under each line of writing, or "squared".
        square: side of the squares; the lines of writing stand on them.
    """

    x_height: float = 48
    dpi: int = 300
    width: int | None = None
    height: int | None = None
    margin: float = 1.5
    line_pitch: float = 3.2
    letter_gap: float = 0.26
    nearest: float = 0.14
    word_gap: float = 0.75
    jitter: float = 1.0
    change: Change = field(default_factory=Change)
    ink: tuple[int, int, int] = (0, 0, 0)
    paper: Paper = "plain"
    square: float = 1.6

    @property
    def pitch(self) -> float:
        """Distance from line to line; on squared paper a whole number of squares."""
        if self.paper != "squared":
            return self.line_pitch
        return max(1, round(self.line_pitch / self.square)) * self.square

    def vary(self, random: np.random.Generator, deviation: float) -> float:
        """A small random difference; `deviation` is its standard deviation in a calm hand."""
        return float(np.clip(random.normal(), -2, 2)) * deviation * self.jitter

    def millimetres(self, pixels: float) -> int:
        """Pixels as millimetres in print."""
        return round(pixels / self.dpi * MILLIMETRES)
