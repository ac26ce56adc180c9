"""The letters of a font in a hand that joins them: which are joined, in which forms, and of which of the words."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise, product

import numpy as np

from tfhand.hands.hand import Hand
from tfhand.hands.sample import Sample
from tfhand.synthesis.joined.blocks import Block, BlockMaker
from tfhand.synthesis.joined.levelling import levelled
from tfhand.synthesis.joined.pair_joins import PairJoins
from tfhand.synthesis.joined.text_words import Joined
from tfhand.synthesis.joined_font.accents import accented_forms, with_accents
from tfhand.synthesis.joined_font.fitting import Fitter, Sides
from tfhand.synthesis.joined_font.joints import NONE, Joints
from tfhand.synthesis.joined_font.selection import PieceSelection
from tfhand.synthesis.joined_font.trails import Trails
from tfhand.typeface.joined import JoinedForm, JoinedLetters

PRINTS = 0.2  # share of joins: in the words of whoever joins fewer, letters touch by chance
RUNS = (
    "the ing and sch ich ein und der th he in er an re on at en nd ch ti es or te of ei ed is it al ar st ie ge to nt "
    "un ng se ha as be ou le ve co me de hi ri ro ic ne ea ra ce li ll ma au si om ur"
)
"""What is written in one go most often in English and German, runs of three letters first."""
MOST, DEAREST = 24, 3.5  # ligatures of a font; what their pieces may cost
_LETTERS = string.ascii_uppercase + string.ascii_lowercase


def joined_alphabet(hand: Hand, joined: Joined = "auto", reader: Callable | None = None) -> JoinedAlphabet | None:
    """What a font in a hand joins; None for nothing.

    Args:
        hand: whose writing it is to be.
        joined: "auto" joins letters as the words of the Hand show it, and nothing for a hand that prints; "always"
            joins all small letters, "never" none.
        reader: see `JoinedAlphabet`.
    """
    if joined == "never" or (joined == "auto" and not hand.words):
        return None
    found = JoinedAlphabet(hand, joined == "always", reader)
    return found if found.joins.joined_share >= PRINTS else None


class JoinedAlphabet:
    """The joined letters of a person.

    Args:
        hand: with words, or without if all letters are to be joined.
        always: whether all small letters are joined, whatever the person does.
        reader: a `Reader`, by which forms are chosen that are read as their letters; None leaves that out.

    Attributes:
        joins: how they join letters.
    """

    def __init__(self, hand: Hand, always: bool = False, reader: Callable | None = None):
        self._hand, self._words = hand, levelled(hand.words)
        self.joins = PairJoins(self._words, always)
        self._trails = Trails(BlockMaker(self._words, hand.samples))
        self._joints = Joints(self._words, self._trails)
        self._selection = PieceSelection(self._words, self._trails, reader)

    def with_letters(self, variants: int = 1) -> Hand:
        """The Hand, with letters out of its words where it holds no sample of them."""
        missing = sorted({letter for word in self._words for letter in word.text} - set(self._hand))
        pieces = (piece for c in missing for piece in self._selection.best(c, (None, None), variants, np.inf))
        samples = [sample for piece in pieces if (sample := piece.word.sample(piece.first))]
        return Hand(samples=(*self._hand.samples, *samples), words=self._hand.words)

    def letters(self, samples: Mapping[str, Sequence[Sample]], variants: int = 1) -> JoinedLetters:
        """All that is joined.

        Args:
            samples: of all letters of the font; they stand for letters that no word shows.
            variants: forms of a letter between the same joints, at most.
        """
        pairs = self._pairs([letter for letter in _LETTERS if letter in samples])
        fitter = Fitter(self._trails, self._joints.radius)
        forms: list[JoinedForm] = []
        for letter in pairs:
            for entry, leave in self._ends(letter, pairs):
                if entry or leave:
                    sides = self._sides(entry, leave)
                    pieces = self._selection.best(letter, sides, variants)
                    block = self._trails.maker.of_sample(samples[letter][0])
                    blocks = [fitter.of_piece(piece, sides) for piece in pieces] or [fitter.of_letter(block, sides)]
                    forms += [_form(letter, entry, leave, *one) for one in enumerate(blocks)]
        forms += [*accented_forms(samples, forms, self._trails.maker), *self._ligatures(pairs, fitter, variants)]
        return JoinedLetters(tuple(forms), with_accents(pairs, {form.letters for form in forms}))

    def _pairs(self, letters: Sequence[str]) -> dict[str, str]:
        """By letter the small ones that it is joined to; a capital only if the person joined one such."""
        even, small = self.joins.even_share, [letter for letter in letters if letter.islower()]
        pairs = {}
        for letter in letters:
            can = letter.islower() or self.joins.always or self._selection.is_joined(letter)
            pairs[letter] = "".join(other for other in small if can and self.joins.are_joined(letter, other, even))
        return pairs

    def _ends(self, letters: str, pairs: Mapping[str, str]) -> Iterator[tuple[int, int]]:
        """The joints between which letters can stand, at the left and at the right."""
        entries = {self._joints.after(one) for one, others in pairs.items() if letters[0] in others}
        leave = [self._joints.after(letters[-1])] if pairs[letters[-1]] else []
        return product([NONE, *sorted(entries)], [NONE, *leave])

    def _sides(self, entry: int, leave: int) -> Sides:
        return self._joints.places.get(entry), self._joints.places.get(leave)

    def _ligatures(self, pairs: Mapping[str, str], fitter: Fitter, variants: int) -> list[JoinedForm]:
        """The forms of what the person wrote in one go."""
        found: list[JoinedForm] = []
        count = 0
        for run in RUNS.split():
            if count == MOST or not all(after in pairs.get(before, "") for before, after in pairwise(run)):
                continue
            forms: list[JoinedForm] = []
            for entry, leave in self._ends(run, pairs):
                sides = self._sides(entry, leave)
                pieces = self._selection.best(run, sides, variants, DEAREST)
                blocks = [fitter.of_piece(piece, sides) for piece in pieces]
                forms += [_form(run, entry, leave, *one) for one in enumerate(blocks)]
            found, count = found + forms, count + bool(forms)
        return found


def _form(letters: str, entry: int, leave: int, variant: int, block: Block) -> JoinedForm:
    left = float(np.flatnonzero((block.field > 0).any(axis=0))[0])
    begin, end = (None if point is None else float(point[0]) - left for point in (block.entry, block.exit))
    return JoinedForm(letters, entry, leave, (begin, end), block.field, block.above, variant)
