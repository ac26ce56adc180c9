from __future__ import annotations

import numpy as np
import pytest

from tfhand.scan.image.deskew import DeskewedPage, deskew
from tfhand.scan.image.ink import border_ink, hysteresis, noise_level


def test_hysteresis_keeps_pale_regions_only_where_they_reach_the_upper_limit():
    values = np.array([[0.5, 0.0, 0.0, 0.5], [0.0, 0.9, 0.0, 0.5], [0.0, 0.0, 0.0, 0.0]])
    kept = hysteresis(values, 0.4, 0.8)
    assert kept[0, 0]  # connected by a corner only
    assert kept[1, 1]
    assert kept.sum() == 2


def test_noise_is_measured_without_the_ink():
    rng = np.random.default_rng(0)
    values = rng.normal(0, 0.02, 10_000)
    values[:500] = 0.9
    assert noise_level(values) == pytest.approx(0.02, rel=0.15)


def test_border_ink_is_all_ink_that_is_connected_to_the_border():
    ink = np.zeros((40, 40), bool)
    ink[:10, 5] = ink[20:30, 20] = True
    shown = np.ones_like(ink)
    assert border_ink(ink, shown).sum() == 10
    shown[30:] = False  # the paper ends there
    assert border_ink(ink, shown).sum() == 20


@pytest.mark.parametrize("degrees", [4.0, -7.0])
def test_pixels_of_a_deskewed_page_are_found_on_the_photo(degrees):
    ink = np.zeros((200, 300), bool)
    ink[60:63, 220:223] = True
    nothing = np.zeros_like(ink)
    page = DeskewedPage(ink.astype(np.float32), ink, nothing, 1.0, np.diag([2.0, 2.0, 1.0]))
    turned = deskew(page, float(np.tan(np.deg2rad(degrees))))
    assert turned.angle == pytest.approx(degrees)
    rows, columns = turned.to_photo(*np.nonzero(turned.ink))
    assert rows.mean() == pytest.approx(2 * 61.5, abs=2)
    assert columns.mean() == pytest.approx(2 * 221.5, abs=2)
