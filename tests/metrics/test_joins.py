"""Joins of words that are drawn with them, and without."""

from __future__ import annotations

import numpy as np
import pytest

from tfhand.hands.word_sample import WordSample
from tfhand.metrics.joins import PAIRS, joins, pair_classes


def bars(joined: list[bool]) -> WordSample:
    """Upright bars, of which some are joined by a line at half their height."""
    ink = np.zeros((40, 20 + 20 * len(joined) + 10), np.uint8)
    for place in range(len(joined) + 1):
        ink[5:35, 10 + 20 * place : 14 + 20 * place] = 255
    for place, there in enumerate(joined):
        ink[18:22, 10 + 20 * place : 30 + 20 * place] |= np.uint8(255 * there)
    return WordSample("l" * (len(joined) + 1), ink, 35, 20, [22 + 20 * place for place in range(len(joined))])


@pytest.mark.parametrize("joined", [[True, False, True], [False, False], [True], []])
def test_ink_that_runs_on_is_a_join(joined):
    found = joins(bars(joined))
    assert found.dtype == bool
    assert found.tolist() == joined


def test_classes_of_pairs():
    high, capital, other = range(3)
    assert pair_classes("Bowler").tolist() == [capital, high, high, other, other]
    assert pair_classes("VIP").tolist() == [capital, capital]
    assert pair_classes("a").tolist() == []
    assert len(PAIRS) == 3
