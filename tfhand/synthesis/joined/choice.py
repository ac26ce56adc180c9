"""Which pieces make a word: the cheapest way through all that fit, by Viterbi's algorithm.

This is unit selection as in speech synthesis (Hunt and Black 1996, ICASSP): long pieces are best, since every cut
costs; then those whose ends fit together, and that stood between like letters; then those not used before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from tfhand.hands.word_sample import WordSample
from tfhand.synthesis.joined.oddness import oddness
from tfhand.synthesis.joined.pair_joins import PairJoins, pair_class
from tfhand.synthesis.joined.pieces import Piece, pieces_of

CUT = 1.0  # of each place where two pieces meet
STEP = 0.15  # x-heights of difference between two ports that cost as much as half a cut
BREAK = 0.6  # of difference between the rises of the ink
WIDE = 0.3  # x-heights of difference between the space that a join takes and what is usual
UNWANTED = 4.0  # for a join where the pen is to be lifted, and the other way round
HALF_JOINED = 4.5  # where ink runs on from one piece alone
STRANGER = 0.5, 0.2  # for a neighbour that is another letter, and one of another class besides
MANNER = 1.0  # for pieces of a word that is all joined and of one that is not
LOOSE, SPACED = 4.0, 0.3  # for each x-height that letters stand farther apart than is usual, and so much more
ODD, USUAL = 4.0, 1.1  # for a letter that is odd, see `oddness`, over what is usual
LIFTED = 10.0  # for a lifted pen within a piece, where all letters are to be joined
MISPLACED = 0.8  # for a piece from within a word at its beginning or end, or the other way round
ABRUPT = 1.0  # for ink that ran on there, besides
FOREIGN = 5.0  # for a letter of which there is no piece
USED = 0.5  # for a piece that was used once before
TURN = 0.5  # for each time that it was used oftener than another of the same letters
CHANCE = 0.15  # deviation of a piece's cost, so that another seed writes another way
MOST = 40  # pieces of the same letters that are compared
Part = Piece | str


class Inventory:
    """All pieces of a person's words, and what is usual of them.

    Args:
        words: that the person wrote.

    Attributes:
        parts: the pieces, by their letters.
        usual_gap: the middle space between two letters.
        oddness: of letters, see `oddness`.
    """

    def __init__(self, words: Sequence[WordSample]):
        pieces = pieces_of(words)
        self.parts = {letters: Parts((*found,)) for letters, found in pieces.items()}
        gaps = [piece.gaps[0] for found in pieces.values() for piece in found if len(piece.gaps) == 1]
        self.usual_gap = float(np.median(gaps)) if gaps else 0.0
        self.oddness = oddness(words)


class PieceChooser:
    """Chooses pieces for the words of one text.

    Args:
        inventory: of the words that the person wrote.
        joins: how they join letters.
        rng: of what varies from seed to seed.
    """

    def __init__(self, inventory: Inventory, joins: PairJoins, rng: np.random.Generator):
        self._inventory, self._joins, self._rng = inventory, joins, rng
        self._uses: Counter[tuple[int, int]] = Counter()  # of a letter of a word: (id(word), place)

    def choose(self, text: str) -> list[Part]:
        """The pieces that make a word, from left to right; a letter of which there is none stands for itself."""
        wanted = [self._rng.random() < self._joins.share(*pair) for pair in pairwise(text)]
        ending: list[list[_Way]] = [[] for _ in range(len(text) + 1)]
        for first in range(len(text)):
            for last in range(first + 1, len(text) + 1):
                parts = self._candidates(text[first:last])
                if parts.all:
                    ending[last].append(self._way(parts, wanted, first, last, ending[first]))
        way = min(ending[-1], key=lambda one: one.totals.min())
        place = int(way.totals.argmin())
        chosen: list[Part] = []
        while True:
            chosen.insert(0, way.parts.all[place])
            if way.previous is None:
                break
            way, place = way.previous[place]
        for part in chosen:
            if isinstance(part, Piece):
                self._uses.update((id(part.word), letter) for letter in range(part.first, part.last))
        return chosen

    def _candidates(self, letters: str) -> Parts:
        """What can stand for some letters; the least used if that is much."""
        found = self._inventory.parts.get(letters, Parts(()))
        if len(found.all) > MOST:
            ranks = self._used(found) + self._rng.uniform(0, 0.5, len(found.all))
            found = Parts(tuple(found.all[place] for place in sorted(ranks.argsort()[:MOST])))
        return Parts((*found.all, letters)) if len(letters) == 1 else found

    def _way(self, parts: Parts, wanted: Sequence[bool], first: int, last: int, earlier: list[_Way]) -> _Way:
        """The cheapest ways to each of some parts that stand for the letters from `first` to `last`."""
        own = self._own_costs(parts, first == 0, last == len(wanted) + 1)
        if not first:
            return _Way(parts, own, None)
        between = np.concatenate(
            [
                one.totals[:, None] + meeting_costs(one.parts, parts, wanted[first - 1], self._joins.gap)
                for one in earlier
            ]
        )  # (all that end here, parts)
        best = between.argmin(axis=0)
        origins = [(one, place) for one in earlier for place in range(len(one.totals))]
        return _Way(parts, own + between.min(axis=0), [origins[at] for at in best.tolist()])

    def _own_costs(self, parts: Parts, begins: bool, ends: bool) -> np.ndarray:
        """What parts cost in their place in the word."""
        used = self._used(parts)
        costs = USED * np.log2(1 + used) + TURN * (used - used[~parts.foreign].min(initial=np.inf))
        costs += CHANCE * np.abs(self._rng.normal(size=len(parts.all)))
        costs += MISPLACED * ((parts.begins != begins).astype(int) + (parts.ends != ends))
        costs += ABRUPT * (np.isfinite(parts.entries[:, 0]) * begins + np.isfinite(parts.exits[:, 0]) * ends)
        costs += np.array([self._faults(part) for part in parts.all])
        return np.where(parts.foreign, FOREIGN, costs)

    def _used(self, parts: Parts) -> np.ndarray:
        """How often each part was used, as a mean over its letters."""
        return np.array([self._mean_uses(part) if isinstance(part, Piece) else 0.0 for part in parts.all])

    def _faults(self, part: Part) -> float:
        """What it costs that its letters are odd, farther apart than is usual of the person, or apart at all."""
        if isinstance(part, str):
            return 0.0
        spaced = sum(max(gap - self._inventory.usual_gap - SPACED, 0.0) for gap in part.gaps)
        odd = (self._inventory.oddness.get((id(part.word), place), 1.0) for place in range(part.first, part.last))
        lifted = LIFTED * part.lifts if self._joins.always else 0.0
        return lifted + LOOSE * spaced + ODD * sum(max(one - USUAL, 0.0) for one in odd)

    def _mean_uses(self, piece: Piece) -> float:
        return sum(self._uses[id(piece.word), at] for at in range(piece.first, piece.last)) / len(piece.text)


@dataclass(frozen=True, eq=False)
class _Way:
    """The cheapest ways to some parts: what each costs, and the way and place from which it comes."""

    parts: Parts
    totals: np.ndarray
    previous: list[tuple[_Way, int]] | None


@dataclass(frozen=True, eq=False)
class Parts:
    """Pieces of the same letters, and perhaps the letter itself, with what matters of them as arrays."""

    all: tuple[Part, ...]

    @cached_property
    def foreign(self) -> np.ndarray:
        """Whether it is no piece but a letter."""
        return np.array([isinstance(part, str) for part in self.all], bool)

    @cached_property
    def entries(self) -> np.ndarray:
        """Height and rise of the ink at the left, (parts, 2); nan where it does not run in."""
        return self._ports("entry")

    @cached_property
    def exits(self) -> np.ndarray:
        """The same at the right."""
        return self._ports("exit")

    def _ports(self, side: str) -> np.ndarray:
        ports = [getattr(part, side, None) for part in self.all]
        return np.array([(port.height, port.rise) if port else (np.nan, np.nan) for port in ports]).reshape(-1, 2)

    @cached_property
    def spaces(self) -> np.ndarray:
        """The mean space between its ink and the ports at its left and right, (parts, 2); nan where it has none."""
        ports = [(getattr(part, "entry", None), getattr(part, "exit", None)) for part in self.all]
        return np.array([(e.after if e else np.nan, x.before if x else np.nan) for e, x in ports]).reshape(-1, 2)

    @cached_property
    def begins(self) -> np.ndarray:
        """Whether it was the beginning of a word."""
        return np.array([isinstance(part, Piece) and not part.before for part in self.all], bool)

    @cached_property
    def ends(self) -> np.ndarray:
        """Whether it was the end of a word."""
        return np.array([isinstance(part, Piece) and not part.after for part in self.all], bool)

    @cached_property
    def before(self) -> np.ndarray:
        """The letter before it where it was written, and the class of its end, (parts, 2)."""
        return _marks([getattr(part, "before", "") for part in self.all], 0)

    @cached_property
    def after(self) -> np.ndarray:
        """The letter after it, and the class of its beginning, (parts, 2)."""
        return _marks([getattr(part, "after", "") for part in self.all], 1)

    @cached_property
    def manner(self) -> np.ndarray:
        """The share of joins in the word that it comes from, nan for a letter alone or a word of one letter."""
        return np.array([part.joined if isinstance(part, Piece) else np.nan for part in self.all])

    def letter(self, place: int) -> str:
        """Its first or last letter."""
        part = self.all[0]
        return (part if isinstance(part, str) else part.text)[place]


def _marks(letters: Sequence[str], side: int) -> np.ndarray:
    return np.array([(letter, pair_class(letter, letter)[side] if letter else "") for letter in letters]).reshape(-1, 2)


def meeting_costs(left: Parts, right: Parts, wanted: bool, gap: float) -> np.ndarray:
    """What it costs to put each of some parts before each of some others, float64 (left, right).

    Args:
        left, right: the parts.
        wanted: whether the letters that meet are to be joined.
        gap: the mean space between letters of theirs.
    """
    out, into = left.exits[:, None], right.entries[None]  # (left, 1, 2), (1, right, 2)
    joined, runs_on = np.isfinite((out + into)[..., 0]), np.isfinite(out[..., 0]) | np.isfinite(into[..., 0])
    step, turn = np.moveaxis(np.nan_to_num(out - into), -1, 0)
    cost = np.where(runs_on, HALF_JOINED, UNWANTED * wanted)
    wide = np.nan_to_num(left.spaces[:, None, 1] + right.spaces[None, :, 0] - gap)
    misfit = np.square(step / STEP) + np.square(turn / BREAK) + np.square(wide / WIDE)
    cost = np.where(joined, 0.5 * misfit + UNWANTED * (not wanted), cost)
    strange = (left.after != _marks([right.letter(0)], 1)) @ STRANGER
    strange_too = (right.before != _marks([left.letter(-1)], 0)) @ STRANGER
    manner = MANNER * np.abs(np.nan_to_num(left.manner[:, None] - right.manner[None]))
    return CUT + cost + strange[:, None] + strange_too[None] + manner
