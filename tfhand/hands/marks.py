"""Dots of an i and bars of a t that stand over the letter beside their own."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import decomposition

import cv2
import numpy as np

from tfhand.hands.glyph import INK_LEVEL

DOTTED, CROSSED = "ij", "tTfF"
_LOWEST = 0.9  # x-heights over the writing line, above which a mark stands
_TALLEST, _DOT = 0.7, 0.6  # x-heights: a taller island is no mark; a broader mark is a bar
_FARTHEST = 1.5  # x-heights that a mark stands from the middle of its letter
_ROOM = 2  # pixels around a mark that go with it


def with_drifted_marks(owners: np.ndarray, ink: np.ndarray, text: str, baseline: float, x_height: float) -> np.ndarray:
    """The letters to which pixels belong, where a mark of its own belongs to the nearest letter that has such a mark.

    Args:
        owners: int (h, w), the place in the text of each pixel's letter as seams tell them apart.
        ink: uint8 (h, w), white ink on black.
        text: the letters.
        baseline: rows from the top down to the writing line.
        x_height: pixels.

    Returns:
        the same, changed around such marks.
    """
    marked = [place for place, letter in enumerate(text) if letter in DOTTED + CROSSED or _has_accent(letter)]
    count, islands, boxes, _ = cv2.connectedComponentsWithStats((ink > INK_LEVEL * ink.max()).astype(np.uint8))
    if not marked or count <= 2:
        return owners
    found = owners.copy()
    for number in range(1, count):
        left, top, wide, high, _ = boxes[number].tolist()
        if baseline - (top + high) < _LOWEST * x_height or high > _TALLEST * x_height:
            continue
        row = top + high // 2
        place = _nearest(owners[row], left + wide / 2, _likely(text, marked, wide > _DOT * x_height), x_height)
        here = int(np.bincount(owners[islands == number]).argmax())
        if place is None or here == place or not (text[here].islower() or here in marked):
            continue
        kernel = np.ones((2 * _ROOM + 1, 2 * _ROOM + 1), np.uint8)
        found[cv2.dilate((islands == number).astype(np.uint8), kernel) > 0] = place
    return found


def _has_accent(letter: str) -> bool:
    return bool(decomposition(letter)) and letter.isalpha()


def _likely(text: str, marked: Sequence[int], broad: bool) -> list[int]:
    """The letters that a dot or a bar belongs to: those that have one, or else all that have a mark."""
    return [place for place in marked if (text[place] in CROSSED) == broad] or list(marked)


def _nearest(owners: np.ndarray, column: float, places: Sequence[int], x_height: float) -> int | None:
    """The letter in whose columns of one row a mark stands, or the nearest to it; None if none is near."""
    spans = {place: np.flatnonzero(owners == place) for place in places}
    away = {place: max(span[0] - column, column - span[-1], 0.0) for place, span in spans.items() if len(span)}
    place = min(away, key=away.__getitem__, default=None)
    return place if place is not None and away[place] <= _FARTHEST * x_height else None
