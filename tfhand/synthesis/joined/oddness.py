"""How unlike a person's other writings of a letter one of them is: where a letter was not found well, it is odd."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import cv2
import numpy as np
from scipy.spatial.distance import cdist

from tfhand.hands.word_sample import WordSample
from tfhand.synthesis.joined.pieces import has_sound_letters

UNIT, ABOVE, HIGH, WIDE = 10, 24, 38, 36  # pixels: an x-height, rows over the writing line, and the sides of a picture
BLUR = 1.2  # pixels: so much out of place does not count for much
FEWEST = 4  # writings of a letter that are compared
LIKE = 0.25  # share of the others that a writing need be like: people have more than one form of a letter


def oddness(words: Sequence[WordSample]) -> dict[tuple[int, int], float]:
    """For letters of words how far they are from the nearest writings of the same letter.

    Returns:
        by the word's id and the letter's place: the distance over the middle distance of this letter's writings. Only
        of letters that are sound and that are there several times.
    """
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    pictures: dict[str, list[np.ndarray]] = defaultdict(list)
    for word in words:
        for place, (letter, sound) in enumerate(zip(word.text, has_sound_letters(word), strict=True)):
            if sound:
                found[letter].append((id(word), place))
                pictures[letter].append(_picture(word, place))
    odd: dict[tuple[int, int], float] = {}
    for letter, places in found.items():
        if len(places) >= FEWEST:
            away = np.sort(cdist(*[np.stack(pictures[letter])] * 2), axis=1)[:, 1:]
            nearest = away[:, : max(1, round(LIKE * len(away)))].mean(axis=1)
            odd |= dict(zip(places, (nearest / max(float(np.median(nearest)), 1e-6)).tolist(), strict=True))
    return odd


def _picture(word: WordSample, place: int) -> np.ndarray:
    """A letter on the writing line as a small picture, (HIGH * WIDE,)."""
    ink, _ = word.piece(place, place + 1)
    scale = UNIT / word.x_height
    inked = np.flatnonzero(ink.max(axis=0) > 0)
    middle = (inked[0] + inked[-1] + 1) / 2 * scale
    small = cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    shift = np.array([[1.0, 0.0, WIDE / 2 - middle], [0.0, 1.0, ABOVE - word.baseline * scale]])
    placed = cv2.warpAffine(small.astype(np.float32) / 255, shift, (WIDE, HIGH))
    return cv2.GaussianBlur(placed, (0, 0), BLUR).ravel()
