"""The nib apart from the letters: a person may write with any pen, and networks know a few.

Networks learn from letters in the nibs that a training draws (`tfhand.data.scan_transform`). In a finer one, as that of
a fineliner, a glyph's strokes are less than a pixel wide, and paler than the networks ever saw. Letters in such a nib
are drawn again in the middle one before networks see them, and what the networks then write is drawn again in the
person's own. Nibs that the networks know stay as they are, bit by bit; so do broader ones, since nothing brings back
the loops that they closed.

Widths of nibs are in x-heights.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import cdist

from tfhand.core import charset
from tfhand.hands import glyph
from tfhand.hands.sample import Sample
from tfhand.metrics.skeleton import SkeletonGraph
from tfhand.typeset.shapes import DETAIL, ink_on_line
from tfhand.vector.distance_field import coverage, distance_field, keep_islands, nib_width

FINEST = 0.085  # of most hands of training in its finest nib, 1.1 pixels at 32: a capital is 20 times as tall
MIDDLE = 0.165  # the middle one, 2.4 pixels
BROADEST = 0.5  # of a letter's height: the most that a nib is taken for
ENOUGH = 40  # most letters on which a nib is measured
BROAD = 1.35  # a dot is drawn this much broader than a line: a resting pen leaves more ink
FORKED = 1.6  # widths of a line that lie at most between the forks of one crossing
BLURRED = 0.9  # widths of a line from a crossing to where lines run apart
ENLARGED, FINENESS = 4, 12  # pixels of redrawn ink to one of a glyph, where a line became broader, and where finer
_SUBPIXEL_BITS = 4  # cv2.line takes fixed-point coordinates


def nib_of(samples: Sequence[Sample]) -> float:
    """The median width of the line in some letters of one person, of letters and digits if there are any.

    Args:
        samples: at least one.
    """
    shown = [sample for sample in samples if sample.character in charset.CHARACTERS] or samples
    return float(np.median([line_width(*_on_line(sample)) for sample in shown[:: 1 + len(shown) // ENOUGH]]))


def line_width(ink: np.ndarray, height: float) -> float:
    """The mean width of the line in ink (h, w) of a height in x-heights."""
    return nib_width(distance_field(ink, height * DETAIL / ink.shape[0])) / DETAIL


def is_too_fine(nib: float) -> bool:
    """Whether networks do not know letters in so fine a nib."""
    return nib < FINEST


def known_glyphs(samples: Sequence[Sample], size: int = glyph.SIZE) -> np.ndarray:
    """Letters of one person as networks know them: in the middle nib, if their own is too fine.

    Args:
        samples: at least one.
        size: side of the glyphs in pixels.

    Returns:
        uint8 array of shape (n, size, size).
    """
    if not is_too_fine(nib_of(samples)):
        return np.stack([one.glyph if size == glyph.SIZE else glyph.normalize(one.ink, size) for one in samples])
    return np.stack([glyph.normalize(redrawn(sample, MIDDLE), size) for sample in samples])


def redrawn(sample: Sample, nib: float) -> np.ndarray:
    """The ink of a letter in another nib: uint8 (h, w), white ink on black, several times as large as a glyph.

    A line becomes broader by moving its contour outward. It becomes finer by drawing its middle anew, so that no line
    breaks, however fine the nib.
    """
    ink, height = _on_line(sample)
    scale = ENLARGED * glyph.box_side() / max(ink.shape)
    field = keep_islands(distance_field(ink, scale), ink, scale)
    own, high = nib_width(field), scale * ink.shape[0]
    share = min(nib / height, BROADEST)
    width = share * (high - own) / (1 - share) if high > own else own  # the letter's height changes with its nib
    if width < own:
        return _middle_line(ink, own / ENLARGED, width / ENLARGED)
    reach = int(np.ceil((width - own) / 2)) + 1
    field = np.pad(field, reach, mode="linear_ramp", end_values=float(field.min()) - reach)
    return coverage(field + np.float32((width - own) / 2))


def _on_line(sample: Sample) -> tuple[np.ndarray, float]:
    ink, _, height = ink_on_line(sample.character, sample)
    return ink, height


def _middle_line(ink: np.ndarray, own: float, nib: float) -> np.ndarray:
    """The middle of the ink's lines drawn with a round nib; both widths, its own and the nib, in pixels of a glyph."""
    scale = glyph.box_side() / max(ink.shape)  # a skeleton is cleanest at the size of a glyph
    small = coverage(keep_islands(distance_field(ink, scale), ink, scale))
    graph = SkeletonGraph.from_glyphs(small[None])
    margin = nib + 2
    points = np.rint((_with_sharp_crossings(graph, own) + margin) * FINENESS * 2**_SUBPIXEL_BITS).astype(int)
    paper = np.ones([round((side + 2 * margin) * FINENESS) for side in small.shape], np.uint8)
    for start, end in graph.links:
        cv2.line(paper, points[start].tolist(), points[end].tolist(), 0, 1, cv2.LINE_8, _SUBPIXEL_BITS)
    broader = round((BROAD - 1) * nib / 2 * FINENESS * 2**_SUBPIXEL_BITS)
    for dot in np.flatnonzero(graph.degrees == 0):
        cv2.circle(paper, points[dot].tolist(), broader, 0, cv2.FILLED, cv2.LINE_8, _SUBPIXEL_BITS)
    away = cv2.distanceTransform(paper, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return coverage(nib * FINENESS / 2 - away)


def _with_sharp_crossings(graph: SkeletonGraph, nib: float) -> np.ndarray:
    """The points (P, 2) of skeletons, with all that a broad line blurs around a crossing drawn into its middle.

    Where two lines cross, the middle of broad ones forks on both sides of the crossing. Forks no farther apart than the
    line is broad, or a little more, are one crossing; lines run straight to it from where they part.
    """
    points, forks = graph.points.copy(), np.flatnonzero(graph.degrees > 2)
    if len(forks):
        near = cdist(points[forks], points[forks]) < FORKED * nib
        count, crossing = connected_components(near, directed=False)
        middles = np.stack([points[forks[crossing == one]].mean(axis=0) for one in range(count)])
        away = cdist(points, middles)
        blurred = (away.min(axis=1) < BLURRED * nib) & (graph.degrees > 1)
        points[blurred] = middles[away.argmin(axis=1)[blurred]]
    return points
