"""Streams whose batch number n is a pure function of (seed, n): a resumed run sees what it would have seen.

Here is what all of them share; `hands`, `pairs`, `domains` and `letters` say what is in a batch. Writers are split
before a stream is made (`Archive.split_writers`), never their samples.
"""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

_AHEAD = 4  # batches that wait to be used


class Stream(ABC):
    """Batches made on demand; `batch(n)` depends on the seed and n alone."""

    def __init__(self, seed: int):
        self.seed = seed

    def rng(self, number: int) -> np.random.Generator:
        """The generator of batch `number`."""
        return np.random.default_rng([self.seed, number])

    @abstractmethod
    def batch(self, number: int) -> dict[str, np.ndarray]:
        """Batch `number` as named arrays."""

    def dataset(self, start: int = 0, steps: int | None = None):
        """The batches from `start` on as a tf.data.Dataset, made ahead of their use.

        Args:
            start: number of the first batch.
            steps: how many; None for no end.
        """
        import tensorflow as tf

        first = self.batch(start)
        names = list(first)
        types = [tf.as_dtype(first[name].dtype) for name in names]

        def arrays_of(number):
            batch = self.batch(int(number))
            return [batch[name] for name in names]

        def make(number):
            arrays = tf.numpy_function(arrays_of, [number], types)
            for name, array in zip(names, arrays, strict=True):
                array.set_shape(first[name].shape)
            return dict(zip(names, arrays, strict=True))

        stop = np.iinfo(np.int64).max if steps is None else start + steps
        return tf.data.Dataset.range(start, stop).map(make, num_parallel_calls=1).prefetch(_AHEAD)

    def batches(self, start: int = 0, steps: int | None = None) -> Iterator[dict[str, np.ndarray]]:
        """The same as NumPy arrays, without TensorFlow: made ahead by a thread that ends with the iterator.

        Args:
            start: number of the first batch.
            steps: how many; None for no end.
        """
        numbers = itertools.count(start) if steps is None else iter(range(start, start + steps))
        maker = ThreadPoolExecutor(1, thread_name_prefix="stream")
        try:
            ahead = deque(maker.submit(self.batch, number) for number in itertools.islice(numbers, _AHEAD))
            while ahead:
                batch = ahead.popleft().result()
                ahead.extend(maker.submit(self.batch, number) for number in itertools.islice(numbers, 1))
                yield batch
        finally:
            maker.shutdown(cancel_futures=True)
