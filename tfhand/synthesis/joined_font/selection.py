"""Which piece of a person's words makes a form of a letter in a font: what costs least, as in `joined.choice`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from tfhand.hands.word_sample import WordSample
from tfhand.models.reader.legibility import legibility
from tfhand.synthesis.joined.choice import ABRUPT, MISPLACED, WIDE
from tfhand.synthesis.joined.oddness import oddness
from tfhand.synthesis.joined.pieces import Piece, Port, pieces_of
from tfhand.synthesis.joined_font.fitting import Sides
from tfhand.synthesis.joined_font.joints import Joint, spaces_beside
from tfhand.synthesis.joined_font.trails import Trails

UNJOINED = 6.0  # for an end that was not joined and is to be: a line is drawn to it
UNREAD = 2.5  # for a letter that the reader is sure not to be what it is
ODD, USUAL, ODDEST = 6.0, 0.85, 1.0  # for a letter that is odd over what is usual: it is to be seen in many words
CROSSED = 1.5  # for ink that crosses a cut besides the join, such as the bar of a t: it ends there
NARROWEST = 0.2  # x-heights from one port of a letter to the other
FOREIGN = 9.0  # what a letter costs that stood alone, with drawn lines
NEARLY = 1.5  # a further piece may cost so much more than the best one
_MOST = 20.0  # a cost: such a piece does not do


class PieceSelection:
    """The pieces of a person's words, to choose forms from.

    Args:
        words: that the person wrote.
        trails: of these words.
        reader: a `Reader` that is to take letters for what they are; None leaves that out.
    """

    def __init__(self, words: Sequence[WordSample], trails: Trails, reader: Callable | None = None):
        self._pieces, self._oddness, self._trails = pieces_of(words), oddness(words), trails
        self._unread = _unread(self._pieces, reader) if reader and words else {}

    def best(self, letters: str, joints: Sides, count: int = 1, dearest: float = FOREIGN) -> list[Piece]:
        """The pieces that make the best forms of some letters.

        Args:
            letters: a letter, or several that were joined.
            joints: at the left and the right; None for ends that are not joined.
            count: of pieces, at most.
            dearest: what a piece may cost at most; see `cost`.
        """
        pieces = self._pieces.get(letters, [])
        costs = np.array([self.cost(piece, joints) for piece in pieces])
        most = min(dearest, costs.min(initial=dearest) + NEARLY)
        return [pieces[at] for at in costs.argsort(kind="stable").tolist() if costs[at] < most][:count]

    def is_joined(self, letter: str) -> bool:
        """Whether the person joined a letter to the next one, anywhere in the words."""
        return any(piece.exit for piece in self._pieces.get(letter, ()))

    def cost(self, piece: Piece, joints: Sides) -> float:
        """What it costs that a piece is odd, or was written between other joins."""
        if piece.lifts or _width(piece) < NARROWEST:
            return _MOST
        letters = [(id(piece.word), place) for place in range(piece.first, piece.last)]
        odd = sum(np.clip(self._oddness.get(letter, 1.0) - USUAL, 0.0, ODDEST) for letter in letters)
        unread = sum(self._unread.get(letter, 0.0) for letter in letters)
        cost = (ODD * odd + UNREAD * unread) / len(letters)
        ends = (piece.entry, piece.before, piece.first), (piece.exit, piece.after, piece.last)
        for side, (joint, (port, neighbour, cut)) in enumerate(zip(joints, ends, strict=True)):
            cost += MISPLACED * ((not neighbour) != (joint is None))
            if port is None:
                cost += UNJOINED * (joint is not None)
                continue
            cost += CROSSED * (len(piece.word.ports(cut)) - 1)
            cost += ABRUPT if joint is None else self._misfit(piece.word, cut, port, side, joint)
        return cost

    def _misfit(self, word: WordSample, cut: int, port: Port, side: int, joint: Joint) -> float:
        """What it costs to bring an end of a piece to a joint."""
        trail = self._trails.trail(word, cut, port)
        space, usual = spaces_beside(joint, trail, port)[1 - side], (joint.after, joint.before)[side]
        return float(joint.costs(trail).min()) + 0.5 * (2 * (space - usual) / WIDE) ** 2


def _unread(pieces: Mapping[str, Sequence[Piece]], reader: Callable) -> dict[tuple[int, int], float]:
    """For each letter of the words, by the word's id and its place, how surely the reader takes it for another one."""
    single = [piece for found in pieces.values() for piece in found if len(piece.text) == 1]
    samples = {(id(piece.word), piece.first): piece.word.sample(piece.first) for piece in single}
    shown = {letter: sample for letter, sample in samples.items() if sample is not None}
    _, sureness = legibility([*shown.values()], reader)
    return dict(zip(shown, (1 - sureness).tolist(), strict=True))


def _width(piece: Piece) -> float:
    """X-heights from the port at the left of a piece to that at the right; infinite where it has not both."""
    if piece.entry is None or piece.exit is None:
        return np.inf
    first, last = (piece.word.cuts[place - 1] / piece.word.x_height for place in (piece.first, piece.last))
    return last + piece.exit.x - first - piece.entry.x
