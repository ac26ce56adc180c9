"""Words as a person writes them who joins letters, or prints: drawn from letters of synthetic writers."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tfhand.data.archive import Archive
from tfhand.data.spelling import set_letters
from tfhand.data.word_pictures import ABOVE, Line, draw_words, join_letters, letter_pixels, pixels_per_x_height
from tfhand.hands.word_sample import WordSample

HEIGHT, NIB = 144, 0.14  # pixels of a picture, x-heights


def written_words(
    archive: Archive, texts: Iterable[str], joined: bool = True, seed: int = 0, nib: float = NIB
) -> list[WordSample]:
    """Words set from the letters of an archive.

    Args:
        archive: pen strokes.
        texts: of its characters.
        joined: whether ligatures are drawn between letters.
        seed: of the places of the letters.
        nib: in x-heights.
    """
    rng = np.random.default_rng(seed)
    return [_word(archive, text, joined, rng, nib) for text in texts]


def _word(archive: Archive, text: str, joined: bool, rng: np.random.Generator, nib: float) -> WordSample:
    of = {archive.characters[label]: at for at, label in enumerate(archive.labels.tolist())}
    strokes, letters = set_letters(rng, archive, np.array([of[letter] for letter in text]))
    if joined:
        strokes, letters = join_letters(strokes, letters)
    line = Line(text, strokes, letters, np.ones(len(text), bool))
    sides = letter_pixels(line, HEIGHT, nib)
    cuts = np.maximum.accumulate((sides[1:, 0] + sides[:-1, 1]) / 2 + 0.1 * np.arange(len(text) - 1))
    unit = pixels_per_x_height(HEIGHT)
    return WordSample(text, draw_words(line, HEIGHT, nib), ABOVE * unit, unit, cuts)
