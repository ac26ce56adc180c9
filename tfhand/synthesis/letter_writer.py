"""Letters in one hand, as networks write them: in the person's nib, and legible where the hand can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfhand.hands.sample import GENERATED, Sample
from tfhand.models.pipeline import GlyphPipeline
from tfhand.models.reader.legibility import legibility
from tfhand.typeset.nib import redrawn

DRAWS = 12  # more of a letter that is not read; the most legible one is taken


@dataclass(frozen=True, eq=False)
class LetterWriter:
    """Writes letters in one hand.

    Attributes:
        pipeline: of the networks.
        code: of the hand, float32 (code_size,).
        nib: in which the person writes, in x-heights, if it is too fine for networks; else None.
    """

    pipeline: GlyphPipeline
    code: np.ndarray
    nib: float | None = None

    def write(self, characters: Sequence[str], rng: np.random.Generator) -> list[Sample]:
        """A generated Sample of each of these characters."""
        return [self.in_own_nib(sample) for sample in self._draw(characters, rng)]

    def made_legible(self, samples: Sequence[Sample], reader: Any, seed: int) -> list[Sample]:
        """The same samples; in place of each that is not read, the most legible of it and `DRAWS` further ones.

        Args:
            samples: of `write`.
            reader: a `Reader` that must take them for their characters; None leaves them as they are.
            seed: of the further draws, which are random numbers of their own: samples that are all read change nothing.
        """
        chosen = list(samples)
        if reader is None:
            return chosen
        read, sureness = legibility(samples, reader)
        unread = np.flatnonzero(~read).tolist()
        if unread:
            characters = [samples[place].character for place in unread]
            anew = self._draw(characters * DRAWS, np.random.default_rng([seed, DRAWS]))
            _, found = legibility(anew, reader)
            best = found.reshape(DRAWS, -1).argmax(axis=0) * len(unread) + np.arange(len(unread))
            for place, other in zip(unread, best.tolist(), strict=True):
                if found[other] > sureness[place]:
                    chosen[place] = self.in_own_nib(anew[other])
        return chosen

    def _draw(self, characters: Sequence[str], rng: np.random.Generator) -> list[Sample]:
        """The characters as the networks write them."""
        noise = self.pipeline.draw_noise(rng, len(characters))
        codes = np.repeat(self.code[None], len(characters), axis=0)
        images = self.pipeline.write(codes, self.pipeline.numbers(characters), noise)
        return [Sample(c, image, GENERATED) for c, image in zip(characters, images, strict=True)]

    def in_own_nib(self, sample: Sample) -> Sample:
        """A letter that the networks wrote, in the nib of the person."""
        if self.nib is None:
            return sample
        return Sample(sample.character, redrawn(sample, self.nib), GENERATED, seed=sample.seed)
