"""Curves of a pen: a notation for strokes, splines through their points, corners cut by haste, smooth noise on a line.

In the notation a form is its strokes with "|" between them, a stroke the points "x,y" that the pen passes: x to the
right, y above the baseline, the x-height being 10. The line through them is smooth except at a point marked "!", where
it turns sharply. "<" before a stroke is its head, ">" after it its foot. One point alone is a dot.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

X_HEIGHT = 10.0  # in the units of the notation
STEP = 0.07  # x-heights between two points along a stroke


class Stroke(NamedTuple):
    """One stroke of a form: points float64 of shape (n, 2) in x-heights, y down; sharp bool (n,); head, foot."""

    points: np.ndarray
    sharp: np.ndarray
    head: bool
    foot: bool


def form(notation: str) -> tuple[Stroke, ...]:
    """The strokes of a form."""
    return tuple(map(_stroke, notation.split("|")))


def _stroke(line: str) -> Stroke:
    words = line.split()
    places = [word for word in words if word not in "<>"]
    points = np.array([[float(number) for number in place.rstrip("!").split(",")] for place in places])
    sharp = np.array([place.endswith("!") for place in places])
    return Stroke(points * [1, -1] / X_HEIGHT, sharp, words[0] == "<", words[-1] == ">")


@lru_cache(maxsize=4096)
def splines(control: bytes, sharp: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Matrices (points of the line, control points) of a Catmull-Rom spline with sharp points, and of straight lines.

    Centripetal knots, which make no cusps or loops of their own (Yuksel, Schaefer and Keyser, Parameterization and
    applications of Catmull-Rom curves, 2011). Made from the table's points, they serve all draws of a stroke.

    Args:
        control: bytes of float64 [n, 2], so that the matrices are remembered.
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
    for index in range(count - 1):  # an end bends on as its segment does
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
    """Noise of standard deviation 1 along the last axis but one, its neighbours alike."""
    noise = random.normal(size=(*shape[:-2], shape[-2] + 2, shape[-1]))
    return (noise[..., :-2, :] + 2 * noise[..., 1:-1, :] + noise[..., 2:, :]) / np.sqrt(6)


@lru_cache(maxsize=512)
def shake_basis(count: int) -> np.ndarray:
    """Matrix (points, waves) of a shake: cubic B-splines, as long as a tremor of some 8 Hz at the speed of writing."""
    at = np.arange(count)[:, None] / 4.0
    away = np.abs(at - np.arange(-1, np.ceil(count / 4.0) + 2))
    near = 2 / 3 - away**2 + away**3 / 2
    return 1.5 * np.where(away < 1, near, np.clip(2 - away, 0, None) ** 3 / 6)


def cut_corners(points: np.ndarray, haste: float) -> np.ndarray:
    """Lines of shape (count, n, 2) smoothed along n by a Gaussian of `haste` points, their ends kept where they are."""
    reach = min(round(3 * haste), points.shape[1] - 1)
    if reach < 1:
        return points
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / haste) ** 2)
    head = 2 * points[:, :1] - points[:, reach:0:-1]
    tail = 2 * points[:, -1:] - points[:, -2 : -reach - 2 : -1]
    padded = np.concatenate([head, points, tail], axis=1)
    smooth = sum(weight * padded[:, tap : tap + points.shape[1]] for tap, weight in enumerate(weights))
    return smooth / weights.sum()
