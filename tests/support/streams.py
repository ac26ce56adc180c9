"""Archives and comparisons that tests of streams share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfhand.data.archive import Archive


def blocks() -> Archive:
    """Three writers of four classes as images: solid blocks, wider from class to class."""
    labels, writers = np.tile(np.arange(4), 9).astype(np.uint8), np.repeat(np.arange(3), 12).astype(np.int16)
    images = np.zeros((36, 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[2:26, 4 : 10 + 4 * label] = 255
    return Archive(labels, np.array(list("wxyz")), writers, images)


def archive_of_strokes(letters: Sequence[Sequence[np.ndarray]], character: str) -> Archive:
    """One writer's letters, all the same character, by their strokes (n, 2)."""
    strokes = [np.asarray(stroke, np.int16) for letter in letters for stroke in letter]
    return Archive(
        np.zeros(len(letters), np.uint8),
        np.array([character]),
        np.zeros(len(letters), np.int16),
        points=np.concatenate(strokes),
        stroke_len=np.array([len(stroke) for stroke in strokes], np.uint16),
        n_strokes=np.array([len(letter) for letter in letters], np.uint8),
    )


def same(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


def alike(one: dict, other: dict) -> bool:
    """The same but for rounding, as one program of XLA and many small ones differ."""
    return one.keys() == other.keys() and all(
        one[name].dtype == other[name].dtype and np.abs(one[name] - other[name]).mean() < 1e-5 for name in one
    )
