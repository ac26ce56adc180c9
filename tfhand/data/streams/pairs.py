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
        self.size, self.people, self.glyphs, self.spread, self.mixed = size, people, glyphs, spread, mixed
        self._writers, self._weights = writers_of(archives, shares, characters)
        if len(self._writers) < 2:
            raise ArchiveError("A verifier learns from two people or more.")

    def batch(self, number: int) -> dict[str, np.ndarray]:
        rng = self.rng(number)
        count = min(self.people, int(np.count_nonzero(self._weights)))
        chosen = rng.choice(len(self._writers), count, replace=False, p=self._weights)
        people = [[self._writers[one]] for one in chosen]
        for mixture in people[: round(self.mixed * count)]:
            mixture.append(self._partner(rng, *mixture))
        drawn = [self._pair(rng, each) for each in people]
        glyphs = [each for each, _ in drawn]
        batch = {
            "glyphs": as_network_input(np.stack([each[0] for each in glyphs])),
            "characters": np.array([characters for _, characters in drawn], np.int32),
        }
        if partners := [each[1] for each in glyphs if len(each) > 1]:
            batch["partners"] = as_network_input(np.stack(partners))
            batch["partner_shares"] = rng.uniform(*_PARTNER_SHARES, len(partners)).astype(np.float32)
        return batch

    def _partner(self, rng: np.random.Generator, writer: Writer) -> Writer:
        """Somebody who wrote enough of the same characters; the writer, if nobody is found in a few tries."""
        for number in rng.integers(len(self._writers), size=_TRIES):
            if len(writer.samples.keys() & self._writers[number].samples) >= 2 * self.glyphs:
                return self._writers[number]
        return writer

    def _pair(self, rng: np.random.Generator, people: Sequence[Writer]) -> tuple[np.ndarray, np.ndarray]:
        """Two sets by each of some people, uint8 (people, 2, N, S, S), and their characters (2, N), the same of all."""
        transform = ScanTransform.draw(rng, spread=self.spread)
        known = rng.permutation([each for each in people[0].samples if each in people[-1].samples])
        half = min(self.glyphs, len(known) // 2)
        glyphs, characters = [], []
        for own in (known[:half], known[half:]):
            which = rng.choice(own, self.glyphs, replace=len(own) < self.glyphs)
            nib = replace(transform, nib=draw_nib(rng))
            glyphs.append([scan_noise(rng, writer.glyphs(rng, which, self.size, nib)) for writer in people])
            characters.append(which)
        return np.stack(glyphs, axis=1), np.array(characters)
