"""The alignment of components of ink to the characters of a known text: the likeliest one, by dynamic programming.

An alignment divides the components, in their order along the line, into one group for each character, and leaves some
out as specks or stray marks. Its cost is the sum of: how far every group's box is from the character's usual box, how
far apart its components lie, which cuts were made, how the gaps fit the text's spaces, and the ink left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tfhand.scan.image.components import Component
from tfhand.scan.line.candidates import Candidates
from tfhand.scan.line.geometry import LineGeometry, box_costs, huber

MAX_COST = 20.0  # a group that costs more is no character
TWO_PARTS = 'ij!?:;=%"'  # characters whose parts stand apart
DOT_GAP = 0.5  # x-heights
IMPOSSIBLE = 1e6  # cost of what cannot be
SPACE_GAP = 0.8  # in x-heights: a space is wider, and other gaps are narrower


@dataclass(frozen=True)
class Alignment:
    """Which components are which characters.

    Attributes:
        groups: for each character the components that make it up.
        costs: float [n], of each character.
        left_out: the components that belong to no character.
        total: the cost of the whole.
        line: where the line lies.
    """

    groups: list[list[Component]]
    costs: np.ndarray
    left_out: list[Component]
    total: float
    line: LineGeometry


def align_candidates(candidates: Candidates, says: str, line: LineGeometry, stroke: float) -> Alignment | None:
    """The likeliest alignment of components to the text `says`, or None where none is at all likely.

    Args:
        candidates: the groups of components to choose from.
        says: the text; its spaces are wide gaps.
        line: where the line is thought to lie.
        stroke: width of the strokes in pixels.
    """
    components, own = candidates.components, _character_costs(candidates, "".join(says.split()), line, stroke)
    likely = own.min(axis=1) < MAX_COST
    if not likely.any():
        return None
    own, start, end, edges = own[likely], candidates.start[likely], candidates.end[likely], candidates.edges[likely]
    skipped = np.concatenate([[0], np.cumsum([_left_out_cost(component, line) for component in components])])
    close, apart = _gap_costs(edges, line.x_height)
    between = np.where(start[None] >= end[:, None], skipped[start][None] - skipped[end][:, None], IMPOSSIBLE)
    outside = skipped[start], skipped[-1], skipped[end]
    states, total = _cheapest_path(own, close + between, apart + between, _spaces_before(says), outside)
    if total >= IMPOSSIBLE:
        return None
    taken = {index for state in states for index in range(start[state], end[state])}
    groups = [components[start[state] : end[state]] for state in states]
    left_out = [component for index, component in enumerate(components) if index not in taken]
    return Alignment(groups, np.array([own[state, k] for k, state in enumerate(states)]), left_out, total, line)


def _cheapest_path(
    own: np.ndarray,
    close: np.ndarray,
    apart: np.ndarray,
    spaced: list[bool],
    outside: tuple[np.ndarray, float, np.ndarray],
) -> tuple[list[int], float]:
    """The group of each character in the cheapest sequence (Viterbi's algorithm), and its cost.

    Args:
        own: float [G, K], of each group as each character.
        close, apart: float [G, G], of one group following another within a word, and after a space.
        spaced: for each character whether a space comes before it.
        outside: of leaving out what lies before each group [G], of leaving out everything, and of what lies up to each
            group's end [G].
    """
    before, everything, up_to_end = outside
    cost, back = own[:, 0] + before, []
    for k in range(1, own.shape[1]):
        step = cost[:, None] + (apart if spaced[k] else close)
        back.append(step.argmin(axis=0))
        cost = step[back[-1], np.arange(len(own))] + own[:, k]
    cost = cost + everything - up_to_end
    states = [int(cost.argmin())]
    total = float(cost[states[0]])
    for came_from in reversed(back):
        states.append(int(came_from[states[-1]]))
    return states[::-1], total


def _character_costs(candidates: Candidates, characters: str, line: LineGeometry, stroke: float) -> np.ndarray:
    """The cost of each group as each character: float [G, K]."""
    allowed = np.array([DOT_GAP if character in TWO_PARTS else 0.0 for character in characters])
    gaps = np.maximum(candidates.gaps[:, None] / line.x_height - allowed, 0)
    shape = box_costs(candidates.boxes, characters, line, stroke)
    return shape + huber(gaps / 0.14) + candidates.costs[:, None]


def _left_out_cost(component: Component, line: LineGeometry) -> float:
    """The cost of taking ink for a speck: high for large ink in the line, low on the border or outside the line."""
    if component.cut_left or component.cut_right:
        return 10.0
    top, left, bottom, right = component.box
    baseline, unit = line.baseline_at((left + right) / 2), line.x_height
    cost = 1.0 + 9.0 * min(1.0, component.longest_side / unit)
    off_line = top > baseline + 0.2 * unit or bottom < baseline - 1.6 * unit
    return min(cost, 1.0 if component.on_border else 2.5 if off_line else 10.0)


def _gap_costs(edges: np.ndarray, unit: float) -> tuple[np.ndarray, np.ndarray]:
    """The costs [before, after] of one group following another: within a word, and with a space between."""
    gap = (edges[None, :, 0] - edges[:, None, 1]) / unit
    overlap = huber(np.minimum(gap + 0.1, 0) / 0.2)
    close = overlap + 0.5 * huber(np.maximum(gap - SPACE_GAP, 0) / 0.6)
    apart = overlap + huber(np.minimum(gap - SPACE_GAP, 0) / 0.25)
    return close, apart


def _spaces_before(says: str) -> list[bool]:
    words = says.split()
    return [bool(index == 0 and number) for number, word in enumerate(words) for index in range(len(word))]
