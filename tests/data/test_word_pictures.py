"""Pictures of words: the ink is where the letters' extents say it is, whatever is done to the line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.support.word_shapes import GAP, random_words, word_archive
from tfhand.data.word_pictures import (
    ABOVE,
    MARGIN,
    LineTransform,
    draw_words,
    join_letters,
    letter_pixels,
    pixels_per_x_height,
    scan,
    set_line,
)
from tfhand.data.words import LIGATURE

HEIGHT, UNIT = 90, 20.0  # pixels, and pixels of an x-height


def test_ink_is_where_letters_are():
    line = set_line(word_archive(["nlz"], [0]), np.array([0]))
    picture, pixels = draw_words(line, HEIGHT), letter_pixels(line, HEIGHT)
    assert pixels_per_x_height(HEIGHT) == UNIT
    assert picture.shape == (HEIGHT, int(np.ceil((0.9 + 0.8 + 2 * GAP + 2 * MARGIN) * UNIT)))
    inked = (picture > 60).any(axis=0)
    ends = np.flatnonzero(np.diff(np.concatenate([[0], inked, [0]]))).reshape(-1, 2)  # of runs of inked columns
    assert len(ends) == 3
    np.testing.assert_allclose(ends, pixels, atol=1.2)
    rows = np.flatnonzero((picture > 60).any(axis=1))
    assert rows[-1] == pytest.approx(ABOVE * UNIT + 0.08 * UNIT, abs=1.2)  # the baseline, and half a nib
    assert rows[0] == pytest.approx((ABOVE - 2) * UNIT - 0.08 * UNIT, abs=1.2)  # two x-heights above it


@pytest.mark.parametrize("seed", range(6))
def test_the_same_holds_of_any_transform(seed):
    rng = np.random.default_rng(seed)
    transform = replace(LineTransform.draw(rng), tilt=0.01)
    line = set_line(random_words(20), np.array([seed]), transform, rng)
    picture, pixels = draw_words(line, HEIGHT, transform.nib), letter_pixels(line, HEIGHT, transform.nib)
    inked = np.flatnonzero((picture > 60).any(axis=0))
    assert inked[0] == pytest.approx(pixels[:, 0].min(), abs=1.5)
    assert inked[-1] + 1 == pytest.approx(pixels[:, 1].max(), abs=1.5)
    for left, right in pixels:
        assert (picture[:, int(left) + 1 : max(int(left) + 2, int(right))] > 60).any()


def test_a_broader_nib_leaves_more_ink_and_a_slant_leans():
    archive = word_archive(["l"], [0])
    fine, broad = (draw_words(set_line(archive, np.array([0])), HEIGHT, nib) for nib in (0.1, 0.3))
    assert (broad > 128).sum() == pytest.approx(3 * (fine > 128).sum(), rel=0.15)
    leaning = draw_words(set_line(archive, np.array([0]), LineTransform(slant=0.5)), HEIGHT, 0.1)
    rows, columns = np.nonzero(leaning > 128)
    assert np.polyfit(rows, columns, 1)[0] == pytest.approx(-0.5, abs=0.03)


def test_words_of_a_line_stand_apart_and_their_letters_are_numbered_on():
    archive = word_archive(["nl", "zv", "x"], [0, 0, 0], lettered=[1, 0, 1])
    line = set_line(archive, np.array([0, 1, 2]), rng=np.random.default_rng(1))
    assert line.text == "nlzvx"
    assert line.known.tolist() == [True, True, False, False, True]
    assert np.isnan(line.extents[2:4]).all()
    assert line.extents[4, 0] > line.extents[1, 1] + 2 * 0.8
    whole = draw_words(line, HEIGHT)
    cut = draw_words(line, HEIGHT, width=60)
    np.testing.assert_allclose(cut.astype(float), whole[:, :60], atol=20)  # OpenCV clips lines a little inexactly
    wide = draw_words(line, HEIGHT, width=whole.shape[1] + 30)
    assert not wide[:, -30:].any()


def test_print_is_joined_by_ligatures_from_end_to_beginning():
    archive = word_archive(["nvz"], [0])
    strokes, letters = join_letters(archive.points_of(0), archive.letters_of(0))
    assert len(strokes) == 5
    for place, (stroke, own) in enumerate(zip(strokes[3:], letters[3:], strict=True)):
        assert set(own) == {LIGATURE}
        np.testing.assert_allclose(stroke[0], strokes[place][-1])
        np.testing.assert_allclose(stroke[-1], strokes[place + 1][0])
    joined = set_line(archive, np.array([0]), rng=np.random.default_rng(0), joins=1.0)
    plain = set_line(archive, np.array([0]))
    np.testing.assert_allclose(joined.extents, plain.extents)
    columns = [(draw_words(line, HEIGHT) > 60).any(axis=0) for line in (plain, joined)]
    first, last = np.flatnonzero(columns[0])[[0, -1]]
    assert not columns[0][first:last].all()
    assert columns[1][first:last].all()


def test_a_scan_blurs_and_keeps_paper_dark():
    line = set_line(word_archive(["nvz"], [0]), np.array([0]))
    picture = draw_words(line, HEIGHT)
    scanned = scan(np.random.default_rng(0), picture)
    assert scanned.shape == picture.shape
    assert np.corrcoef(scanned.ravel(), picture.ravel())[0, 1] > 0.9
    assert scanned[:, :4].max() < 25
    assert not np.array_equal(scanned, scan(np.random.default_rng(1), picture))
