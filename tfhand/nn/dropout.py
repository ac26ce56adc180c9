"""Dropout that leaves out the same units whether a batch is computed as a whole or in parts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras import layers, ops


class Part:
    """The rows of a batch that are computed at the moment.

    Args:
        at: number of this part.
        count: parts in the batch, of the same size.
        drawn: the masks of whole batches that the parts before this one have drawn here, in order.
    """

    def __init__(self, at: int, count: int, drawn: list[Any]):
        self.at, self.count, self.drawn, self.used = at, count, drawn, 0

    def mask(self, rows: Any, rate: float, seed: keras.random.SeedGenerator) -> Any:
        """This part of a mask for the whole batch: 0, or what keeps the mean of rows of this shape."""
        size = rows.shape[0]
        if self.used == len(self.drawn):
            every = ops.ones((self.count * size, *rows.shape[1:]), keras.backend.standardize_dtype(rows.dtype))
            self.drawn.append(keras.random.dropout(every, rate, seed=seed))
        self.used += 1
        return self.drawn[self.used - 1][self.at * size : (self.at + 1) * size]


_parts: list[Part] = []


@contextmanager
def computing(part: Part) -> Iterator[None]:
    """Tells the layers inside which part of a batch they are given."""
    _parts.append(part)
    try:
        yield
    finally:
        _parts.pop()


class Dropout(layers.Dropout):
    """Keras's own."""

    def call(self, inputs, training=False):
        if not (_parts and training and self.rate > 0):
            return super().call(inputs, training=training)
        return inputs * _parts[-1].mask(inputs, self.rate, self.seed_generator)
