"""The slant of running writing: at which its longest unbroken strokes are upright."""

from __future__ import annotations

import numpy as np

SLANTS = np.linspace(-0.5, 1.1, 33)  # x gained for each unit of height
USUAL, SPREAD = 0.15, 0.6  # prior mean and standard deviation
POWER = 2.5  # of runs: longer ones count more
ROWS = 150  # to which large writing is thinned


def running_slant(ink: np.ndarray) -> float:
    """The slant at which columns hold the longest runs of ink, as x gained for each unit of height.

    The lines that join letters are slanted otherwise than the letters' stems, which mislead measures of all ink; stems
    are longer without a break. After A. Vinciarelli and J. Luettin, A new normalization technique for cursive
    handwritten words, Pattern Recognition Letters 22 (2001), section 3.

    Args:
        ink: bool (h, w).
    """
    step = 1 + len(ink) // ROWS
    small = ink[::step, ::step]
    score = np.array([np.power(_longest_runs(_sheared(small, slant)), POWER).sum() for slant in SLANTS])
    score = np.log(np.maximum(score, 1e-9)) - 0.5 * np.square((SLANTS - USUAL) / SPREAD)
    return float(SLANTS[score.argmax()]) if small.any() else 0.0


def _sheared(ink: np.ndarray, slant: float) -> np.ndarray:
    """Ink with a slant taken out, bool (h, w')."""
    shifts = np.rint(slant * np.arange(len(ink))).astype(int)
    shifts -= shifts.min()
    upright = np.zeros((len(ink), ink.shape[1] + int(shifts.max())), bool)
    for row, shift in enumerate(shifts):
        upright[row, shift : shift + ink.shape[1]] = ink[row]
    return upright


def _longest_runs(ink: np.ndarray) -> np.ndarray:
    """The length of the longest run of ink in each column, float (w,)."""
    run = np.zeros(ink.shape[1])
    longest = run.copy()
    for row in ink:
        run = (run + 1) * row
        longest = np.maximum(longest, run)
    return longest
