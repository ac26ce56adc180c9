"""The contour hinge: how the outline of ink bends, a likeness of hands that learns nothing.

Two legs of equal length lie on the outline and meet at a point; the directions in which they go, over all points, are a
histogram that is a writer's own, whatever the text (Bulacu and Schomaker 2007, IEEE PAMI 29, section 4.1).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tfhand.hands.word_sample import WordSample
from tfhand.metrics.outline import STEP, outlines

DIRECTIONS = 36  # in a full turn
LEG = 5  # steps along the outline, a quarter of an x-height


def contour_hinge(words: Iterable[WordSample]) -> np.ndarray:
    """How often the two legs go in which directions, over all outlines of some words.

    Each point counts for the four nearest pairs of directions, in proportion to its nearness, so that few words fill
    the histogram evenly. The two legs are not told apart.

    Returns:
        float64 (DIRECTIONS, DIRECTIONS), symmetric: the number of points; outlines of two legs and less are left out.
    """
    counts = np.zeros((DIRECTIONS, DIRECTIONS))
    for word in words:
        for points in outlines(word, STEP):
            if len(points) > 2 * LEG:
                _count(counts, *(_directions(np.roll(points, turn, axis=0) - points) for turn in (-LEG, LEG)))
    return (counts + counts.T) / 2


def hinge_distance(one: np.ndarray, other: np.ndarray) -> float:
    """The chi-square distance of two histograms: 0 for the same shares, 2 for no pair of directions in common."""
    first, second = (counts / max(counts.sum(), 1e-9) for counts in (one, other))
    both = first + second
    return float(np.sum(np.square(first - second) / np.where(both > 0, both, 1.0)))


def _directions(legs: np.ndarray) -> np.ndarray:
    """Where legs (n, 2) go, counted from the right and upward, in the unit of the bins."""
    return np.arctan2(legs[:, 1], legs[:, 0]) % (2 * np.pi) * DIRECTIONS / (2 * np.pi)


def _count(counts: np.ndarray, first: np.ndarray, second: np.ndarray) -> None:
    """Adds points to a histogram, each to the four bins around its directions."""
    for one in (0, 1):
        for other in (0, 1):
            near = np.abs(1 - one - first % 1) * np.abs(1 - other - second % 1)
            bins = (first.astype(int) + one) % DIRECTIONS, (second.astype(int) + other) % DIRECTIONS
            np.add.at(counts, bins, near)
