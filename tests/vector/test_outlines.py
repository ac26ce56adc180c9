"""Outlines: closed curves on the field's contour, smooth where the ink is, cornered where it is, and few."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy import ndimage

from tfhand.core.charset import CHARACTERS
from tfhand.data import synthetic
from tfhand.vector.distance_field import coverage, distance_field
from tfhand.vector.outlines import AT_ONCE, CUT, TOLERANCE, trace, trace_all


def disc(radius: float, side: int = 100) -> np.ndarray:
    y, x = np.mgrid[:side, :side] + 0.5
    return radius - np.hypot(x - side / 2, y - side / 2)


def box(left: float, top: float, right: float, bottom: float, side: int = 60) -> np.ndarray:
    y, x = np.mgrid[:side, :side] + 0.5
    return np.minimum.reduce([x - left, right - x, y - top, bottom - y])


def points(contour: np.ndarray, steps: int = 16) -> np.ndarray:
    """Points (n * steps, 2) along a contour."""
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    start, one, two, end = (contour[:, None, corner] for corner in range(4))
    return ((1 - t) ** 3 * start + 3 * t * (1 - t) ** 2 * one + 3 * t**2 * (1 - t) * two + t**3 * end).reshape(-1, 2)


def area(contour: np.ndarray) -> float:
    """Positive where it runs clockwise as seen with y downward."""
    x, y = points(contour).T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)


def turning(contour: np.ndarray) -> np.ndarray:
    """Degrees between the handles that meet at each start of a segment."""
    before, after = np.roll(contour[:, 3] - contour[:, 2], 1, axis=0), contour[:, 1] - contour[:, 0]
    cross, along = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0], (before * after).sum(axis=1)
    return np.abs(np.degrees(np.arctan2(cross, along)))


def filled(contours: list[np.ndarray], shape: tuple[int, int], finer: int = 8) -> np.ndarray:
    """The ink within the contours by another way: polygons drawn at a multiple, outer ones first, and averaged."""
    sheet = Image.new("L", (shape[1] * finer, shape[0] * finer))
    for contour in sorted(contours, key=area, reverse=True):
        polygon = [tuple(spot) for spot in points(contour) * finer - 0.5]
        ImageDraw.Draw(sheet).polygon(polygon, fill=255 if area(contour) > 0 else 0)
    return np.asarray(sheet, float).reshape(shape[0], finer, shape[1], finer).mean(axis=(1, 3))


@pytest.fixture(scope="module")
def fields() -> list[np.ndarray]:
    """Enlarged letters with loops, ends, crossings, corners and dots."""
    own = synthetic.archive(1, 1, seed=40)
    return [distance_field(own.draw(CHARACTERS.index(c)), 3.2) for c in "aegikt4BQXm"]


def test_a_ring_is_two_round_contours_run_in_opposite_directions():
    outer, hole = sorted(trace(np.minimum(disc(30), -disc(15))), key=area, reverse=True)
    for contour, radius, sign in ((outer, 30, 1), (hole, 15, -1)):
        assert np.hypot(*(points(contour) - 50).T) == pytest.approx(radius, abs=TOLERANCE)
        assert area(contour) == pytest.approx(sign * np.pi * radius**2, rel=0.01)
        assert len(contour) <= 6
        assert turning(contour).max() < 1


def test_a_box_keeps_its_corners():
    (contour,) = trace(box(10.3, 12.6, 48.2, 39.5))
    corners = contour[turning(contour) > 60, 0]
    expected = [(10.3, 12.6), (48.2, 12.6), (48.2, 39.5), (10.3, 39.5)]
    assert len(corners) == 4
    for corner in expected:
        assert np.hypot(*(corners - corner).T).min() < 0.5
    assert len(contour) <= 6


def test_segments_join_and_close(fields):
    for field in fields:
        for contour in trace(field):
            assert np.array_equal(contour[:, 3], np.roll(contour[:, 0], -1, axis=0))


def test_curves_lie_on_the_contour_and_nowhere_else(fields):
    for field in fields:
        on_curve = np.concatenate([points(contour) for contour in trace(field)])
        off = np.abs(ndimage.map_coordinates(field, (on_curve[:, ::-1] - 0.5).T, order=1))
        assert np.percentile(off, 98) < TOLERANCE
        assert off.max() < CUT  # corners are put where the field between its pixels is round
        assert off.mean() < 0.1


def test_a_closer_tolerance_takes_more_segments_and_lies_closer(fields):
    counts, errors = [], []
    for tolerance in (0.1, 0.3, 1.0):
        contours = trace(fields[0], tolerance)
        on_curve = np.concatenate([points(contour) for contour in contours])
        errors.append(np.abs(ndimage.map_coordinates(fields[0], (on_curve[:, ::-1] - 0.5).T, order=1)).mean())
        counts.append(sum(map(len, contours)))
    assert counts == sorted(counts, reverse=True)
    assert errors == sorted(errors)
    assert counts[1] < 50


def test_filling_the_outlines_gives_the_coverage(fields):
    for field in fields:
        expected = coverage(field).astype(float)
        difference = np.abs(filled(trace(field), field.shape) - expected)
        assert difference.sum() < 0.03 * expected.sum()
        assert difference.max() < 128  # nowhere by half a pixel


def test_strokes_are_made_broader_by_a_constant(fields):
    inked = [sum(area(contour) for contour in trace(fields[4] + wider)) for wider in (-1.0, 0.0, 1.0)]
    assert inked == sorted(inked)
    assert inked[2] == pytest.approx((coverage(fields[4] + 1) / 255).sum(), rel=0.01)


def test_a_dot_of_a_fine_line_stays():
    y, x = np.mgrid[:60, :40] + 0.5
    stem = 0.7 - np.hypot(x - 20, y - np.clip(y, 20, 50))
    dotted = np.maximum(stem, 0.7 - np.hypot(x - 20.5, y - 10.5))
    assert [len(trace(field)) for field in (stem, dotted)] == [1, 2]


def test_specks_are_left_out():
    speck, pinhole = disc(1.0, 21), -disc(1.0, 21)
    field = np.full((60, 60), -9.0)
    field[:21, :21] = speck
    field[25:55, 25:55] = box(2, 2, 28, 28, 30)
    field[30:51, 30:51] = np.minimum(field[30:51, 30:51], pinhole)
    assert [round(area(contour), -1) for contour in trace(field)] == [680]


def test_ink_beyond_the_side_is_closed_there():
    (contour,) = trace(np.full((20, 30), 5.0))
    assert area(contour) == pytest.approx(20 * 30, rel=0.15)
    assert points(contour).min() > -1


def test_paper_has_no_outline():
    assert trace(np.full((20, 20), -1.0)) == []


def test_many_at_once_are_as_each_alone(fields):
    paper = np.full((20, 20), -1.0)
    many = [*fields, paper] * (AT_ONCE // 6)
    for alone, together in zip([trace(field) for field in (*fields, paper)], trace_all(many), strict=False):
        assert len(alone) == len(together)
        for one, same in zip(alone, together, strict=True):
            np.testing.assert_allclose(one, same, atol=1e-6)
    assert len(trace_all(many)) == len(many)
    assert trace_all([]) == []
