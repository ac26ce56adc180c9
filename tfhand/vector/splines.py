"""The path of a pen: a notation for strokes, splines through points, corners cut in haste, smooth noise along a line.

In the notation, "|" separates strokes. A stroke is the points "x,y" on the path of the pen: x to the right, y above the
baseline, with an x-height of 10. The line through them is smooth except at a point followed by "!", where it turns
sharply. "<" before a stroke stands for its head, ">" after it for its foot. A single point is a dot.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

X_HEIGHT = 10.0  # in the units of the notation
STEP = 0.07  # x-heights between two points along a stroke


class Stroke(NamedTuple):
    """One stroke: points float64 (n, 2) in x-heights, y down; sharp bool (n,); whether it has a head, and a foot."""

    points: np.ndarray
    sharp: np.ndarray
    head: bool
    foot: bool


def parse_strokes(notation: str) -> tuple[Stroke, ...]:
    """The strokes that a line in the notation describes."""
    return tuple(map(_stroke, notation.split("|")))


def _stroke(line: str) -> Stroke:
    words = line.split()
    places = [word for word in words if word not in "<>"]
    points = np.array([[float(number) for number in place.rstrip("!").split(",")] for place in places])
    sharp = np.array([place.endswith("!") for place in places])
    return Stroke(points * [1, -1] / X_HEIGHT, sharp, words[0] == "<", words[-1] == ">")


@lru_cache(maxsize=4096)
def splines(control: bytes, sharp: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Two matrices (points of the line, control points): of a Catmull-Rom spline with sharp points, of straight lines.

    The knots are centripetal, which adds no cusps or loops (Yuksel, Schaefer and Keyser, Parameterization and
    applications of Catmull-Rom curves, 2011). The matrices of a stroke's usual points serve all its random variations.

    Args:
        control: bytes of float64 [n, 2]; bytes can be a key of the cache.
        sharp: bytes of bool [n], where the line turns sharply.
    """
    points = np.frombuffer(control).reshape(-1, 2)
    corner = np.frombuffer(sharp, bool)
    count = len(points)
    length = np.maximum(np.hypot(*np.diff(points, axis=0).T), 1e-3)
    knot = np.sqrt(length)
    unit = np.eye(count)
    chord = (unit[1:] - unit[:-1]) / knot[:, None]  # slope of each segment
    leaving, arriving = chord.copy(), chord.copy()  # tangents at its two ends
    for index in range(1, count - 1):
        if not corner[index]:
            before, after = knot[index - 1], knot[index]
            tangent = (chord[index] * before + chord[index - 1] * after) / (before + after)
            arriving[index - 1] = leaving[index] = tangent
    for index in range(count - 1):  # an end continues the bend of its segment
        if index == 0 or corner[index]:
            leaving[index] = 1.5 * chord[index] - 0.5 * arriving[index]
        if index == count - 2 or corner[index + 1]:
            arriving[index] = 1.5 * chord[index] - 0.5 * leaving[index]
    curved, straight = [unit[:1]], [unit[:1]]
    for index in range(count - 1):
        t = np.linspace(0, 1, max(2, int(np.ceil(length[index] / STEP))) + 1)[1:, None]
        ends = (1 - t) * unit[index] + t * unit[index + 1]
        slack = (leaving[index] - chord[index]) * (1 - t) - (arriving[index] - chord[index]) * t
        curved.append(ends + t * (1 - t) * knot[index] * slack)  # cubic Hermite, written around the chord
        straight.append(ends)
    return np.concatenate(curved), np.concatenate(straight)


def wander(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Smooth noise of standard deviation 1: values next to each other on the last axis but one are similar."""
    noise = random.normal(size=(*shape[:-2], shape[-2] + 2, shape[-1]))
    return (noise[..., :-2, :] + 2 * noise[..., 1:-1, :] + noise[..., 2:, :]) / np.sqrt(6)


@lru_cache(maxsize=512)
def shake_basis(count: int) -> np.ndarray:
    """Matrix (points, waves) of a tremor: cubic B-splines as long as a tremor of 8 Hz at the usual speed of writing."""
    at = np.arange(count)[:, None] / 4.0
    away = np.abs(at - np.arange(-1, np.ceil(count / 4.0) + 2))
    near = 2 / 3 - away**2 + away**3 / 2
    return 1.5 * np.where(away < 1, near, np.clip(2 - away, 0, None) ** 3 / 6)


def cut_corners(points: np.ndarray, haste: float) -> np.ndarray:
    """Lines (count, n, 2) smoothed along n by a Gaussian of `haste` points; their ends stay in place."""
    reach = min(round(3 * haste), points.shape[1] - 1)
    if reach < 1:
        return points
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / haste) ** 2)
    head = 2 * points[:, :1] - points[:, reach:0:-1]
    tail = 2 * points[:, -1:] - points[:, -2 : -reach - 2 : -1]
    padded = np.concatenate([head, points, tail], axis=1)
    smooth = sum(weight * padded[:, tap : tap + points.shape[1]] for tap, weight in enumerate(weights))
    return smooth / weights.sum()
