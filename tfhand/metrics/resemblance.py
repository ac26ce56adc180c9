"""How far two glyphs are from being one form, written twice."""

from __future__ import annotations

import cv2
import numpy as np
from scipy import ndimage

from tfhand.hands.glyph import ink_box

INKED = 0.5  # share of a glyph's strongest ink from which on a pixel is ink
SIDE = 48  # pixels of the longest side of the ink, at which distances are measured
STRETCH = 1.3  # one form is written up to so much narrower or wider than the last time
SHIFT = 3  # pixels by which one of them may be moved, to lie on the other
FAR = 0.25  # of the longest side: ink this far from all other ink counts no more than this


def form_difference(one: np.ndarray, other: np.ndarray) -> float:
    """The mean distance from the ink of one glyph to the nearest ink of the other; the greater of both means.

    A stroke that only one of them has, such as the serif of an I, raises the mean over that glyph's ink. The two are
    laid over each other as well as a shift and a small stretch can. This is the modified Hausdorff distance (M.-P.
    Dubuisson and A. K. Jain, ICPR 1994).

    Args:
        one, other: uint8 arrays of shape (height, width), white ink on black.

    Returns:
        A share of the longest side of the ink: 0 for the same glyph twice.
    """
    first, second = _same_size(*(_boxed(glyph) for glyph in (one, other)))
    side = SIDE + 4 * SHIFT
    masks = [_in_the_middle(ink, side) for ink in (first, second)]
    places = [np.argwhere(mask) for mask in masks]
    away = [np.minimum(ndimage.distance_transform_edt(~mask), FAR * SIDE) for mask in masks]
    means = []
    for move in np.ndindex(2 * SHIFT + 1, 2 * SHIFT + 1):
        shift = np.array(move) - SHIFT
        there, back = places[0] + shift, places[1] - shift
        means.append(max(away[1][tuple(there.T)].mean(), away[0][tuple(back.T)].mean()))
    return float(min(means)) / SIDE


def _boxed(glyph: np.ndarray) -> np.ndarray:
    top, left, bottom, right = ink_box(glyph)
    return glyph[top:bottom, left:right]


def _same_size(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both at a longest side of `SIDE`, the second one stretched toward the proportions of the first."""
    sizes = [np.array(ink.shape) * SIDE / max(ink.shape) for ink in (one, other)]
    stretch = np.clip(sizes[0] / sizes[1], 1 / STRETCH, STRETCH)
    sizes[1] = np.minimum(sizes[1] * stretch, SIDE)
    first, second = (
        cv2.resize(ink, tuple(np.maximum(np.round(size[::-1]), 1).astype(int).tolist()), interpolation=cv2.INTER_LINEAR)
        for ink, size in zip((one, other), sizes, strict=True)
    )
    return first, second


def _in_the_middle(ink: np.ndarray, side: int) -> np.ndarray:
    """The ink as a mask in the middle of a square."""
    mask = np.zeros((side, side), bool)
    top, left = ((side - length) // 2 for length in ink.shape)
    mask[top : top + ink.shape[0], left : left + ink.shape[1]] = ink > INKED * ink.max()
    return mask
