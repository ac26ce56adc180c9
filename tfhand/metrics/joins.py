"""Where a person's pen stays down between two letters."""

from __future__ import annotations

import numpy as np

from tfhand.hands.word_sample import WordSample

PAIRS = ("after o b v w r", "after capitals", "other pairs")
"""Classes of two neighbouring letters: those that end high, those of which many are set apart, and all others."""
_ENDS_HIGH = "obvwr"


def joins(word: WordSample) -> np.ndarray:
    """Whether ink runs on from each letter of a word to the next, bool (letters - 1,)."""
    return np.array([bool(word.ports(cut)) for cut in range(1, len(word.text))], bool)


def pair_classes(text: str) -> np.ndarray:
    """The class of each two neighbouring letters of a text, as its place in `PAIRS`, int (letters - 1,)."""
    return np.array([_class_after(letter) for letter in text[:-1]], int)


def _class_after(letter: str) -> int:
    if letter in _ENDS_HIGH:
        return 0
    return 1 if letter.isupper() else 2
