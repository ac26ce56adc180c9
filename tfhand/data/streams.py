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
from dataclasses import dataclass

import cv2
import numpy as np

from tfhand.data.strokes import shape_matrix

_FORM_SPREAD = {"slant": 0.16, "stretch": 0.18, "rotation": 0.06}  # standard deviations of a drawn form
_NIB_RANGE = (1.1, 4.2)  # pixels at 32
_NIB_CENTRE, _NIB_SPREAD = np.log(2.4), 0.35
FORM_SIZE = 4  # slant, stretch, rotation, nib
_AHEAD = 4  # batches that wait to be used


@dataclass(frozen=True)
class Form:
    """What a scan adds to a hand, drawn anew for every hand of a batch: the same for all glyphs of that hand."""

    slant: float = 0.0
    stretch: float = 0.0
    rotation: float = 0.0
    nib: float = 2.4

    @classmethod
    def draw(cls, rng: np.random.Generator, nib: float | None = None, spread: float = 1.0) -> Form:
        """A random form; `nib` fixes the line width where the ink is real, `spread` scales all but the nib."""
        shape = {
            name: spread * float(np.clip(rng.normal(0, usual), -2.5 * usual, 2.5 * usual))
            for name, usual in _FORM_SPREAD.items()
        }
        return cls(**shape, nib=draw_nib(rng) if nib is None else nib)

    @property
    def matrix(self) -> np.ndarray:
        """The (2, 2) map of coordinates, see `strokes.shape_matrix`."""
        return shape_matrix(self.slant, self.stretch, self.rotation)

    @property
    def vector(self) -> np.ndarray:
        """float32 array of shape (FORM_SIZE,): about standard normal."""
        shape = [getattr(self, name) / spread for name, spread in _FORM_SPREAD.items()]
        return np.array([*shape, (np.log(self.nib) - _NIB_CENTRE) / _NIB_SPREAD], np.float32)


def draw_nib(rng: np.random.Generator) -> float:
    """A line width in pixels at 32, any ratio as likely as another."""
    return float(np.exp(rng.uniform(*np.log(_NIB_RANGE))))


def as_network_input(glyphs: np.ndarray) -> np.ndarray:
    """uint8 glyphs (..., S, S) to what networks see: float32 (..., S, S, 1) in [-1, 1]."""
    return glyphs[..., None].astype(np.float32) / 127.5 - 1.0


def as_glyphs(images: np.ndarray) -> np.ndarray:
    """Networks' images (..., S, S, 1) in [-1, 1] to uint8 glyphs (..., S, S)."""
    return np.rint((np.clip(images[..., 0], -1, 1) + 1) * 127.5).astype(np.uint8)


def scan_noise(rng: np.random.Generator, glyphs: np.ndarray) -> np.ndarray:
    """Blur, paler ink and grain, as a scan of real paper has them: uint8 (n, S, S) in and out."""
    sigma, gain, grain = rng.uniform(0.2, 0.9), rng.uniform(0.75, 1.0), rng.uniform(0, 10)
    soft = np.stack([cv2.GaussianBlur(glyph, (0, 0), sigma) for glyph in glyphs]).astype(np.float32) * gain
    return np.clip(soft + rng.normal(0, grain, glyphs.shape) * (soft > 20), 0, 255).astype(np.uint8)


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

        def make(number):
            arrays = tf.numpy_function(lambda n: [self.batch(int(n))[name] for name in names], [number], types)
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
