"""Images and references by domain, the character: what StarGAN v2 learns from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from keras import ops

from tfhand.data.archive import Archive
from tfhand.data.drawing.bank import GlyphBank, as_images
from tfhand.data.scan_transform import ScanTransform, draw_nib
from tfhand.data.streams.base import Stream
from tfhand.data.streams.groups import Groups, some_of
from tfhand.errors import ArchiveError


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
        self._labels = archive.places_in(characters)
        self._members = Groups(self._labels, len(characters))
        pairs = zip(characters, self._members.sizes, strict=True)
        if absent := [character for character, held in pairs if held < 2]:
            raise ArchiveError(f"The archive has fewer than two samples of {' '.join(absent)}.")
        self.writer_count, self._writers = 0, None
        if archive.writers is not None:
            people, self._writers = np.unique(archive.writers, return_inverse=True)
            self.writer_count = len(people)
        if samples:
            archive.need_writers()
            self._own = self._letters_of_writers()
        self._bank = GlyphBank([archive], size)
        self.arrays = self._bank.arrays

    def plan(self, number: int) -> dict[str, np.ndarray]:
        rng = self.rng(number)
        domain, reference_domain = rng.integers(len(self._members.sizes), size=(2, self.batch_size))
        letters = {
            "image": self._members.draw(rng, domain),
            "reference": self._members.draw(rng, reference_domain),
            "reference2": self._members.draw(rng, reference_domain),
        }
        nibs = dict(zip(letters, draw_nib(rng, (3,)), strict=True))  # in pixels at 32, one for all images of a kind
        plan = {"domain": domain.astype(np.int32), "reference_domain": reference_domain.astype(np.int32)}
        if self._writers is not None:
            plan["writer"] = self._writers[letters["image"]].astype(np.int32)
            told = ScanTransform(nib=nibs["image"]) if self.archive.images is None else ScanTransform()
            plan["nib"] = np.full(self.batch_size, told.vector[-1])
        if self.samples:
            letters["samples"] = self._some_letters(rng, plan["writer"], reference_domain)
            nibs["samples"] = nibs["image"]
            counts = rng.integers(1, self.samples + 1, (self.batch_size, 1))
            plan["sample_characters"] = self._labels[letters["samples"]].astype(np.int32)
            plan["sample_mask"] = (np.arange(self.samples) < counts).astype(np.float32)
        for name, each in letters.items():
            plan |= {f"{name}_letters": each, f"{name}_nibs": np.full(each.shape, nibs[name], np.float32)}
        return plan

    def draw(self, arrays: Mapping[str, Any], plan: Mapping[str, Any]) -> Mapping[str, Any]:
        batch, drawn = {}, ("image", "reference", "reference2", *(["samples"] if self.samples else []))
        for name in drawn:
            letters, nibs = plan[f"{name}_letters"], plan[f"{name}_nibs"]
            flat = ops.reshape(letters, (-1,))
            unmoved = ops.broadcast_to(ops.eye(2), (flat.shape[0], 2, 2))
            glyphs = self._bank.draw(arrays, flat, unmoved, ops.reshape(nibs, (-1,)))
            batch[name] = ops.reshape(as_images(glyphs), (*letters.shape, self.size, self.size, 1))
        told = {name: array for name, array in plan.items() if not name.endswith(("_letters", "_nibs"))}
        return {**batch, **told}

    def _letters_of_writers(self) -> np.ndarray:
        """What each writer wrote of the domains, int32 (writers, n), filled up with -1."""
        assert self._writers is not None, "an archive with writers"
        own = [np.flatnonzero((self._writers == one) & (self._labels >= 0)) for one in range(self.writer_count)]
        table = np.full((len(own), max(map(len, own))), -1, np.int32)
        for row, letters in zip(table, own, strict=True):
            row[: len(letters)] = letters
        return table

    def _some_letters(self, rng: np.random.Generator, writers: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """A few letters (B, K) of each of `writers` (B,), not of the character `wanted` (B,) where they have others."""
        own = self._own[writers]
        others = (own >= 0) & (self._labels[own] != wanted[:, None])
        others = np.where(others.any(axis=1, keepdims=True), others, own >= 0)
        return np.take_along_axis(own, some_of(rng, others, self.samples), axis=1)
