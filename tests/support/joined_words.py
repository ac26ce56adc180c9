"""Joined writing whose joins are known: loops of one running line, as in eee and lel."""

from __future__ import annotations

import cv2
import numpy as np

from tfhand.hands.word_sample import WordSample

X_HEIGHT, BASELINE, STEP, LEFT = 40, 130, 46, 30  # pixels
_TALL = {"e": 1.0, "l": 2.2}  # x-heights


def joined_ink(text: str, slant: float = 0.0) -> np.ndarray:
    """A word of e and l in one line of the pen, uint8 (180, w), white on black; each letter is `STEP` wide."""
    turns = np.linspace(0, 2 * np.pi, 80)
    across, up = [], []
    for place, letter in enumerate(text):
        across.append(LEFT + STEP * (place + turns / (2 * np.pi)) + 0.3 * STEP * np.sin(turns))
        up.append(_TALL[letter] * X_HEIGHT * (1 - np.cos(turns)) / 2)
    x, y = np.concatenate(across), np.concatenate(up)
    points = np.stack([x + slant * y, BASELINE - y], axis=1)
    canvas = np.zeros((180, 2 * LEFT + STEP * len(text) + 60), np.uint8)
    cv2.polylines(canvas, [np.rint(points * 16).astype(np.int32)], False, 255, 5, cv2.LINE_AA, 4)
    return canvas


def joined_word(text: str = "lele", slant: float = 0.0, **facts) -> WordSample:
    """The same with its true cuts."""
    cuts = [LEFT + STEP * place for place in range(1, len(text))]
    return WordSample(text, joined_ink(text, slant), BASELINE, X_HEIGHT, cuts, slant, **facts)
