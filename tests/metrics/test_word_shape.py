"""Slant and extent of drawn words whose measures are known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.support.word_shapes import random_words
from tfhand.data.word_pictures import ABOVE, LineTransform, draw_words, set_line
from tfhand.hands.word_sample import WordSample
from tfhand.metrics.word_shape import advance, ascent, descent, slant


def leaning(slope: float, high: int = 80) -> WordSample:
    """Three bars that lean by so much for each unit of height."""
    ink = np.zeros((high + 20, 400), np.uint8)
    for left in (100, 150, 200):
        corners = np.array([[left, high + 10], [left + 8, high + 10], [left + 8, 10], [left, 10]], float)
        corners[2:, 0] += slope * high
        cv2.fillPoly(ink, [np.rint(corners * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    return WordSample("lll", ink, high + 10, 40, [130, 180])


@pytest.mark.parametrize("slope", [-0.4, 0.0, 0.25, 0.7])
def test_bars_lean_as_they_were_drawn(slope):
    assert slant([leaning(slope)]) == pytest.approx(slope, abs=0.03)
    assert slant([leaning(slope), leaning(slope, 60)]) == pytest.approx(slope, abs=0.03)


def test_a_shear_adds_to_the_slant():
    """Words with a thin nib: it is round and does not lean with the letters."""
    archive = random_words(6, writers=1, seed=2)

    def drawn(shear: float) -> list[WordSample]:
        lines = [set_line(archive, np.array([index]), LineTransform(slant=shear)) for index in range(6)]
        cuts = [np.linspace(30, 50, len(line.text) - 1) for line in lines]
        return [
            WordSample(line.text, draw_words(line, 180, 0.05), ABOVE * 40, 40, own)
            for line, own in zip(lines, cuts, strict=True)
        ]

    upright = slant(drawn(0.0))
    for shear in (-0.2, 0.3, 0.5):
        assert slant(drawn(shear)) - upright == pytest.approx(shear, abs=0.06)


def box(text: str, over: int, under: int, wide: int) -> WordSample:
    """Ink from so many pixels over the line to so many under it; an x-height is 20."""
    ink = np.zeros((200, 300), np.uint8)
    ink[100 - over : 100 + under, 20 : 20 + wide] = 255
    return WordSample(text, ink, 100, 20, np.linspace(30, 40, len(text) - 1))


def test_extents_are_those_of_the_ink():
    assert advance(box("one", 20, 0, 60)) == pytest.approx(1)
    assert advance(box("on", 20, 0, 60)) == pytest.approx(1.5)
    assert ascent(box("all", 44, 0, 60)) == pytest.approx(2.2)
    assert descent(box("gap", 20, 18, 60)) == pytest.approx(0.9)


def test_only_letters_that_reach_up_or_down_are_measured():
    assert np.isnan(ascent(box("one", 20, 0, 60)))
    assert np.isnan(descent(box("all", 44, 0, 60)))
