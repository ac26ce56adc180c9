"""tf.data streams whose batch number n is a pure function of (seed, n): a resumed run sees what it would have seen.

Writers are split before a stream is made (`Archive.split_writers`), never their samples.
"""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np

from tfhand.data.archive import Archive
from tfhand.data.strokes import shape_matrix
from tfhand.errors import ArchiveError
from tfhand.measures import thickness

_FORM_SPREAD = {"slant": 0.16, "stretch": 0.18, "rotation": 0.06}  # standard deviations of a drawn form
_NIB_RANGE = (1.4, 4.2)  # pixels at 32
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
        return cls(**shape, nib=_draw_nib(rng) if nib is None else nib)

    @property
    def matrix(self) -> np.ndarray:
        """The (2, 2) map of coordinates, see `strokes.shape_matrix`."""
        return shape_matrix(self.slant, self.stretch, self.rotation)

    @property
    def vector(self) -> np.ndarray:
        """float32 array of shape (FORM_SIZE,): about standard normal."""
        shape = [getattr(self, name) / spread for name, spread in _FORM_SPREAD.items()]
        return np.array([*shape, (np.log(self.nib) - _NIB_CENTRE) / _NIB_SPREAD], np.float32)


def _draw_nib(rng: np.random.Generator) -> float:
    """A line width in pixels at 32, any ratio as likely as another."""
    return float(np.exp(rng.uniform(*np.log(_NIB_RANGE))))


def as_network_input(glyphs: np.ndarray) -> np.ndarray:
    """uint8 glyphs (..., S, S) to what networks see: float32 (..., S, S, 1) in [-1, 1]."""
    return glyphs[..., None].astype(np.float32) / 127.5 - 1.0


def as_glyphs(images: np.ndarray) -> np.ndarray:
    """Networks' images (..., S, S, 1) in [-1, 1] to uint8 glyphs (..., S, S)."""
    return np.rint((np.clip(images[..., 0], -1, 1) + 1) * 127.5).astype(np.uint8)


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


class StarGANStream(Stream):
    """Images and references by domain, as StarGAN v2 trains on them (Choi et al. 2020, section 2).

    A batch: `image` float32 (B, S, S, 1) with `domain` int32 (B,), and of another drawn domain `reference_domain` (B,)
    two images `reference`, `reference2` of shape (B, S, S, 1). Where the writers are known also who wrote `image`,
    `writer` int32 (B,) in 0..writer_count, and how thick its line is drawn, `nib` float32 (B,): about standard normal,
    and 0 where the ink is real, whose thickness is the writer's own.

    Args:
        archive: what to draw from.
        characters: the domains, in order; others in the archive are left out.
        size: side of the images in pixels.
        batch_size: B.
        seed: of the stream.
    """

    def __init__(self, archive: Archive, characters: str, size: int, batch_size: int, seed: int = 0):
        super().__init__(seed)
        self.archive, self.size, self.batch_size = archive, size, batch_size
        labels = archive.places_in(characters)
        self._members = [np.flatnonzero(labels == domain) for domain in range(len(characters))]
        absent = [character for character, members in zip(characters, self._members, strict=True) if len(members) < 2]
        if absent:
            raise ArchiveError(f"The archive has fewer than two samples of {' '.join(absent)}.")
        people = None if archive.writers is None else np.unique(archive.writers, return_inverse=True)
        self.writer_count, self._writers = (0, None) if people is None else (len(people[0]), people[1])

    def batch(self, number: int) -> dict[str, np.ndarray]:
        rng = self.rng(number)
        domain, reference_domain = rng.integers(len(self._members), size=(2, self.batch_size))
        indices, nib = self._draw(rng, domain)
        return {
            "image": self._images(indices, nib),
            "domain": domain.astype(np.int32),
            "reference": self._images(*self._draw(rng, reference_domain)),
            "reference2": self._images(*self._draw(rng, reference_domain)),
            "reference_domain": reference_domain.astype(np.int32),
        } | self._hands(indices, nib)

    def _draw(self, rng: np.random.Generator, domains: np.ndarray) -> tuple[np.ndarray, float]:
        """Samples of these domains (B,), and one nib for all of them, in pixels at 32."""
        indices = np.array([rng.choice(self._members[domain]) for domain in domains])
        return indices, _draw_nib(rng)

    def _images(self, indices: np.ndarray, nib: float) -> np.ndarray:
        return as_network_input(self.archive.render(indices, self.size, nib))

    def _hands(self, indices: np.ndarray, nib: float) -> dict[str, np.ndarray]:
        if self._writers is None:
            return {}
        form = Form(nib=nib) if self.archive.images is None else Form()
        return {
            "writer": self._writers[indices].astype(np.int32),
            "nib": np.full(len(indices), form.vector[-1]),
        }


