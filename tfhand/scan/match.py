"""Which pieces of ink are which characters of a known text: the likeliest reading, by dynamic programming.

A reading divides the pieces, in their order along the line, into one group for each character, and leaves some out as
specks or marks. Its cost adds up how far every group's box is from the character's usual box, how far apart its pieces
lie, which cuts were made, how the gaps fit the text's spaces, and what was left out. Costs are like negative
log-likelihoods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from tfhand.core.charset import geometry
from tfhand.scan.pieces import Piece

GROUP = 12  # most pieces in one character
HOPELESS = 20.0  # cost of a group that is no character
BARE = "1IJl"  # many write them as one stroke, without serif or hook
TWO_PARTS = 'ij!?:;=%"'  # their parts stand apart
DOT_GAP = 0.5  # x-heights
BORDER_COST = 8.0  # of a character that hangs on the picture's border
LARGE = 1e6  # cost of what cannot be
SPACE_GAP = 0.8  # in x-heights: a space is wider, and other gaps are narrower


@dataclass(frozen=True)
class Layout:
    """Where the line lies: its baseline is at row `baseline + slope * column`; all in pixels."""

    x_height: float
    baseline: float
    slope: float = 0.0

    def at(self, column: np.ndarray | float) -> np.ndarray | float:
        """The row of the baseline at a column."""
        return self.baseline + self.slope * column


@dataclass(frozen=True)
class Match:
    """A reading: for each character the pieces that make it up, and the cost of each; `left_out` belong to none."""

    groups: list[list[Piece]]
    costs: np.ndarray
    left_out: list[Piece]
    total: float
    layout: Layout


def far(z: np.ndarray) -> np.ndarray:
    """Huber's cost: half the square up to 2, linear beyond, so that one odd letter does not decide the line."""
    z = np.abs(z)
    return np.where(z < 2, z * z / 2, 2 * z - 2)


def boxes_of(groups: Sequence[Sequence[Piece]]) -> np.ndarray:
    """Boxes float [n, 4] around groups of pieces: top, left, bottom, right."""
    boxes = np.array([group[0].box for group in groups], float).reshape(-1, 4)
    for index, group in enumerate(groups):
        every = np.array([piece.box for piece in group])
        boxes[index] = [*every[:, :2].min(0), *every[:, 2:].max(0)]
    return boxes


