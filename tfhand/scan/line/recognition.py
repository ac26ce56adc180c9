"""What a reader takes groups of components for: a cost beside those of their sizes and places."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from tfhand.hands.glyph import normalize
from tfhand.scan.image.deskew import DeskewedPage
from tfhand.scan.line.alignment import ANY
from tfhand.scan.line.candidates import Candidates
from tfhand.typeset.nib import MIDDLE, is_too_fine

ReadCosts = Callable[[np.ndarray, str], np.ndarray]
"""A reader as costs: uint8 glyphs [n, S, S] and K characters to float [n, K], minus the logarithm of probabilities;
0 for a character that the reader does not know."""

MOST_COST = 12.0  # of a group's shape as its likeliest character; others are not looked at
UNREAD_COST = 5.0  # the most that a reader adds, and what it adds to groups that are not looked at
MAX_READ = 1500  # groups


def recognition_costs(
    candidates: Candidates,
    shape_costs: np.ndarray,
    characters: str,
    page: DeskewedPage,
    nib: tuple[float, float],
    read: ReadCosts,
) -> np.ndarray:
    """What the reader adds to the cost of each group as each character: float [G, K].

    Args:
        shape_costs: float [G, K], of `character_costs`.
        characters: the text without spaces.
        page: on which the groups lie.
        nib: width of the strokes and x-height in pixels; a nib too fine for networks is drawn broader.
        read: the reader.
    """
    costs = np.full(shape_costs.shape, UNREAD_COST)
    least = np.where([character == ANY for character in characters], np.inf, shape_costs).min(axis=1)
    chosen = np.argsort(least, kind="stable")[:MAX_READ]
    chosen = chosen[least[chosen] < MOST_COST]
    if chosen.size:
        stroke, x_height = nib
        broader = (MIDDLE * x_height - stroke) / 2 if is_too_fine(stroke / x_height) else 0.0
        glyphs = np.stack([_glyph(candidates, group, page, broader) for group in chosen])
        costs[chosen] = np.minimum(read(glyphs, characters), UNREAD_COST)
    costs[:, [character == ANY for character in characters]] = 0.0
    return costs


def _glyph(candidates: Candidates, group: int, page: DeskewedPage, broader: float) -> np.ndarray:
    """A group as a reader sees it, uint8 [S, S], each side of its strokes so many pixels broader.

    Without the soft edges of `crop_glyph`, and quicker.
    """
    components = candidates.components[candidates.start[group] : candidates.end[group]]
    top, left, bottom, right = candidates.boxes[group].astype(int)
    edge = 2 + int(np.ceil(broader))
    own = np.zeros((bottom - top + 2 * edge, right - left + 2 * edge), np.uint8)
    for one in components:
        own[one.rows - top + edge, one.columns - left + edge] = 1
    if broader:
        away = cv2.distanceTransform(1 - own, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        return normalize((255 * np.clip(broader + 1 - away, 0, 1)).astype(np.uint8))
    near = cv2.dilate(own, np.ones((3, 3), np.uint8))
    padded = np.zeros(own.shape, np.float32)
    rows, columns = slice(max(top - edge, 0), bottom + edge), slice(max(left - edge, 0), right + edge)
    seen = page.contrast[rows, columns]
    y, x = rows.start - top + edge, columns.start - left + edge
    padded[y : y + seen.shape[0], x : x + seen.shape[1]] = seen
    soft = np.clip((padded / page.level - 0.1) / 0.9, 0, 1) * near
    return normalize(np.maximum(np.rint(255 * soft), 64 * own).astype(np.uint8))