class HandStream(Stream):
    """k-shot tuples, each of one writer: references to know the hand by, and other characters to write.

    A batch of H hands: `writer` int32 (H,) in 0..len(writers), `form` float32 (H, FORM_SIZE), `references` float32
    (H, K, S, S, 1) with `reference_characters` int32 (H, K) and `reference_mask` float32 (H, K) (1 to K of them count),
    `targets` float32 (H, T, S, S, 1) with `characters` int32 (H, T). References are other characters than the targets;
    all glyphs of a hand share one drawn form (slant, stretch, rotation, nib).

    Args:
        archives: data sets with writers; their writers are numbered on from one to the next.
        shares: how often a hand comes from each archive.
        characters: what can be written, in order; other classes are left out.
        size: side of the glyphs in pixels.
        hands: H.
        targets: T.
        references: K.
        seed: of the stream.
        vary: draws a new form for each hand; without it every form is neutral, with a nib per writer.
    """

    def __init__(
        self,
        archives: Sequence[Archive],
        shares: Sequence[float],
        characters: str,
        size: int = 32,
        hands: int = 16,
        targets: int = 3,
        references: int = 8,
        seed: int = 0,
        vary: bool = True,
    ):
        super().__init__(seed)
        self.archives, self.size, self.hands, self.targets, self.references = archives, size, hands, targets, references
        self.vary = vary
        self._shares = np.array(shares) / np.sum(shares)
        self._writers = [Writer.all_of(archive, characters) for archive in archives]
        self._firsts = np.concatenate([[0], np.cumsum([len(writers) for writers in self._writers])])
        self._weights = [richness(writers) for writers in self._writers]

    @property
    def writer_count(self) -> int:
        """How many people there are in all archives together."""
        return int(self._firsts[-1])

    def batch(self, number: int) -> dict[str, np.ndarray]:
        rng = self.rng(number)
        hands = [self._hand(rng) for _ in range(self.hands)]
        return {name: np.stack([hand[name] for hand in hands]) for name in hands[0]}

    def _hand(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        which = int(rng.choice(len(self.archives), p=self._shares))
        number = int(rng.choice(len(self._writers[which]), p=self._weights[which]))
        archive, writer = self.archives[which], self._writers[which][number]
        form = Form.draw(rng, writer.nib) if self.vary else Form(nib=writer.nib or 2.4)
        known = rng.permutation(list(writer.samples))
        kept = min(self.targets, len(known) - 1)  # one at least to know the hand by
        targets, others = known[:kept], known[kept:]
        count = int(rng.integers(1, self.references + 1))
        written = rng.choice(targets, self.targets, replace=len(targets) < self.targets)
        shown = rng.choice(others, count)

        def glyphs(chosen: np.ndarray) -> np.ndarray:
            return np.stack(
                [
                    archive.draw(rng.choice(writer.samples[character]), self.size, form.nib, form.matrix)
                    for character in chosen
                ]
            )

        references = np.zeros((self.references, self.size, self.size), np.uint8)
        references[:count] = scan_noise(rng, glyphs(shown))
        return {
            "writer": np.int32(self._firsts[which] + number),
            "form": form.vector,
            "references": as_network_input(references),
            "reference_characters": np.pad(shown, (0, self.references - count)).astype(np.int32),
            "reference_mask": (np.arange(self.references) < count).astype(np.float32),
            "targets": as_network_input(glyphs(written)),
            "characters": written.astype(np.int32),
        }


@dataclass(frozen=True)
class Writer:
    """One person's samples by character index, and the nib where the ink is real."""

    samples: dict[int, np.ndarray]
    nib: float | None

    @classmethod
    def all_of(cls, archive: Archive, characters: str) -> list[Writer]:
        labels = archive.places_in(characters)
        people = []
        for writer in archive.need_writers(least=1):  # of those held out there may be just one
            own = np.flatnonzero((archive.writers == writer) & (labels >= 0))
            samples = {int(label): own[labels[own] == label] for label in np.unique(labels[own])}
            if len(samples) < 2:  # a hand is judged by other characters than it is known by
                continue
            people.append(cls(samples, None if archive.images is None else _nib_of(archive, own)))
        if not people:
            raise ArchiveError("No writer of the archive wrote two different characters.")
        return people


def _nib_of(archive: Archive, indices: np.ndarray) -> float:
    return float(np.median(thickness(archive.render(indices[:40]))))


def richness(writers: Sequence[Writer]) -> np.ndarray:
    """Writers with more characters are drawn more often, in proportion."""
    counts = np.array([len(writer.samples) for writer in writers], np.float64)
    return counts / counts.sum()


def scan_noise(rng: np.random.Generator, glyphs: np.ndarray) -> np.ndarray:
    """Blur, paler ink and grain, as a scan of real paper has them: uint8 (n, S, S) in and out."""
    sigma, gain, grain = rng.uniform(0.2, 0.9), rng.uniform(0.75, 1.0), rng.uniform(0, 10)
    soft = np.stack([cv2.GaussianBlur(glyph, (0, 0), sigma) for glyph in glyphs]).astype(np.float32) * gain
    return np.clip(soft + rng.normal(0, grain, glyphs.shape) * (soft > 20), 0, 255).astype(np.uint8)
