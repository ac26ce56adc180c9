"""Where writing stands whose letters are joined: baseline and x-height from how much ink there is in each row."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from tfhand.core import charset
from tfhand.scan.line.geometry import LineGeometry

# How the ink of a character is spread over its height, in steps of a quarter x-height from 1.5 below the baseline to
# 2.75 above it, in percent: means over the words of UNIPEN Train R01/V07 whose letters are known
LOWEST, STEP = -1.5, 0.25  # x-heights
SPREAD = MappingProxyType(
    {
        "x-height": (0, 0, 0, 0, 0, 3, 19, 24, 24, 18, 7, 3, 1, 1, 0, 0, 0),
        "ascender": (0, 0, 0, 0, 0, 2, 13, 18, 19, 16, 12, 9, 6, 3, 2, 0, 0),
        "descender": (1, 3, 7, 8, 8, 9, 13, 16, 16, 12, 5, 1, 1, 0, 0, 0, 0),
        "both": (0, 1, 5, 7, 8, 9, 10, 12, 13, 11, 8, 6, 5, 3, 2, 0, 0),
        "capital": (0, 0, 0, 0, 0, 3, 12, 14, 15, 16, 14, 11, 8, 5, 2, 0, 0),
        "digit": (0, 0, 0, 0, 0, 3, 12, 14, 16, 17, 15, 12, 6, 3, 2, 0, 0),
    }
)
NARROWER = 0.83  # times as far from the middle of a small letter: one person's rows differ less than all people's
STRAY = 0.02  # share of the ink that may lie anywhere
SIZES = np.geomspace(0.12, 0.9, 50)  # x-heights that are tried, as shares of the height of the ink
PLACES = np.linspace(0.2, 1.1, 46)  # baselines that are tried, as shares of it
SLOPES = np.linspace(-0.12, 0.12, 25)  # that are tried where the slope is not known
EVIDENCE = 4.0  # independent bits of ink in a letter
LIKE_BEFORE = 0.08, 0.12  # standard deviations of the x-height's logarithm and of the baseline in x-heights
BINS, PIXELS = 100, 20_000  # rows and pixels of ink that are looked at


def row_spread(text: str) -> np.ndarray:
    """How the ink of a text is likely spread over its height, float (17,) of the sum 1; see `SPREAD`."""
    spread = np.zeros(len(SPREAD["digit"]))
    for character in "".join(text.split()):
        kind = charset.class_of(character)
        if kind in SPREAD:
            own = np.array(SPREAD[kind], float)
        else:
            bottom, top, _ = charset.geometry(character)
            edges = LOWEST + STEP * np.arange(len(spread) + 1)
            own = np.clip(np.minimum(edges[1:], top) - np.maximum(edges[:-1], bottom), 1e-6, None)
        spread += charset.stroke_length(character) * own / own.sum()
    return spread / spread.sum()


def row_heights() -> np.ndarray:
    """The middle heights of the steps of `row_spread` in one person's writing, in x-heights over the baseline."""
    return 0.5 + NARROWER * (LOWEST + STEP * (np.arange(len(SPREAD["digit"])) + 0.5) - 0.5)


def fit_rows(ink: np.ndarray, text: str, slope_spread: float = 0.0, before: LineGeometry | None = None) -> LineGeometry:
    """The likeliest baseline, x-height and slope of writing.

    Each bit of ink is a draw from the text's `row_spread`, moved by the baseline and stretched by the x-height. The
    likelihood of all of them, times that of the slope and of being like the line, is maximized over a grid.

    Args:
        ink: float or uint8 (h, w), the strength of the ink; some of it not 0.
        text: what it says.
        slope_spread: standard deviation of the slope, fall by run; 0 where the writing is level.
        before: where the line lies of which this is a part, level.
    """
    rows, columns = np.nonzero(ink > 0.3 * ink.max())
    some = slice(None, None, 1 + len(rows) // PIXELS)
    rows, columns = rows[some], columns[some]
    middle = (columns.min() + columns.max() + 1) / 2
    best, found = -np.inf, LineGeometry(1.0, 0.0)
    for slope in SLOPES if slope_spread else (0.0,):
        score, line = _fit_level(rows - slope * (columns - middle), text, before)
        score -= 0.5 * (slope / slope_spread) ** 2 if slope_spread else 0.0
        if score > best:
            best, found = score, LineGeometry(line.x_height, line.baseline - slope * middle, float(slope))
    return found


def _fit_level(rows: np.ndarray, text: str, before: LineGeometry | None) -> tuple[float, LineGeometry]:
    """The logarithm of the likelihood of bits of ink in rows, (n,), and the level line at which it is greatest."""
    top, height = rows.min(), float(np.ptp(rows)) + 1
    share = np.histogram(rows, BINS, (top, top + height))[0] / len(rows)
    places = (np.arange(BINS) + 0.5) / BINS  # of the height
    units, baselines = SIZES[:, None, None], PLACES[:, None]  # (U, 1, 1), (B, 1)
    spread = row_spread(text)
    heights = row_heights()
    likely = np.interp((baselines - places) / units, heights, spread / (NARROWER * STEP), left=0, right=0)
    score = (np.log((1 - STRAY) * likely / units + STRAY) * share).sum(axis=2)  # (U, B)
    score = (score - np.log(height)) * EVIDENCE * len("".join(text.split()))
    if before:
        score -= 0.5 * np.square(np.log(SIZES[:, None] * height / before.x_height) / LIKE_BEFORE[0])
        apart = (top + PLACES * height - before.baseline) / before.x_height
        score -= 0.5 * np.square(apart / LIKE_BEFORE[1])
    unit, place = np.unravel_index(int(score.argmax()), score.shape)
    line = LineGeometry(float(SIZES[unit] * height), float(top + PLACES[place] * height))
    return float(score[unit, place]), line
