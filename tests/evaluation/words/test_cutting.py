"""Words on a line, and cuts where letters are found."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from tests.support.joined_words import LEFT, STEP, joined_word
from tfhand.data.word_pictures import ABOVE, MARGIN, pixels_per_x_height
from tfhand.evaluation.words import cutting
from tfhand.evaluation.words.cutting import cut_words, on_line, small_line
from tfhand.hands.seams import rising
from tfhand.hands.word_sample import WordSample
from tfhand.models.aligner.alignment import AlignedLetter

NETWORKS = SimpleNamespace(image_size=48)


def bar(x_height: int) -> WordSample:
    """A bar from the writing line to the x-height, five x-heights wide."""
    ink = np.pad(np.full((x_height, 5 * x_height), 255, np.uint8), 2 * x_height)
    return WordSample("nn", ink, 3 * x_height, x_height, [3 * x_height])


@pytest.mark.parametrize("x_height", [16, 40, 64])
@pytest.mark.parametrize("height", [180, 48])
def test_a_word_stands_on_the_line_at_the_line_s_size(x_height, height):
    picture = (on_line if height == 180 else small_line)(bar(x_height), height)
    unit = pixels_per_x_height(height)
    rows, columns = (np.flatnonzero((picture > 127).any(axis=axis)) for axis in (1, 0))
    assert picture.shape[0] == height
    assert rows[0] == pytest.approx((ABOVE - 1) * unit, abs=1.5)
    assert rows[-1] + 1 == pytest.approx(ABOVE * unit, abs=1.5)
    assert columns[0] == pytest.approx((MARGIN + 1 / x_height) * unit, abs=1.5)  # a pixel of paper around the ink
    assert len(columns) == pytest.approx(5 * unit, abs=1.5)


@pytest.mark.parametrize("slant", [0.0, 0.5])
def test_words_are_cut_where_letters_are_found(monkeypatch, slant):
    """The letters are found where they are at half an x-height; cuts are on the line, wherever they were before."""
    word = joined_word("lele", slant)
    ink_left = LEFT - word.cuts[0] + STEP  # of the crop in the whole picture
    middle = np.array(word.cuts) + 0.5 * slant * word.x_height
    edges = (np.concatenate([[0], middle, [word.ink.shape[1]]]) / word.x_height + MARGIN) * pixels_per_x_height(48)

    def found(networks, pictures, texts):
        (picture,) = pictures
        assert picture.shape[0] == 48
        spans = zip(edges, edges[1:], strict=False)
        return [[AlignedLetter(letter, *span, 1.0) for letter, span in zip("lele", spans, strict=True)]]

    monkeypatch.setattr(cutting, "align", found)
    moved = WordSample("lele", word.ink, word.baseline, word.x_height, [10, 20, 30], 0.0)
    (cut,) = cut_words(NETWORKS, [moved])
    assert cut.slant == pytest.approx(slant, abs=0.25)  # loops lean a little by themselves
    expected = middle - 0.5 * cut.slant * word.x_height
    np.testing.assert_allclose(cut.cuts, expected, atol=1.0)
    assert ink_left > 0


def test_no_words_need_no_cuts():
    assert cut_words(NETWORKS, []) == []


def test_places_rise():
    assert rising(np.array([1.0, 5.0, 5.0, 4.0, 9.0]), 0.05) == pytest.approx((1.0, 5.0, 5.05, 5.1, 9.0))
    assert rising(np.zeros(0), 0.05) == ()
