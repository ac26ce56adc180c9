"""What is known of the Hands that were written in last: samples to learn from, hand codes, nibs and words."""

from __future__ import annotations

import numpy as np

from tfhand.core.recent import Recent
from tfhand.errors import HandError
from tfhand.hands.hand import Hand, Sample, WordSample
from tfhand.models.pipeline import GlyphPipeline
from tfhand.synthesis.joined.pieces import letters_of
from tfhand.synthesis.joined.word_writer import WrittenWords
from tfhand.typeset.nib import is_too_fine, known_glyphs, nib_of

KEPT, KEPT_WORDS = 16, 2  # Hands, and Hands' words


class KnownHands:
    """Finds what a preset needs to know of a Hand, once for each of the last ones.

    Args:
        pipeline: of the preset.

    Attributes:
        codes: of a Hand its hand code, float32 (code_size,), from all `samples`; found in some seconds.
        words: of a Hand's words what they give to write with.
    """

    def __init__(self, pipeline: GlyphPipeline):
        self._pipeline = pipeline
        self.codes: Recent[Hand, np.ndarray] = Recent(self._code, KEPT)
        self.words: Recent[tuple[WordSample, ...], WrittenWords] = Recent(WrittenWords, KEPT_WORDS)
        self._nibs: Recent[Hand, float] = Recent(lambda hand: nib_of(self.learnable(hand)), KEPT)

    def learnable(self, hand: Hand) -> list[Sample]:
        """What the person wrote of the characters that the networks write: a hand is learned from these.

        A character without a sample of its own is cut out of words.
        """
        learned = self._pipeline.characters
        known = [sample for sample in hand.written.samples if sample.character in learned]
        return known + letters_of(hand.words, {c for c in learned if not hand.samples_of(c)})

    def samples(self, hand: Hand) -> tuple[str, np.ndarray]:
        """The characters of `learnable`, and their glyphs, uint8 (n, S, S).

        Glyphs in a nib too fine for networks are in the middle one, see `tfhand.typeset.nib`.

        Raises:
            HandError: nothing.
        """
        known = self.learnable(hand)
        if not known:
            raise HandError(
                f"The Hand holds no written sample of {self._pipeline.characters}; a hand is learned from those."
            )
        return "".join(sample.character for sample in known), known_glyphs(known, self._pipeline.image_size)

    def fine_nib(self, hand: Hand) -> float | None:
        """The nib of the person in x-heights if it is too fine for networks; else None."""
        nib = self._nibs(hand)
        return nib if is_too_fine(nib) else None

    def _code(self, hand: Hand) -> np.ndarray:
        text, glyphs = self.samples(hand)
        return self._pipeline.codes(glyphs[None], self._pipeline.numbers(text)[None])[0]
