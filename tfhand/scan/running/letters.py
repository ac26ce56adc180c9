"""The letters of written words, found by an aligner that looks at every word several times.

Where a letter is found at the same place whatever baseline, x-height and slant the aligner is told, it is sure: that
tells wrong places from right ones better than the aligner's own probabilities do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from tfhand.hands.seams import rising

LEAST = 1.0  # pixels from a cut to the next
MIDDLE = 0.5  # x-heights over the baseline, where letters are told apart
LOOKS = (  # factors of the x-height, x-heights added to the baseline, and shares of the slant taken out of the word
    (1.0, 0.0, 0.0),
    (1.0, 0.0, 0.5),
    (0.87, 0.0, 0.25),
    (1.13, 0.0, 0.25),
    (1.0, 0.1, 0.25),
    (1.0, -0.1, 0.25),
    (0.8, 0.0, 0.5),
)


@dataclass(frozen=True, eq=False)
class WordPicture:
    """A word as an aligner sees it.

    Attributes:
        ink: uint8 [h, w], white ink on black.
        baseline: rows from the top down to the writing line.
        x_height: pixels.
        slant: x gained for each unit of height, to be taken out around the middle of small letters.
    """

    ink: np.ndarray = field(repr=False)
    baseline: float
    x_height: float
    slant: float = 0.0


FindLetters = Callable[[Sequence[WordPicture], Sequence[str]], list[np.ndarray]]
"""An aligner: pictures of words and what they say to float [letters, 3] of each, where the ink of each letter begins
and ends in columns of the picture `MIDDLE` x-heights over the baseline, and in [0, 1] how sure that is. All nan where
the aligner does not know one of the characters, or the picture is too narrow for the text."""


@dataclass(frozen=True, eq=False)
class SteadyLetters:
    """Where the letters of a word are.

    Attributes:
        edges: float [letters, 2], where the ink of each begins and ends, as in `FindLetters`.
        sureness: float [letters], in [0, 1].
    """

    edges: np.ndarray
    sureness: np.ndarray

    @property
    def known(self) -> bool:
        """Whether the aligner could read the word at all."""
        return not np.isnan(self.edges).any()


def steady_letters(
    pictures: Sequence[WordPicture], words: Sequence[str], find_letters: FindLetters
) -> list[SteadyLetters]:
    """The letters of words as medians over `LOOKS`.

    A letter's sureness is the square of its mean overlap (intersection over union) with the median place, times the
    square root of the geometric mean of what the aligner says.
    """
    looks = [
        replace(
            one,
            baseline=one.baseline + down * one.x_height,
            x_height=factor * one.x_height,
            slant=share * one.slant,
        )
        for factor, down, share in LOOKS
        for one in pictures
    ]
    found = find_letters(looks, [*words] * len(LOOKS))
    steady = []
    for number in range(len(words)):
        seen = np.stack(found[number :: len(words)])  # (looks, letters, 3)
        edges = np.median(seen[..., :2], axis=0)
        overlap = _overlaps(seen[..., :2], edges).mean(axis=0)
        confidence = np.exp(np.log(np.maximum(seen[..., 2], 1e-6)).mean(axis=0))
        steady.append(SteadyLetters(edges, np.square(overlap) * np.sqrt(confidence)))
    return steady


def cuts_between(edges: np.ndarray, slant: float, x_height: float) -> np.ndarray:
    """Where neighbouring letters meet, in columns at the height of the writing line: float [letters - 1], in order."""
    middles = (edges[:-1, 1] + edges[1:, 0]) / 2 - slant * MIDDLE * x_height
    return np.array(rising(middles, LEAST))


def _overlaps(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Intersection over union of intervals [..., 2]."""
    low, high = np.maximum(first[..., 0], second[..., 0]), np.minimum(first[..., 1], second[..., 1])
    outer = np.maximum(first[..., 1], second[..., 1]) - np.minimum(first[..., 0], second[..., 0])
    return np.maximum(high - low, 0) / np.maximum(outer, 1e-6)
