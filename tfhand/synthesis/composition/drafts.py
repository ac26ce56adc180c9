"""The letters of a text on their way: what the person wrote, what is to be generated, what is composed of both."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tfhand.core import charset
from tfhand.hands.hand import GENERATED, WRITTEN, Hand, Sample
from tfhand.synthesis.composition.penwork import Manner
from tfhand.synthesis.composition.rules import bases, compose
from tfhand.typeset.shapes import another


@dataclass(frozen=True)
class Letters:
    """The letters found for a text, in its order, and where each came from.

    Attributes:
        characters: of the text, without white space
        samples: a Sample for each, or None where the character cannot be written
        composed: those generated characters, each once, that are made by rule of letters and strokes of the hand
    """

    characters: str
    samples: tuple[Sample | None, ...] = field(repr=False)
    composed: str = ""

    def _with(self, source: str | None) -> str:
        found = (c for c, s in zip(self.characters, self.samples, strict=True) if (s.source if s else None) == source)
        return charset.order(found)

    @property
    def written(self) -> str:
        """The characters taken from the person's own samples, each once."""
        return self._with(WRITTEN)

    @property
    def generated(self) -> str:
        """The characters that the networks wrote, or that are composed, each once."""
        return self._with(GENERATED)

    @property
    def unknown(self) -> str:
        """The characters that could not be written, each once."""
        return self._with(None)


class Own:
    """What the Hand holds of the characters of a text and of the letters these are composed of, given out in turn.

    What the person wrote goes before what was generated for them earlier.
    """

    def __init__(self, hand: Hand | None, characters: str, rng: np.random.Generator):
        wanted = {*characters, *(letter for character in characters for letter in bases(character) or "")}
        samples = {c: hand.samples_of(c) for c in sorted(wanted) if hand is not None and c in hand}
        written = {c: [sample for sample in kept if sample.source == WRITTEN] for c, kept in samples.items()}
        self._kept = {c: written[c] or kept for c, kept in samples.items()}
        self._turn = {c: int(rng.integers(len(kept))) for c, kept in self._kept.items()}

    def __contains__(self, character: str) -> bool:
        return character in self._kept

    def next(self, character: str) -> Sample | None:
        """The next sample of a character, or None."""
        if character not in self._kept:
            return None
        kept = self._kept[character]
        self._turn[character] += 1
        return kept[(self._turn[character] - 1) % len(kept)]


@dataclass
class Draft:
    """A character on its way: its letters, and which of them the networks are still to write."""

    character: str
    letters: dict[str, Sample]
    missing: list[str]
    composed: bool

    def sample(self, manner: Manner, rng: np.random.Generator) -> Sample:
        """The finished character."""
        return compose(self.character, self.letters, manner, rng) if self.composed else self.letters[self.character]


def next_of(pool: list[Sample], given: int, rng: np.random.Generator) -> Sample | None:
    """The draw of a character for its next place: each once before any comes again; None where there are none."""
    if not pool:
        return None
    return pool[given] if given < len(pool) else another(pool, rng)


def is_written_in(hand: Hand | None) -> bool:
    """Whether the Hand holds a written letter or digit, to see the person's stroke by."""
    return hand is not None and any(sample.character in charset.CHARACTERS for sample in hand.written.samples)
