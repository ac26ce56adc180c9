"""Pairs of sets of glyphs, each pair by one person: what a verifier learns from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from keras import ops

from tfhand.data.archive import Archive
from tfhand.data.drawing.bank import GlyphBank, as_images
from tfhand.data.drawing.scan_noise import draw_scans, grain_sheets, scan_glyphs
from tfhand.data.scan_transform import ScanTransform, draw_nib
from tfhand.data.streams.base import Stream
from tfhand.data.streams.groups import first_of, shuffled
from tfhand.data.streams.writers import Writers, draw_hands
from tfhand.errors import ArchiveError

_PARTNER_SHARES = (0.2, 0.8)  # of the partner in a mixture
_TRIES = 8  # to find a partner


class PairStream(Stream):
    """Two sets of N glyphs of each of W different people: other characters, another nib, another scan in each set.

    A batch: `glyphs` float32 (W, 2, N, S, S, 1) and `characters` int32 (W, 2, N). Slant, stretch and rotation are
    drawn for a person, the same for both sets, since they belong to the hand; the nib is drawn for each set.

    The first M people of a batch may be meant as mixtures, so that there are more people than wrote: `partners` float32
    (M, 2, N, S, S, 1) are the same characters by somebody else, and `partner_shares` float32 (M,) how much of that one
    is to be in the mixture (mixup, Zhang et al. 2018, arXiv 1710.09412, of two people's strokes).

    Args:
        archives: data sets of pen strokes with writers.
        shares: how often a person comes from each archive.
        characters: that are looked at, in order; other classes are left out.
        size: side of the glyphs in pixels.
        people: W.
        glyphs: N.
        spread: how far a person's slant, stretch and rotation are moved, 1 being as far as `HandStream` does.
        mixed: share of the people of a batch who are mixtures, M of W; without any there are no partners.
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
        mixed: float = 0.0,
        seed: int = 0,
    ):
        super().__init__(seed)
        if any(archive.images is not None for archive in archives):
            raise ArchiveError(
                "A verifier must not go by the nib, so it learns from pen strokes; this archive is images."
            )
        self.size, self.glyphs, self.spread = size, glyphs, spread
        self._writers = Writers(archives, shares, characters)
        if len(self._writers) < 2:
            raise ArchiveError("A verifier learns from two people or more.")
        self.people = min(people, int(np.count_nonzero(self._writers.weights)))
        self.mixtures = round(mixed * self.people)
        self._bank = GlyphBank(archives, size)
        self.arrays = {**self._bank.arrays, "sheets": grain_sheets(size)}

    def plan(self, number: int) -> dict[str, np.ndarray]:
        rng = self.rng(number)
        weights = self._writers.weights / self._writers.weights.sum()
        people = rng.choice(len(weights), self.people, replace=False, p=weights)
        partners = self._partners(rng, people[: self.mixtures])
        known = self._writers.known[people]
        known[: self.mixtures] &= self._writers.known[partners]
        characters = self._halves(rng, known)  # (W, 2, N)
        everyone = np.concatenate([people, partners])
        written = np.concatenate([characters, characters[: self.mixtures]])
        transform = ScanTransform.draw(rng, people.shape, spread=self.spread)
        nibs = draw_nib(rng, (self.people, 2))
        scans = draw_scans(rng, 2 * len(everyone), self.glyphs)
        plan = {
            "letters": self._writers.letters(rng, everyone[:, None, None], written),
            "matrix": self._and_partners(transform.matrix.astype(np.float32)),
            "nib": self._and_partners(nibs.astype(np.float32)),
            "characters": characters.astype(np.int32),
            **scans,
        }
        if self.mixtures:
            plan["partner_shares"] = rng.uniform(*_PARTNER_SHARES, self.mixtures).astype(np.float32)
        return plan

    def draw(self, arrays: Mapping[str, Any], plan: Mapping[str, Any]) -> Mapping[str, Any]:
        letters = ops.reshape(plan["letters"], (-1, self.glyphs))  # two sets of each, one after the other
        glyphs = draw_hands(
            self._bank, arrays, letters, ops.repeat(plan["matrix"], 2, axis=0), ops.reshape(plan["nib"], (-1,))
        )
        glyphs = scan_glyphs(glyphs, plan["scan"], ops.take(arrays["sheets"], plan["sheet"], axis=0))
        images = as_images(ops.reshape(glyphs, (-1, 2, self.glyphs, self.size, self.size)))
        batch = {"glyphs": images[: self.people], "characters": plan["characters"]}
        if self.mixtures:
            batch |= {"partners": images[self.people :], "partner_shares": plan["partner_shares"]}
        return batch

    def _partners(self, rng: np.random.Generator, people: np.ndarray) -> np.ndarray:
        """For each person somebody who wrote enough of the same characters; the person, if none is found in a few
        tries."""
        known = self._writers.known
        tried = rng.integers(len(known), size=(len(people), _TRIES))
        enough = (known[people][:, None] & known[tried]).sum(axis=2) >= 2 * self.glyphs  # (M, tries)
        found = tried[np.arange(len(people)), enough.argmax(axis=1)]
        return np.where(enough.any(axis=1), found, people)

    def _halves(self, rng: np.random.Generator, known: np.ndarray) -> np.ndarray:
        """Two sets of characters of each row of a table (W, C), which share none, (W, 2, N)."""
        order, count = shuffled(rng, known), known.sum(axis=1)[:, None]
        half = np.minimum(self.glyphs, count // 2)
        sets = [first + first_of(rng, half, self.glyphs) for first in (0, half)]
        return np.take_along_axis(order, np.concatenate(sets, axis=1), axis=1).reshape(-1, 2, self.glyphs)

    def _and_partners(self, each: np.ndarray) -> np.ndarray:
        """What is drawn for each person, and the same again for the partners of the first."""
        return np.concatenate([each, each[: self.mixtures]])
