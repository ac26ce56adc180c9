"""How wide letters are: the mean and deviation of each character's width over the words whose letters are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfhand.core.charset import geometry
from tfhand.data.words import WordArchive

_DOUBT = 4  # letters, as many as a character's usual width counts for
_LEAST = 0.12  # x-heights, of a deviation
_USUAL_GAP = 0.1  # x-heights between two letters
_DEVIATION = 0.25  # of a character's usual width


def measure_durations(archives: Sequence[WordArchive], characters: str) -> np.ndarray:
    """Means and deviations of the gap between two letters and then of characters' widths, in x-heights.

    What is measured on a few letters only is drawn towards what is usual of the character; see
    `tfhand.core.charset.geometry`. Overlapping letters have a gap of 0.

    Args:
        archives: words, some of them with known letters.
        characters: what is measured, in order.

    Returns:
        float32 array of shape (1 + characters, 2).
    """
    widths: dict[str, list[float]] = {character: [] for character in characters}
    gaps: list[float] = []
    for archive in archives:
        for index in np.flatnonzero(archive.lettered):
            extents = archive.letter_extents(int(index))
            for character, width in zip(str(archive.texts[index]), np.diff(extents).ravel(), strict=True):
                if character in widths and not np.isnan(width):
                    widths[character].append(float(width))
            between = extents[1:, 0] - extents[:-1, 1]
            gaps += np.maximum(between[~np.isnan(between)], 0).tolist()
    usual = [(_USUAL_GAP, _USUAL_GAP), *((geometry(one).width, _DEVIATION * geometry(one).width) for one in characters)]
    rows = [_with_doubt(own, *known) for own, known in zip([gaps, *widths.values()], usual, strict=True)]
    return np.array(rows, np.float32)


def _with_doubt(measured: Sequence[float], mean: float, deviation: float) -> tuple[float, float]:
    """(mean, deviation) of measurements, among which a few stand for what is usual."""
    own = np.clip(measured, 0, np.percentile(measured, 98)) if measured else np.zeros(0)  # a stray point is no width
    share = len(own) / (len(own) + _DOUBT)
    found = (float(own.mean()), float(own.std())) if len(own) else (mean, deviation)
    blend = share * found[0] + (1 - share) * mean, share * found[1] + (1 - share) * deviation
    return blend[0], max(blend[1], _LEAST)
