from __future__ import annotations

import numpy as np
from scipy import ndimage

from tests.support import photo
from tfhand.scan.image.components import find_components
from tfhand.scan.image.ink import ink_mask
from tfhand.scan.image.paper import as_paper, contrast_of
from tfhand.scan.line import find_line
from tfhand.scan.line.touching import Cutter


def test_touching_letters_are_cut():
    shot = photo.photograph(
        photo.simple_letters(seed=4), "TTE", photo.Conditions(width=700, gap=(-0.14, -0.14)), seed=6
    )
    assert ndimage.label(ink_mask(contrast_of(as_paper(shot.picture).grey), 0.8))[1] < 3
    found = find_line(shot.picture, "TTE")
    assert (photo.overlap(found.boxes, shot.boxes) > 0.7).all()


def test_a_cut_keeps_every_pixel_and_falls_between_two_letters():
    ink = np.zeros((60, 120), bool)
    y, x = np.mgrid[0:60, 0:120]
    for centre in (30, 82):  # two rings that just touch
        away = np.hypot(y - 30, x - centre)
        ink |= (away < 27) & (away > 20)
    whole = find_components(ink, np.zeros_like(ink))
    parts = Cutter(stroke=7.0, slant=0.0, middle=30.0).cut(whole, x_height=50.0)
    assert len(whole) == 1
    assert sum(len(part.rows) for part in parts) == ink.sum()
    assert any(abs(part.box[3] - 56) <= 3 for part in parts)
    assert all(part.cut_left > 0 for part in parts[1:])
