"""Where the lines of a text lie on a page of running writing: divided where there is little ink between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy import ndimage

from tfhand.core.charset import stroke_length
from tfhand.scan.image.components import Component
from tfhand.scan.line.text_lines import SKIP

BINS = 360  # rows of the page that are told apart
CROSSED = 6.0  # cost of dividing lines at a row with as much ink as the fullest
INK_SPREAD = 0.3, 0.01  # standard deviation of a line's ink: as a share of it, and of all ink besides
SKIPPED_SPREAD = 0.5  # of the ink of what is not to be read
OWN = 0.75  # share of connected ink that lies in one line; where less does, it is divided between lines


def divide_rows(rows: np.ndarray, texts: Sequence[str]) -> list[int]:
    """The rows at which lines end, the last one with the page: one for each text.

    Args:
        rows: float (h,), the ink in each row of a level page; some of it not 0.
        texts: from top to bottom; `SKIP` has any amount of ink.
    """
    height = len(rows)
    bins = min(BINS, height)
    profile = np.bincount(np.arange(height) * bins // height, rows.astype(float), bins)
    profile = ndimage.gaussian_filter1d(profile, bins / BINS)
    profile /= profile.sum()
    lengths = np.array([sum(map(stroke_length, "".join(text.split()))) for text in texts])
    skipped = np.array([text == SKIP for text in texts])
    lengths[skipped] = np.mean(lengths[~skipped])
    shares = lengths / lengths.sum()
    spreads = np.where(skipped, SKIPPED_SPREAD, INK_SPREAD[0] * shares + INK_SPREAD[1])
    above = np.concatenate([[0.0], np.cumsum(profile)])  # (bins + 1,)
    band = above[None, :] - above[:, None]  # (from, to)
    after = np.arange(bins + 1)[:, None] < np.arange(bins + 1)
    crossed = CROSSED * np.concatenate([profile, [0.0]]) / np.percentile(profile, 95)
    best = np.where(np.arange(bins + 1) == 0, 0.0, np.inf)
    came = []
    for share, spread in zip(shares, spreads, strict=True):
        cost = best[:, None] + 0.5 * np.square((band - share) / spread)
        cost = np.where(after, cost, np.inf)
        came.append(cost.argmin(axis=0))
        best = cost.min(axis=0) + crossed
    ends = [bins]
    for first in reversed(came[1:]):
        ends.insert(0, int(first[ends[0]]))
    return [-(-end * height // bins) for end in ends]


def running_lines(components: Sequence[Component], texts: Sequence[str]) -> tuple[list[Component], np.ndarray]:
    """The components, divided where they reach from one line into the next, and the line of each: int (n,).

    Args:
        components: of a level page, at least one.
        texts: see `divide_rows`.
    """
    return parted(components, divide_rows(ink_rows(components), texts))


def ink_rows(components: Sequence[Component]) -> np.ndarray:
    """The pixels of ink in each row of a page, down to the last one with ink: int (h,)."""
    return np.bincount(np.concatenate([one.rows for one in components]))


def parted(components: Sequence[Component], ends: Sequence[int]) -> tuple[list[Component], np.ndarray]:
    """The components, divided where much of them reaches over a row at which a line ends, and the line of each."""
    parts, lines = [], []
    for one in components:
        line_of = np.minimum(np.searchsorted(ends, one.rows, side="right"), len(ends) - 1)
        counts = np.bincount(line_of)
        if counts.max() >= OWN * len(one.rows):
            line_of[:] = counts.argmax()
        for number in np.unique(line_of).tolist():
            own = line_of == number
            parts.append(replace(one, rows=one.rows[own], columns=one.columns[own]))
            lines.append(number)
    return parts, np.array(lines)
