"""Batched inference: networks on long arrays, and on sets of different length."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tfhand.hands.glyph import as_network_input

CHUNK = 256  # glyphs that go through a network at a time


def predict_in_batches(network: Callable, *arrays: np.ndarray, chunk: int = CHUNK) -> np.ndarray:
    """The output of a network on long arrays, `chunk` rows at a time."""
    step = max(1, chunk)
    parts = range(0, len(arrays[0]), step)
    return np.concatenate([np.asarray(network(*(array[at : at + step] for array in arrays))) for at in parts])


def predict_on_sets(network: Callable, sets: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """The output of a set network on sets of glyphs, (H, D).

    Args:
        network: called with glyphs (B, K, S, S, 1) in [-1, 1], characters (B, K) and mask (B, K).
        sets: for each the characters (k,), numbered as the network numbers them, and uint8 glyphs (k, S, S), k as it
            comes.
    """
    longest, size = max(len(characters) for characters, _ in sets), sets[0][1].shape[-1]
    glyphs = np.zeros((len(sets), longest, size, size), np.uint8)
    characters, mask = np.zeros((len(sets), longest), np.int32), np.zeros((len(sets), longest), np.float32)
    for row, (which, images) in enumerate(sets):
        glyphs[row, : len(which)], characters[row, : len(which)], mask[row, : len(which)] = images, which, 1
    return predict_in_batches(network, as_network_input(glyphs), characters, mask, chunk=CHUNK // longest)
