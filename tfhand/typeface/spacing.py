"""How far forms stand apart: side bearings for the gaps of all pairs at large, kerning for what they leave over.

The gap between two forms is the one that typesetting gives them (`tfhand.typeset.text`): what the facing contours leave
open between baseline and x-height looks even, and no two contours come too near.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Sequence

import numpy as np

from tfhand.typeface.forms import ROW, X_HEIGHT, Form
from tfhand.typeset.layout import Layout
from tfhand.typeset.shapes import ABOVE, DETAIL
from tfhand.typeset.text import AROUND_SIGNS, UNDERCUT, even_distance

WIDEST = 2.0  # x-heights
LEAST = 0.03  # x-heights: a smaller kern is not worth its bytes


def spaced(forms: Sequence[Form]) -> tuple[np.ndarray, dict[tuple[str, str], int]]:
    """The paper that belongs to each form, and what pairs differ from it.

    Returns:
        bearings of shape (n, 2), left and right, in font units; and the kerning of pairs of bases (see `base`) in
        units: a base stands for all forms of its character, with an accent or without.
    """
    even, nearest = _gaps(forms)
    common = [place for place, form in enumerate(forms) if form.character in string.ascii_lowercase]
    common = common or list(range(len(forms)))
    half = even[np.ix_(common, common)].mean() / 2
    left, right = even[common].mean(axis=0) - half, even[:, common].mean(axis=1) - half
    left, right = np.maximum(left, 0.0), np.maximum(right, 0.0)  # nothing slips under its neighbour over a space
    rest = right[:, None] + left[None]
    return np.round(X_HEIGHT * np.stack([left, right], axis=1)), _kerning(forms, even - rest, nearest - rest)


def base(character: str) -> str:
    """The character without its accents: what its sides look like."""
    return unicodedata.normalize("NFD", character)[0]


def _gaps(forms: Sequence[Form]) -> tuple[np.ndarray, np.ndarray]:
    """Gaps between the ink of all pairs in x-heights, (n, n): those that look even, and the least possible ones."""
    left, right = np.stack([form.left for form in forms]), np.stack([form.right for form in forms])
    body = slice(round((ABOVE - 1) * DETAIL / ROW), round(ABOVE * DETAIL / ROW))
    signs = np.array([not form.character.isalnum() for form in forms])
    even, nearest = np.empty((2, len(forms), len(forms)))
    for place, side in enumerate(right):
        space, apart = side + left, signs | signs[place]  # (n, rows), (n,)
        near = np.max(Layout.nearest - space, axis=1) + np.where(apart, AROUND_SIGNS, 0.0)
        nearest[place] = least = np.maximum(near, np.where(apart, 0.0, -UNDERCUT))
        even[place] = even_distance(space[:, body], least, np.full(len(forms), WIDEST), Layout.letter_gap)
    return even, nearest


def _kerning(forms: Sequence[Form], rest: np.ndarray, least: np.ndarray) -> dict[tuple[str, str], int]:
    """The mean of what is left over for each pair of bases, but so that no two of their forms collide."""
    bases = [base(form.character) for form in forms]
    names = sorted(set(bases))
    order = np.argsort([names.index(name) for name in bases], kind="stable")
    starts = np.searchsorted(np.sort([names.index(name) for name in bases]), np.arange(len(names)))
    rest, least = rest[np.ix_(order, order)], least[np.ix_(order, order)]
    counts = np.diff([*starts, len(forms)])
    mean = np.add.reduceat(np.add.reduceat(rest, starts, axis=0), starts, axis=1) / np.outer(counts, counts)
    kern = np.maximum(mean, np.maximum.reduceat(np.maximum.reduceat(least, starts, axis=0), starts, axis=1))
    return {
        (names[one], names[two]): round(kern[one, two] * X_HEIGHT)
        for one, two in np.argwhere(np.abs(kern) > LEAST).tolist()
        if names[one].isalnum() or names[two].isalnum()
    }
