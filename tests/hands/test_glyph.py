"""Pictures of characters as normalized glyphs."""

from __future__ import annotations

import numpy as np
import pytest

from tfhand.errors import PictureError
from tfhand.hands import glyph


def stroke(height: int = 60, width: int = 40) -> np.ndarray:
    image = np.zeros((height, width), np.uint8)
    image[10:50, 18:22] = 255
    image[46:50, 18:32] = 255
    return image


def test_polarity_is_found():
    ink = stroke()
    for shown in (ink, 255 - ink, np.stack([255 - ink] * 3, -1), ink > 0):
        assert np.array_equal(glyph.as_ink(shown), ink)


def test_grey_paper_and_pencil_become_black_and_white():
    noise = np.random.default_rng(0).integers(0, 8, (60, 40))
    photo = (200 - stroke().astype(int) // 3 - noise).astype(np.uint8)
    ink = glyph.as_ink(photo)
    assert ink.max() == 255
    assert np.percentile(ink, 50) < 25
    assert glyph.ink_box(ink) == (10, 18, 50, 32)


def test_noise_on_empty_paper_is_no_ink():
    photo = np.random.default_rng(0).integers(225, 245, (60, 40)).astype(np.uint8)
    with pytest.raises(PictureError, match="without ink"):
        glyph.normalize(glyph.as_ink(photo))


@pytest.mark.parametrize("size", [28, 32, 64])
def test_normalized_size_and_place(size: int):
    small = glyph.normalize(stroke(), size)
    top, left, bottom, right = glyph.ink_box(small)
    assert small.shape == (size, size)
    assert max(bottom - top, right - left) == glyph.box_side(size)
    assert abs(top + bottom - size) <= 1
    assert abs(left + right - size) <= 1


def test_normalizing_keeps_proportions():
    top, left, bottom, right = glyph.ink_box(glyph.normalize(stroke(), 64))
    assert (right - left) / (bottom - top) == pytest.approx(14 / 40, abs=0.03)


@pytest.mark.parametrize("bad", [np.zeros((4, 4)), np.zeros((0, 4), np.uint8), np.zeros((4, 4, 2), np.uint8)])
def test_what_is_no_picture(bad: np.ndarray):
    with pytest.raises(PictureError, match="uint8 picture"):
        glyph.as_ink(bad)


def test_inverse_of_inverse():
    assert np.array_equal(glyph.inverted(glyph.inverted(stroke())), stroke())


def test_network_input_and_back():
    levels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    images = glyph.as_network_input(levels)
    assert (images.shape, images.dtype, images.min(), images.max()) == ((1, 16, 16, 1), np.float32, -1, 1)
    assert np.array_equal(glyph.as_glyphs(images), levels)
    assert glyph.as_glyphs(np.array([[[[-1.5], [1.5]]]])).tolist() == [[[0, 255]]]
