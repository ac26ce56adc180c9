"""People who differ in how wide and how slanting they write, with words of simple shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tests.support.word_shapes import word_archive
from tfhand.data.words import WordArchive

LETTERS = "lvnzx"


def different_words(count: int, seed: int = 0) -> list[str]:
    """So many different texts of three to five letters of `LETTERS`."""
    rng, texts = np.random.default_rng(seed), dict[str, None]()
    while len(texts) < count:
        texts["".join(rng.choice(list(LETTERS), int(rng.integers(3, 6))))] = None
    return list(texts)


def words_of_people(slants: Sequence[float], joined: Sequence[float], each: int = 30) -> WordArchive:
    """Words by several people.

    Args:
        slants: of each person.
        joined: of each person, the share of words whose letters are joined.
        each: number of words of a person, all different.
    """
    texts, people = different_words(each) * len(slants), np.repeat(np.arange(len(slants)), each)
    together = [(number % each) % 10 < 10 * joined[who] for number, who in enumerate(people.tolist())]
    archive = word_archive(texts, people.tolist(), together)
    lean = np.repeat(np.repeat(slants, each), np.diff(archive._points_of_words))
    points = archive.points.astype(float)
    points[:, 0] -= lean * points[:, 1]
    return replace(archive, points=np.rint(points).astype(np.int16))
