"""The alignment of components of ink to the characters of a known text: the likeliest one, and how likely it is.

An alignment divides the components, in their order along the line, into one group for each character. It may leave ink
out as specks or stray marks, and characters for which there is no ink. Its cost is the sum of: how far every group's
box is from the character's usual box, how far apart its components lie, which cuts were made, how the gaps fit the
text's spaces, what a reader takes each group for, and what is left out. Costs are like negative log-likelihoods.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np

from tfhand.scan.image.components import Component
from tfhand.scan.line.candidates import Candidates
from tfhand.scan.line.geometry import LineGeometry, box_costs, huber

ANY = "~"  # in a text: some ink that is none of the person's letters
MAX_COST = 20.0  # a group that costs more is no character
MISSING_COST = 9.0  # of a character without ink
TWO_PARTS = 'ij!?:;=%"'  # characters whose parts stand apart
DOT_GAP = 0.5  # x-heights
IMPOSSIBLE = 1e6  # cost of what cannot be
SPACE_GAP = 0.8  # in x-heights: a space is wider, and other gaps are narrower
SAME_INK = 0.8  # share of two groups' ink that they have in common where they are the same letter
ANY_COST = 3.0  # of taking any ink for a character that the text leaves open


@dataclass(frozen=True)
class Alignment:
    """Which components are which characters.

    Attributes:
        groups: for each character the components that make it up; none where it has no ink.
        costs: float [n], of each character.
        left_out: the components that belong to no character.
        total: the cost of the whole.
        line: where the line lies.
        weigh: gives `chances`, which only the alignment that is chosen in the end needs.
    """

    groups: list[list[Component]]
    costs: np.ndarray
    left_out: list[Component]
    total: float
    line: LineGeometry
    weigh: Callable[[], np.ndarray] = field(repr=False)

    @cached_property
    def chances(self) -> np.ndarray:
        """How likely each character's ink is, beside the best alignment that gives it other ink: float [n]."""
        return self.weigh()


@dataclass(frozen=True, eq=False)
class _Lattice:
    """All alignments as costs, in which K characters go through G groups, with E different ends and S starts.

    Attributes:
        own: float [K, G], of each character being each group.
        close, apart: float [E, S], of one group following another within a word, and after a space.
        ends, starts: int [G], the end and the start of each group, as numbers of them.
        before, after: float [G], of leaving out all ink before and after each group.
        spaced: for each character whether a space comes before it.
    """

    own: np.ndarray
    close: np.ndarray
    apart: np.ndarray
    ends: np.ndarray
    starts: np.ndarray
    before: np.ndarray
    after: np.ndarray
    spaced: list[bool]

    def backwards(self) -> _Lattice:
        """The same read from the other end."""
        spaced = [False, *self.spaced[:0:-1]]
        close, apart = self.close.T, self.apart.T
        return _Lattice(self.own[::-1], close, apart, self.starts, self.ends, self.after, self.before, spaced)


