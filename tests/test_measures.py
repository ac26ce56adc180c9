"""Traits of shapes whose slant, width and thickness are known, and of letters that are bent by a known amount."""

from __future__ import annotations

import numpy as np
import pytest

from tfhand.data import pens
from tfhand.data.strokes import draw_strokes, shape_matrix
from tfhand.measures import TRAITS, slant, thickness, width_to_height

LETTERS = pens.archive(writers=1, samples=1, seed=3)


def bar(height: int, width: int, lean: int = 0, size: int = 48) -> np.ndarray:
    """One glyph with a bar in its middle; `lean` pixels to the right for each pixel up."""
    glyph = np.zeros((1, size, size), np.uint8)
    for row in range(height):
        left = (size - width) // 2 + lean * (height // 2 - row)
        glyph[0, (size - height) // 2 + row, left : left + width] = 255
    return glyph


def letters(nib: float = 2.4, **shape: float) -> np.ndarray:
    return np.stack([LETTERS.draw(i, 32, nib, shape_matrix(**shape)) for i in range(len(LETTERS))])


def test_thickness_of_a_bar_is_twice_its_area_over_its_outline():
    outline = 2 * 20 + 2 * 4 - 2 + np.sqrt(2)  # the lower right corner is cut short by the diagonal
    assert thickness(bar(20, 4)) == pytest.approx(2 * 4 * 20 / outline)


@pytest.mark.parametrize("width", [2, 3, 5])
def test_thickness_of_a_long_bar_is_its_width_however_it_lies(width):
    long = bar(200, width, size=210)
    assert thickness(long) == pytest.approx(width, rel=0.03)
    np.testing.assert_allclose(thickness(long.transpose(0, 2, 1)), thickness(long))
    slanting = draw_strokes([np.array([[0, 100], [100, 0]])], size=64, nib=width * 32 / 64)
    assert thickness(slanting[None]) == pytest.approx(width, rel=0.1)


def test_thickness_follows_the_nib_and_little_else():
    by_nib = [thickness(letters(nib)).mean() for nib in (1.6, 2.4, 3.6)]
    assert np.diff(by_nib).min() > 0.5
    assert thickness(letters(slant=0.4)).mean() == pytest.approx(by_nib[1], rel=0.06)


def test_slant_of_upright_and_leaning_bars():
    assert slant(bar(21, 3)) == pytest.approx(0, abs=1e-9)
    assert slant(bar(21, 3, lean=1)) == pytest.approx(1)
    assert slant(bar(21, 3, lean=-1)) == pytest.approx(-1)


@pytest.mark.parametrize("added", [-0.3, 0.15, 0.4])
def test_a_sheared_letter_gains_what_it_was_sheared_by(added):
    gained = slant(letters(slant=added)) - slant(letters())
    assert gained.mean() == pytest.approx(added, abs=0.03)
    assert np.abs(gained - added).max() < 0.15  # of 62 characters, drawn with a nib that is not sheared


def test_width_to_height_of_rectangles():
    def deviation(pixels: int) -> float:
        return np.sqrt((pixels**2 - 1) / 12)  # of a uniform distribution over so many whole numbers

    assert width_to_height(bar(20, 10)) == pytest.approx(np.log(deviation(10) / deviation(20)))
    assert width_to_height(bar(15, 15)) == pytest.approx(0, abs=1e-9)


def test_a_stretched_letter_gains_what_it_was_stretched_by():
    gained = width_to_height(letters(nib=1.6, stretch=0.3)) - width_to_height(letters(nib=1.6, stretch=-0.3))
    assert np.median(gained) == pytest.approx(0.6, abs=0.1)  # less than all of it: the nib is not stretched
    assert gained.min() > 0


@pytest.mark.parametrize("trait", TRAITS.values(), ids=TRAITS)
def test_traits_are_blind_to_place_and_brightness(trait):
    glyph = np.pad(letters()[:10], ((0, 0), (8, 8), (8, 8))) // 2 * 2
    np.testing.assert_allclose(trait(np.roll(glyph, (5, -3), axis=(1, 2))), trait(glyph), atol=1e-9)
    np.testing.assert_allclose(trait(glyph // 2), trait(glyph), atol=1e-9)


@pytest.mark.parametrize("trait", TRAITS.values(), ids=TRAITS)
def test_a_blank_has_no_traits_but_a_number(trait):
    assert np.isfinite(trait(np.zeros((2, 32, 32), np.uint8))).all()
