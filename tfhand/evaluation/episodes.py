"""Trials on people never trained on: a few letters of a person are given, and others are asked for.

Only characters of which a person has two writings are asked for: the first is the truth, and the second is how the
person answers when asked again, the best that anybody can hope for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from tfhand.data.archive import Archive
from tfhand.errors import ArchiveError

NIBS = (1.6, 3.6)  # pixels at 32: the nibs that people of a trial hold
ASKED = 10  # characters to judge by, at least, where the alphabet has them


def among_writers(archive: Archive, held_out: Iterable[int]) -> np.ndarray:
    """Those of the writers whom a preset never saw who are in an archive, in order, (W,).

    Raises:
        ArchiveError: none of them is, or the archive has no writers.
    """
    people = np.intersect1d(archive.need_writers(), np.fromiter(held_out, int))
    if len(people) == 0:
        raise ArchiveError("None of the writers that the preset held out is in the archive.")
    return people


@dataclass(frozen=True, eq=False)
class People:
    """Writers of an archive with two letters, drawn by lot, of every character they wrote.

    Attributes:
        archive: where the letters are.
        characters: that are looked at, in order.
        size: of the glyphs in pixels.
        writers: (W,) who they are in the archive.
        letters: (W, C) places in the archive, -1 where a writer never wrote that character.
        again: (W, C) places of a second writing, -1 where there is none.
    """

    archive: Archive
    characters: str
    size: int
    writers: np.ndarray
    letters: np.ndarray
    again: np.ndarray

    @classmethod
    def of(cls, archive: Archive, writers: Iterable[int], characters: str, size: int = 32, seed: int = 0) -> People:
        """Those of the writers who are in the archive; the seed draws which of their letters are taken.

        Raises:
            ArchiveError: the archive has no writers.
        """
        writers = np.intersect1d(archive.need_writers(), np.fromiter(writers, int))
        labels = archive.places_in(characters)
        order = np.random.default_rng(seed).permutation(len(archive))  # of all, so that a writer's lot is their own
        left = order[np.isin(archive.writers[order], writers) & (labels[order] >= 0)]
        writings = []
        for _ in range(2):
            letters = np.full((len(writers), len(characters)), -1)
            letters[np.searchsorted(writers, archive.writers[left]), labels[left]] = left  # the last one stays
            left = left[~np.isin(left, letters)]
            writings.append(letters)
        return cls(archive, characters, size, writers, *writings)

    def only(self, characters: Iterable[int]) -> People:
        """The same people with these of the characters alone, by index."""
        characters = list(characters)
        names = "".join(self.characters[index] for index in characters)
        letters, again = self.letters[:, characters], self.again[:, characters]
        return People(self.archive, names, self.size, self.writers, letters, again)

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
class Episode:
    """One person: a letter of each character they wrote, which of these are given, and which are asked for.

    Attributes:
        writer: who it is in the archive.
        nib: line width in pixels at 32, the person's own.
        characters: (n,) what they wrote, as indices.
        letters: (n,) places in the archive, one of each.
        glyphs: uint8 (n, S, S), the same letters.
        given: (k,) the samples, as places among the n, in the order in which they were drawn.
        asked: (m,) the letters asked for, as places among the n; none of them is given.
        again: uint8 (m, S, S), the person's second writing of the characters asked for.
    """

    writer: int
    nib: float
    characters: np.ndarray
    letters: np.ndarray
    glyphs: np.ndarray
    given: np.ndarray
    asked: np.ndarray
    again: np.ndarray

    @property
    def samples(self) -> tuple[np.ndarray, np.ndarray]:
        """Characters (k,) and glyphs (k, S, S) of what is given."""
        return self.characters[self.given], self.glyphs[self.given]

    @property
    def wanted(self) -> np.ndarray:
        """The characters asked for, (m,)."""
        return self.characters[self.asked]

    @property
    def real(self) -> np.ndarray:
        """The person's own letters of the characters asked for, (m, S, S)."""
        return self.glyphs[self.asked]

    def fewer(self, samples: int) -> Episode:
        """The same questions with only the first of the samples given."""
        return replace(self, given=self.given[:samples])


def draw_episodes(people: People, samples: int, seed: int = 0) -> list[Episode]:
    """A trial for each of the people who wrote enough.

    Args:
        people: never trained on.
        samples: how many letters are given, each of another character.
        seed: draws them and the nibs.

    Raises:
        ArchiveError: nobody wrote enough.
    """
    spare = len(people.characters) - samples
    least = min(ASKED, max(2, spare // 2))  # a small alphabet leaves fewer to judge by
    trials = []
    for writer, letters, again in zip(people.writers, people.letters, people.again, strict=True):
        known = np.flatnonzero(letters >= 0)
        rng = np.random.default_rng([seed, writer])
        nib, lot = float(np.exp(rng.uniform(*np.log(NIBS)))), rng.permutation(len(known))
        twice = lot[again[known[lot]] >= 0]
        given = lot[~np.isin(lot, twice[:least])][:samples]  # so that enough is left to ask for
        if len(given) < samples or len(twice) < least:
            continue
        asked = np.sort(np.setdiff1d(twice, given))
        glyphs, second = people.draw(letters[known], nib), people.draw(again[known[asked]], nib)
        trials.append(Episode(int(writer), nib, known, letters[known], glyphs, given, asked, second))
    if not trials:
        raise ArchiveError(
            f"No writer has {samples} characters to give and {least} others written twice; ask for fewer --samples."
        )
    return trials
