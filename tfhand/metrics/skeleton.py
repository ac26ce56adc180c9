"""The middle lines of strokes: what the pen's tip followed, whatever its width.

Skeletons of all glyphs are thinned in one picture, and one graph holds their pixels: each is a node, linked to those
beside it. A node with one link is a free end, one with three or more a crossing.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from skimage.morphology import skeletonize

FINER = 2  # skeleton pixels to a glyph pixel: grey edges say where within a pixel the ink ends
_INK = 0.5  # of a glyph's darkest ink, at least: the edge of the stroke however soft it is
_SPUR = 6  # nodes: a shorter end is an unevenness of the ink, reaching from its middle to its edge, not a stroke
_SMOOTHING = 8  # rounds, each towards the mean of both neighbours: a deviation of one glyph pixel along the line


def skeletons(glyphs: np.ndarray) -> np.ndarray:
    """The glyphs' ink thinned to lines of one pixel.

    Args:
        glyphs: uint8 array of shape (n, S, S).

    Returns:
        bool array of shape (n, FINER S + 2, FINER S + 2), with an empty edge all around.
    """
    darkest = glyphs.max(axis=(1, 2), initial=1)
    inked = [
        cv2.resize(glyph, None, fx=FINER, fy=FINER, interpolation=cv2.INTER_LINEAR) > _INK * most
        for glyph, most in zip(glyphs.astype(np.float32), darkest, strict=True)
    ]
    inked = np.pad(np.reshape(inked, (len(glyphs), *(FINER * np.array(glyphs.shape[1:])))), ((0, 0), (1, 1), (1, 1)))
    return skeletonize(inked.reshape(-1, inked.shape[2])).reshape(inked.shape)


@dataclass(frozen=True, eq=False)
class MiddleLines:
    """The middle lines of n glyphs as one graph.

    Attributes:
        count: n.
        points: float64 (P, 2), x and y of each node in glyph pixels, the pixel stairs smoothed away.
        glyph: int (P,), the glyph of each node.
        links: int (L, 2), pairs of nodes.
    """

    count: int
    points: np.ndarray
    glyph: np.ndarray
    links: np.ndarray

    @classmethod
    def of(cls, glyphs: np.ndarray) -> MiddleLines:
        """The lines of uint8 glyphs (n, S, S), without short spurs."""
        drawn = skeletons(glyphs)
        glyph, rows, columns = np.nonzero(drawn)
        points = np.stack([columns, rows], axis=1) / FINER
        lines = cls(len(glyphs), points, glyph, _neighbours(drawn))._pruned()
        return cls(lines.count, lines._smoothed(), lines.glyph, lines.links)

    @property
    def degrees(self) -> np.ndarray:
        """How many links each node has, (P,)."""
        return np.bincount(self.links.ravel(), minlength=len(self.points))

    @property
    def adjacency(self) -> sparse.csr_array:
        """1 where two nodes are linked, (P, P)."""
        return _symmetric(self.links, len(self.points))

    def strokes(self) -> tuple[np.ndarray, np.ndarray]:
        """The lines cut at their crossings.

        Returns:
            The number of each node's piece, (P,), crossings being pieces of their own, and whether a node lies between
            a free end and a crossing or another end, (P,).
        """
        degrees = self.degrees
        inner = self.links[(degrees[self.links] <= 2).all(axis=1)]
        _, piece = connected_components(_symmetric(inner, len(self.points)), directed=False)
        return piece, (np.bincount(piece, weights=degrees == 1) > 0)[piece]

    def sum(self, values: np.ndarray, nodes: np.ndarray) -> np.ndarray:
        """For each glyph the sum of values that belong to these nodes, (n,)."""
        return np.bincount(self.glyph[nodes], weights=values, minlength=self.count)

    def steps(self) -> np.ndarray:
        """How long each link is in pixels, (L,)."""
        return np.hypot(*(self.points[self.links[:, 0]] - self.points[self.links[:, 1]]).T)

    def turns(self) -> tuple[np.ndarray, np.ndarray]:
        """The angle by which the line turns, in radians, not negative, and at which nodes: those with two links."""
        adjacency, bends = self.adjacency, np.flatnonzero(self.degrees == 2)
        first = adjacency.indptr[bends]
        before, after = (self.points[adjacency.indices[first + side]] for side in (0, 1))
        comes, goes = (self.points[bends] - before).T, (after - self.points[bends]).T
        return np.abs(np.arctan2(comes[0] * goes[1] - comes[1] * goes[0], (comes * goes).sum(axis=0))), bends

    def _pruned(self) -> MiddleLines:
        piece, loose = self.strokes()
        crossed = np.zeros(len(self.points), bool)  # the pieces that meet a crossing
        crossed[piece[self.links[(self.degrees[self.links] > 2).any(axis=1)]]] = True
        short = (np.bincount(piece, minlength=len(self.points)) <= _SPUR) & crossed
        kept = ~(loose & short[piece])
        renumbered = np.cumsum(kept) - 1
        links = renumbered[self.links[kept[self.links].all(axis=1)]]
        return MiddleLines(self.count, self.points[kept], self.glyph[kept], links)

    def _smoothed(self) -> np.ndarray:
        points, adjacency = self.points, self.adjacency
        moves = (self.degrees == 2)[:, None]  # ends and crossings stay
        for _ in range(_SMOOTHING):
            points = np.where(moves, (points + adjacency @ points / 2) / 2, points)
        return points


def _symmetric(links: np.ndarray, nodes: int) -> sparse.csr_array:
    one, other = np.concatenate([links, links[:, ::-1]]).T
    return sparse.coo_array((np.ones(len(one)), (one, other)), shape=(nodes, nodes)).tocsr()


def _neighbours(drawn: np.ndarray) -> np.ndarray:
    """Pairs (L, 2) of drawn pixels side by side, numbered in the order of np.nonzero.

    Pixels that touch at a corner are linked only where no third one touches both: every stair would be a triangle.
    """
    flat, row = drawn.ravel(), drawn.shape[2]
    places, links = np.flatnonzero(flat), []
    for step, between in ((1, ()), (row, ()), (row + 1, (1, row)), (row - 1, (-1, row))):
        linked = flat[places + step]  # the empty edge keeps this within the picture, and within the glyph
        for side in between:
            linked = linked & ~flat[places + side]
        links.append(np.stack([places[linked], places[linked] + step], axis=1))
    return np.searchsorted(places, np.concatenate(links))
