"""Joined writing whose joins are known: loops of one running line, as in eee and lel."""

from __future__ import annotations

import cv2
import numpy as np

from tfhand.hands.word_sample import WordSample

X_HEIGHT, BASELINE, STEP, LEFT = 40, 130, 46, 30  # pixels
_TALL = {"e": 1.0, "l": 1.8}  # x-heights


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


def joined_page(lines: str, slope: float = 0.0, pitch: int = 150, space: int = 70) -> tuple[np.ndarray, np.ndarray]:
    """Words of e and l on paper, line by line: a picture uint8 (H, W), dark on light, and the box of each letter.

    Args:
        lines: what it says.
        slope: fall by run.
        pitch, space: pixels from line to line, and between words.

    Returns:
        the picture, and float (letters, 2): left and right of each letter's part of the line of the pen.
    """
    rows, places = [], []
    for line in lines.splitlines():
        x, words = 60, []
        for word in line.split():
            places += [(x + STEP * k, x + STEP * (k + 1)) for k in range(len(word))]
            words.append((x - LEFT, joined_ink(word)))
            x += STEP * len(word) + space
        rows.append(words)
    width = 60 + max(left + ink.shape[1] for words in rows for left, ink in words)
    page = np.zeros((pitch * len(rows) + 140, width), np.uint8)
    for number, words in enumerate(rows):
        for left, ink in words:
            part = page[20 + pitch * number :][: len(ink), left : left + ink.shape[1]]
            np.maximum(part, ink, out=part)
    turn = np.array([[1.0, 0, 0], [slope, 1, -slope * width / 2]])
    return 250 - (cv2.warpAffine(page, turn, page.shape[::-1]) * 0.85).astype(np.uint8), np.array(places, float)