def align_candidates(
    candidates: Candidates, says: str, line: LineGeometry, stroke: float, read: np.ndarray | None = None
) -> Alignment | None:
    """The likeliest alignment of components to the text `says`, or None where none is at all likely.

    Args:
        candidates: the groups of components to choose from.
        says: the text; its spaces are wide gaps, and `ANY` stands for ink of any kind.
        line: where the line is thought to lie.
        stroke: width of the strokes in pixels.
        read: what a reader adds to the cost of each group as each character, float [G, K].
    """
    components, own = candidates.components, character_costs(candidates, "".join(says.split()), line, stroke)
    likely = own.min(axis=1) < MAX_COST
    if not likely.any():
        return None
    own = own if read is None else own + read
    own, start, end, edges = own[likely], candidates.start[likely], candidates.end[likely], candidates.edges[likely]
    skipped = np.concatenate([[0], np.cumsum([_left_out_cost(component, line) for component in components])])
    (left, starting, starts), (right, ending, ends) = _different(edges[:, 0], start), _different(edges[:, 1], end)
    between = skipped[starting] - skipped[ending][:, None]
    between[starting < ending[:, None]] = IMPOSSIBLE
    close, apart = (gaps + between for gaps in _gap_costs((left - right[:, None]) / line.x_height))
    before, after = skipped[start], skipped[-1] - skipped[end]
    lattice = _Lattice(own.T, close, apart, ends, starts, before, after, _spaces_before(says))
    ways = _Ways.through(lattice)
    states, total = _cheapest_path(lattice, ways)
    if total >= IMPOSSIBLE:
        return None
    taken = {index for state in states if state >= 0 for index in range(start[state], end[state])}
    groups = [components[start[state] : end[state]] if state >= 0 else [] for state in states]
    left_out = [component for index, component in enumerate(components) if index not in taken]
    costs = np.array([own[state, k] if state >= 0 else MISSING_COST for k, state in enumerate(states)])
    weigh = partial(_chances, lattice, ways.cost, states, _ink_spans(components, start, end))
    return Alignment(groups, costs, left_out, total, line, weigh)


@dataclass(frozen=True, eq=False)
class _Ways:
    """The cheapest ways from the line's beginning.

    Attributes:
        cost: float [K, G], to each character in each group, without what comes after it.
        waiting: float [K, 2, G], to each group as the last one before a character, without and with a space since.
        origin: int [K, 2, G], the character that it is there.
    """

    cost: np.ndarray
    waiting: np.ndarray
    origin: np.ndarray

    @classmethod
    def through(cls, lattice: _Lattice) -> _Ways:
        """Those through a lattice."""
        length, count = lattice.own.shape
        ways = cls(np.empty((length, count)), np.empty((length, 2, count)), np.zeros((length, 2, count), int))
        waiting, origin = np.full((2, count), np.inf), np.zeros((2, count), int)
        by_end = np.argsort(lattice.ends, kind="stable")
        first = np.searchsorted(lattice.ends[by_end], np.arange(len(lattice.close)))
        for k in range(length):
            if lattice.spaced[k]:
                closer = waiting[0] < waiting[1]
                waiting[1], origin[1] = np.where(closer, waiting[0], waiting[1]), np.where(closer, origin[0], origin[1])
                waiting[0] = np.inf
            ways.waiting[k], ways.origin[k] = waiting, origin
            cost = lattice.before + k * MISSING_COST
            for before, step in zip(waiting, (lattice.close, lattice.apart), strict=True):
                if np.isfinite(before).any():
                    least = np.minimum.reduceat(before[by_end], first)[:, None] + step  # (E, S)
                    cost = np.minimum(cost, least.min(axis=0)[lattice.starts])
            ways.cost[k] = cost + lattice.own[k]
            waiting += MISSING_COST
            closer = ways.cost[k] < waiting[0]
            waiting[0], origin[0] = np.where(closer, ways.cost[k], waiting[0]), np.where(closer, k, origin[0])
        return ways

    def before(self, lattice: _Lattice, k: int, group: int) -> tuple[int, int]:
        """The character and its group that come before a character in a group; (-1, -1) where it is the first one."""
        steps = np.stack([lattice.close, lattice.apart])[:, lattice.ends, lattice.starts[group]]
        through = self.waiting[k] + steps  # (2, G)
        kind, last = divmod(int(through.argmin()), len(lattice.before))
        is_first = lattice.before[group] + k * MISSING_COST <= through[kind, last]
        return (-1, -1) if is_first else (int(self.origin[k, kind, last]), last)


def _whole_costs(lattice: _Lattice, cost: np.ndarray) -> np.ndarray:
    """The costs of alignments that end with each character in each group, float [K, G]."""
    return cost + lattice.after + MISSING_COST * np.arange(len(cost) - 1, -1, -1)[:, None]


