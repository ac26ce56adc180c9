"""The overall shape of written words: how they lean, how wide they run, how far they reach up and down."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.optimize import minimize_scalar

from tfhand.hands.word_sample import SLANTS, WordSample
from tfhand.metrics.outline import outlines

ASCENDERS, DESCENDERS = "bdfhkl", "gjpqy"


def slant(words: Iterable[WordSample]) -> float:
    """The lean of some words of one hand: x gained for each unit of height; positive leans right.

    It is the shear that must be taken away for the outlines to be shortest, as those of a rectangle are when it stands
    upright. Words that are sheared by s lean by s more.
    """
    steps = [np.diff(points, axis=0, append=points[:1]) for word in words for points in outlines(word)]
    across, up = np.concatenate(steps).T

    def length(shear: float) -> float:
        return float(np.hypot(across - shear * up, up).sum())

    return float(minimize_scalar(length, bounds=SLANTS, method="bounded", options={"xatol": 1e-4}).x)


def advance(word: WordSample) -> float:
    """The width of a word's ink for each letter, in x-heights."""
    return (word.ink.shape[1] - 2) / word.x_height / len(word.text)


def ascent(word: WordSample) -> float:
    """How far a word reaches over its baseline in x-heights; nan without a letter that has an ascender."""
    if not set(word.text) & set(ASCENDERS):
        return float("nan")
    return (word.baseline - 1) / word.x_height


def descent(word: WordSample) -> float:
    """How far a word reaches under its baseline in x-heights; nan without a letter that has a descender."""
    if not set(word.text) & set(DESCENDERS):
        return float("nan")
    return (word.ink.shape[0] - 1 - word.baseline) / word.x_height
