"""One character cut out of a page, with soft edges and without its neighbours."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

PADDING = 2  # pixels of black around a picture
Bounds = tuple[int, int, int, int]  # top, left, bottom, right; bottom and right exclusive


def ink_bounds(own: np.ndarray, top: int = 0, left: int = 0) -> Bounds:
    """The bounds of ink, bool [h, w] with some of it set, whose corner lies at `top`, `left`."""
    rows, columns = np.flatnonzero(own.any(axis=1)), np.flatnonzero(own.any(axis=0))
    return int(rows[0]) + top, int(columns[0]) + left, int(rows[-1]) + 1 + top, int(columns[-1]) + 1 + left


def edge_of(stroke: float) -> int:
    """Pixels that `crop_glyph` leaves around the bounds of ink, for strokes of this width; fewer at a page's edge."""
    return int(np.ceil(2 + 0.3 * stroke)) + PADDING


def crop_glyph(
    contrast: np.ndarray, assignment: np.ndarray, number: int, bounds: Bounds, level: float, stroke: float
) -> np.ndarray:
    """The picture of a character's own ink.

    Args:
        contrast: float32 [H, W], of the page.
        assignment: int [H, W], the number of the character that each pixel of ink belongs to, 0 for paper.
        number: the character's own.
        bounds: of its ink.
        level: contrast of well inked strokes.
        stroke: width of the strokes in pixels.

    Returns:
        uint8 [h, w], white ink on black, with a margin of paper.
    """
    top, left, bottom, right = bounds
    margin = edge_of(stroke) - PADDING
    place = slice(max(0, top - margin), bottom + margin), slice(max(0, left - margin), right + margin)
    own = assignment[place] == number
    to_own = ndimage.distance_transform_edt(~own)
    others = (assignment[place] != 0) & ~own
    to_others = ndimage.distance_transform_edt(~others) if others.any() else np.inf
    soft = np.clip((contrast[place] / level - 0.1) / 0.9, 0, 1)
    soft[(to_own > margin) | (to_own > to_others)] = 0
    return np.pad(np.rint(255 * soft).astype(np.uint8), PADDING)
