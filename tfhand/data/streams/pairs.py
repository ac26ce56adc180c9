"""Pairs of sets of glyphs, each pair by one person: what a verifier learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tfhand.data.archive import Archive
from tfhand.data.scan_transform import ScanTransform, draw_nib, scan_noise
from tfhand.data.streams.base import Stream
from tfhand.data.streams.writers import Writer, writers_of
from tfhand.errors import ArchiveError
from tfhand.hands.glyph import as_network_input


class PairStream(Stream):
    """Two sets of N glyphs of each of W different people: other characters, another nib, another scan in each set.

    A batch: `glyphs` float32 (W, 2, N, S, S, 1) and `characters` int32 (W, 2, N). Slant, stretch and rotation are
    drawn for a person, the same for both sets, since they belong to the hand; the nib is drawn for each set.

    Args:
        archives: data sets of pen strokes with writers.
        shares: how often a person comes from each archive.
        characters: that are looked at, in order; other classes are left out.
        size: side of the glyphs in pixels.
        people: W.
        glyphs: N.
        spread: how far a person's slant, stretch and rotation are moved, 1 being as far as `HandStream` does.
        seed: of the stream.

    Raises:
        ArchiveError: images, whose nib cannot be changed, or too few people.
    """

    def __init__(
        self,
        archives: Sequence[Archive],
        shares: Sequence[float],
        characters: str,
        size: int = 32,
        people: int = 40,
        glyphs: int = 5,
        spread: float = 0.5,
        seed: int = 0,
    ):
        super().__init__(seed)
        if any(archive.images is not None for archive in archives):
            raise ArchiveError(
                "A verifier must not go by the nib, so it learns from pen strokes; this archive is images."
            )
        self.size, self.people, self.glyphs, self.spread = size, people, glyphs, spread
        self._writers, self._weights = writers_of(archives, shares, characters)
        if len(self._writers) < 2:
            raise ArchiveError("A verifier learns from two people or more.")

    def batch(self, number: int) -> dict[str, np.ndarray]:
        rng = self.rng(number)
        count = min(self.people, int(np.count_nonzero(self._weights)))
        chosen = rng.choice(len(self._writers), count, replace=False, p=self._weights)
        pairs = [self._pair(rng, self._writers[one]) for one in chosen]
        return {name: np.stack([pair[name] for pair in pairs]) for name in pairs[0]}

    def _pair(self, rng: np.random.Generator, writer: Writer) -> dict[str, np.ndarray]:
        transform = ScanTransform.draw(rng, spread=self.spread)
        known = rng.permutation(list(writer.samples))
        half = min(self.glyphs, len(known) // 2)
        glyphs, characters = [], []
        for own in (known[:half], known[half:]):
            which = rng.choice(own, self.glyphs, replace=len(own) < self.glyphs)
            glyphs.append(scan_noise(rng, writer.glyphs(rng, which, self.size, replace(transform, nib=draw_nib(rng)))))
            characters.append(which)
        return {"glyphs": as_network_input(np.stack(glyphs)), "characters": np.array(characters, np.int32)}
