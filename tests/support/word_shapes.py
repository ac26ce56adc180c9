"""Words made of simple shapes, each with its own width and place, to see where letters are found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfhand.data.words import LIGATURE, X_HEIGHT, WordArchive

SHAPES = {  # strokes in x-heights, from the baseline up
    "l": [[(0, 0), (0, 2)]],
    "v": [[(0, 1), (0.5, 0), (1, 1)]],
    "n": [[(0, 0), (0, 1), (0.9, 1), (0.9, 0)]],
    "z": [[(0, 1), (0.8, 1), (0, 0), (0.8, 0)]],
    "x": [[(0, 0), (0.8, 1)], [(0, 1), (0.8, 0)]],
    "-": [[(0, 0.5), (0.6, 0.5)]],
}
GAP = 0.5  # x-heights between letters


def word_archive(
    texts: Sequence[str],
    writers: Sequence[int],
    joined: Sequence[bool] | None = None,
    lettered: Sequence[bool] | None = None,
    wide: Sequence[float] | None = None,
) -> WordArchive:
    """Words of `SHAPES`, with all of the format's arrays.

    Args:
        texts, writers: of the words.
        joined: whether the letters hang together by ligatures in one stroke; no word if None.
        lettered: whether the letters are known; every word if None.
        wide: factor of all x.
    """
    joined, lettered = joined or [False] * len(texts), lettered or [True] * len(texts)
    strokes, letters, counts = [], [], []
    for text, together, factor in zip(texts, joined, wide or [1.0] * len(texts), strict=True):
        own, places, end = [], [], 0.0
        for place, letter in enumerate(text):
            shape = [np.array(stroke, float) for stroke in SHAPES[letter]]
            own += [stroke + (end, 0) for stroke in shape]
            places += [np.full(len(stroke), place) for stroke in shape]
            end += max(stroke[:, 0].max() for stroke in shape) + GAP
        if together:
            own, places = _in_one(own), [_with_ligatures(places)]
        strokes += [np.rint(stroke * X_HEIGHT * (factor, -1)) for stroke in own]
        letters += places
        counts.append(len(own))
    return WordArchive(
        texts=np.array(texts),
        writers=np.array(writers, np.int16),
        points=np.concatenate(strokes).astype(np.int16),
        stroke_len=np.array([len(stroke) for stroke in strokes], np.uint16),
        n_strokes=np.array(counts, np.uint8),
        has_chars=np.array(lettered, bool),
        char_of_point=np.concatenate(letters).astype(np.int8),
    )


def _in_one(strokes: list[np.ndarray]) -> list[np.ndarray]:
    """One stroke, with a point in the middle of every ligature."""
    parts = [strokes[0]]
    for before, after in zip(strokes[:-1], strokes[1:], strict=True):
        parts += [(before[-1:] + after[:1]) / 2, after]
    return [np.concatenate(parts)]


def _with_ligatures(places: list[np.ndarray]) -> np.ndarray:
    parts = [places[0]]
    for before, after in zip(places[:-1], places[1:], strict=True):
        parts += [np.array([LIGATURE if before[-1] != after[0] else after[0]]), after]
    return np.concatenate(parts)


def random_words(count: int, writers: int = 6, seed: int = 0, letters: str = "lvnzx", **options) -> WordArchive:
    """Words of 2 to 5 random letters; each writer's have a width of their own."""
    rng = np.random.default_rng(seed)
    texts = ["".join(rng.choice(list(letters), int(rng.integers(2, 6)))) for _ in range(count)]
    who = np.arange(count) % writers
    return word_archive(texts, who.tolist(), wide=(0.8 + 0.5 * who / writers).tolist(), **options)
