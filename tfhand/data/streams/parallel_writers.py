"""Several people write the same characters: what differs between them is the hand, what stays is the character."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from keras import ops

from tfhand.data.archive import Archive
from tfhand.data.drawing.bank import GlyphBank, as_images
from tfhand.data.streams.base import Stream
from tfhand.data.streams.groups import some_of, weighted
from tfhand.data.streams.writers import Writers, draw_hands


class ParallelWritersStream(Stream):
    """Letters with their characters, some of each person, and of several people the same.

    A batch: `image` float32 (B, S, S, 1) in [-1, 1] and `character` int32 (B,), its place in `characters`. As an array
    (people, dictations, targets): what is dictated differs from dictation to dictation, who writes it and in what
    transform (slant, stretch, rotation, nib) from one to the next of both, and the last axis is what one person wrote.

    With references there are, for the H = people * dictations hands as an array (people, dictations), `references`
    float32 (H, K, S, S, 1) with `reference_characters` int32 (H, K) and `reference_mask` float32 (H, K): 1 to K letters
    of other characters in the same transform.

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
        references: K, letters of each hand beside those dictated; 0 leaves them out.
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
        references: int = 0,
    ):
        super().__init__(seed)
        self.size, self.vary, self.people, self.targets = size, vary, people, targets
        self.references = references
        self.dictations = batch_size // (people * targets)
        self._writers = Writers(archives, shares, characters)
        self._bank = GlyphBank(archives, size)
        self.arrays = self._bank.arrays

    def plan(self, number: int) -> dict[str, np.ndarray]:
        rng = self.rng(number)
        first = weighted(rng, self._writers.weights, self.dictations)
        characters = some_of(rng, self._writers.known[first], self.targets)  # (dictations, targets)
        writers = self._who_can(rng, first, characters).T  # (people, dictations)
        transform = self._writers.transforms(rng, writers, self.vary)
        plan = {
            "letters": self._writers.letters(rng, writers[:, :, None], characters[None]),
            "matrix": transform.matrix.astype(np.float32),
            "nib": transform.nib.astype(np.float32),
            "character": np.tile(characters.ravel(), self.people).astype(np.int32),
        }
        return {**plan, **self._draw_references(rng, writers, characters)} if self.references else plan

    def draw(self, arrays: Mapping[str, Any], plan: Mapping[str, Any]) -> Mapping[str, Any]:
        letters = ops.reshape(plan["letters"], (-1, self.targets))
        matrices, nibs = ops.reshape(plan["matrix"], (-1, 2, 2)), ops.reshape(plan["nib"], (-1,))
        glyphs = draw_hands(self._bank, arrays, letters, matrices, nibs)
        images = as_images(ops.reshape(glyphs, (-1, self.size, self.size)))
        batch = {"image": images, "character": plan["character"]}
        if not self.references:
            return batch
        mask = plan["reference_mask"]
        shown = draw_hands(self._bank, arrays, plan["shown"], matrices, nibs) * mask[:, :, None, None]
        told = {name: plan[name] for name in ("reference_characters", "reference_mask")}
        return {**batch, "references": as_images(shown), **told}

    def _draw_references(self, rng: np.random.Generator, writers: np.ndarray, characters: np.ndarray) -> dict:
        """Which other letters are shown of people (people, d) to whom characters (d, n) are dictated."""
        known = self._writers.known[writers]  # (people, d, C)
        others = known.copy()
        others[:, np.arange(len(characters))[:, None], characters] = False
        among = np.where(others.any(axis=2, keepdims=True), others, known).reshape(-1, known.shape[2])
        chosen, hands = some_of(rng, among, self.references), among.shape[0]
        mask = np.arange(self.references) < rng.integers(1, self.references + 1, (hands, 1))
        return {
            "shown": self._writers.letters(rng, writers.reshape(-1, 1), chosen),
            "reference_characters": (mask * chosen).astype(np.int32),
            "reference_mask": mask.astype(np.float32),
        }

    def _who_can(self, rng: np.random.Generator, first: np.ndarray, characters: np.ndarray) -> np.ndarray:
        """People of the archive of `first` (d,) who wrote all of some characters (d, n), (d, people)."""
        able = self._writers.known[:, characters].all(axis=2).T  # (d, W)
        able &= self._writers.archive[None] == self._writers.archive[first][:, None]
        return some_of(rng, able, self.people)
