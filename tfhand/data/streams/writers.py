"""Glyphs of one person at a time: what learning a hand goes by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfhand.data.archive import Archive
from tfhand.data.scan_transform import ScanTransform, scan_noise
from tfhand.data.streams.base import Stream
from tfhand.errors import ArchiveError
from tfhand.hands.glyph import as_network_input
from tfhand.metrics import thickness


class HandStream(Stream):
    """k-shot tuples, each of one writer: references to know the hand by, and other characters to write.

    A batch of H hands: `writer` int32 (H,) in 0..len(writers), `transform` float32 (H, TRANSFORM_SIZE), `references`
    float32 (H, K, S, S, 1) with `reference_characters` int32 (H, K) and `reference_mask` float32 (H, K) (1 to K of them
    count), `targets` float32 (H, T, S, S, 1) with `characters` int32 (H, T). References are other characters than the
    targets; all glyphs of a hand share one drawn transform (slant, stretch, rotation, nib).

    Args:
        archives: data sets with writers; their writers are numbered on from one to the next.
        shares: how often a hand comes from each archive.
        characters: what can be written, in order; other classes are left out.
        size: side of the glyphs in pixels.
        hands: H.
        targets: T.
        references: K.
        seed: of the stream.
        vary: draws a new transform for each hand; without it every transform is neutral, with a nib per writer.
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
        self._writers, self._weights = writers_of(archives, shares, characters)

    @property
    def writer_count(self) -> int:
        """How many people there are in all archives together."""
        return len(self._writers)

    def batch(self, number: int) -> dict[str, np.ndarray]:
        rng = self.rng(number)
        hands = [self._hand(rng) for _ in range(self.hands)]
        return {name: np.stack([hand[name] for hand in hands]) for name in hands[0]}

    def _hand(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        number = rng.choice(len(self._writers), p=self._weights)
        writer = self._writers[number]
        transform = writer.transform(rng, self.vary)
        known = rng.permutation(list(writer.samples))
        kept = min(self.targets, len(known) - 1)  # one at least to know the hand by
        targets, others = known[:kept], known[kept:]
        count = int(rng.integers(1, self.references + 1))
        written = rng.choice(targets, self.targets, replace=len(targets) < self.targets)
        shown = rng.choice(others, count)
        references = np.zeros((self.references, self.size, self.size), np.uint8)
        references[:count] = scan_noise(rng, writer.glyphs(rng, shown, self.size, transform))
        return {
            "writer": np.array(number, np.int32),
            "transform": transform.vector,
            "references": as_network_input(references),
            "reference_characters": np.pad(shown, (0, self.references - count)).astype(np.int32),
            "reference_mask": (np.arange(self.references) < count).astype(np.float32),
            "targets": as_network_input(writer.glyphs(rng, written, self.size, transform)),
            "characters": written.astype(np.int32),
        }


@dataclass(frozen=True)
class Writer:
    """One person of an archive: their samples by character index, and the nib where the ink is real."""

    archive: Archive
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
            people.append(cls(archive, samples, None if archive.images is None else _nib_of(archive, own)))
        if not people:
            raise ArchiveError("No writer of the archive wrote two different characters.")
        return people

    def transform(self, rng: np.random.Generator, vary: bool) -> ScanTransform:
        """A drawn transform, or the neutral one; the nib is the writer's own where the ink is real."""
        return ScanTransform.draw(rng, self.nib) if vary else ScanTransform(nib=self.nib or 2.4)

    def glyphs(
        self, rng: np.random.Generator, characters: np.ndarray, size: int, transform: ScanTransform
    ) -> np.ndarray:
        """Samples of characters (n,) drawn in a transform, uint8 (n, size, size)."""
        indices = [rng.choice(self.samples[character]) for character in characters]
        return np.stack([self.archive.draw(index, size, transform.nib, transform.matrix) for index in indices])


def _nib_of(archive: Archive, indices: np.ndarray) -> float:
    return float(np.median(thickness(archive.render(indices[:40]))))


def writers_of(
    archives: Sequence[Archive], shares: Sequence[float], characters: str
) -> tuple[list[Writer], np.ndarray]:
    """Everyone in some archives, one archive after the other, and how often each is drawn, (people,).

    An archive is drawn as often as its share says; of its writers, those with more characters are drawn more often, in
    proportion.
    """
    everyone, weights = [], []
    for archive, share in zip(archives, np.array(shares) / np.sum(shares), strict=True):
        writers = Writer.all_of(archive, characters)
        counts = np.array([len(writer.samples) for writer in writers])
        everyone += writers
        weights.append(share * counts / counts.sum())
    return everyone, np.concatenate(weights)
