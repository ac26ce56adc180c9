"""Letters one by one: what a network learns from that is told the character alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tfhand.data.archive import Archive
from tfhand.data.drawing.bank import GlyphBank, as_images
from tfhand.data.scan_transform import ScanTransform, draw_nib
from tfhand.data.streams.base import Stream
from tfhand.data.streams.groups import Groups
from tfhand.errors import ArchiveError


class GlyphStream(Stream):
    """Letters with their characters, every character as often as any other, however many samples of it there are.

    A batch: `image` float32 (B, S, S, 1) in [-1, 1] and `character` int32 (B,), its place in `characters`. Each letter
    is drawn for itself, from any of the archives that hold its character. Who wrote it does not matter.

    Args:
        archives: data sets, with or without writers.
        shares: how often a letter comes from each archive, among those that hold its character.
        characters: what is drawn, in order; others in the archives are left out.
        size: side of the images in pixels.
        batch_size: B.
        seed: of the stream.
        vary: draws slant, stretch and rotation for every letter; without it only the nib of pen strokes is drawn, and
            real ink is left as it is.
        group: letters of a character in a batch at least, B / group apart, as `MinibatchStdDev` compares them.

    Raises:
        ArchiveError: a character is in none of the archives that have a share.
    """

    def __init__(
        self,
        archives: Sequence[Archive],
        shares: Sequence[float],
        characters: str,
        size: int = 32,
        batch_size: int = 32,
        seed: int = 0,
        vary: bool = False,
        group: int = 1,
    ):
        super().__init__(seed)
        self.archives, self.characters, self.size, self.batch_size = archives, characters, size, batch_size
        self.vary, self.group = vary, group
        labels = [archive.places_in(characters) for archive in archives]
        groups = [np.where(own < 0, -1, own + place * len(characters)) for place, own in enumerate(labels)]
        self._samples = Groups(np.concatenate(groups), len(archives) * len(characters))
        held = self._samples.sizes.reshape(len(archives), len(characters)).T > 0
        weights = held * np.asarray(shares, np.float64)  # (characters, archives)
        totals = weights.sum(axis=1, keepdims=True)
        absent = [character for character, total in zip(characters, totals, strict=True) if not total]
        if absent:
            raise ArchiveError(f"No archive holds a sample of {' '.join(absent)}; leave them out of the characters.")
        self._sums = np.cumsum(weights / totals, axis=1)
        self._bank = GlyphBank(archives, size)
        self.arrays = self._bank.arrays

    def plan(self, number: int) -> dict[str, np.ndarray]:
        rng = self.rng(number)
        characters = rng.integers(len(self.characters), size=self.batch_size // self.group)
        characters = np.tile(characters, self.group)
        shape = characters.shape
        archives = (rng.random(shape)[:, None] >= self._sums[characters][:, :-1]).sum(axis=1)
        transform = ScanTransform.draw(rng, shape) if self.vary else ScanTransform.neutral(shape, draw_nib(rng, shape))
        return {
            "letters": self._samples.draw(rng, archives * len(self.characters) + characters),
            "matrix": transform.matrix.astype(np.float32),
            "nib": transform.nib.astype(np.float32),
            "character": characters.astype(np.int32),
        }

    def draw(self, arrays: Mapping[str, Any], plan: Mapping[str, Any]) -> Mapping[str, Any]:
        glyphs = self._bank.draw(arrays, plan["letters"], plan["matrix"], plan["nib"])
        return {"image": as_images(glyphs), "character": plan["character"]}
