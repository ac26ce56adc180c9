"""The scene of a comparison: trials on people never trained on, and the training writers beside them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
from scipy.ndimage import gaussian_filter

from tfhand.data.archive import Archive
from tfhand.errors import ArchiveError
from tfhand.evaluation.episodes import Episode, People, among_writers, draw_episodes
from tfhand.metrics import TRAITS

PLAIN_NIB = 2.4  # pixels at 32: the one nib of letters that are compared without their nib
BLUR = 1.5  # pixels by which a stroke may lie elsewhere and still be the same stroke
PRACTICE = 80  # training writers who serve as examples
NOISE, LOT, HALVES = range(3)  # separate streams of random numbers of one trial


class EvaluationSet:
    """One archive's trials and its training writers to compare with.

    Args:
        archive: of pen strokes, with writers.
        held_out: the writers that the networks to be judged never saw.
        characters: to look at; what fewer than two training writers wrote is left out.
        size: of the glyphs in pixels.
        samples: how many letters of a person are given, at most.
        seed: of everything drawn.

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
        self.trials = draw_episodes(People.of(archive, held_out, self.characters, size, seed), samples, seed)

    def rng(self, trial: Episode, *purpose: int) -> np.random.Generator:
        """The generator of one trial for one purpose, whatever else is drawn."""
        return np.random.default_rng([self.seed, trial.writer, *purpose])

    def numbers_in(self, characters: str) -> np.ndarray:
        """The scene's characters as a network numbers them, (C,)."""
        return np.array([characters.index(character) for character in self.characters], np.int32)

    @cached_property
    def practice(self) -> list[Episode]:
        """The same trials for some of the training writers: what a judge may learn from."""
        trials = draw_episodes(self.known, self.samples, self.seed)
        some = np.random.default_rng(self.seed).permutation(len(trials))[:PRACTICE]
        return [trials[number] for number in np.sort(some)]

    @cached_property
    def plain(self) -> list[np.ndarray]:
        """For each character the training writers' letters, uint8 (n, S, S), all with one nib."""
        return [self.known.draw(column[column >= 0], PLAIN_NIB) for column in self.known.letters.T]

    @cached_property
    def means(self) -> dict[str, np.ndarray]:
        """For each trait its mean over the training writers' letters of a character, (C,)."""
        return {name: np.array([trait(glyphs).mean() for glyphs in self.plain]) for name, trait in TRAITS.items()}

    @cached_property
    def medoids(self) -> np.ndarray:
        """For each character the training letter nearest to the blurred mean of all, as places in the archive (C,)."""
        places = []
        for column, glyphs in zip(self.known.letters.T, self.plain, strict=True):
            soft = blurred(glyphs)
            places.append(column[column >= 0][np.square(soft - soft.mean(axis=0)).sum(axis=(1, 2)).argmin()])
        return np.array(places)

    def traits(self, characters: np.ndarray, glyphs: np.ndarray) -> np.ndarray:
        """A person's traits, in the order of `TRAITS`: the mean over letters of each less that character's mean."""
        return np.array([(trait(glyphs) - self.means[name][characters]).mean() for name, trait in TRAITS.items()])


def blurred(glyphs: np.ndarray) -> np.ndarray:
    """uint8 glyphs (n, S, S) with soft strokes, float32."""
    return gaussian_filter(glyphs.astype(np.float32), (0, BLUR, BLUR))
