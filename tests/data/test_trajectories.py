"""Trajectories: points at equal distances, shared out to the strokes, in one order for all writers."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.streams import archive_of_strokes
from tfhand.data.trajectories import (
    MOST_STROKES,
    POINTS,
    Trajectories,
    box_normalized,
    points_of,
    resample,
    split_strokes,
)

STEM, BAR = np.array([[500, 0], [500, 1000]]), np.array([[0, 0], [1000, 0]])


@pytest.mark.parametrize("count", range(1, MOST_STROKES + 1))
def test_points_are_shared_out_evenly_and_all_of_them(count):
    shares = points_of(count)
    assert sum(shares) == POINTS
    assert max(shares) - min(shares) <= 1
    parts = split_strokes(np.zeros((POINTS, 2)), count)
    assert [len(part) for part in parts] == shares


def test_resampled_points_lie_on_the_stroke_at_equal_distances():
    corner = np.array([[0, 0], [3, 0], [3, 1]])
    points = resample(corner, 9)
    np.testing.assert_allclose(np.hypot(*np.diff(points, axis=0).T), 0.5, atol=1e-6)
    np.testing.assert_allclose(points[[0, 6, 8]], corner, atol=1e-6)


def test_a_dot_becomes_points_on_one_place():
    np.testing.assert_array_equal(resample(np.array([[4, 5]]), 3), [[4, 5]] * 3)


def test_the_box_is_centred_and_its_longest_side_is_one():
    found = box_normalized(np.array([[10.0, 0.0], [30.0, 80.0]]))
    np.testing.assert_allclose(found, [[-0.125, -0.5], [0.125, 0.5]])


def test_strokes_come_into_one_order_and_direction_whoever_wrote_them():
    usual, moved = [STEM, BAR], [BAR[::-1], STEM[::-1]]
    found = Trajectories.of(archive_of_strokes([usual] * 5 + [moved], "T"))
    assert found.counts.tolist() == [2] * 6
    np.testing.assert_allclose(found.points[5], found.points[0], atol=1e-6)


def test_what_has_too_many_strokes_has_no_points():
    many = [BAR + [0, 100 * row] for row in range(MOST_STROKES + 1)]
    found = Trajectories.of(archive_of_strokes([[STEM, BAR], many], "T"))
    assert found.counts.tolist() == [2, 0]
    assert not found.points[1].any()