def ink_distances(pieces: list[Piece]) -> dict[tuple[int, int], float]:
    """The distance in pixels between the ink of every two components that could be in one character."""
    points = [np.stack([p.rows, p.columns], 1)[:: 1 + len(p.rows) // 150] for p in pieces]
    trees, found = [cKDTree(each) for each in points], {}
    for i in range(len(pieces)):
        for j in range(max(0, i - GROUP), i):
            pair = pieces[j].component, pieces[i].component
            found[pair] = found[pair[::-1]] = float(trees[j].query(points[i])[0].min())
    return found


def _distances(pieces: list[Piece], boxes: np.ndarray, edges: np.ndarray, ink: dict) -> np.ndarray:
    """How far apart every two pieces are, by their boxes and by their ink: [n, n] pixels."""
    across = np.maximum(edges[:, None, 0], edges[None, :, 0]) - np.minimum(edges[:, None, 1], edges[None, :, 1])
    down = np.maximum(boxes[:, None, 0], boxes[None, :, 0]) - np.minimum(boxes[:, None, 2], boxes[None, :, 2])
    apart = np.hypot(np.maximum(across, 0), np.maximum(down, 0))
    for i, piece in enumerate(pieces):
        for j in range(max(0, i - GROUP), i):
            apart[i, j] = apart[j, i] = max(apart[i, j], ink.get((piece.component, pieces[j].component), 0.0))
    return apart


class Candidates:
    """All groups of neighbouring pieces that could be one character.

    Attributes:
        pieces: the pieces, in their order along the line.
        start, end: int [G], the group holds pieces[start:end].
        boxes: float [G, 4], top, left, bottom, right in pixels.
        edges: float [G, 2], left and right edge with the slant taken out.
        gaps: float [G], how far its pieces stand apart in pixels, added up.
        cuts: float [G], half of what the cuts around it cost, and what its hanging on the border costs.
    """

    def __init__(self, pieces: list[Piece], ink: dict[tuple[int, int], float]):
        boxes, edges = np.array([p.box for p in pieces], float), np.array([(p.left_edge, p.right_edge) for p in pieces])
        apart, found = _distances(pieces, boxes, edges, ink), []
        for start in range(len(pieces)):
            box, edge, gap, border, open_cuts = boxes[start], edges[start], 0.0, 0.0, {}
            for end in range(start + 1, min(start + GROUP, len(pieces)) + 1):
                piece, new, reach = pieces[end - 1], boxes[end - 1], edges[end - 1]
                box = np.concatenate([np.minimum(box[:2], new[:2]), np.maximum(box[2:], new[2:])])
                edge = min(edge[0], reach[0]), max(edge[1], reach[1])
                gap += apart[end - 1, start : end - 1].min(initial=np.inf) if end - 1 > start else 0.0
                border += BORDER_COST * piece.on_border
                for place, cost in ((piece.part, piece.cut_left), (piece.part + 1, piece.cut_right)):
                    key = piece.component, place
                    open_cuts[key] = 0.0 if key in open_cuts else cost  # a cut inside the group is none
                found.append((start, end, *box, *edge, gap, sum(open_cuts.values()) / 2 + border))
        table = np.array(found)
        self.pieces, (self.start, self.end) = pieces, table[:, :2].T.astype(int)
        self.boxes, self.edges, self.gaps, self.cuts = table[:, 2:6], table[:, 6:8], table[:, 8], table[:, 9]


def box_costs(boxes: np.ndarray, characters: str, layout: Layout, stroke: float) -> np.ndarray:
    """How unusual boxes [..., 4] are for each character: [..., K]."""
    usual = np.array([geometry(character) for character in characters])  # (K, 3)
    top, left, bottom, right = np.moveaxis(boxes[..., None], -2, 0)
    line = layout.at((left + right) / 2)
    unit = layout.x_height
    low, high = (line - bottom) / unit, (line - top) / unit
    width = np.maximum(right - left - stroke, 0) / unit
    height = np.maximum(bottom - top - stroke, 0) / unit
    wider = np.log((width + 0.35) / (usual[:, 2] + 0.35)) / 0.33
    by_width = far(np.where([character in BARE for character in characters], np.maximum(wider, 0), wider))
    by_height = far(np.log((height + 0.25) / (usual[:, 1] - usual[:, 0] + 0.25)) / 0.28)
    by_place = far((low - usual[:, 0]) / 0.3) + far((high - usual[:, 1]) / 0.35)
    return by_width + 0.6 * by_height + 0.6 * by_place


def _left_out_cost(piece: Piece, layout: Layout) -> float:
    """Of taking a piece for a speck or a mark: high for a large one in the line, low on the border or off the line."""
    if piece.cut_left or piece.cut_right:
        return 10.0
    top, left, bottom, right = piece.box
    line, unit = layout.at((left + right) / 2), layout.x_height
    cost = 1.0 + 9.0 * min(1.0, max(bottom - top, right - left) / unit)
    off_line = top > line + 0.2 * unit or bottom < line - 1.6 * unit
    return min(cost, 1.0 if piece.on_border else 2.5 if off_line else 10.0)


def _gap_costs(edges: np.ndarray, unit: float) -> tuple[np.ndarray, np.ndarray]:
    """Of one group [n * GROUP] following another: within a word, and with a space between: [before, after]."""
    gap = (edges[None, :, 0] - edges[:, None, 1]) / unit
    overlap = far(np.minimum(gap + 0.1, 0) / 0.2)
    close = overlap + 0.5 * far(np.maximum(gap - SPACE_GAP, 0) / 0.6)
    apart = overlap + far(np.minimum(gap - SPACE_GAP, 0) / 0.25)
    return close, apart


def best_match(candidates: Candidates, says: str, layout: Layout, stroke: float) -> Match | None:
    """The likeliest reading of pieces as `says`, or None where none is at all likely.

    Args:
        candidates: the groups of pieces to choose from.
        says: the text; its spaces are wide gaps.
        layout: where the line is thought to lie.
        stroke: width of the strokes in pixels.
    """
    characters, spaced, pieces = "".join(says.split()), _spaces_before(says), candidates.pieces
    allowed = np.array([DOT_GAP if character in TWO_PARTS else 0.0 for character in characters])
    gaps = np.maximum(candidates.gaps[:, None] / layout.x_height - allowed, 0)
    own = (
        box_costs(candidates.boxes, characters, layout, stroke) + far(gaps / 0.14) + candidates.cuts[:, None]
    )  # (G, K)
    likely = own.min(axis=1) < HOPELESS
    if not likely.any():
        return None
    own, start, end, edges = own[likely], candidates.start[likely], candidates.end[likely], candidates.edges[likely]
    skipped = np.concatenate([[0], np.cumsum([_left_out_cost(piece, layout) for piece in pieces])])
    close, apart = _gap_costs(edges, layout.x_height)
    between = np.where(start[None] >= end[:, None], skipped[start][None] - skipped[end][:, None], LARGE)
    close, apart = close + between, apart + between
    cost, back = own[:, 0] + skipped[start], []
    for k in range(1, len(characters)):
        step = cost[:, None] + (apart if spaced[k] else close)
        back.append(step.argmin(axis=0))
        cost = step[back[-1], np.arange(len(own))] + own[:, k]
    cost = cost + skipped[-1] - skipped[end]
    states = [int(cost.argmin())]
    total = float(cost[states[0]])
    if total >= LARGE:
        return None
    for step in reversed(back):
        states.append(int(step[states[-1]]))
    states.reverse()
    taken = {index for state in states for index in range(start[state], end[state])}
    groups = [pieces[start[state] : end[state]] for state in states]
    left_out = [piece for index, piece in enumerate(pieces) if index not in taken]
    return Match(groups, np.array([own[state, k] for k, state in enumerate(states)]), left_out, total, layout)


def _spaces_before(says: str) -> list[bool]:
    words = says.split()
    return [bool(index == 0 and number) for number, word in enumerate(words) for index in range(len(word))]


def fitted_layout(match: Match, characters: str, stroke: float, slope: float, slope_spread: float) -> Layout:
    """The line under a reading: baseline, slope and x-height by robust least squares over all tops and bottoms.

    Args:
        slope, slope_spread: what is known of the slope before, as mean and standard deviation.
    """
    boxes, usual = boxes_of(match.groups), np.array([geometry(character) for character in characters])
    rows = np.concatenate([boxes[:, 2] - stroke / 2, boxes[:, 0] + stroke / 2])
    heights = np.concatenate([usual[:, 0], usual[:, 1]])
    columns = np.tile((boxes[:, 1] + boxes[:, 3]) / 2, 2)
    middle, old = columns.mean(), match.layout
    design = np.stack([np.ones_like(columns), columns - middle, -heights], 1)
    spread = 0.15 * old.x_height
    known = np.array([[0, 1 / slope_spread, 0], [0, 0, 1 / (0.4 * old.x_height)]])
    known_values = np.array([slope / slope_spread, old.x_height / (0.4 * old.x_height)])
    weight = np.ones_like(rows)
    for _ in range(5):
        system = np.concatenate([design * weight[:, None] / spread, known])
        values = np.concatenate([rows * weight / spread, known_values])
        solution = np.linalg.lstsq(system, values, rcond=None)[0]
        residual = np.abs(design @ solution - rows) / spread
        weight = 1 / np.sqrt(np.maximum(residual, 1))
    height = float(np.clip(solution[2], 0.3 * old.x_height, 3 * old.x_height))
    return Layout(height, float(solution[0] - solution[1] * middle), float(solution[1]))
