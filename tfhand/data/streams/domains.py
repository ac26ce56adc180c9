"""Images and references by domain, the character: what StarGAN v2 learns from."""

from __future__ import annotations

import numpy as np

from tfhand.data.archive import Archive
from tfhand.data.scan_transform import ScanTransform, draw_nib
from tfhand.data.streams.base import Stream
from tfhand.errors import ArchiveError
from tfhand.hands.glyph import as_network_input


class DomainStream(Stream):
    """Images and references by domain, as StarGAN v2 trains on them (Choi et al. 2020, section 2).

    A batch: `image` float32 (B, S, S, 1) with `domain` int32 (B,), and of another drawn domain `reference_domain` (B,)
    two images `reference`, `reference2` of shape (B, S, S, 1). Where the writers are known also who wrote `image`,
    `writer` int32 (B,) in 0..writer_count, and how thick its line is drawn, `nib` float32 (B,): about standard normal,
    and 0 where the ink is real, whose thickness is the writer's own. With `samples` also letters of this writer:
    `samples` (B, K, S, S, 1), their characters `sample_characters` int32 (B, K) and `sample_mask` float32 (B, K), 1 for
    the first few, a random number of them; none shows `reference_domain` where the writer wrote anything else.

    Args:
        archive: what to draw from.
        characters: the domains, in order; others in the archive are left out.
        size: side of the images in pixels.
        batch_size: B.
        seed: of the stream.
        samples: K, letters of the writer of `image`, at most; 0 for none.

    Raises:
        ArchiveError: a character without two letters, or samples asked of an archive without writers.
    """

    def __init__(self, archive: Archive, characters: str, size: int, batch_size: int, seed: int = 0, samples: int = 0):
        super().__init__(seed)
        self.archive, self.size, self.batch_size, self.samples = archive, size, batch_size, samples
        self._labels = labels = archive.places_in(characters)
        self._members = [np.flatnonzero(labels == domain) for domain in range(len(characters))]
        absent = [character for character, members in zip(characters, self._members, strict=True) if len(members) < 2]
        if absent:
            raise ArchiveError(f"The archive has fewer than two samples of {' '.join(absent)}.")
        self.writer_count, self._writers = 0, None
        if archive.writers is not None:
            people, self._writers = np.unique(archive.writers, return_inverse=True)
            self.writer_count = len(people)
        if samples:
            archive.need_writers()
            self._own = [
                np.flatnonzero((self._writers == writer) & (labels >= 0)) for writer in range(self.writer_count)
            ]

    def batch(self, number: int) -> dict[str, np.ndarray]:
        rng = self.rng(number)
        domain, reference_domain = rng.integers(len(self._members), size=(2, self.batch_size))
        indices, nib = self._draw(rng, domain)
        hands = self._hands(indices, nib)
        return {
            "image": self._images(indices, nib),
            "domain": domain.astype(np.int32),
            "reference": self._images(*self._draw(rng, reference_domain)),
            "reference2": self._images(*self._draw(rng, reference_domain)),
            "reference_domain": reference_domain.astype(np.int32),
            **hands,
            **(self._samples(rng, hands["writer"], reference_domain, nib) if self.samples else {}),
        }

    def _draw(self, rng: np.random.Generator, domains: np.ndarray) -> tuple[np.ndarray, float]:
        """Samples of these domains (B,), and one nib for all of them, in pixels at 32."""
        indices = np.array([rng.choice(self._members[domain]) for domain in domains])
        return indices, draw_nib(rng)

    def _images(self, indices: np.ndarray, nib: float) -> np.ndarray:
        return as_network_input(self.archive.render(indices, self.size, nib))

    def _hands(self, indices: np.ndarray, nib: float) -> dict[str, np.ndarray]:
        if self._writers is None:
            return {}
        transform = ScanTransform(nib=nib) if self.archive.images is None else ScanTransform()
        return {
            "writer": self._writers[indices].astype(np.int32),
            "nib": np.full(len(indices), transform.vector[-1]),
        }

    def _samples(
        self, rng: np.random.Generator, writers: np.ndarray, wanted: np.ndarray, nib: float
    ) -> dict[str, np.ndarray]:
        """A few letters of each of `writers` (B,), not of the character `wanted` (B,)."""
        chosen = np.stack([self._some_of(rng, *each) for each in zip(writers, wanted, strict=True)])  # (B, K)
        images = self._images(chosen.ravel(), nib)
        counts = rng.integers(1, self.samples + 1, (len(writers), 1))
        return {
            "samples": images.reshape(*chosen.shape, *images.shape[1:]),
            "sample_characters": self._labels[chosen].astype(np.int32),
            "sample_mask": (np.arange(self.samples) < counts).astype(np.float32),
        }

    def _some_of(self, rng: np.random.Generator, writer: int, wanted: int) -> np.ndarray:
        own = self._own[writer]
        others = own[self._labels[own] != wanted]
        others = others if len(others) else own
        return rng.choice(others, self.samples, replace=len(others) < self.samples)
