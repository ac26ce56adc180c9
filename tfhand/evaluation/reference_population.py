"""A reference population of generated hands, to compare one person with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np

from tfhand.core.progress import Done, unwatched
from tfhand.data.scan_transform import ScanTransform
from tfhand.hands.glyph import as_network_input
from tfhand.metrics import TRAITS, thickness
from tfhand.models.batches import CHUNK, predict_in_batches

if TYPE_CHECKING:
    from tfhand.models.pipeline import GlyphPipeline
    from tfhand.models.protocol import HandRater

THICKNESS = "thickness"
NEXT = 10  # characters that are proposed, at most


class ReferencePopulation:
    """Random hands and the average one; each writes every character once, with the person's nib.

    Args:
        pipeline: of a preset that rates samples.
        own: the characters that the person wrote, on which traits are compared.
        nib: of the person, in pixels.
        people: number of hands.
        seed: of the hands.
        done: is called with the share of the letters that are written.
    """

    def __init__(
        self,
        pipeline: GlyphPipeline,
        own: str,
        nib: float,
        people: int,
        seed: int,
        done: Done = unwatched,
    ):
        self.networks = cast("HandRater", pipeline.networks)
        self.characters, self.own = pipeline.characters, own
        count, rng = len(self.characters), np.random.default_rng(seed)
        hands = rng.standard_normal((1 + people, pipeline.networks.config.hand_size), np.float32)
        hands[0] = 0  # the average hand
        codes = np.repeat(self.networks.population(hands, nib), count, axis=0)
        noise = pipeline.draw_noise(rng, len(codes))
        numbers, parts = np.tile(np.arange(count, dtype=np.int32), 1 + people), []
        for at in range(0, len(codes), CHUNK):
            part = slice(at, at + CHUNK)
            parts.append(pipeline.write(codes[part], numbers[part], noise[part]))
            done(min(1.0, (at + CHUNK) / len(codes)))
        glyphs = np.concatenate(parts)
        self.glyphs = glyphs.reshape(1 + people, count, *glyphs.shape[1:])

    def of(self, characters: str) -> np.ndarray:
        """These characters by the average hand and then by the random hands, uint8 (1 + people, n, S, S)."""
        return self.glyphs[:, [self.characters.index(character) for character in characters]]

    @cached_property
    def _own_traits(self) -> dict[str, np.ndarray]:
        """For each trait its values, (people, characters of the person)."""
        letters = self.of(self.own)[1:]
        flat = letters.reshape(-1, *letters.shape[2:])
        return {name: trait(flat).reshape(letters.shape[:2]) for name, trait in TRAITS.items()}

    def traits(self, letters: Sequence[np.ndarray]) -> dict[str, tuple[float, float]]:
        """The distance of a hand from the population by each trait, and its standard error over the characters.

        Both are in standard deviations of the population. A trait is the mean over characters of its value less the
        population's mean for that character. All hands of the population have one nib, so thickness is compared with
        the nibs used in training.

        Args:
            letters: for each of the person's own characters uint8 glyphs (n, S, S), one or more.
        """
        found = {}
        for name, population in self._own_traits.items():
            values = np.array([TRAITS[name](glyphs).mean() for glyphs in letters])
            if name == THICKNESS:
                apart = np.array([ScanTransform(nib=value).vector[-1] for value in values])
            else:
                apart = (values - population.mean(axis=0)) / max(population.mean(axis=1).std(), 1e-6)
            found[name] = float(apart.mean()), float(apart.std(ddof=1) / len(apart) ** 0.5)
        return found

    def proposals(self, letters: Sequence[np.ndarray]) -> str:
        """The characters not yet written that would tell most about a hand, the most informative first.

        Args:
            letters: as for `traits`.
        """
        numbers = np.repeat([self.characters.index(one) for one in self.own], [len(glyphs) for glyphs in letters])
        known = self._precision(np.concatenate(letters), numbers).sum(axis=0)
        people, count = self.glyphs.shape[:2]
        glyphs = self.glyphs.reshape(-1, *self.glyphs.shape[2:])
        expected = self._precision(glyphs, np.tile(np.arange(count), people)).reshape(people, count, -1).mean(axis=0)
        new = {one: gain for one, gain in zip(self.characters, expected, strict=True) if one not in self.own}
        return most_informative(1 + known, new)

    def _precision(self, glyphs: np.ndarray, characters: np.ndarray) -> np.ndarray:
        """What each glyph (n, S, S) tells of the hand, (n, hand_size)."""
        return predict_in_batches(self.networks.precisions, as_network_input(glyphs), characters.astype(np.int32))


def most_informative(known: np.ndarray, glyphs: Mapping[str, np.ndarray], most: int = NEXT) -> str:
    """The characters that tell most about a hand, each given those before it.

    The encoder multiplies Gaussian experts, so a glyph adds its precision to that of every entry of the hand. The
    information that it brings is half the logarithm of the precision after over the precision before.

    Args:
        known: precision of the hand so far, (hand_size,), positive.
        glyphs: for each character the precision that its glyph adds, (hand_size,).
        most: number of characters, at most.
    """
    chosen, left = "", dict(glyphs)
    while left and len(chosen) < most:
        gains = {character: np.log1p(precision / known).sum() for character, precision in left.items()}
        best = max(gains, key=gains.__getitem__)
        chosen, known = chosen + best, known + left.pop(best)
    return chosen


def nib_of(letters: Sequence[np.ndarray]) -> float:
    """The mean thickness of characters in pixels, each with one glyph or more, uint8 (n, S, S)."""
    return float(np.mean([thickness(glyphs).mean() for glyphs in letters]))
