"""Which ink of a line is which word of its text: the likeliest division of the ink between gaps.

Ink from left to right is divided into one run for each word, so that gaps between words are wide, gaps within words are
narrow, and each word is about as wide as its letters; dynamic programming finds the cheapest division. Costs are like
negative log-likelihoods.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from tfhand.core.charset import geometry
from tfhand.scan.image.components import Component
from tfhand.scan.line.geometry import huber

BETWEEN = 0.2  # x-heights between the letters of a word, where they do not touch
WIDTH_SPREAD = 0.22  # of the logarithm of a word's width beside its letters' usual widths
GAP_SPREAD, CLEAR = 0.35, 0.25  # of the logarithm of a gap, and how far from the limit it costs nothing
LIMITS = 0.35, 1.6  # x-heights: where the limit between the two kinds of gaps may lie
SMALL = 0.45  # x-heights: dots, commas and specks, which join the word next to them
FAR = 1.2  # x-heights: a small piece farther from every word belongs to none
MOST_COST = 6.0  # of a word on average; where words cost more, the text is another one
ROUNDS = 3  # of the search for the person's usual width


def usual_width(word: str) -> float:
    """The usual width of a written word in x-heights."""
    return sum(geometry(character).width for character in word) + BETWEEN * (len(word) - 1)


def match_words(components: Sequence[Component], words: Sequence[str], x_height: float) -> list[list[Component]]:
    """The components of each word, in the order of the text; empty where no division is likely.

    Args:
        components: of one line, in any order.
        words: the words of its text.
        x_height: pixels.
    """
    runs = runs_of([one for one in components if one.longest_side >= SMALL * x_height])
    small = [one for one in components if one.longest_side < SMALL * x_height]
    if len(runs) < len(words):  # a word may be nothing but a dot or a dash
        runs, small = runs_of(components), []
    if len(runs) < len(words):
        return []
    edges = np.array([(min(one.left_edge for one in run), max(one.right_edge for one in run)) for run in runs])
    ends = _divided(edges / x_height, np.array([usual_width(word) for word in words]))
    if ends is None:
        return []
    found = [[*chain.from_iterable(runs[start:end])] for start, end in zip([0, *ends], ends, strict=False)]
    for one in small:
        away = [_distance(one, word) for word in found]
        if min(away) < FAR * x_height:
            found[int(np.argmin(away))].append(one)
    return found


def runs_of(components: Sequence[Component], gap: float = 0.0) -> list[list[Component]]:
    """Components from left to right, divided where so many pixels without ink are between them, or more."""
    runs: list[list[Component]] = []
    end = -np.inf
    for one in sorted(components, key=lambda one: one.left_edge):
        if one.left_edge < end + gap:
            runs[-1].append(one)
        else:
            runs.append([one])
        end = max(end, one.right_edge)
    return runs


def _divided(edges: np.ndarray, usual: np.ndarray) -> list[int] | None:
    """Where each word ends among runs of ink, or None where no division is likely.

    Args:
        edges: float (n, 2), left and right of the runs in x-heights.
        usual: float (words,), the usual widths.
    """
    count, words = len(edges), len(usual)
    gaps = np.maximum(edges[1:, 0] - edges[:-1, 1], 0.02)
    order = np.sort(gaps)[::-1]
    limit = np.sqrt(order[words - 2] * order[words - 1]) if 1 < words < count else 1.0
    away = np.log(gaps / np.clip(limit, *LIMITS)) / GAP_SPREAD
    clear = CLEAR / GAP_SPREAD
    inside, outside = huber(np.maximum(away + clear, 0)), huber(np.maximum(clear - away, 0))
    within = np.concatenate([[0.0], np.cumsum(inside)])  # of the gaps before each run
    wide = edges[None, :, 1] - edges[:, None, 0]  # (first, last)
    stretch = float(np.log((np.ptp(edges) - gaps[away > 0].sum()) / usual.sum()))
    ends: list[int] = []
    total = np.inf
    for _ in range(ROUNDS):
        total, ends = _cheapest(np.log(np.maximum(wide, 0.05)) - stretch, np.log(usual), within, outside)
        starts = np.array([0, *ends[:-1]])
        stretch = float(np.median(np.log(wide[starts, np.array(ends) - 1] / usual)))
    return ends if total < MOST_COST * words else None


def _cheapest(wide: np.ndarray, usual: np.ndarray, within: np.ndarray, outside: np.ndarray) -> tuple[float, list[int]]:
    """The cost of the cheapest division, and where its words end.

    Args:
        wide: float (n, n), the logarithm of the width from one run to another.
        usual: float (words,), that of the usual widths.
        within: float (n,), the cost of all gaps before each run as gaps within a word.
        outside: float (n - 1,), of each gap as one between words.
    """
    count = len(wide)
    after = np.triu(np.ones((count, count), bool))
    best = np.full(count + 1, np.inf)
    best[0] = 0.0  # (runs so far)
    came = []
    for number, width in enumerate(usual):
        begin = best[:-1] + np.concatenate([[0.0], outside if number else np.full(count - 1, np.inf)])
        own = huber((wide - width) / WIDTH_SPREAD) + within[None, :] - within[:, None]
        cost = np.where(after, begin[:, None] + own, np.inf)
        came.append(cost.argmin(axis=0))
        best = np.concatenate([[np.inf], cost.min(axis=0)])
    ends = [count]
    for first in reversed(came[1:]):
        ends.insert(0, int(first[ends[0] - 1]))
    return float(best[count]), ends


def _distance(one: Component, word: Sequence[Component]) -> float:
    """Pixels between the box of a component and the nearest one of a word."""
    top, left, bottom, right = one.box
    boxes = np.array([each.box for each in word])
    across = np.maximum(np.maximum(boxes[:, 1] - right, left - boxes[:, 3]), 0)
    down = np.maximum(np.maximum(boxes[:, 0] - bottom, top - boxes[:, 2]), 0)
    return float(np.hypot(across, down).min())
