"""Layouts from names and millimetres: sizes of pages, inks, and the size of the writing."""

from __future__ import annotations

import pytest

from tfhand.errors import HandwritingError
from tfhand.typeset import page_presets, typeset


def test_pages():
    assert page_presets.page_size("A4") == page_presets.page_size("a4") == (210, 297)
    assert page_presets.page_size("100x150") == (100, 150)
    assert page_presets.page_size("120mm") == (120, None)
    for text, says in {"A9": "no page 'A9'", "1x2x3": "no page", "5": "10 to 1000", "nanx20": "10 to 1000"}.items():
        with pytest.raises(HandwritingError, match=says):
            page_presets.page_size(text)


def test_inks():
    assert page_presets.ink_colour("black") == (0, 0, 0)
    assert page_presets.ink_colour("#102030") == (16, 32, 48)
    red, _, blue = page_presets.ink_colour("Blue")
    assert blue > 2 * red
    with pytest.raises(HandwritingError, match="no ink 'blurple'"):
        page_presets.ink_colour("blurple")


def test_millimetres(full_hand):
    layout = page_presets.layout(page_presets.page_size("a5"), size=3.0, nib=0.45)
    assert layout.x_height == pytest.approx(3 / 25.4 * 300)
    assert (layout.width, layout.height) == (1748, 2480)
    assert layout.margin * 3 == pytest.approx(14.8)
    assert layout.change.nib == pytest.approx(0.15)
    assert [page_presets.layout(neatness=neatness).jitter for neatness in (1.0, 0.5)] == [0.0, 1.0]
    assert typeset("a", [full_hand["a"][0]], layout).height == 2480
