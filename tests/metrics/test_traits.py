"""Traits of shapes with known slant, width and thickness, and of letters changed by a known amount."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tfhand.data import synthetic
from tfhand.data.rasterize import draw_strokes, shape_matrix
from tfhand.metrics import (
    TRAITS,
    curvature,
    enclosed_space,
    end_stroke_share,
    mass_height,
    relative_length,
    slant,
    thickness,
    width_to_height,
)

LETTERS = synthetic.archive(writers=1, samples=1, seed=3)


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


def ring(radius: float = 16, gap: float = 0.0, size: int = 48) -> np.ndarray:
    """One glyph with a circle in its middle, `gap` radians of it left out on the right."""
    angles = np.linspace(gap / 2, 2 * np.pi - gap / 2, 200)
    circle = (size - 1) / 2 + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    glyph = np.zeros((size, size), np.uint8)
    cv2.polylines(glyph, [np.rint(circle * 16).astype(np.int32)], gap == 0, 255, 2, cv2.LINE_AA, 4)
    return glyph[None]


def line_glyph(*strokes: list[tuple[float, float]], nib: float = 2.0, size: int = 64) -> np.ndarray:
    """One glyph of straight strokes."""
    return draw_strokes([np.array(stroke) * 10 for stroke in strokes], size, nib)[None]


CROSS = [(0, 0), (10, 10)], [(0, 10), (10, 0)]


def test_length_of_figures_of_known_length():
    assert relative_length(bar(30, 3)) == pytest.approx(1, abs=0.02)
    assert relative_length(ring()) == pytest.approx(np.pi, rel=0.03)
    assert relative_length(line_glyph([(0, 0), (0, 10), (10, 10)])) == pytest.approx(2, rel=0.03)
    assert relative_length(line_glyph(*CROSS)) == pytest.approx(
        2 * np.sqrt(2), rel=0.04
    )  # pixel stairs would make it 4


@pytest.mark.parametrize("radius", [10, 14, 18])
def test_curvature_of_a_circle_is_one_over_its_radius(radius):
    assert curvature(ring(radius)) == pytest.approx(1 / radius, rel=0.15)


def test_curvature_of_straight_lines_is_next_to_nothing():
    for end in [(10, 0), (0, 10), (10, 10), (10, 3), (4, 10)]:
        assert curvature(line_glyph([(0, 0), end])) < 0.03  # letters have 0.11
    assert curvature(line_glyph(*CROSS)) < 0.03


def test_holes_fall_as_a_counter_opens_and_do_not_jump():
    by_gap = np.array([enclosed_space(ring(gap=gap))[0] for gap in (0, 0.2, 0.5, 1.0, 2.0, 4.0)])
    assert by_gap[0] == pytest.approx(np.pi / 4, rel=0.1)
    assert by_gap[1] > 0.85 * by_gap[0]
    assert (np.diff(by_gap) < 0).all()
    assert by_gap[-1] < 0.02
    assert enclosed_space(bar(30, 3)) == 0
    assert enclosed_space(line_glyph(*CROSS)) < 0.02


def test_two_counters_enclose_the_space_of_both():
    eight = [(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)], [(0, 5), (10, 5)]
    assert enclosed_space(line_glyph(*eight)) == pytest.approx(1, rel=0.12)
    assert enclosed_space(line_glyph(eight[0])) == pytest.approx(enclosed_space(line_glyph(*eight)), rel=0.05)
    tall = [(0, 0), (5, 0), (5, 10), (0, 10), (0, 0)]
    assert enclosed_space(line_glyph(tall)) == pytest.approx(0.5, rel=0.12)


def test_mass_is_where_the_ink_lies():
    upper = [(0, 0), (10, 0)], [(5, 0), (5, 10)]
    lower = [(0, 10), (10, 10)], [(5, 0), (5, 10)]
    assert mass_height(bar(30, 3)) == pytest.approx(0, abs=1e-9)
    assert mass_height(line_glyph(*upper)) == pytest.approx(0.23, abs=0.02)  # half the ink in the middle, half on top
    assert mass_height(line_glyph(*lower)) == pytest.approx(-mass_height(line_glyph(*upper)), abs=0.01)


def test_ends_are_the_share_of_what_hangs_free():
    assert end_stroke_share(bar(30, 3)) == 1
    assert end_stroke_share(line_glyph(*CROSS)) == 1
    assert end_stroke_share(ring()) == 0
    square, tail = [(0, 0), (5, 0), (5, 5), (0, 5), (0, 0)], [(0, 5), (0, 10)]
    assert end_stroke_share(line_glyph(square, tail)) == pytest.approx(5 / 25, abs=0.03)


def test_an_uneven_edge_is_no_stroke():
    rough = bar(31, 3)
    rough[0, 10:39:6, 25] = 255  # one pixel sticks out, again and again
    assert end_stroke_share(rough) == 1
    assert relative_length(rough) == pytest.approx(relative_length(bar(31, 3)), rel=0.03)


@pytest.mark.parametrize(
    ("name", "correlation", "shift"),
    [
        ("slant", 0.98, 0.1),
        ("width:height", 0.98, 0.15),
        ("length", 0.94, 0.3),
        ("curvature", 0.65, 0.2),
        ("holes", 0.96, 0.2),
        ("mass", 0.96, 0.1),
        ("ends", 0.8, 0.3),
    ],
)
def test_traits_hardly_depend_on_the_nib(name, correlation, shift):
    """The same strokes with a thin and a thick nib: the traits correlate over the letters and have nearly one mean."""
    thin, thick = TRAITS[name](letters(1.6)), TRAITS[name](letters(3.6))
    assert np.corrcoef(thin, thick)[0, 1] > correlation
    assert abs(thick.mean() - thin.mean()) < shift * thin.std()


def test_no_glyphs_have_no_traits():
    assert all(trait(np.zeros((0, 32, 32), np.uint8)).shape == (0,) for trait in TRAITS.values())


@pytest.mark.parametrize("trait", TRAITS.values(), ids=TRAITS)
def test_traits_do_not_depend_on_place_and_brightness(trait):
    glyph = np.pad(letters()[:10], ((0, 0), (8, 8), (8, 8))) // 2 * 2
    np.testing.assert_allclose(trait(np.roll(glyph, (5, -3), axis=(1, 2))), trait(glyph), atol=1e-9)
    np.testing.assert_allclose(trait(glyph // 2), trait(glyph), atol=1e-9)


@pytest.mark.parametrize("trait", TRAITS.values(), ids=TRAITS)
def test_traits_of_a_blank_glyph_are_finite(trait):
    assert np.isfinite(trait(np.zeros((2, 32, 32), np.uint8))).all()
