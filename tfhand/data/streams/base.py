"""Streams whose batch number n is a pure function of (seed, n): a resumed run sees what it would have seen.

A batch is made in two steps. `plan` draws all that is random with NumPy, many values at a time: which letters, by whom,
in what transform. `draw` turns that into pictures, in the graph, compiled by XLA. So the plan of a batch is the same
under every backend, and a stream keeps a machine busy that has more than one core, or something better than cores.

Here is what all streams share; `writers`, `pairs`, `domains` and `glyphs` say what is in a batch. Writers are split
before a stream is made (`Archive.split_writers`), never their samples.
"""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import numpy as np

_AHEAD = 4  # batches that wait to be used


class Stream(ABC):
    """Batches made on demand; `batch(n)` depends on the seed and n alone.

    Attributes:
        arrays: what `draw` reads beside a plan, by name.
    """

    arrays: Mapping[str, np.ndarray] = {}

    def __init__(self, seed: int):
        self.seed = seed

    def rng(self, number: int) -> np.random.Generator:
        """The generator of batch `number`."""
        return np.random.default_rng([self.seed, number])

    @abstractmethod
    def plan(self, number: int) -> dict[str, np.ndarray]:
        """All that is random in batch `number`, as named arrays."""

    def draw(self, arrays: Mapping[str, Any], plan: Mapping[str, Any]) -> Mapping[str, Any]:
        """A batch by its plan, in the graph; the plan itself unless a stream says otherwise.

        Args:
            arrays: the stream's own, as tensors.
            plan: what `plan` gives, as tensors.
        """
        return plan

    def batch(self, number: int) -> dict[str, np.ndarray]:
        """Batch `number` as named arrays; without a compiler, so that a single one is there at once.

        What `dataset` and `batches` give differs from it by the rounding of the last digits.
        """
        return _as_arrays(self.draw(self.arrays, self.plan(number)))

    def dataset(self, start: int = 0, steps: int | None = None):
        """The batches from `start` on as a tf.data.Dataset, made ahead of their use.

        Args:
            start: number of the first batch.
            steps: how many; None for no end.
        """
        import tensorflow as tf

        first = self.plan(start)
        names = list(first)
        types = [tf.as_dtype(first[name].dtype) for name in names]

        def arrays_of(number):
            plan = self.plan(int(number))
            return [plan[name] for name in names]

        def plan(number):
            arrays = tf.numpy_function(arrays_of, [number], types)
            for name, array in zip(names, arrays, strict=True):
                array.set_shape(first[name].shape)
            return dict(zip(names, arrays, strict=True))

        stop = np.iinfo(np.int64).max if steps is None else start + steps
        plans = tf.data.Dataset.range(start, stop).map(plan, num_parallel_calls=1)
        return plans.map(self._compiled_draw, num_parallel_calls=tf.data.AUTOTUNE).prefetch(_AHEAD)

    def batches(self, start: int = 0, steps: int | None = None) -> Iterator[dict[str, np.ndarray]]:
        """The same as NumPy arrays, without TensorFlow: made ahead by a thread that ends with the iterator.

        Args:
            start: number of the first batch.
            steps: how many; None for no end.
        """
        numbers = itertools.count(start) if steps is None else iter(range(start, start + steps))
        maker = ThreadPoolExecutor(1, thread_name_prefix="stream")
        try:
            ahead = deque(maker.submit(self._make, number) for number in itertools.islice(numbers, _AHEAD))
            while ahead:
                batch = ahead.popleft().result()
                ahead.extend(maker.submit(self._make, number) for number in itertools.islice(numbers, 1))
                yield batch
        finally:
            maker.shutdown(cancel_futures=True)

    def _make(self, number: int) -> dict[str, np.ndarray]:
        return _as_arrays(self._compiled_draw(self.plan(number)))

    @cached_property
    def _compiled_draw(self) -> Callable[[Mapping[str, Any]], Mapping[str, Any]]:
        """`draw` with the stream's arrays, as one XLA program of a plan."""
        if type(self).draw is Stream.draw:
            return dict
        import keras

        if keras.config.backend() == "jax":
            import jax

            arrays = jax.device_put(dict(self.arrays))
            drawn = jax.jit(self.draw)
            return lambda plan: drawn(arrays, plan)
        import tensorflow as tf

        with tf.device("CPU"):  # where tf.data runs
            constants = {name: tf.constant(array) for name, array in self.arrays.items()}
        return tf.function(lambda plan: self.draw(constants, plan), jit_compile=True, autograph=False)


def _as_arrays(batch: Mapping[str, Any]) -> dict[str, np.ndarray]:
    return {name: np.asarray(array) for name, array in batch.items()}
