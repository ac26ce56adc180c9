"""Several people write the same characters: what differs between them is the hand, what stays is the character."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfhand.data.archive import Archive
from tfhand.data.streams.base import Stream
from tfhand.data.streams.writers import writers_of
from tfhand.hands.glyph import as_network_input


class ParallelWritersStream(Stream):
    """Letters with their characters, some of each person, and of several people the same.

    A batch: `image` float32 (B, S, S, 1) in [-1, 1] and `character` int32 (B,), its place in `characters`. As an array
    (people, dictations, targets): what is dictated differs from dictation to dictation, who writes it and in what
    transform (slant, stretch, rotation, nib) from one to the next of both, and the last axis is what one person wrote.

    Args:
        archives: data sets with writers.
        shares: how often a dictation comes from each archive.
        characters: what can be dictated, in order; other classes are left out.
        size: side of the images in pixels.
        batch_size: B, a multiple of people * targets.
        seed: of the stream.
        vary: draws a new transform for each hand; without it every transform is neutral, with a nib per writer.
        people: how many write what is dictated; the same one twice only where too few have written it.
        targets: characters of a dictation.
    """

    def __init__(
        self,
        archives: Sequence[Archive],
        shares: Sequence[float],
        characters: str,
        size: int = 32,
        batch_size: int = 32,
        seed: int = 0,
        vary: bool = True,
        people: int = 4,
        targets: int = 4,
    ):
        super().__init__(seed)
        self.size, self.vary, self.people, self.targets = size, vary, people, targets
        self.dictations = batch_size // (people * targets)
        self._writers, self._weights = writers_of(archives, shares, characters)

    def batch(self, number: int) -> dict[str, np.ndarray]:
        rng = self.rng(number)
        glyphs, characters = zip(*(self._dictation(rng) for _ in range(self.dictations)), strict=True)
        glyphs = np.stack(glyphs, axis=1).reshape(-1, self.size, self.size)
        return {
            "image": as_network_input(glyphs),
            "character": np.tile(np.concatenate(characters), self.people).astype(np.int32),
        }

    def _dictation(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Glyphs (people, targets, S, S) of characters (targets,)."""
        first = self._writers[rng.choice(len(self._writers), p=self._weights)]
        known = list(first.samples)
        characters = rng.choice(known, self.targets, replace=len(known) < self.targets)
        wanted = set(characters.tolist())
        able = [other for other in self._writers if other.archive is first.archive and other.samples.keys() >= wanted]
        chosen = [able[one] for one in rng.choice(len(able), self.people, replace=len(able) < self.people)]
        glyphs = [writer.glyphs(rng, characters, self.size, writer.transform(rng, self.vary)) for writer in chosen]
        return np.stack(glyphs), characters
