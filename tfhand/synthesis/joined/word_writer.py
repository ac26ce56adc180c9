"""Writes words in a hand that joins letters, as the person's own words show it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tfhand.errors import TextError
from tfhand.hands.hand import Hand
from tfhand.hands.sample import Sample
from tfhand.hands.word_sample import WordSample
from tfhand.synthesis.joined.assembly import assemble
from tfhand.synthesis.joined.blocks import BlockMaker
from tfhand.synthesis.joined.choice import PieceChooser
from tfhand.synthesis.joined.pair_joins import PairJoins
from tfhand.synthesis.joined.pieces import Piece


class WordWriter:
    """Writes the words of one text.

    Args:
        words: that the person wrote.
        seed: of what varies.
    """

    def __init__(self, words: Sequence[WordSample], seed: int = 0):
        self._rng = np.random.default_rng(seed)
        self._joins = PairJoins(words)
        self._chooser = PieceChooser(words, self._joins, self._rng)
        self._blocks = BlockMaker(words)
        self._slant = float(np.median([word.slant for word in words])) if words else 0.0

    def choose(self, text: str) -> list[Piece | str]:
        """The pieces of written words that make a word; a letter of which there is none stands for itself."""
        return self._chooser.choose(text)

    def write(self, parts: Sequence[Piece | Sample]) -> WordSample:
        """The word that pieces make, and samples of letters that stood alone."""
        blocks = [self._blocks.of_piece(p) if isinstance(p, Piece) else self._blocks.of_sample(p) for p in parts]
        return assemble(blocks, self._joins, self._slant, self._rng)


def write_word(hand: Hand, text: str, seed: int = 0, letter: Callable[[str], Sample] | None = None) -> WordSample:
    """One word in the hand of a person's own words.

    Args:
        hand: with words.
        text: the word, without spaces.
        seed: of what varies; another seed may take other pieces.
        letter: what gives a sample of a letter that no word shows; None takes the Hand's own.

    Raises:
        TextError: a letter that neither a word nor a sample shows.
    """
    writer = WordWriter(hand.words, seed)
    return writer.write(
        [part if isinstance(part, Piece) else (letter or _own(hand))(part) for part in writer.choose(text)]
    )


def _own(hand: Hand) -> Callable[[str], Sample]:
    def sample(letter: str) -> Sample:
        found = hand.samples_of(letter)
        if not found:
            raise TextError(f"No word and no sample of this Hand shows {letter!r}.")
        return found[0]

    return sample
