"""Archives and comparisons that tests of streams share."""

from __future__ import annotations

import numpy as np

from tfhand.data.archive import Archive


def blocks() -> Archive:
    """Three writers of four classes as images: solid blocks, wider from class to class."""
    labels, writers = np.tile(np.arange(4), 9).astype(np.uint8), np.repeat(np.arange(3), 12).astype(np.int16)
    images = np.zeros((36, 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[2:26, 4 : 10 + 4 * label] = 255
    return Archive(labels, np.array(list("wxyz")), writers, images)


def same(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)
