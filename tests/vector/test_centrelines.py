"""The middle lines of ink: one line from end to end, rings closed, dots kept, uneven edges ignored."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from scipy import ndimage

from tfhand.vector.centrelines import centrelines


def field_of(*lines: list[tuple[int, int]], nib: int = 7) -> np.ndarray:
    """A field of 100 x 100 pixels with lines through these points."""
    ink = np.zeros((100, 100), np.uint8)
    for line in lines:
        cv2.polylines(ink, [np.array(line, np.int32)[:, None]], False, 255, nib)
    return distances(ink)


def distances(ink: np.ndarray) -> np.ndarray:
    """Ink as distances to its edge, positive within."""
    return ndimage.distance_transform_edt(ink > 0) - ndimage.distance_transform_edt(ink == 0)


def test_a_stroke_is_one_line_from_end_to_end():
    (line,) = centrelines(field_of([(20, 30), (80, 30)]))
    line = line[np.argsort(line[:, 0])]
    np.testing.assert_allclose(line[:, 1], 30.5, atol=1.0)
    assert line[0, 0] < 26
    assert line[-1, 0] > 74
    assert np.hypot(*np.diff(line, axis=0).T).max() < 3


def test_a_ring_is_closed_and_a_dot_has_two_points():
    ring = np.zeros((100, 100), np.uint8)
    cv2.circle(ring, (50, 60), 25, 255, 6)
    cv2.circle(ring, (50, 12), 4, 255, -1)
    lines = sorted(centrelines(distances(ring)), key=len)
    assert len(lines) == 2
    np.testing.assert_allclose(lines[0].mean(axis=0), [50.5, 12.5], atol=1.5)
    np.testing.assert_array_equal(lines[1][0], lines[1][-1])
    np.testing.assert_allclose(np.hypot(*(lines[1] - [50.5, 60.5]).T), 25, atol=1.5)


def test_a_cross_has_four_arms_and_no_spurs():
    lines = centrelines(field_of([(50, 10), (50, 90)], [(10, 50), (90, 50)]))
    long = [line for line in lines if len(line) > 20]
    assert len(long) == 4
    assert sum(map(len, lines)) < 1.1 * sum(map(len, long))


@pytest.mark.parametrize("seed", range(5))
def test_lines_lie_within_the_ink_and_leave_none_of_it_out(seed):
    rng = np.random.default_rng(seed)
    field = field_of(*(rng.integers(10, 90, (4, 2)).tolist() for _ in range(3)), nib=5)
    drawn = np.zeros((100, 100), np.uint8)
    for line in centrelines(field):
        rows, columns = np.floor(line[:, ::-1]).astype(int).T
        assert (field[rows, columns] > -2).all()
        cv2.polylines(drawn, [np.round(line - 0.5).astype(np.int32)[:, None]], False, 255, 9)
    assert (drawn[field > 0] > 0).mean() > 0.9  # sharp corners are rounded off
