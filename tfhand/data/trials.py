"""Trials on people never trained on: a few letters of a person are given, and others are asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from tfhand.data.archive import Archive
from tfhand.errors import ArchiveError

NIBS = (1.6, 3.6)  # pixels at 32: the nibs that people of a trial hold
UNSEEN = 10  # characters to judge by, at least, where the alphabet has them


@dataclass(frozen=True, eq=False)
class People:
    """Writers of an archive with one letter, drawn by lot, of every character they wrote.

    Attributes:
        archive: where the letters are.
        characters: that are looked at, in order.
        size: of the glyphs in pixels.
        writers: (W,) who they are in the archive.
        letters: (W, C) places in the archive, -1 where a writer never wrote that character.
    """

    archive: Archive
    characters: str
    size: int
    writers: np.ndarray
    letters: np.ndarray

    @classmethod
    def of(cls, archive: Archive, writers: Iterable[int], characters: str, size: int = 32, seed: int = 0) -> People:
        """Those of the writers who are in the archive; the seed draws which of their letters are taken.

        Raises:
            ArchiveError: the archive has no writers.
        """
        writers = np.intersect1d(archive.need_writers(), np.fromiter(writers, int))
        labels = archive.places_in(characters)
        order = np.random.default_rng(seed).permutation(len(archive))  # of all, so that a writer's lot is their own
        chosen = order[np.isin(archive.writers[order], writers) & (labels[order] >= 0)]
        letters = np.full((len(writers), len(characters)), -1)
        letters[np.searchsorted(writers, archive.writers[chosen]), labels[chosen]] = chosen  # the last one stays
        return cls(archive, characters, size, writers, letters)

    def only(self, characters: Iterable[int]) -> People:
        """The same people with these of the characters alone, by index."""
        characters = list(characters)
        names = "".join(self.characters[index] for index in characters)
        return People(self.archive, names, self.size, self.writers, self.letters[:, characters])

    def draw(self, letters: np.ndarray, nib: float) -> np.ndarray:
        """Letters by their places in the archive, all with one nib: uint8 (n, size, size)."""
        if len(letters) == 0:
            return np.zeros((0, self.size, self.size), np.uint8)
        return self.archive.render(letters, self.size, nib)

    def borrow(self, order: Iterable[int], characters: np.ndarray) -> np.ndarray:
        """Of each character (n,) the letter of the first writer in this order who wrote it, as places (n,)."""
        asked = self.letters[np.asarray(order)][:, characters]  # (W, n)
        return asked[np.argmax(asked >= 0, axis=0), np.arange(len(characters))]


@dataclass(frozen=True, eq=False)
class Trial:
    """One person: all letters there are of them, and which of these are given.

    Attributes:
        writer: who it is in the archive.
        nib: line width in pixels at 32, the person's own.
        characters: (n,) what they wrote, as indices.
        glyphs: uint8 (n, S, S), the person's letters, one of each.
        given: bool (n,), which of them are the samples.
    """

    writer: int
    nib: float
    characters: np.ndarray
    glyphs: np.ndarray
    given: np.ndarray

    @property
    def unseen(self) -> np.ndarray:
        """The characters that are asked for, as indices."""
        return self.characters[~self.given]

    @property
    def real(self) -> np.ndarray:
        """The person's own letters of the unseen characters."""
        return self.glyphs[~self.given]


def draw_trials(people: People, samples: int, seed: int = 0) -> list[Trial]:
    """A trial for each of the people who wrote enough different characters.

    Args:
        people: never trained on.
        samples: how many letters are given, each of another character.
        seed: draws them and the nibs. More samples for one seed are the same ones and some more.

    Raises:
        ArchiveError: nobody wrote enough.
    """
    spare = len(people.characters) - samples
    enough = samples + min(UNSEEN, max(2, spare // 2))  # a small alphabet leaves fewer to judge by
    trials = []
    for writer, letters in zip(people.writers, people.letters, strict=True):
        known = np.flatnonzero(letters >= 0)
        if len(known) < enough:
            continue
        rng = np.random.default_rng([seed, writer])
        nib = float(np.exp(rng.uniform(*np.log(NIBS))))
        given = np.isin(known, rng.permutation(known)[:samples])
        trials.append(Trial(int(writer), nib, known, people.draw(letters[known], nib), given))
    if not trials:
        raise ArchiveError(f"No held-out writer wrote {enough} different characters; ask for fewer --samples.")
    return trials
