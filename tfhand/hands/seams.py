"""Seams through a picture of ink from top to bottom: where two letters that touch are told apart.

A seam is the way of least ink near a line (seam carving, Avidan and Shamir 2007, ACM Transactions on Graphics 26).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy import ndimage

REACH = 0.3  # x-heights to each side of the line
_LONGING = 0.15  # of full ink: what a row costs at the end of the reach


def seam_of_least_ink(ink: np.ndarray, line: np.ndarray, x_height: float) -> np.ndarray:
    """The columns of a seam near a line.

    Args:
        ink: uint8 (h, w), white ink on black.
        line: float (h,), the column at which the line runs through each row; it may lie outside the picture.
        x_height: pixels.

    Returns:
        int (h,), from 0 to w: ink from this column on lies right of the seam. From row to row it moves along with the
        line, and by one column besides at most.
    """
    high, wide = ink.shape
    reach = max(1, round(REACH * x_height))
    offsets = np.arange(-reach, reach + 1)
    columns = np.rint(line).astype(int)[:, None] + offsets  # (h, 2 reach + 1)
    padded = np.pad(ink.astype(float) / 255, ((0, 0), (1, 1)))
    beside = np.clip(columns, 0, wide)
    cost = np.maximum(padded[np.arange(high)[:, None], beside], padded[np.arange(high)[:, None], beside + 1])
    cost += _LONGING * np.square(offsets / reach)
    total = cost.copy()
    for above, row in pairwise(total):
        best = above.copy()
        np.minimum(best[1:], above[:-1], out=best[1:])
        np.minimum(best[:-1], above[1:], out=best[:-1])
        row += best
    seam = np.zeros(high, int)
    place = int(total[-1].argmin())
    for row in reversed(range(high)):
        first = max(place - 1, 0)
        place = first + int(total[row, first : place + 2].argmin()) if row < high - 1 else place
        seam[row] = beside[row, place]
    return seam


def rising(places: np.ndarray, least: float) -> tuple[float, ...]:
    """The same places (n,), each at least so much after the one before."""
    steps = least * np.arange(len(places))
    return tuple((np.maximum.accumulate(places - steps) + steps).tolist())


def crossings(ink: np.ndarray, seam: np.ndarray) -> list[float]:
    """The rows, from the top, at whose middle ink runs across a seam without a break."""
    wide = ink.shape[1]
    level = 0.35 * float(ink.max(initial=0))
    inner = (seam > 0) & (seam < wide)
    rows = np.arange(len(seam))
    joined = np.zeros(len(seam), bool)
    joined[inner] = np.minimum(ink[rows[inner], seam[inner] - 1], ink[rows[inner], seam[inner]]) > level
    labels, count = ndimage.label(joined)
    return [float(np.flatnonzero(labels == number).mean()) + 0.5 for number in range(1, count + 1)]
