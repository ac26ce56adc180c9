"""The middle lines of strokes: the path of the pen's tip, whatever its width.

All glyphs are thinned to skeletons in one picture, and one graph holds the pixels of the skeletons: each is a node with
links to its neighbours. A node with one link is a free end, a node with three or more is a crossing.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from skimage.morphology import skeletonize

SUPERSAMPLING = 2  # skeleton pixels to a glyph pixel: grey edges tell where within a pixel the ink ends
_INK = 0.5  # least share of a glyph's strongest ink: finds the edge of a stroke, however soft it is
_SPUR = 6  # nodes: a shorter branch with a free end comes from an uneven edge and is not a stroke
_SMOOTHING = 8  # rounds, each toward the mean of both neighbours: a Gaussian of one glyph pixel along the line


def skeletonize_glyphs(glyphs: np.ndarray) -> np.ndarray:
    """The glyphs' ink thinned to lines of one pixel.

    Args:
        glyphs: uint8 array of shape (n, S, S).

    Returns:
        bool array of shape (n, SUPERSAMPLING S + 2, SUPERSAMPLING S + 2), with an empty edge all around.
    """
    strongest = glyphs.max(axis=(1, 2), initial=1)
    inked = [
        cv2.resize(glyph, None, fx=SUPERSAMPLING, fy=SUPERSAMPLING, interpolation=cv2.INTER_LINEAR) > _INK * most
        for glyph, most in zip(glyphs.astype(np.float32), strongest, strict=True)
    ]
    shape = len(glyphs), *(SUPERSAMPLING * np.array(glyphs.shape[1:]))
    masks = np.pad(np.reshape(inked, shape), ((0, 0), (1, 1), (1, 1)))
    return skeletonize(masks.reshape(-1, masks.shape[2])).reshape(masks.shape)


@dataclass(frozen=True, eq=False)
class SkeletonGraph:
    """The skeletons of n glyphs as one graph.

    Attributes:
        count: the number of glyphs, n.
        points: float64 (P, 2), x and y of each node in glyph pixels, smoothed.
        glyph: int (P,), the glyph of each node.
        links: int (L, 2), pairs of nodes.
    """

    count: int
    points: np.ndarray
    glyph: np.ndarray
    links: np.ndarray

    @classmethod
    def from_glyphs(cls, glyphs: np.ndarray) -> SkeletonGraph:
        """The skeletons of uint8 glyphs (n, S, S), without short spurs."""
        skeletons = skeletonize_glyphs(glyphs)
        glyph, rows, columns = np.nonzero(skeletons)
        points = np.stack([columns, rows], axis=1) / SUPERSAMPLING
        graph = cls(len(glyphs), points, glyph, _neighbours(skeletons))._without_spurs()
        return cls(graph.count, graph._smoothed_points(), graph.glyph, graph.links)

    @property
    def degrees(self) -> np.ndarray:
        """How many links each node has, (P,)."""
        return np.bincount(self.links.ravel(), minlength=len(self.points))

    @property
    def adjacency(self) -> sparse.csr_array:
        """1 where two nodes are linked, (P, P)."""
        return _symmetric(self.links, len(self.points))

    def pieces(self) -> tuple[np.ndarray, np.ndarray]:
        """The skeletons cut at their crossings; each crossing is a piece of its own.

        Returns:
            The number of each node's piece, int (P,), and whether that piece has a free end, bool (P,).
        """
        degrees = self.degrees
        inner = self.links[(degrees[self.links] <= 2).all(axis=1)]
        _, piece = connected_components(_symmetric(inner, len(self.points)), directed=False)
        return piece, (np.bincount(piece, weights=degrees == 1) > 0)[piece]

    def sum(self, values: np.ndarray, nodes: np.ndarray) -> np.ndarray:
        """The sum of each glyph's values, (n,); the values belong to these nodes."""
        return np.bincount(self.glyph[nodes], weights=values, minlength=self.count)

    def link_lengths(self) -> np.ndarray:
        """The length of each link in pixels, (L,)."""
        return np.hypot(*(self.points[self.links[:, 0]] - self.points[self.links[:, 1]]).T)

    def turns(self) -> tuple[np.ndarray, np.ndarray]:
        """The angles by which the lines turn, in radians, not negative; and the nodes where, those with two links."""
        adjacency, bends = self.adjacency, np.flatnonzero(self.degrees == 2)
        first = adjacency.indptr[bends]
        before, after = (self.points[adjacency.indices[first + side]] for side in (0, 1))
        comes, goes = (self.points[bends] - before).T, (after - self.points[bends]).T
        return np.abs(np.arctan2(comes[0] * goes[1] - comes[1] * goes[0], (comes * goes).sum(axis=0))), bends

    def _without_spurs(self) -> SkeletonGraph:
        piece, loose = self.pieces()
        crossed = np.zeros(len(self.points), bool)  # the pieces that meet a crossing
        crossed[piece[self.links[(self.degrees[self.links] > 2).any(axis=1)]]] = True
        short = (np.bincount(piece, minlength=len(self.points)) <= _SPUR) & crossed
        kept = ~(loose & short[piece])
        renumbered = np.cumsum(kept) - 1
        links = renumbered[self.links[kept[self.links].all(axis=1)]]
        return SkeletonGraph(self.count, self.points[kept], self.glyph[kept], links)

    def _smoothed_points(self) -> np.ndarray:
        points, adjacency = self.points, self.adjacency
        moves = (self.degrees == 2)[:, None]  # ends and crossings stay
        for _ in range(_SMOOTHING):
            points = np.where(moves, (points + adjacency @ points / 2) / 2, points)
        return points


def _symmetric(links: np.ndarray, nodes: int) -> sparse.csr_array:
    one, other = np.concatenate([links, links[:, ::-1]]).T
    return sparse.coo_array((np.ones(len(one)), (one, other)), shape=(nodes, nodes)).tocsr()


def _neighbours(skeletons: np.ndarray) -> np.ndarray:
    """Pairs (L, 2) of neighbouring skeleton pixels, numbered in the order of np.nonzero.

    Pixels that touch at a corner are linked only if no third pixel touches both; otherwise every stair of a slanting
    line would be a triangle.
    """
    flat, row = skeletons.ravel(), skeletons.shape[2]
    places, links = np.flatnonzero(flat), []
    for step, between in ((1, ()), (row, ()), (row + 1, (1, row)), (row - 1, (-1, row))):
        linked = flat[places + step]  # the empty edge keeps this within the picture, and within the glyph
        for side in between:
            linked = linked & ~flat[places + side]
        links.append(np.stack([places[linked], places[linked] + step], axis=1))
    return np.searchsorted(places, np.concatenate(links))
