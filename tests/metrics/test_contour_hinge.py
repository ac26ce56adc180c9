"""Contour hinges of shapes whose outlines have known directions, and distances worked out by hand."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tfhand.hands.word_sample import WordSample
from tfhand.metrics.contour_hinge import DIRECTIONS, LEG, contour_hinge, hinge_distance
from tfhand.metrics.outline import STEP, outlines

UNIT = 40  # pixels of an x-height
QUARTER = DIRECTIONS // 4


def word_of(ink: np.ndarray, unit: float = UNIT) -> WordSample:
    return WordSample("l", ink, ink.shape[0] - 5.0, unit)


def rectangle(high: int, wide: int) -> np.ndarray:
    return np.pad(np.full((high, wide), 255, np.uint8), 5)


def test_legs_on_straight_edges_go_opposite_ways():
    """Of a square's outline all points but those near the corners have legs to left and right, or up and down."""
    side = 4 * UNIT
    hinge = contour_hinge([word_of(rectangle(side, side))])
    points = round(4 * side / (STEP * UNIT))
    assert hinge.sum() == pytest.approx(points, abs=2)
    np.testing.assert_allclose(hinge, hinge.T)
    straight = (points / 4 - 2 * LEG + 1) / points * 2  # of two of the four edges
    shares = hinge / hinge.sum()
    assert 2 * shares[0, 2 * QUARTER] == pytest.approx(straight, abs=0.03)
    assert 2 * shares[QUARTER, 3 * QUARTER] == pytest.approx(straight, abs=0.03)


def test_a_turned_shape_has_turned_legs():
    lying, standing = (contour_hinge([word_of(rectangle(*shape))]) for shape in ((40, 200), (200, 40)))
    np.testing.assert_allclose(np.roll(lying, (QUARTER, QUARTER), (0, 1)), standing, atol=0.5)
    assert lying[0, 2 * QUARTER] > 4 * lying[QUARTER, 3 * QUARTER]


def test_words_add_up_and_small_specks_do_not_count():
    one, other = word_of(rectangle(40, 200)), word_of(rectangle(80, 80))
    np.testing.assert_allclose(contour_hinge([one, other]), contour_hinge([one]) + contour_hinge([other]))
    speckled = rectangle(80, 80)
    speckled[1:3, 1:3] = 255
    np.testing.assert_allclose(contour_hinge([word_of(speckled)]), contour_hinge([other]))
    assert contour_hinge([]).sum() == 0


def test_the_resolution_does_not_count_but_the_form_does():
    ink = np.zeros((120, 160), np.uint8)
    cv2.ellipse(ink, (80, 60), (50, 30), 20, 0, 360, 255, 8, cv2.LINE_AA)
    large = cv2.resize(ink, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    same = hinge_distance(contour_hinge([word_of(ink)]), contour_hinge([word_of(large, 2 * UNIT)]))
    other = hinge_distance(contour_hinge([word_of(ink)]), contour_hinge([word_of(rectangle(60, 100))]))
    assert same < 0.1
    assert other > 1


def test_distances_worked_out_by_hand():
    one, half, apart = np.array([[0.0, 4.0]]), np.array([[1.0, 1.0]]), np.array([[3.0, 0.0]])
    assert hinge_distance(one, one) == 0
    assert hinge_distance(one, 5 * one) == 0
    assert hinge_distance(one, apart) == pytest.approx(2)
    assert hinge_distance(one, half) == pytest.approx(0.25 / 0.5 + 0.25 / 1.5)


def test_outlines_are_closed_walks_in_x_heights():
    ink = rectangle(80, 80)
    ink[25:65, 25:65] = 0  # a hole
    outer, inner = sorted(outlines(word_of(ink)), key=len, reverse=True)
    assert np.ptp(outer, axis=0) == pytest.approx([2, 2], abs=0.06)
    assert np.ptp(inner, axis=0) == pytest.approx([1, 1], abs=0.06)
    steps = np.hypot(*np.diff(outer, axis=0, append=outer[:1]).T)
    assert np.median(steps) == pytest.approx(STEP, rel=0.02)
    assert steps.max() < 1.05 * STEP
