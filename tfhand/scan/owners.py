"""Ink on a page of boxes: what is ink and no print, and which box it belongs to."""

from __future__ import annotations

import cv2
import numpy as np

from tfhand.scan.page import FAINTEST_INK

SHARED = 0.2  # of a piece's ink in boxes: less in a second box is a stroke that ran over
RIM = 0.12  # x-heights along a box's lines: what lies there alone is the end of a neighbour's stroke
OWN = 0.35  # of a piece that lies in boxes at all: less is a thumb or the edge of the paper


def pixels(area: np.ndarray) -> tuple[slice, slice]:
    """The rows and columns of a box, for indexing."""
    top, left, bottom, right = np.rint(area).astype(int)
    return slice(max(top, 0), bottom), slice(max(left, 0), right)


def ink_levels(contrast: np.ndarray, areas: np.ndarray) -> tuple[float | None, float]:
    """The contrast of well inked strokes in the boxes (None without any), and what is darker than all print there."""
    inside = np.concatenate([contrast[pixels(area)].ravel() for area in areas])
    noise = 1.4826 * float(np.median(np.abs(inside - np.median(inside))))
    printed = _print_level(contrast, areas)
    likely = inside[inside > max(FAINTEST_INK, 6 * noise, 1.6 * printed)]
    if likely.size < 8:
        return None, 0.0
    return float(np.percentile(likely, 80)), max(1.3 * printed, 2.5 * noise)


def _print_level(contrast: np.ndarray, areas: np.ndarray) -> float:
    """The contrast of the boxes' own lines: most of their length has no ink on it."""
    around, seen = 3, []
    for area in areas:
        rows, columns = pixels(area)
        for strip in (contrast[max(rows.stop - around, 0) : rows.stop + around, columns],
                      contrast[rows, max(columns.stop - around, 0) : columns.stop + around].T):  # fmt: skip
            if strip.size:
                seen.append(float(np.median(strip.max(axis=0))))
    return float(np.median(seen)) if seen else 0.0


def ink_of(contrast: np.ndarray, level: float, low: float) -> np.ndarray:
    """What is ink, by hysteresis between nearly half and a little over half of its contrast: bool of the page's shape.

    The upper limit is lower than for running lines: an i's dot, blurred, is paler than strokes, and little dirt is seen
    as long as only the boxes are looked at.
    """
    soft = cv2.GaussianBlur(contrast, (0, 0), 0.6)
    count, labels = cv2.connectedComponents((soft > max(0.42 * level, low)).astype(np.uint8), connectivity=8)
    sure = np.zeros(count, bool)
    sure[np.unique(labels[soft > max(0.52 * level, 1.2 * low)])] = True
    sure[0] = False
    return sure[labels]


def owners_of(ink: np.ndarray, areas: np.ndarray, x_height: float) -> np.ndarray:
    """The number of the box from 1 that each pixel of ink belongs to, 0 for none: int32 [h, w].

    A piece of ink goes whole to the box that holds most of it; one that fills two boxes is cut between them.
    """
    count, labels = cv2.connectedComponents(ink.astype(np.uint8), connectivity=8)
    boxes, deep = np.zeros(ink.shape, np.int32), np.zeros(ink.shape, bool)
    for number, area in enumerate(areas, start=1):
        boxes[pixels(area)] = number
        deep[pixels(area + RIM * x_height * np.array([1, 1, -1, -1]))] = True
    rows, columns = np.nonzero(ink)
    pieces, inside = labels[rows, columns], boxes[rows, columns]
    held = np.zeros((count, len(areas) + 1), np.int64)
    np.add.at(held, (pieces, inside), 1)
    held = held[:, 1:]
    most, total = held.max(axis=1, initial=0), held.sum(axis=1)
    foreign = (total <= OWN * np.bincount(pieces, minlength=count)) | ~np.isin(np.arange(count), labels[deep])
    owner = np.where(foreign, 0, held.argmax(axis=1) + 1)
    owners = np.zeros(ink.shape, np.int32)
    owners[rows, columns] = owner[pieces]
    shared = ~foreign & (total - most > SHARED * total)
    if shared.any():
        of_shared = shared[pieces]
        nearest = _nearest(rows[of_shared], columns[of_shared], areas)
        owners[rows[of_shared], columns[of_shared]] = nearest
    return owners


def _nearest(rows: np.ndarray, columns: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """The number from 1 of the box nearest to each pixel."""
    best, nearest = np.full(len(rows), np.inf), np.zeros(len(rows), np.int32)
    for number, (top, left, bottom, right) in enumerate(areas, start=1):
        away = np.maximum(np.maximum(top - rows, rows - bottom), 0) ** 2
        away = away + np.maximum(np.maximum(left - columns, columns - right), 0) ** 2
        closer = away < best
        best[closer], nearest[closer] = away[closer], number
    return nearest
