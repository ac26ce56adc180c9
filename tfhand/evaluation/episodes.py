"""Episodes on people never trained on: from a person's support letters the query characters are to be written.

Only characters that the person wrote twice are queried. The first writing is the truth. The second one, the retest,
shows how far the person's own writings agree: no method can be expected to come closer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from tfhand.data.archive import Archive
from tfhand.data.written import Written
from tfhand.errors import ArchiveError

NIBS = (1.6, 3.6)  # line widths of the people of episodes, in pixels at 32
QUERIES = 10  # query characters of an episode, at least, where the alphabet has them


def among_writers(archive: Written, held_out: Iterable[int]) -> np.ndarray:
    """The held-out writers of a preset that an archive holds, in order, (W,).

    Raises:
        ArchiveError: there are none, or the archive has no writers.
    """
    people = np.intersect1d(archive.need_writers(), np.fromiter(held_out, int))
    if len(people) == 0:
        raise ArchiveError("None of the writers that the preset held out is in the archive.")
    return people


@dataclass(frozen=True, eq=False)
class People:
    """Writers of an archive, with two random letters of every character that they wrote.

    Attributes:
        archive: with the letters.
        characters: considered, in order.
        size: side of the glyphs in pixels.
        writers: (W,) their numbers in the archive.
        letters: (W, C) indices into the archive, -1 where a writer never wrote that character.
        retest: (W, C) indices of a second writing, -1 where there is none.
    """

    archive: Archive
    characters: str
    size: int
    writers: np.ndarray
    letters: np.ndarray
    retest: np.ndarray

    @classmethod
    def of(cls, archive: Archive, writers: Iterable[int], characters: str, size: int = 32, seed: int = 0) -> People:
        """The given writers, as far as the archive holds them; the seed decides which of their letters are taken.

        Raises:
            ArchiveError: the archive has no writers.
        """
        writers = np.intersect1d(archive.need_writers(), np.fromiter(writers, int))
        owners, labels = np.asarray(archive.writers), archive.places_in(characters)
        # Of the whole archive, so that a writer's letters do not depend on which others are asked for.
        order = np.random.default_rng(seed).permutation(len(archive))
        left = order[np.isin(owners[order], writers) & (labels[order] >= 0)]
        writings = []
        for _ in range(2):
            letters = np.full((len(writers), len(characters)), -1)
            letters[np.searchsorted(writers, owners[left]), labels[left]] = left  # the last one stays
            left = left[~np.isin(left, letters)]
            writings.append(letters)
        return cls(archive, characters, size, writers, *writings)

    def only(self, characters: Iterable[int]) -> People:
        """The same people with a part of the characters, given by index."""
        characters = list(characters)
        names = "".join(self.characters[index] for index in characters)
        letters, retest = self.letters[:, characters], self.retest[:, characters]
        return People(self.archive, names, self.size, self.writers, letters, retest)

    def draw(self, letters: np.ndarray, nib: float) -> np.ndarray:
        """Letters by their indices in the archive, all with one nib: uint8 (n, size, size)."""
        if len(letters) == 0:
            return np.zeros((0, self.size, self.size), np.uint8)
        return self.archive.render(letters, self.size, nib)

    def borrow(self, order: Iterable[int], characters: np.ndarray) -> np.ndarray:
        """For each character (n,) the letter of the first writer in this order who wrote it, as indices (n,)."""
        letters = self.letters[np.asarray(order)][:, characters]  # (W, n)
        return letters[np.argmax(letters >= 0, axis=0), np.arange(len(characters))]


@dataclass(frozen=True, eq=False)
class Episode:
    """One person: a letter of each character that they wrote, parted into support and query.

    Attributes:
        writer: number in the archive.
        nib: the person's line width in pixels at 32.
        characters: (n,) that the person wrote, as indices.
        letters: (n,) indices into the archive, one of each character.
        glyphs: uint8 (n, S, S), the same letters.
        support: (k,) the samples that a method sees, as indices into the n, in random order.
        query: (m,) the letters to be written, as indices into the n; none of them is in the support.
        retest: uint8 (m, S, S), the person's second writing of the query characters.
    """

    writer: int
    nib: float
    characters: np.ndarray
    letters: np.ndarray
    glyphs: np.ndarray
    support: np.ndarray
    query: np.ndarray
    retest: np.ndarray

    @property
    def samples(self) -> tuple[np.ndarray, np.ndarray]:
        """Characters (k,) and glyphs (k, S, S) of the support."""
        return self.characters[self.support], self.glyphs[self.support]

    @property
    def query_characters(self) -> np.ndarray:
        """The characters to be written, (m,)."""
        return self.characters[self.query]

    @property
    def query_glyphs(self) -> np.ndarray:
        """The person's own letters of the query characters, (m, S, S)."""
        return self.glyphs[self.query]

    def fewer(self, samples: int) -> Episode:
        """The same query with only the first of the samples as support."""
        return replace(self, support=self.support[:samples])

    def all_given(self) -> Episode:
        """The same query, with the letters asked for among the support."""
        return replace(self, support=np.concatenate([self.support, self.query]))


def draw_episodes(people: People, samples: int, seed: int = 0) -> list[Episode]:
    """An episode for each person who wrote enough.

    Args:
        people: never trained on.
        samples: letters in the support, each of another character.
        seed: of the choice of letters and nibs.

    Raises:
        ArchiveError: nobody wrote enough.
    """
    spare = len(people.characters) - samples
    least = min(QUERIES, max(2, spare // 2))  # a small alphabet leaves fewer to query
    episodes = []
    for writer, letters, second in zip(people.writers, people.letters, people.retest, strict=True):
        known = np.flatnonzero(letters >= 0)
        rng = np.random.default_rng([seed, writer])
        nib, order = float(np.exp(rng.uniform(*np.log(NIBS)))), rng.permutation(len(known))
        twice = order[second[known[order]] >= 0]
        support = order[~np.isin(order, twice[:least])][
            :samples
        ]  # the first that were written twice stay for the query
        if len(support) < samples or len(twice) < least:
            continue
        query = np.sort(np.setdiff1d(twice, support))
        glyphs, retest = people.draw(letters[known], nib), people.draw(second[known[query]], nib)
        episodes.append(Episode(int(writer), nib, known, letters[known], glyphs, support, query, retest))
    if not episodes:
        raise ArchiveError(
            f"No writer has {samples} characters to give and {least} others written twice; ask for fewer --samples."
        )
    return episodes
