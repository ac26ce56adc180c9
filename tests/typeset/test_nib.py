"""The nib apart from the letters: fine pens are drawn again, all others are left alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.support import photo
from tests.support.ink_shapes import disc
from tfhand.hands.glyph import INK_LEVEL
from tfhand.hands.sample import Sample
from tfhand.typeset.nib import FINEST, MIDDLE, is_too_fine, known_glyphs, nib_of, redrawn

X_HEIGHT = 100  # pixels
FINE, USUAL, BROAD = 0.036, 0.12, 0.5  # x-heights; capitals are about 45, 14 and 4 times as tall as a line is wide


def written(nib: float, characters: str = "abehnoT25") -> list[Sample]:
    """Letters of a made-up writer as a photo of paper shows them."""
    letters, samples = photo.simple_letters(3), []
    for character in characters:
        strokes = [stroke * X_HEIGHT for stroke in letters[character][0]]
        everything = np.concatenate(strokes)
        margin = nib * X_HEIGHT / 2 + 5
        wide, high = np.ceil(np.ptp(everything, axis=0) + 2 * margin).astype(int).tolist()
        ink = photo.coverage([s - everything.min(axis=0) + margin for s in strokes], wide, high, nib * X_HEIGHT)
        samples.append(Sample(character, np.uint8(240 - 200 * ink)))
    return samples


def pieces(ink: np.ndarray) -> int:
    return cv2.connectedComponents((ink > INK_LEVEL * ink.max()).astype(np.uint8))[0] - 1


@pytest.mark.parametrize("nib", [0.027, FINE, USUAL, 0.2])
def test_a_nib_is_measured(nib):
    assert nib_of(written(nib)) == pytest.approx(nib, rel=0.2)


@pytest.mark.parametrize("nib", [USUAL, BROAD])
def test_another_nib_stays_bit_by_bit(nib):
    samples = written(nib)
    assert not is_too_fine(nib_of(samples))
    for glyph, sample in zip(known_glyphs(samples), samples, strict=True):
        np.testing.assert_array_equal(glyph, sample.glyph)


def test_networks_see_the_middle_nib():
    samples = written(FINE)
    glyphs = known_glyphs(samples)
    assert (glyphs.shape, glyphs.dtype) == ((len(samples), 32, 32), np.uint8)
    seen = [Sample(sample.character, glyph) for sample, glyph in zip(samples, glyphs, strict=True)]
    assert nib_of(seen) == pytest.approx(MIDDLE, rel=0.15)
    for one, sample in zip(seen, written(MIDDLE), strict=True):  # and the letters are the same
        ours, theirs = (cv2.GaussianBlur(image.astype(float), (0, 0), 2).ravel() for image in (one.glyph, sample.glyph))
        assert np.corrcoef(ours, theirs)[0, 1] > 0.9, one.character


def test_a_fine_line_is_pale_in_a_glyph_until_it_is_redrawn():
    samples = written(FINE)
    assert np.median([sample.glyph.max() for sample in samples]) < 200
    assert known_glyphs(samples).max(axis=(1, 2)).min() > 240


@pytest.mark.parametrize("nib", [0.027, FINE, 0.06, 0.3, 0.45])
def test_what_is_redrawn_has_the_nib_and_is_whole(nib):
    samples = written(MIDDLE)
    drawn = [Sample(sample.character, redrawn(sample, nib)) for sample in samples]
    assert nib_of(drawn) == pytest.approx(nib, rel=0.2)
    assert [pieces(one.ink) for one in drawn] == [pieces(one.ink) for one in samples]


def test_a_dot_stays():
    ink = np.zeros((64, 64), np.uint8)
    ink[20:60, 30:35] = ink[6:11, 30:35] = 255
    fine = redrawn(Sample("i", ink), FINE)
    assert pieces(fine) == 2
    gap = np.diff(np.flatnonzero((fine > 127).any(axis=1))).max()
    assert gap > 0.12 * fine.shape[0]  # the dot is over the stem, where it was


def test_two_lines_cross_at_one_point():
    ink = np.zeros((104, 104), np.uint8)
    for ends in (((20, 20), (84, 84)), ((84, 20), (20, 84))):
        cv2.line(ink, *ends, 255, 10, cv2.LINE_AA)
    fine = redrawn(Sample("x", ink), FINE) > 127
    middle = fine.shape[1] // 2
    upright = fine[:, middle - 1 : middle + 2].any(axis=1)
    assert upright.sum() < 0.12 * fine.shape[0]  # and not along a bridge as long as the broad line was wide


def test_a_shape_without_height_keeps_its_line():
    bar = np.zeros((20, 64), np.uint8)
    bar[8:12, 5:60] = 255
    for nib in (FINEST, MIDDLE, FINE):
        assert redrawn(Sample("l", bar), nib).max() == 255
    assert pieces(redrawn(Sample("o", disc(64, 25)), FINE)) == 1
