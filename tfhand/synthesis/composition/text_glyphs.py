"""The glyphs of a text and where they come from: the person's own, generated, or composed of both."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tfhand.core import charset
from tfhand.hands.hand import GENERATED, WRITTEN, Hand, Sample, WordSample
from tfhand.synthesis.composition.pen_drawing import StrokeStyle
from tfhand.synthesis.composition.rules import bases, compose
from tfhand.typeset.shapes import next_variant


@dataclass(frozen=True)
class TextGlyphs:
    """The glyphs of a text in its order, and the source of each.

    Attributes:
        characters: the text without white space.
        samples: a Sample for each character, or None if it cannot be written; a WordSample for several that are written
            as one.
        sources: of each character, None if it cannot be written.
        composed: the generated characters, each once, that are composed by rule of letters and strokes.
        illegible: the generated letters, each once, that the preset's reader does not read, however often drawn.
    """

    characters: str
    samples: tuple[Sample | WordSample | None, ...] = field(repr=False)
    sources: tuple[str | None, ...] = field(repr=False)
    composed: str = ""
    illegible: str = ""

    def _from(self, source: str | None) -> str:
        return charset.order(c for c, own in zip(self.characters, self.sources, strict=True) if own == source)

    @property
    def written(self) -> str:
        """The characters taken from the person's own samples, each once."""
        return self._from(WRITTEN)

    @property
    def generated(self) -> str:
        """The characters that the networks wrote or that are composed, each once."""
        return self._from(GENERATED)

    @property
    def unknown(self) -> str:
        """The characters that cannot be written, each once."""
        return self._from(None)

    @property
    def mostly_unknown(self) -> bool:
        """Whether more than half of the text cannot be written: what is left says nothing."""
        return 2 * sum(source is None for source in self.sources) > len(self.sources)


class SampleCycle:
    """The Hand's samples of a text's characters, and of the letters needed to compose them, given out in turn.

    A character's generated samples are used only if it has no written ones.

    Args:
        hand: the Hand; None for no samples.
        characters: the characters of the text.
        rng: decides the first sample of each character.
    """

    def __init__(self, hand: Hand | None, characters: str, rng: np.random.Generator):
        wanted = {*characters, *(letter for character in characters for letter in bases(character) or "")}
        samples = {c: hand.samples_of(c) for c in sorted(wanted) if hand is not None and c in hand}
        written = {c: [sample for sample in found if sample.source == WRITTEN] for c, found in samples.items()}
        self._samples = {c: written[c] or list(found) for c, found in samples.items()}
        self._turn = {c: int(rng.integers(len(found))) for c, found in self._samples.items()}

    def __contains__(self, character: str) -> bool:
        return character in self._samples

    def next(self, character: str) -> Sample:
        """The next sample of a character that there is one of."""
        found = self._samples[character]
        self._turn[character] += 1
        return found[(self._turn[character] - 1) % len(found)]


@dataclass
class PendingGlyph:
    """A character that is not finished yet: samples of the letters that it needs, and the letters still to generate.

    Attributes:
        character: the character.
        letters: a Sample for each letter that is ready.
        missing: the letters that the networks are still to write.
        composed: whether the character is composed of its letters, or is its only letter.
    """

    character: str
    letters: dict[str, Sample]
    missing: list[str]
    composed: bool

    def sample(self, stroke_style: StrokeStyle, rng: np.random.Generator) -> Sample:
        """The finished character."""
        if self.composed:
            return compose(self.character, self.letters, stroke_style, rng)
        return self.letters[self.character]


def next_sample(pool: list[Sample], count: int, rng: np.random.Generator) -> Sample | None:
    """The next sample of a character from a pool: each sample once before any comes again.

    Args:
        pool: the samples of the character; None is returned if there are none.
        count: how many were given out before.
        rng: decides which sample comes again.
    """
    if not pool:
        return None
    return pool[count] if count < len(pool) else next_variant(pool, rng)
