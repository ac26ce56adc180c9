"""Distance fields: enlarged glyphs keep crisp, round edges and faint strokes, and their nib can be measured."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from tests.support.ink_shapes import bar, disc
from tfhand.vector.distance_field import coverage, distance_field, keep_islands, nib_width


@pytest.mark.parametrize("scale", [2.0, 4.5])
def test_enlarged_edges_are_crisp_and_round(scale: float):
    picture = coverage(distance_field(disc(32, 4), scale)).astype(float) / 255
    wide = ndimage.distance_transform_edt(picture > 0.5).max() * 2
    assert wide == pytest.approx(4 * scale, rel=0.15)
    edge = ((picture > 0.02) & (picture < 0.98)).sum()
    around = 2 * np.pi * scale * (12.8 + 8.8)  # length of both contours
    assert edge < 1.6 * around  # an edge about one pixel wide; a blurred one has several
    y, x = np.nonzero(np.abs(picture - 0.5) < 0.2)
    middle = np.array(picture.shape) / 2 - 0.5
    outer = np.hypot(y - middle[0], x - middle[1])
    outer = outer[outer > 10.8 * scale]
    assert outer.std() < 0.4  # pixels: a blocky contour would leave the circle by scale / 2


def test_faint_strokes_do_not_vanish():
    glyph = bar()
    glyph[:, 4:6] = bar()[:, 16:18] // 2  # a second stroke, at half the strength
    picture = coverage(distance_field(glyph, 3.0))
    assert ndimage.label(picture > 127)[1] == 2


class TestIslands:
    @pytest.fixture
    def dotted(self) -> np.ndarray:
        """A thin i whose dot is one pixel, close to the stem."""
        glyph = np.zeros((32, 16), np.uint8)
        glyph[10:29, 7:9] = 255
        glyph[7, 7] = 110
        return glyph

    @pytest.mark.parametrize("softening", [0.55, 0.8])
    def test_a_thin_dot_comes_back_as_broad_as_the_line(self, dotted, softening):
        field = distance_field(dotted, 3.0, softening=softening)
        assert ndimage.label(field > 0)[1] == 1  # blurring has swallowed it
        kept = keep_islands(field, dotted, 3.0)
        islands, count = ndimage.label(kept > 0)
        assert count == 2
        rows, columns = np.nonzero(islands == 1)
        assert rows.mean() - kept.shape[0] / 2 == pytest.approx(3.0 * (7.5 - 16), abs=1)
        assert columns.mean() - kept.shape[1] / 2 == pytest.approx(3.0 * (7.5 - 8), abs=1)
        assert np.ptp(rows) + 1 == pytest.approx(nib_width(field), abs=1.5)
        np.testing.assert_array_equal(kept[36:] > 0, field[36:] > 0)  # the stem is as it was

    def test_nothing_changes_where_all_islands_are_there(self, dotted):
        dotted[4:7, 7:9] = 255
        for ink in (dotted, disc(32, 3)):
            field = distance_field(ink, 3.0)
            assert keep_islands(field, ink, 3.0) is field

    def test_in_its_place_when_slanted(self, dotted):
        matrix = np.array([[1.2, -0.3], [0.0, 1.0]])
        kept = keep_islands(distance_field(dotted, 3.0, matrix), dotted, 3.0, matrix)
        rows, columns = np.nonzero(ndimage.label(kept > 0)[0] == 1)
        found = np.array([columns.mean(), rows.mean()]) - np.array(kept.shape[::-1]) / 2
        np.testing.assert_allclose(found, 3.0 * matrix @ [-0.5, -8.5], atol=1)


def test_nib_width_is_measured():
    for nib in (2, 4):
        assert nib_width(distance_field(disc(64, nib), 3.0)) == pytest.approx(3 * nib, rel=0.12)
