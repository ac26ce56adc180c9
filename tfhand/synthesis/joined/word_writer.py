"""Writes words in a hand that joins letters, as the person's own words show it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from tfhand.errors import TextError
from tfhand.hands.hand import Hand
from tfhand.hands.sample import Sample
from tfhand.hands.word_sample import WordSample
from tfhand.synthesis.joined.assembly import assemble
from tfhand.synthesis.joined.blocks import BlockMaker
from tfhand.synthesis.joined.choice import Inventory, PieceChooser
from tfhand.synthesis.joined.levelling import levelled
from tfhand.synthesis.joined.pair_joins import PairJoins
from tfhand.synthesis.joined.pieces import Piece


class WrittenWords:
    """What the words of a person give, whatever is written of them.

    Args:
        words: that the person wrote.

    Attributes:
        inventory: their pieces.
        blocks: makes blocks of these.
        joins: of whether all letters are joined, whatever the person does: the `PairJoins`.
        slant: the middle one.
    """

    def __init__(self, words: Sequence[WordSample]):
        words = levelled(words)
        self.inventory, self.blocks = Inventory(words), BlockMaker(words)
        self.joins = functools.cache(functools.partial(PairJoins, words))
        self.slant = float(np.median([word.slant for word in words])) if words else 0.0


class WordWriter:
    """Writes the words of one text.

    Args:
        words: of the person.
        seed: of what varies.
        always: whether all letters are joined, whatever the person does.
    """

    def __init__(self, words: WrittenWords, seed: int = 0, always: bool = False):
        self._words, self._joins, self._rng = words, words.joins(always), np.random.default_rng(seed)
        self._chooser = PieceChooser(words.inventory, self._joins, self._rng)

    def choose(self, text: str) -> list[Piece | str]:
        """The pieces of written words that make a word; a letter of which there is none stands for itself."""
        return self._chooser.choose(text)

    def write(self, parts: Sequence[Piece | Sample]) -> list[Sample | WordSample]:
        """What parts of a word make: one WordSample, or samples of letters that are not joined as they are."""
        alone = [part for part in parts if isinstance(part, Sample)]
        if len(alone) == len(parts) and not any(
            self._joins.are_joined(left.character, right.character) for left, right in pairwise(alone)
        ):
            return [*alone]
        make = self._words.blocks
        blocks = [make.of_piece(part) if isinstance(part, Piece) else make.of_sample(part) for part in parts]
        return [assemble(blocks, self._joins, self._words.slant, self._rng)]


def write_word(hand: Hand, text: str, seed: int = 0) -> WordSample:
    """One word, as the person's own words show it.

    Args:
        hand: with words; its samples stand for letters that no word shows.
        text: the word, without spaces.
        seed: of what varies; another seed may take other pieces.

    Raises:
        TextError: a letter that neither a word nor a sample shows, or no word that shows any of them.
    """
    writer = WordWriter(WrittenWords(hand.words), seed)
    parts = [part if isinstance(part, Piece) else _own(hand, part) for part in writer.choose(text)]
    written = writer.write(parts)[0]
    if not isinstance(written, WordSample):
        raise TextError(f"The words of this Hand show no letter of {text!r}.")
    return written


def _own(hand: Hand, letter: str) -> Sample:
    found = hand.samples_of(letter)
    if not found:
        raise TextError(f"No word and no sample of this Hand shows {letter!r}.")
    return found[0]
