"""Pen strokes as trajectories: as many points for every character, shared out evenly among its strokes.

People write one letter in other orders and directions, and its picture does not show which. So the strokes of a
character are put into the order, and turned to the direction, that lies nearest to the character's template.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations, product

import numpy as np

from tfhand.data.archive import Archive

POINTS = 48  # of a trajectory
MOST_STROKES = 6  # of a character; samples with more are left out
_ORDERED = 4  # strokes, up to which all orders and directions are tried
_OWN_WAY = 0.01  # distance that each moved or turned stroke costs: what the writer did is kept where it fits as well
_MEDOIDS, _DRAFT = 40, 300  # samples of a character that a template begins with, and that it is mended by
_TYPICAL = 0.6  # share of the samples, the nearest ones, that make the template


def points_of(count: int, points: int = POINTS) -> list[int]:
    """How many points each of `count` strokes has."""
    return [points // count + (number < points % count) for number in range(count)]


def pen_down_table(points: int = POINTS) -> np.ndarray:
    """Whether the pen draws from each point to the next, by the number of strokes, float32 (strokes, points - 1)."""
    table = np.ones((MOST_STROKES + 1, points - 1), np.float32)
    for count in range(1, MOST_STROKES + 1):
        table[count, np.cumsum(points_of(count, points))[:-1] - 1] = 0
    return table


def split_strokes(points: np.ndarray, count: int) -> list[np.ndarray]:
    """The strokes (n, 2) of a trajectory (points, 2) of `count` strokes."""
    return np.split(points, np.cumsum(points_of(count, len(points)))[:-1])


def resample(stroke: np.ndarray, points: int) -> np.ndarray:
    """A stroke (n, 2) as points at equal distances along it, float32 (points, 2)."""
    stroke = np.asarray(stroke, np.float32)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(stroke, axis=0).T))])
    at = np.linspace(0, along[-1], points)
    return np.stack([np.interp(at, along, stroke[:, axis]) for axis in range(2)], axis=1).astype(np.float32)


def box_normalized(points: np.ndarray) -> np.ndarray:
    """Points (n, 2) with the centre of their box at the origin and its longest side 1."""
    low, high = points.min(axis=0), points.max(axis=0)
    return (points - (low + high) / 2) / max(float((high - low).max()), 1e-6)


@dataclass(frozen=True, eq=False)
class Trajectories:
    """The characters of an archive as trajectories.

    Attributes:
        points: float32 (n, POINTS, 2), x right and y down, the box's centre at the origin and its longest side 1.
        counts: int32 (n,), strokes of each; 0 where there are more than MOST_STROKES, which have no points.
    """

    points: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(cls, archive: Archive, seed: int = 0) -> Trajectories:
        """All characters of an archive of pen strokes.

        Args:
            archive: of pen strokes.
            seed: of the samples that templates begin with.
        """
        rng = np.random.default_rng(seed)
        points = np.zeros((len(archive), POINTS, 2), np.float32)
        counts = np.zeros(len(archive), np.int32)
        for label in np.unique(archive.labels):
            members = [int(index) for index in np.flatnonzero(archive.labels == label)]
            strokes = [_resampled(archive.strokes(index)) for index in members]
            kept = [number for number, own in enumerate(strokes) if own]
            if not kept:
                continue
            chosen = np.array(members)[kept]
            points[chosen] = _in_one_order([strokes[number] for number in kept], rng)
            counts[chosen] = [len(strokes[number]) for number in kept]
        return cls(points, counts)


def _resampled(strokes: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The strokes with their share of the points; none where there are too many."""
    if len(strokes) > MOST_STROKES:
        return []
    flat = box_normalized(np.concatenate(strokes).astype(np.float32))
    parts = np.split(flat, np.cumsum([len(stroke) for stroke in strokes])[:-1])
    return [resample(part, count) for part, count in zip(parts, points_of(len(parts)), strict=True)]


def _in_one_order(samples: Sequence[list[np.ndarray]], rng: np.random.Generator) -> np.ndarray:
    """Samples of one character, each ordered and turned as the template is, (n, POINTS, 2)."""
    usual = np.bincount([len(sample) for sample in samples]).argmax()
    alike = [number for number, sample in enumerate(samples) if len(sample) == usual]
    some = np.stack([np.concatenate(samples[number]) for number in rng.permutation(alike)[:_MEDOIDS]])
    apart = np.abs(some[:, None] - some[None]).sum(axis=3).mean(axis=2)
    template = some[np.median(apart, axis=1).argmin()]
    draft = [samples[number] for number in rng.permutation(len(samples))[:_DRAFT]]
    for group in (draft, samples):
        found = [_nearest_order(sample, template) for sample in group]
        ordered, distances = np.stack([each for each, _ in found]), np.array([distance for _, distance in found])
        template = np.median(ordered[distances <= np.quantile(distances, _TYPICAL)], axis=0)
    return ordered


def _nearest_order(strokes: list[np.ndarray], template: np.ndarray) -> tuple[np.ndarray, float]:
    """The trajectory (POINTS, 2) nearest to the template in any order and direction, and its distance."""
    ways, costs = _ways(len(strokes))
    tried = np.stack([np.concatenate([strokes[at][::step] for at, step in way]) for way in ways])
    distances = np.abs(tried - template).sum(axis=2).mean(axis=1)
    best = int(np.argmin(distances + costs))
    return tried[best], float(distances[best])


@lru_cache
def _ways(count: int) -> tuple[list[list[tuple[int, int]]], np.ndarray]:
    """Orders and directions to try for so many strokes, and what each of them costs."""
    own = tuple(range(count))
    orders = list(permutations(own)) if count <= _ORDERED else [own]
    steps = [each for each in product((1, -1), repeat=count) if count <= _ORDERED or each.count(-1) <= 1]
    ways = [(order, turned) for order in orders for turned in steps]
    moved = [sum(a != b for a, b in zip(order, own, strict=True)) + turned.count(-1) for order, turned in ways]
    return [list(zip(order, turned, strict=True)) for order, turned in ways], _OWN_WAY * np.array(moved)
