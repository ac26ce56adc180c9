"""The groups of neighbouring components that could be one character."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from tfhand.scan.image.components import Component

MAX_GROUP = 12  # components in one character
BORDER_COST = 4.0  # for a component that is connected to the picture's border


def ink_distances(components: list[Component]) -> dict[tuple[int, int], float]:
    """The distance in pixels between the ink of every two components, by label, that could be in one character."""
    points = [np.stack([one.rows, one.columns], 1)[:: 1 + len(one.rows) // 150] for one in components]
    trees = [cKDTree(each) for each in points]
    found: dict[tuple[int, int], float] = {}
    for i in range(len(components)):
        for j in range(max(0, i - MAX_GROUP), i):
            pair = components[j].label, components[i].label
            found[pair] = found[pair[::-1]] = float(trees[j].query(points[i])[0].min())
    return found


def _distances(components: list[Component], boxes: np.ndarray, edges: np.ndarray, ink: dict) -> np.ndarray:
    """How far apart every two components are, by their boxes and by their ink: [n, n] pixels."""
    across = np.maximum(edges[:, None, 0], edges[None, :, 0]) - np.minimum(edges[:, None, 1], edges[None, :, 1])
    down = np.maximum(boxes[:, None, 0], boxes[None, :, 0]) - np.minimum(boxes[:, None, 2], boxes[None, :, 2])
    apart = np.hypot(np.maximum(across, 0), np.maximum(down, 0))
    for i, component in enumerate(components):
        for j in range(max(0, i - MAX_GROUP), i):
            apart[i, j] = apart[j, i] = max(apart[i, j], ink.get((component.label, components[j].label), 0.0))
    return apart


class Candidates:
    """All groups of neighbouring components that could be one character.

    Attributes:
        components: in their order along the line.
        start, end: int [G], the group holds components[start:end].
        boxes: float [G, 4], top, left, bottom, right in pixels.
        edges: float [G, 2], left and right edge with the slant taken out.
        gaps: float [G], the sum of the distances between its components, in pixels.
        costs: float [G], half the costs of the cuts on either side, and the cost of touching the border.

    Args:
        components: at least one.
        ink: the distances that `ink_distances` found between them.
    """

    def __init__(self, components: list[Component], ink: dict[tuple[int, int], float]):
        boxes = np.array([one.box for one in components], float)
        edges = np.array([(one.left_edge, one.right_edge) for one in components])
        apart = _distances(components, boxes, edges, ink)
        table = np.array(
            [row for start in range(len(components)) for row in _groups_from(start, components, boxes, edges, apart)]
        )
        self.components, (self.start, self.end) = components, table[:, :2].T.astype(int)
        self.boxes, self.edges, self.gaps, self.costs = table[:, 2:6], table[:, 6:8], table[:, 8], table[:, 9]


def _groups_from(
    start: int, components: list[Component], boxes: np.ndarray, edges: np.ndarray, apart: np.ndarray
) -> list[tuple]:
    """All groups that begin with one component: (start, end, *box, *edges, gap, cost) of each."""
    box, (left, right), gap, border = boxes[start], edges[start], 0.0, 0.0
    open_cuts: dict[tuple[int, int], float] = {}
    groups = []
    for last in range(start, min(start + MAX_GROUP, len(components))):
        component, new = components[last], boxes[last]
        box = np.concatenate([np.minimum(box[:2], new[:2]), np.maximum(box[2:], new[2:])])
        left, right = min(left, edges[last, 0]), max(right, edges[last, 1])
        gap += apart[last, start:last].min() if last > start else 0.0
        border += BORDER_COST * component.on_border
        for place, cost in ((component.part, component.cut_left), (component.part + 1, component.cut_right)):
            key = component.label, place
            open_cuts[key] = 0.0 if key in open_cuts else cost  # a cut inside the group costs nothing
        groups.append((start, last + 1, *box, left, right, gap, sum(open_cuts.values()) / 2 + border))
    return groups
