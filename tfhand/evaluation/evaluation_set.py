"""What methods are compared on: episodes of people never trained on, and the training writers as a reference."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
from scipy.ndimage import gaussian_filter

from tfhand.data.archive import Archive
from tfhand.errors import ArchiveError
from tfhand.evaluation.episodes import Episode, People, among_writers, draw_episodes
from tfhand.metrics import TRAITS

PLAIN_NIB = 2.4  # pixels at 32: the nib of all letters in comparisons that the nib must not decide
BLUR = 1.5  # pixels: strokes that lie no farther apart count as the same
TRAINING_EPISODES = 80  # episodes of training writers, from which a classifier may learn
NOISE, WRITER, HALVES = range(3)  # streams of random numbers of one episode


class EvaluationSet:
    """The episodes of one archive, and its training writers.

    Args:
        archive: of pen strokes, with writers.
        held_out: writers that the networks under evaluation were not trained on.
        characters: considered; those that fewer than two training writers wrote are left out.
        size: side of the glyphs in pixels.
        samples: support letters of an episode, at most.
        seed: of all random choices.

    Attributes:
        known: the training writers.
        characters: all that are considered.
        episodes: one for each held-out writer who wrote enough.

    Raises:
        ArchiveError: the archive cannot serve.
    """

    def __init__(
        self,
        archive: Archive,
        held_out: Iterable[int],
        characters: str,
        size: int = 32,
        samples: int = 10,
        seed: int = 0,
    ):
        writers = archive.need_writers()
        if archive.images is not None:
            raise ArchiveError("The archive holds images; letters are compared in one nib, which takes pen strokes.")
        held_out = among_writers(archive, held_out)
        known = People.of(archive, np.setdiff1d(writers, held_out), characters, size, seed)
        common = np.flatnonzero(np.sum(known.letters >= 0, axis=0) >= 2)
        if len(common) <= samples:
            raise ArchiveError("The archive has too few letters of training writers to compare with.")
        self.samples, self.seed = samples, seed
        self.known = known.only(common)
        self.characters = self.known.characters
        self.episodes = draw_episodes(People.of(archive, held_out, self.characters, size, seed), samples, seed)

    def rng(self, episode: Episode, *purpose: int) -> np.random.Generator:
        """The random generator of one episode for one purpose, independent of all others."""
        return np.random.default_rng([self.seed, episode.writer, *purpose])

    def numbers_in(self, characters: str) -> np.ndarray:
        """The numbers that a network has for the characters of this set, (C,)."""
        return np.array([characters.index(character) for character in self.characters], np.int32)

    @cached_property
    def training_episodes(self) -> list[Episode]:
        """Episodes of some training writers, from which a classifier may learn."""
        episodes = draw_episodes(self.known, self.samples, self.seed)
        some = np.random.default_rng(self.seed).permutation(len(episodes))[:TRAINING_EPISODES]
        return [episodes[number] for number in np.sort(some)]

    @cached_property
    def training_glyphs(self) -> list[np.ndarray]:
        """For each character the training writers' letters, uint8 (n, S, S), all with one nib."""
        return [self.known.draw(column[column >= 0], PLAIN_NIB) for column in self.known.letters.T]

    @cached_property
    def means(self) -> dict[str, np.ndarray]:
        """For each trait its mean over the training writers' letters of a character, (C,)."""
        return {
            name: np.array([trait(glyphs).mean() for glyphs in self.training_glyphs]) for name, trait in TRAITS.items()
        }

    @cached_property
    def medoids(self) -> np.ndarray:
        """For each character the training letter nearest to the blurred mean of all, as indices (C,)."""
        indices = []
        for column, glyphs in zip(self.known.letters.T, self.training_glyphs, strict=True):
            soft = blurred(glyphs)
            indices.append(column[column >= 0][np.square(soft - soft.mean(axis=0)).sum(axis=(1, 2)).argmin()])
        return np.array(indices)

    def traits(self, characters: np.ndarray, glyphs: np.ndarray) -> np.ndarray:
        """A person's traits, in the order of `TRAITS`: the mean over the letters of (trait - mean of the character)."""
        return np.array([(trait(glyphs) - self.means[name][characters]).mean() for name, trait in TRAITS.items()])


def difference(first: np.ndarray, second: np.ndarray) -> float:
    """Mean absolute difference of uint8 glyphs (n, S, S), strokes softened."""
    return float(np.abs(blurred(first) - blurred(second)).mean())


def blurred(glyphs: np.ndarray) -> np.ndarray:
    """uint8 glyphs (n, S, S) with soft strokes, float32."""
    return gaussian_filter(glyphs.astype(np.float32), (0, BLUR, BLUR))
