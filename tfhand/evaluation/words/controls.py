"""Words that are wrong in a known way: what the measures say of them shows what the measures can see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from tfhand.evaluation.words.methods import WordMethod
from tfhand.evaluation.words.people import WordPerson
from tfhand.evaluation.words.pieces import parts_of, side_by_side
from tfhand.hands.word_sample import WordSample

_GAP = 0.25  # x-heights between letters that are pulled apart
_LIFT = 0.3  # x-heights by which every second letter stands too high


def another_persons_words(people: Sequence[WordPerson], place: int) -> list[WordSample]:
    """What the next person of all wrote, as they wrote it."""
    return list(people[(place + 1) % len(people)].second)


def pulled_apart(people: Sequence[WordPerson], place: int) -> list[WordSample]:
    """The person's own words with paper between all letters, as in print."""
    return [side_by_side(word.text, parts_of(word), gap=_GAP) for word in people[place].second]


def broken_ports(people: Sequence[WordPerson], place: int) -> list[WordSample]:
    """The person's own words with every second letter too high, so that no ink meets where it should."""
    lifts = [[_LIFT * (at % 2) for at in range(len(word.text))] for word in people[place].second]
    return [
        side_by_side(word.text, parts_of(word), lifts=own)
        for word, own in zip(people[place].second, lifts, strict=True)
    ]


def other_texts(people: Sequence[WordPerson], place: int) -> list[WordSample]:
    """The person's own words, each said to have its letters in another order."""
    rng = np.random.default_rng(people[place].writer)
    return [replace(word, text="".join(rng.permutation(list(word.text)))) for word in people[place].second]


CONTROLS: Mapping[str, WordMethod] = MappingProxyType(
    {
        "another person's real words": another_persons_words,
        "real, letters pulled apart": pulled_apart,
        "real, every second letter lifted": broken_ports,
        "real, texts shuffled": other_texts,
    }
)
