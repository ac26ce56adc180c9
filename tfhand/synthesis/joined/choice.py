"""Which pieces make a word: the cheapest way through all that fit, by Viterbi's algorithm.

This is unit selection as in speech synthesis (Hunt and Black 1996, ICASSP): long pieces are best, since every cut
costs; then those whose ends fit together, and that stood between like letters; then those not used before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from tfhand.hands.word_sample import WordSample
from tfhand.synthesis.joined.pair_joins import PairJoins, pair_class
from tfhand.synthesis.joined.pieces import Piece, pieces_of

CUT = 1.0  # of each place where two pieces meet
STEP = 0.15  # x-heights of difference between two ports that cost as much as half a cut
BREAK = 0.6  # of difference between the rises of the ink
HALF_JOINED = 3.0  # where ink runs on from one piece alone
STRANGER = 0.5, 0.2  # for a neighbour that is another letter, and one of another class besides
LEAST_SHARE = 0.02  # a pair of letters is never more certain than this to be joined, or not
MISPLACED = 0.8  # for a piece from within a word at its beginning or end, or the other way round
ABRUPT = 1.0  # for ink that ran on there, besides
FOREIGN = 5.0  # for a letter of which there is no piece
USED = 0.5  # for a piece that was used once before
CHANCE = 0.15  # deviation of a piece's cost, so that another seed writes another way
MOST = 40  # pieces of the same letters that are compared


class PieceChooser:
    """Chooses pieces for the words of one text.

    Args:
        words: that the person wrote.
        joins: how they join letters.
        rng: of what varies from seed to seed.
    """

    def __init__(self, words: Sequence[WordSample], joins: PairJoins, rng: np.random.Generator):
        self._pieces, self._joins, self._rng = pieces_of(words), joins, rng
        self._uses: Counter[tuple[int, int]] = Counter()  # of a letter of a word: (id(word), place)

    def choose(self, text: str) -> list[Piece | str]:
        """The pieces that make a word, from left to right; a letter of which there is none stands for itself."""
        ending: list[list[_Step]] = [[] for _ in range(len(text) + 1)]
        for first in range(len(text)):
            for last in range(first + 1, len(text) + 1):
                ending[last] += self._steps(text, first, last, ending[first])
        step: _Step | None = min(ending[-1], key=lambda one: one.total)
        chosen: list[Piece | str] = []
        while step is not None:
            chosen.insert(0, step.part)
            step = step.previous
        for part in chosen:
            if isinstance(part, Piece):
                self._uses.update((id(part.word), place) for place in range(part.first, part.last))
        return chosen

    def _steps(self, text: str, first: int, last: int, earlier: list[_Step]) -> list[_Step]:
        """What can stand for text[first:last], each with the cheapest of what may stand before it."""
        if first and not earlier:
            return []
        parts: list[Piece | str] = list(self._candidates(text[first:last]))
        if last == first + 1:
            parts.append(text[first])
        costs = np.array([self._own_cost(part, first == 0, last == len(text)) for part in parts])
        if not first:
            return [_Step(part, cost, None) for part, cost in zip(parts, costs.tolist(), strict=True)]
        if not parts:
            return []
        share = self._joins.share(text[first - 1], text[first])
        between = meeting_costs([step.part for step in earlier], parts, share)
        totals = np.array([step.total for step in earlier])[:, None] + between
        best = totals.argmin(axis=0)
        return [
            _Step(part, float(totals[at, place] + costs[place]), earlier[at])
            for place, (part, at) in enumerate(zip(parts, best.tolist(), strict=True))
        ]

    def _candidates(self, letters: str) -> list[Piece]:
        """The pieces of these letters, the least used if there are many."""
        found = self._pieces.get(letters, [])
        if len(found) <= MOST:
            return found
        ranks = [(self._mean_uses(piece), self._rng.random()) for piece in found]
        return [found[place] for place in sorted(range(len(found)), key=ranks.__getitem__)[:MOST]]

    def _mean_uses(self, piece: Piece) -> float:
        return float(np.mean([self._uses[id(piece.word), place] for place in range(piece.first, piece.last)]))

    def _own_cost(self, part: Piece | str, begins: bool, ends: bool) -> float:
        """What a part costs in its place in the word."""
        if isinstance(part, str):
            return FOREIGN
        cost = USED * np.log2(1 + self._mean_uses(part)) + CHANCE * abs(self._rng.normal())
        cost += MISPLACED * ((begins != (not part.before)) + (ends != (not part.after)))
        return float(cost + ABRUPT * ((begins and part.entry is not None) + (ends and part.exit is not None)))


class _Step:
    """A part of a word, the cheapest way to it, and what all of it costs."""

    def __init__(self, part: Piece | str, total: float, previous: _Step | None):
        self.part, self.total, self.previous = part, total, previous


def meeting_costs(left: Sequence[Piece | str], right: Sequence[Piece | str], share: float) -> np.ndarray:
    """What it costs to put each of some parts before each of some others, float64 (left, right).

    Args:
        left, right: the parts.
        share: the probability that the person joins the letters that meet.
    """
    share = float(np.clip(share, LEAST_SHARE, 1 - LEAST_SHARE))
    out, into = _ends(left, "exit")[:, None], _ends(right, "entry")[None]  # (left, 1, 2), (1, right, 2)
    joined, open_left, open_right = (np.isfinite(one[..., 0]) for one in (out + into, out, into))
    step, turn = np.moveaxis(np.nan_to_num(out - into), -1, 0)
    cost = np.where(open_left | open_right, HALF_JOINED, -np.log(1 - share))
    cost = np.where(joined, 0.5 * np.square(step / STEP) + 0.5 * np.square(turn / BREAK) - np.log(share), cost)
    return CUT + cost + _strangeness(left, right)


def _ends(parts: Sequence[Piece | str], side: str) -> np.ndarray:
    """Height and rise of the ink at one side of parts, (parts, 2); nan where they are not joined there."""
    ports = [getattr(part, side) if isinstance(part, Piece) else None for part in parts]
    return np.array([(port.height, port.rise) if port else (np.nan, np.nan) for port in ports]).reshape(-1, 2)


def _strangeness(left: Sequence[Piece | str], right: Sequence[Piece | str]) -> np.ndarray:
    """What it costs that parts did not stand beside such letters, (left, right)."""
    lasts, firsts = (
        [(part if isinstance(part, str) else part.text)[at] for part in some] for at, some in ((-1, left), (0, right))
    )
    after = [part.after if isinstance(part, Piece) else "" for part in left]
    before = [part.before if isinstance(part, Piece) else "" for part in right]
    end = {letter: pair_class(letter, letter)[0] if letter else "" for letter in {*lasts, *before}}
    begin = {letter: pair_class(letter, letter)[1] if letter else "" for letter in {*firsts, *after}}
    costs = [
        (one[:, None] != other[None]) * price
        for one, other, price in (
            (np.array(after), np.array(firsts), STRANGER[0]),
            (np.array(lasts), np.array(before), STRANGER[0]),
            (np.array([begin[a] for a in after]), np.array([begin[f] for f in firsts]), STRANGER[1]),
            (np.array([end[one] for one in lasts]), np.array([end[b] for b in before]), STRANGER[1]),
        )
    ]
    return np.sum(costs, axis=0)
