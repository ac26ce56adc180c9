"""The distances between glyphs of a font: side bearings suit all pairs on average, kerning corrects single pairs.

The gap between two glyphs is the one that typesetting gives them (`tfhand.typeset.text`): the space between the facing
contours, from baseline to x-height, looks even, and no two contours come too near.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Sequence

import numpy as np

from tfhand.typeface.alternates import ROW, X_HEIGHT, Alternate
from tfhand.typeset.direction import runs_right_to_left
from tfhand.typeset.layout import Layout
from tfhand.typeset.shapes import ABOVE, DETAIL
from tfhand.typeset.text import AROUND_SIGNS, OVERLAP, even_distance

WIDEST = 2.0  # x-heights: no gap is wider
LEAST = 0.03  # x-heights: a smaller kern cannot be seen


def bearings_and_kerning(alternates: Sequence[Alternate]) -> tuple[np.ndarray, dict[tuple[str, str], int]]:
    """The side bearings of each alternate, and the kerning of pairs.

    Returns:
        Bearings of shape (n, 2), left and right, in font units; and the kerning in font units for pairs of characters
        without accents (see `without_accents`): it holds for all their alternates, and with accents too.
    """
    even, nearest = _gaps(alternates)
    common = [place for place, one in enumerate(alternates) if one.character in string.ascii_lowercase]
    common = common or list(range(len(alternates)))
    half = even[np.ix_(common, common)].mean() / 2
    left, right = even[common].mean(axis=0) - half, even[:, common].mean(axis=1) - half
    left, right = np.maximum(left, 0.0), np.maximum(right, 0.0)  # no glyph reaches under its neighbour across a space
    rest = right[:, None] + left[None]
    return np.round(X_HEIGHT * np.stack([left, right], axis=1)), _kerning(alternates, even - rest, nearest - rest)


def bearings_beside(others: Sequence[Alternate], alternates: Sequence[Alternate]) -> np.ndarray:
    """The side bearings (n, 2) in font units of other glyphs that are to stand beside the alternates of a font."""
    common = [one for one in alternates if one.character in string.ascii_lowercase] or list(alternates)
    even, _ = _gaps([*common, *others])
    count = len(common)
    half = even[:count, :count].mean() / 2
    sides = np.stack([even[:count, count:].mean(axis=0), even[count:, :count].mean(axis=1)], axis=1)
    return np.round(X_HEIGHT * np.maximum(sides - half, 0.0))


def without_accents(character: str) -> str:
    """The character without its accents, which do not matter for spacing."""
    return unicodedata.normalize("NFD", character)[0]


def _gaps(alternates: Sequence[Alternate]) -> tuple[np.ndarray, np.ndarray]:
    """Gaps between the ink of all pairs in x-heights, (n, n): the even ones, and the least possible ones."""
    left, right = np.stack([one.left for one in alternates]), np.stack([one.right for one in alternates])
    body = slice(round((ABOVE - 1) * DETAIL / ROW), round(ABOVE * DETAIL / ROW))
    signs = np.array([not one.character.isalnum() for one in alternates])
    even, nearest = np.empty((2, len(alternates), len(alternates)))
    for place, side in enumerate(right):
        space, beside_sign = side + left, signs | signs[place]  # (n, rows), (n,)
        near = np.max(Layout.nearest - space, axis=1) + np.where(beside_sign, AROUND_SIGNS, 0.0)
        nearest[place] = least = np.maximum(near, np.where(beside_sign, 0.0, -OVERLAP))
        even[place] = even_distance(space[:, body], least, np.full(len(alternates), WIDEST), Layout.letter_gap)
    return even, nearest


def _kerning(alternates: Sequence[Alternate], rest: np.ndarray, least: np.ndarray) -> dict[tuple[str, str], int]:
    """The mean of `rest` over the alternates of each pair of characters, and at least what keeps all of them apart.

    Args:
        alternates: n alternates.
        rest: (n, n), the even gaps less the side bearings.
        least: (n, n), the least possible gaps less the side bearings.
    """
    bases = [without_accents(one.character) for one in alternates]
    names = sorted(set(bases))
    order = np.argsort([names.index(name) for name in bases], kind="stable")
    starts = np.searchsorted(np.sort([names.index(name) for name in bases]), np.arange(len(names)))
    rest, least = rest[np.ix_(order, order)], least[np.ix_(order, order)]
    counts = np.diff([*starts, len(alternates)])
    mean = np.add.reduceat(np.add.reduceat(rest, starts, axis=0), starts, axis=1) / np.outer(counts, counts)
    kern = np.maximum(mean, np.maximum.reduceat(np.maximum.reduceat(least, starts, axis=0), starts, axis=1))
    return {
        (names[one], names[two]): round(kern[one, two] * X_HEIGHT)
        for one, two in np.argwhere(np.abs(kern) > LEAST).tolist()
        if (names[one].isalnum() or names[two].isalnum())
        and not runs_right_to_left(names[one] + names[two])  # kerned pairs run from left to right
    }
