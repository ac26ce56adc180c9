"""Distance fields: enlarged glyphs keep crisp, round edges and faint strokes, and their nib can be measured."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from tests.support.ink_shapes import bar, disc
from tfhand.vector.distance_field import coverage, distance_field, nib_width


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


def test_nib_width_is_measured():
    for nib in (2, 4):
        assert nib_width(distance_field(disc(64, nib), 3.0)) == pytest.approx(3 * nib, rel=0.12)
