"""A crowd to hold one person against who has no archive: hands made up by the preset itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from tfhand.data.scan_transform import ScanTransform
from tfhand.hands.glyph import as_glyphs, as_network_input
from tfhand.metrics import TRAITS, thickness
from tfhand.models.batches import predict_in_batches
from tfhand.models.hand.networks import VARIATION

THICKNESS = "thickness"
NEXT = 10  # characters that are proposed, at most


class ReferencePopulation:
    """Random hands and the average one; each writes every character once, with the person's nib.

    Args:
        networks: `HandNetworks` that write.
        own: the characters that the person wrote; their traits are compared.
        nib: of the person, in pixels.
        people: how many hands.
        seed: of the hands.
    """

    def __init__(self, networks, own: str, nib: float, people: int, seed: int):
        settings = networks.settings
        self.networks, self.characters, self.own = networks, settings.characters, own
        rng, count = np.random.default_rng(seed), len(self.characters)
        hands = rng.standard_normal((1 + people, settings.hand_size), np.float32)
        hands[0] = 0  # the average hand
        form = np.broadcast_to(ScanTransform(nib=nib).vector, (1 + people, settings.transform_size))
        noise = VARIATION * rng.standard_normal(((1 + people) * count, settings.noise_size), np.float32)
        asked = np.tile(np.arange(count, dtype=np.int32), 1 + people)
        codes = np.repeat(np.concatenate([hands, form], axis=1), count, axis=0)
        images = as_glyphs(predict_in_batches(networks.write, codes, asked, noise))
        self.glyphs = images.reshape(1 + people, count, *images.shape[1:])

    def of(self, characters: str) -> np.ndarray:
        """These characters as the average hand and then the crowd write them, uint8 (1 + people, n, S, S)."""
        return self.glyphs[:, [self.characters.index(character) for character in characters]]

    @cached_property
    def _own_traits(self) -> dict[str, np.ndarray]:
        """For each trait its values, (people, characters of the person)."""
        letters = self.of(self.own)[1:]
        flat = letters.reshape(-1, *letters.shape[2:])
        return {name: trait(flat).reshape(letters.shape[:2]) for name, trait in TRAITS.items()}

    def traits(self, letters: Sequence[np.ndarray]) -> dict[str, tuple[float, float]]:
        """How far a hand stands from the crowd by each trait, and the standard error of that over its characters.

        Both are in standard deviations of the crowd. A trait is the mean over characters of its value less the crowd's
        mean for that character. The crowd holds one nib, so thickness is compared with the nibs used in training.

        Args:
            letters: for each of the person's own characters uint8 glyphs (n, S, S), one or more.
        """
        found = {}
        for name, crowd in self._own_traits.items():
            values = np.array([TRAITS[name](glyphs).mean() for glyphs in letters])
            if name == THICKNESS:
                apart = np.array([ScanTransform(nib=value).vector[-1] for value in values])
            else:
                apart = (values - crowd.mean(axis=0)) / max(crowd.mean(axis=1).std(), 1e-6)
            found[name] = float(apart.mean()), float(apart.std(ddof=1) / len(apart) ** 0.5)
        return found

    def proposals(self, letters: Sequence[np.ndarray]) -> str:
        """The characters not yet written that would teach most about a hand, the best first.

        Args:
            letters: as for `traits`.
        """
        numbers = np.repeat([self.characters.index(one) for one in self.own], [len(glyphs) for glyphs in letters])
        known = self._sureness(np.concatenate(letters), numbers).sum(axis=0)
        people, count = self.glyphs.shape[:2]
        glyphs = self.glyphs.reshape(-1, *self.glyphs.shape[2:])
        expected = self._sureness(glyphs, np.tile(np.arange(count), people)).reshape(people, count, -1).mean(axis=0)
        new = {one: sure for one, sure in zip(self.characters, expected, strict=True) if one not in self.own}
        return most_informative(self.networks.hand_encoder.prior + known, new)

    def _sureness(self, glyphs: np.ndarray, characters: np.ndarray) -> np.ndarray:
        """How sure of the hand the encoder is after each glyph (n, S, S) alone, (n, hand_size)."""

        def sure(images, which):
            return self.networks.hand_encoder.estimates(images, which)[1][:, 0]

        found = predict_in_batches(sure, as_network_input(glyphs)[:, None], characters[:, None].astype(np.int32))
        return found[:, : self.networks.settings.hand_size]


def most_informative(known: np.ndarray, glyphs: Mapping[str, np.ndarray], most: int = NEXT) -> str:
    """The characters that tell most about a hand, each beside those before it.

    In the encoder's own reckoning a glyph adds its sureness to what is known of every entry of the hand. That is the
    inverse of a variance, so the information is half the logarithm of what is known after over before.

    Args:
        known: sureness of the hand so far, (hand_size,), positive.
        glyphs: for each character the sureness that its glyph brings, (hand_size,).
        most: how many, at most.
    """
    chosen, left = "", dict(glyphs)
    while left and len(chosen) < most:
        gains = {character: np.log1p(sureness / known).sum() for character, sureness in left.items()}
        best = max(gains, key=gains.__getitem__)
        chosen, known = chosen + best, known + left.pop(best)
    return chosen


def nib_of(letters: Sequence[np.ndarray]) -> float:
    """The mean thickness of characters in pixels, each with one glyph or more, uint8 (n, S, S)."""
    return float(np.mean([thickness(glyphs).mean() for glyphs in letters]))
