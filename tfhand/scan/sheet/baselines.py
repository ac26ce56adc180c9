"""Where a person writes who has no guides: the line of each row, and the x-height, from the letters themselves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfhand.core.charset import CLASSES, geometry

COMMON_WEIGHT = 1.0  # letters that the line of all rows counts for in each row
LEVEL_WEIGHT = 4.0  # pairs of letters that a level line counts for
HANGING_WEIGHT = 0.3  # of a letter with a tail; one that stands on the baseline counts 1
SURE = -0.15, 0.05  # x-heights: bottoms in this range are told by their letter alone
LETTER_SPREAD, TAIL_SPREAD = 0.12, 0.3  # x-heights: deviation of bottoms from the usual, on the baseline and elsewhere
MIN_SPREAD = 0.08  # x-heights, of the smallest signs
MAX_OFF = 0.5  # x-heights that a letter lies off its line and is believed
MIN_LETTERS = 4  # that stand on the baseline and so tell how far letters lie off it
MIN_HEIGHT = 0.8  # x-heights of the lowest character that tells the size
SMALL_LETTERS = CLASSES["x-height"]


def weighted_median(weighted: Sequence[tuple[float, float]]) -> float:
    """The median of (value, weight) pairs."""
    values, weights = np.array(sorted(weighted)).T
    reached = np.cumsum(weights)
    return float(values[np.searchsorted(reached, reached[-1] / 2)])


def on_baseline(character: str) -> bool:
    """Whether a character stands on the baseline, and so tells where it is."""
    return SURE[0] < geometry(character).bottom < SURE[1]


def own_x_height(letters: str, bounds: np.ndarray, stroke: float, prior: tuple[float, float]) -> float:
    """The person's x-height in pixels between the middle lines of strokes: a median over all letters.

    Args:
        letters: the written characters.
        bounds: int [n, 4], of their ink: top, left, bottom, right.
        stroke: width of the strokes in pixels.
        prior: an x-height, and how many letters it counts for.
    """
    units = [prior]
    for character, (top, _, bottom, _) in zip(letters, bounds, strict=True):
        usual = geometry(character)
        if usual.height > MIN_HEIGHT:
            units.append(((bottom - top - stroke) / usual.height, 3.0 if character in SMALL_LETTERS else 1.0))
    return max(weighted_median(units), 2.0)


def written_baselines(
    letters: str, bounds: np.ndarray, rows: np.ndarray, tops: np.ndarray, stroke: float, x_height: float, prior: float
) -> np.ndarray:
    """The baseline in the middle of each character, float [n] in pixels: a straight line for each row.

    A row's line is drawn towards the height at which all rows are written where the row has few letters that tell. A
    person who keeps no line, box by box, shows it: the more the letters lie off their lines, the more each one's own
    usual place counts.

    Args:
        letters: the written characters.
        bounds: int [n, 4], of their ink: top, left, bottom, right.
        rows: int [n], the row of each.
        tops: float [n], the top of each one's box; the height of a row's line is the same below them in all rows.
        stroke: width of the strokes in pixels.
        x_height: the person's, in pixels.
        prior: pixels below the tops at which a baseline may be expected, which counts for one letter.
    """
    usual = np.array([geometry(character).bottom for character in letters])
    told = bounds[:, 2] - stroke / 2 + usual * x_height
    standing = np.array([on_baseline(character) for character in letters])
    weight = np.where(standing, 1.0, np.where(usual < 0, HANGING_WEIGHT, 0.0))
    middle = (bounds[:, 1] + bounds[:, 3]) / 2
    below = weighted_median([(prior, 1.0), *zip((told - tops).tolist(), weight.tolist(), strict=True)])
    lines = np.zeros(len(letters))
    for row in np.unique(rows):
        own = rows == row
        lines[own] = _line(middle[own], told[own], weight[own], float(np.median(tops[own])) + below)
    off = np.clip((told - lines) / x_height, -MAX_OFF, MAX_OFF)
    spread = np.mean(off[standing] ** 2) if standing.sum() >= MIN_LETTERS else 0.0
    wander = max(0.0, spread - LETTER_SPREAD**2)  # of the writing, without that of the letters' own shapes
    height = np.array([min(geometry(character).height, 1.0) for character in letters])
    own_spread = np.maximum(np.where(standing, LETTER_SPREAD, TAIL_SPREAD) * height, MIN_SPREAD)
    return lines + (told - lines) * wander / (wander + own_spread**2)


def _line(places: np.ndarray, told: np.ndarray, weight: np.ndarray, common: float) -> np.ndarray:
    """A straight line through what letters tell, at their places: Theil and Sen's median of slopes, drawn to level."""
    sure = weight > 0
    x, y, w = places[sure], told[sure], weight[sure]
    first, second = np.triu_indices(len(x), 1)
    apart = x[second] - x[first]
    far = np.abs(apart) > 1
    slopes = ((y[second] - y[first])[far] / apart[far]).tolist()
    slope = weighted_median([(0.0, LEVEL_WEIGHT), *zip(slopes, (w[first] * w[second])[far].tolist(), strict=True)])
    middle = float(x.mean()) if len(x) else 0.0
    level = (y - slope * (x - middle)).tolist()
    return slope * (places - middle) + weighted_median([(common, COMMON_WEIGHT), *zip(level, w.tolist(), strict=True)])
