"""Words on a writing line as an aligner sees them, and cut into letters where it finds these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from tfhand.data.word_pictures import ABOVE, MARGIN, pixels_per_x_height
from tfhand.hands.seams import rising
from tfhand.hands.word_sample import SLANTS, WordSample
from tfhand.metrics.word_shape import slant
from tfhand.models.aligner.alignment import align

HEIGHT = 180  # pixels of a line: 40 to an x-height
_MIDDLE = 0.5  # x-heights over the writing line, where the aligner's upright cuts and the slanted ones meet
LEAST = 0.05  # pixels of a letter


def on_line(word: WordSample, height: int = HEIGHT) -> np.ndarray:
    """A word as a picture of a line of this height, in the form of `tfhand.data.word_pictures`: uint8 (height, W)."""
    unit = pixels_per_x_height(height)
    scale = unit / word.x_height
    matrix = np.array([[scale, 0.0, MARGIN * unit], [0.0, scale, ABOVE * unit - word.baseline * scale]])
    matrix[:, 2] += (scale - 1) / 2  # cv2 counts from the middle of a pixel
    width = int(np.ceil(word.ink.shape[1] * scale + 2 * MARGIN * unit))
    return cv2.warpAffine(word.ink, matrix, (width, height), flags=cv2.INTER_LINEAR)


def small_line(word: WordSample, height: int) -> np.ndarray:
    """A word as a picture of a line for networks that see fewer pixels than `HEIGHT`, uint8 (height, W)."""
    large = on_line(word)
    width = int(np.ceil(large.shape[1] * height / HEIGHT))
    wider = int(np.ceil(width * HEIGHT / height)) - large.shape[1]
    return cv2.resize(np.pad(large, ((0, 0), (0, max(wider, 0)))), (width, height), interpolation=cv2.INTER_AREA)


def cut_words(networks: Any, words: Sequence[WordSample]) -> list[WordSample]:
    """One hand's words, cut anew where an aligner finds the letters; where they were cut before does not count.

    Args:
        networks: an `Aligner`, which knows all letters.
        words: at least one; their slant is measured on all of them.
    """
    if not words:
        return []
    lean = float(np.clip(slant(words), *SLANTS))
    lines = [small_line(word, networks.image_size) for word in words]
    found = align(networks, lines, [word.text for word in words])
    unit = pixels_per_x_height(networks.image_size)
    cut = []
    for word, letters in zip(words, found, strict=True):
        edges = np.array([(before.right + after.left) / 2 for before, after in zip(letters, letters[1:], strict=False)])
        edges = (edges / unit - MARGIN - _MIDDLE * lean) * word.x_height
        cut.append(replace(word, cuts=rising(edges, LEAST), slant=lean))
    return cut
