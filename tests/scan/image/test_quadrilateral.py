from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest

from tfhand.scan.image.quadrilateral import fit_sides, in_order, outermost

CORNERS = np.array([[40, 30], [310, 55], [290, 260], [25, 220]], np.float32)


def test_corners_in_any_order_run_clockwise_from_the_top_left():
    for order in itertools.permutations(range(4)):
        assert np.array_equal(in_order(CORNERS[list(order)]), CORNERS)


def test_the_outermost_points_are_the_corners():
    inside = CORNERS.mean(axis=0) + 0.6 * (CORNERS - CORNERS.mean(axis=0))
    assert np.array_equal(outermost(np.concatenate([inside, CORNERS[::-1]])), CORNERS)


@pytest.mark.parametrize("middle", [1.0, 0.7])
def test_sides_are_followed_past_rounded_corners(middle):
    canvas = np.zeros((300, 340), np.uint8)
    cv2.fillConvexPoly(canvas, CORNERS.astype(int), 1)
    rounded = cv2.morphologyEx(canvas, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (41, 41)))
    hull = cv2.convexHull(cv2.findContours(rounded, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0][0])[:, 0]
    rough = outermost(hull)
    assert np.linalg.norm(rough - CORNERS, axis=1).max() > 6
    assert np.linalg.norm(fit_sides(hull, rough, 0.1, middle) - CORNERS, axis=1).max() < (4 if middle == 1 else 1.5)


def test_corners_stay_where_a_side_is_not_seen():
    corners = np.array([[0, 0], [3, 0], [3, 3], [0, 3]], np.float32)
    assert np.array_equal(fit_sides(corners, corners, 0.2), corners)


def test_the_long_sides_of_a_flat_box_are_told_apart():
    flat = np.array([[20, 20], [620, 26], [619, 66], [19, 60]], np.float32)
    rough = flat + np.array([[3, 4], [-4, 3], [-3, -4], [4, -3]], np.float32)
    assert np.linalg.norm(fit_sides(flat, rough, 0.2, 0.7) - flat, axis=1).max() < 1
