"""People never trained on, of whom some words are given and other words are to be written.

The other words are in two halves. The texts of the second one are asked for; the first one is what every answer is
compared with, the person's own second half as well. So whatever is written is measured as the person is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from tfhand.data.word_pictures import ABOVE, draw_words, pixels_per_x_height, set_line
from tfhand.data.words import WordArchive
from tfhand.errors import ArchiveError, HandError
from tfhand.evaluation.episodes import among_writers
from tfhand.evaluation.words.cutting import HEIGHT, cut_words
from tfhand.hands.hand import Hand
from tfhand.hands.word_sample import WordSample
from tfhand.metrics.contour_hinge import contour_hinge

NIB = 0.14  # x-heights, of everybody, so that the nib tells nothing
LEAST, MOST = 5, 20  # words in each half of those not given
LENGTHS = 3, 14  # letters of a word


@dataclass(frozen=True, eq=False)
class WordPerson:
    """One person, whose words all say different things.

    Attributes:
        writer: number in the archive.
        given: the words that a method sees, cut into letters.
        first: words to compare with.
        second: words as long, the person's own answer to their texts.
    """

    writer: int
    given: tuple[WordSample, ...]
    first: tuple[WordSample, ...]
    second: tuple[WordSample, ...]

    @cached_property
    def hand(self) -> Hand:
        """What a method sees."""
        return Hand(words=self.given)

    @cached_property
    def hinge(self) -> np.ndarray:
        """The contour hinge of the given words."""
        return contour_hinge(self.given)

    @property
    def texts(self) -> list[str]:
        """Those asked for."""
        return [word.text for word in self.second]

    @property
    def absent(self) -> frozenset[str]:
        """The letters asked for of which none was given."""
        return frozenset("".join(self.texts)) - frozenset("".join(word.text for word in self.given))


def draw_people(
    archive: WordArchive, writers: Iterable[int], networks: Any, given: int = 25, seed: int = 0
) -> list[WordPerson]:
    """Those of the writers who wrote enough different words of letters from a to z.

    Args:
        archive: words by writers.
        writers: never trained on.
        networks: the `Aligner` that cuts the words.
        given: words that a method sees of each.
        seed: of the choice of words.

    Raises:
        ArchiveError: nobody wrote enough.
    """
    people = []
    for writer in among_writers(archive, writers).tolist():
        chosen = _different(archive, np.flatnonzero(archive.writers == writer), np.random.default_rng([seed, writer]))
        words = [word for index in chosen[: given + 2 * MOST + LEAST] if (word := drawn_word(archive, index))]
        half = min(MOST, (len(words) - given) // 2)
        if half >= LEAST:
            cut = cut_words(networks, words[: given + 2 * half])
            parts = cut[:given], cut[given : given + half], cut[given + half :]
            people.append(WordPerson(writer, *map(tuple, parts)))
    if len(people) < 2:
        raise ArchiveError(f"No two writers have {given + 2 * LEAST} different words; ask for fewer --samples.")
    return people


def drawn_word(archive: WordArchive, index: int) -> WordSample | None:
    """A word of an archive as ink, cut at equal widths; None where its place on the line cannot be."""
    line = set_line(archive, np.array([index]))
    ink, unit = draw_words(line, HEIGHT, NIB), pixels_per_x_height(HEIGHT)
    try:
        word = WordSample(line.text, ink, ABOVE * unit, unit, equal_cuts(line.text, ink.shape[1]))
        return equally_cut(word)
    except HandError:
        return None


def equal_cuts(text: str, width: float) -> tuple[float, ...]:
    """Cuts that divide a width equally."""
    return tuple((width * np.arange(1, len(text)) / len(text)).tolist())


def equally_cut(word: WordSample) -> WordSample:
    """The same word, cut into upright letters of equal width."""
    cuts = equal_cuts(word.text, word.ink.shape[1])
    return WordSample(word.text, word.ink, word.baseline, word.x_height, cuts)


def _different(archive: WordArchive, indices: np.ndarray, rng: np.random.Generator) -> Sequence[int]:
    """Words of letters alone in random order, one of each text."""
    found: dict[str, int] = {}
    for index in rng.permutation(indices).tolist():
        text = str(archive.texts[index])
        if text.isascii() and text.isalpha() and LENGTHS[0] <= len(text) <= LENGTHS[1]:
            found.setdefault(text.lower(), index)
    return list(found.values())
