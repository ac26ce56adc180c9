from __future__ import annotations

import numpy as np
import pytest

from tfhand.core.charset import geometry
from tfhand.scan.sheet.baselines import own_x_height, weighted_median, written_baselines

X_HEIGHT, STROKE = 30.0, 4.0


def written(letters: str, rows: np.ndarray, lines: np.ndarray, lift: np.ndarray | float = 0.0) -> np.ndarray:
    """The bounds of the ink of letters of the usual shape, 100 pixels apart, on these baselines."""
    usual = [geometry(character) for character in letters]
    column = np.array([np.flatnonzero(np.flatnonzero(rows == rows[i]) == i)[0] for i in range(len(rows))])
    bottom, top = (
        lines - X_HEIGHT * np.array([getattr(one, end) for one in usual]) - lift for end in ("bottom", "top")
    )
    left = 100 * column - X_HEIGHT * np.array([one.width for one in usual]) / 2
    right = left + X_HEIGHT * np.array([one.width for one in usual])
    half = STROKE / 2
    return np.stack([top - half, left - half, bottom + half, right + half], axis=1)


def test_each_row_has_its_own_sloping_line():
    letters, rows = "abcdefghijkl", np.repeat([0, 1], 6)
    lines = np.where(rows == 0, 100.0, 310.0) + np.tile(np.arange(6) * 3.0, 2)
    found = written_baselines(letters, written(letters, rows, lines), rows, rows * 200.0, STROKE, X_HEIGHT, 120.0)
    assert found == pytest.approx(lines, abs=2)


def test_small_signs_take_the_line_of_their_row():
    letters, rows = "a.b,c'd\"gp-x", np.zeros(12, int)
    lines = np.full(12, 100.0)
    bounds = written(letters, rows, lines)
    bounds[[3, 5, 7, 8, 9, 10], 2] += [6, -6, 5, 8, -8, 5]  # a comma, quotes, tails and a dash of other lengths
    found = written_baselines(letters, bounds, rows, np.zeros(12), STROKE, X_HEIGHT, 120.0)
    assert found == pytest.approx(lines, abs=1)


def test_a_person_who_keeps_no_line_is_believed_letter_by_letter():
    letters, rows = "abcdehiklmno", np.repeat([0, 1], 6)
    lines = np.where(rows == 0, 100.0, 310.0)
    lift = np.random.default_rng(0).normal(0, 0.4 * X_HEIGHT, 12)
    found = written_baselines(letters, written(letters, rows, lines, lift), rows, rows * 200.0, STROKE, X_HEIGHT, 120.0)
    assert np.abs(found - (lines - lift)).mean() < 0.4 * np.abs(lift).mean()


def test_a_row_without_letters_that_tell_lies_as_the_others():
    letters, rows = "abcdef'\"-=+*", np.repeat([0, 1], 6)
    lines = np.where(rows == 0, 130.0, 330.0)
    found = written_baselines(letters, written(letters, rows, lines), rows, rows * 200.0, STROKE, X_HEIGHT, 120.0)
    assert found[6:] == pytest.approx(lines[6:], abs=2)


def test_the_x_height_is_that_of_the_letters():
    letters = "aBcd.,gx"
    bounds = written(letters, np.zeros(8, int), np.full(8, 100.0))
    bounds[1, 0] -= 60  # one letter much too tall
    assert own_x_height(letters, bounds, STROKE, (10.0, 0.5)) == pytest.approx(X_HEIGHT, rel=0.05)
    assert own_x_height("", np.zeros((0, 4)), STROKE, (10.0, 0.5)) == 10


def test_the_median_counts_weights():
    assert weighted_median([(1.0, 1.0), (2.0, 1.0), (9.0, 5.0)]) == 9
    assert weighted_median([(3.0, 0.0), (1.0, 2.0)]) == 1
