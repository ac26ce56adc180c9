"""Ink apart from paper: its usual contrast, and the pixels that belong to it."""

from __future__ import annotations

import cv2
import numpy as np

from tfhand.errors import ReadingError

MIN_INK_CONTRAST = 0.12  # a hard pencil has 0.25
ENOUGH = 100_000  # pixels that tell the noise of all
LOW, HIGH = 0.42, 0.62  # limits of hysteresis, as shares of the ink's contrast


def noise_level(values: np.ndarray) -> float:
    """Standard deviation of normal noise, estimated from the median deviation, which a few other values hardly move."""
    some = values.ravel()[:: max(1, values.size // ENOUGH)]
    return 1.4826 * float(np.median(np.abs(some - np.median(some))))


def ink_level(contrast: np.ndarray) -> float:
    """The contrast of well inked strokes.

    Raises:
        ReadingError: nothing on the picture is dark enough, or most of it is dark.
    """
    likely = contrast > max(MIN_INK_CONTRAST, 6 * noise_level(contrast))
    if likely.mean() > 0.5:
        raise ReadingError("Most of the picture is dark; photograph dark ink on light paper.")
    count, labels = cv2.connectedComponents(likely.astype(np.uint8), connectivity=4)
    inside = np.ones(count, bool)
    inside[_border_labels(labels)] = False
    inside[0] = False
    chosen = contrast[inside[labels]]
    if chosen.size < 8:
        chosen = contrast[likely]
    if chosen.size < 8:
        raise ReadingError(
            "There is no ink to be seen on the picture; take the photo in better light or with a darker pen."
        )
    return float(np.percentile(chosen, 85))


def hysteresis(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Regions above `low`, connected by sides or corners, that reach above `high` somewhere: bool of the shape."""
    count, labels = cv2.connectedComponents((values > low).astype(np.uint8), connectivity=8)
    sure = np.zeros(count, bool)
    sure[labels[values > high]] = True
    sure[0] = False
    return sure[labels]


def ink_mask(contrast: np.ndarray, level: float) -> np.ndarray:
    """The pixels of ink, bool of the picture's shape, where well inked strokes have the contrast `level`."""
    return hysteresis(cv2.GaussianBlur(contrast, (0, 0), 0.6), LOW * level, HIGH * level)


def _border_labels(labels: np.ndarray) -> np.ndarray:
    width = max(1, max(labels.shape) // 300)
    sides = labels[:width], labels[-width:], labels[:, :width], labels[:, -width:]
    return np.unique(np.concatenate([side.ravel() for side in sides]))


def border_ink(ink: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """The part of the ink that is connected to the picture's border or to the edge of the paper: bool of its shape.

    Args:
        ink: bool [h, w].
        shown: bool [h, w], the pixels that show paper.
    """
    count, labels = cv2.connectedComponents(ink.astype(np.uint8), connectivity=8)
    touching = np.zeros(count, bool)
    touching[_border_labels(labels)] = True
    if not shown.all():
        hidden = cv2.dilate((~shown).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
        touching[labels[hidden]] = True
    touching[0] = False
    return touching[labels]
