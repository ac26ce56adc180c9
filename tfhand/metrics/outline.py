"""The outlines of a word's ink, to a part of a pixel."""

from __future__ import annotations

import numpy as np
from contourpy import contour_generator

from tfhand.hands.word_sample import WordSample

STEP = 0.05  # x-heights
_EDGE = 0.5  # of the strongest ink


def outlines(word: WordSample, step: float = STEP) -> list[np.ndarray]:
    """Points at equal distances of about a step along each outline, outer and inner ones.

    Args:
        word: whose ink it is.
        step: x-heights.

    Returns:
        float64 (n, 2) each, x right and y up in x-heights; each is closed, its last point lies before its first one.
    """
    found = contour_generator(z=np.pad(word.ink, 1).astype(float)).lines(_EDGE * float(word.ink.max()))
    return [_walked(np.asarray(contour) * (1, -1) / word.x_height, step) for contour in found]


def _walked(outline: np.ndarray, step: float) -> np.ndarray:
    """Points at equal distances along a closed outline (n, 2), whose last point is its first one."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(outline, axis=0).T))])
    count = max(round(along[-1] / step), 1)
    places = np.arange(count) * along[-1] / count
    return np.stack([np.interp(places, along, outline[:, axis]) for axis in (0, 1)], axis=1)
