"""Words on one line and of one size: where a word was measured with another line or x-height than its letters show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tfhand.core.charset import CLASSES, geometry
from tfhand.hands.word_sample import WordSample
from tfhand.synthesis.joined.pieces import letter_boxes

STANDING = CLASSES["x-height"] + CLASSES["ascender"] + CLASSES["capital"]  # letters with a foot on the line
DOUBT = 2.0  # as much as this many letters the measured line and x-height count
LEAST = 0.04  # x-heights, or share of the x-height: smaller faults stay
MOST = 0.5  # the same: so great a fault is more likely one of the letters' places


def levelled(words: Sequence[WordSample]) -> list[WordSample]:
    """Words with the writing line under the feet of their letters, and the x-height in which these are of usual size.

    A person's letters may stand high or be small: what is usual is the middle over all words.
    """
    shown = [_feet_and_sizes(word) for word in words]
    feet, sizes = (np.concatenate([*(one[at] for one in shown), []]) for at in (0, 1))
    if not len(feet) or not len(sizes):
        return list(words)
    usual = float(np.median(feet)), float(np.median(sizes))
    return [_mended(word, *one, *usual) for word, one in zip(words, shown, strict=True)]


def _feet_and_sizes(word: WordSample) -> tuple[np.ndarray, np.ndarray]:
    """How high letters stand over the line in x-heights, and how high small ones are for their kind."""
    feet, sizes = [], []
    for letter, box, sure in zip(word.text, letter_boxes(word), word.sure, strict=True):
        if box and sure and letter in STANDING:
            feet.append((word.baseline - box[0].stop) / word.x_height)
        if box and sure and letter in CLASSES["x-height"]:
            sizes.append((box[0].stop - box[0].start) / word.x_height / geometry(letter).height)
    return np.array(feet), np.array(sizes)


def _mended(word: WordSample, feet: np.ndarray, sizes: np.ndarray, usual_foot: float, usual_size: float) -> WordSample:
    lift = float(np.median(feet) - usual_foot) * len(feet) / (len(feet) + DOUBT) if len(feet) else 0.0
    growth = float(np.median(sizes) / usual_size - 1) * len(sizes) / (len(sizes) + DOUBT) if len(sizes) else 0.0
    lift, growth = (one if LEAST < abs(one) < MOST else 0.0 for one in (lift, growth))
    if not lift and not growth:
        return word
    return replace(word, baseline=word.baseline - lift * word.x_height, x_height=word.x_height * (1 + growth))