def _cheapest_path(lattice: _Lattice, ways: _Ways) -> tuple[list[int], float]:
    """The group of each character in the cheapest alignment (Viterbi's algorithm), -1 for none, and its cost."""
    whole = _whole_costs(lattice, ways.cost)
    k, group = divmod(int(whole.argmin()), whole.shape[1])
    total, states = float(whole[k, group]), [-1] * len(whole)
    while k >= 0:
        states[k] = group
        k, group = ways.before(lattice, k, group)
    return states, total


def _ink_spans(components: list[Component], start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The pixels of ink up to each group's beginning and end, int [G, 2]."""
    sizes = np.concatenate([[0], np.cumsum([len(one.rows) for one in components])])
    return np.stack([sizes[start], sizes[end]], 1)


def _chances(lattice: _Lattice, ahead: np.ndarray, states: list[int], spans: np.ndarray) -> np.ndarray:
    """How likely each character's own ink is beside the best alignment that gives it other ink: float [K].

    Args:
        lattice: of the alignment.
        ahead: float [K, G], of the ways ahead, see `_Ways`.
        states: the group of each character, -1 for none.
        spans: of `_ink_spans`.
    """
    through = ahead + _Ways.through(lattice.backwards()).cost[::-1] - lattice.own  # the best with this group, (K, G)
    excess = through - _whole_costs(lattice, ahead).min()
    chances = np.zeros(len(states))
    for k, state in enumerate(states):
        if state < 0:
            continue
        low, high = np.maximum(spans[:, 0], spans[state, 0]), np.minimum(spans[:, 1], spans[state, 1])
        union = np.maximum(spans[:, 1], spans[state, 1]) - np.minimum(spans[:, 0], spans[state, 0])
        other = excess[k, (high - low) < SAME_INK * union]
        chances[k] = 1 / (1 + np.exp(-min(float(other.min(initial=np.inf)), 50.0)))
    return chances


def character_costs(candidates: Candidates, characters: str, line: LineGeometry, stroke: float) -> np.ndarray:
    """How unusual the place, size and parts of each group are for each character: float [G, K]."""
    known = characters.replace(ANY, "x")
    allowed = np.array([DOT_GAP if character in TWO_PARTS else 0.0 for character in known])
    gaps = np.maximum(candidates.gaps[:, None] / line.x_height - allowed, 0)
    shape = box_costs(candidates.boxes, known, line, stroke)
    own = shape + huber(gaps / 0.14) + candidates.costs[:, None]
    return np.where([character == ANY for character in characters], ANY_COST, own)


def _left_out_cost(component: Component, line: LineGeometry) -> float:
    """The cost of taking ink for a speck: high for large ink in the line, low on the border or outside the line."""
    if component.cut_left or component.cut_right:
        return 10.0
    top, left, bottom, right = component.box
    baseline, unit = line.baseline_at((left + right) / 2), line.x_height
    cost = 1.0 + 9.0 * min(1.0, component.longest_side / unit)
    off_line = top > baseline + 0.2 * unit or bottom < baseline - 1.6 * unit
    return min(cost, 1.0 if component.on_border else 2.5 if off_line else 10.0)


def _different(edges: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The different pairs of an edge and a place among those of the groups, and the number of each group's own pair.

    Returns:
        float [n] and int [n], the pairs; int [G].
    """
    pairs, numbers = np.unique(np.stack([edges, places], axis=1), axis=0, return_inverse=True)
    return pairs[:, 0], pairs[:, 1].astype(int), numbers.ravel()


def _gap_costs(gap: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The costs of gaps in x-heights between one group and the next: within a word, and with a space between."""
    overlap = huber(np.minimum(gap + 0.1, 0) / 0.2)
    close = overlap + 0.5 * huber(np.maximum(gap - SPACE_GAP, 0) / 0.6)
    apart = overlap + huber(np.minimum(gap - SPACE_GAP, 0) / 0.25)
    return close, apart


def _spaces_before(says: str) -> list[bool]:
    words = says.split()
    return [bool(index == 0 and number) for number, word in enumerate(words) for index in range(len(word))]
