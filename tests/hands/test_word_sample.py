"""Words of a Hand, and the seams between their letters."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.joined_words import BASELINE, LEFT, STEP, X_HEIGHT, joined_ink, joined_word
from tfhand.errors import HandError
from tfhand.hands.seams import REACH, crossings, seam_of_least_ink
from tfhand.hands.word_sample import WordSample


def test_measures_follow_the_cropped_picture():
    word = joined_word("lel")
    whole = joined_ink("lel")
    moved = WordSample("lel", np.pad(whole, ((9, 4), (25, 1))), BASELINE + 9, X_HEIGHT, np.array(word.cuts) + 0.0)
    rows, columns = np.flatnonzero(whole.max(axis=1) > 63), np.flatnonzero(whole.max(axis=0) > 63)
    assert word.ink.shape == (np.ptp(rows) + 3, np.ptp(columns) + 3)
    assert word.baseline == moved.baseline == BASELINE - rows[0] + 1
    assert word.cuts == (LEFT + STEP - columns[0] + 1, LEFT + 2 * STEP - columns[0] + 1)
    assert word == joined_word("lel")
    assert word != moved  # whose cuts were given in the other picture


def test_dark_ink_on_paper_is_the_same_word():
    assert WordSample("e", 255 - joined_ink("e"), BASELINE, X_HEIGHT) == joined_word("e")


@pytest.mark.parametrize("slant", [-0.3, 0.0, 0.6])
def test_pieces_are_the_letters_and_together_the_word(slant: float):
    word = joined_word("lele", slant)
    pieces = [word.piece(place, place + 1) for place in range(4)]
    whole = np.zeros(word.ink.shape, int)
    for piece, left in pieces:
        whole[:, left : left + piece.shape[1]] += piece
    assert np.array_equal(whole, word.ink)
    alone = (joined_ink("l", slant) > 0).sum(), (joined_ink("e", slant) > 0).sum()
    for place, (piece, _) in enumerate(pieces):
        assert (piece > 0).sum() == pytest.approx(alone[place % 2], rel=0.12)
    middle, left = word.piece(1, 3)
    assert left == word.seams[1].min()
    assert middle.sum() == pieces[1][0].sum() + pieces[2][0].sum()


def test_the_line_runs_on_at_the_writing_line():
    word = joined_word("eel")
    assert [len(word.ports(cut)) for cut in (0, 1, 2, 3)] == [0, 1, 1, 0]
    assert word.ports(1)[0] == pytest.approx(0.0, abs=0.1)


def test_a_gap_has_no_port():
    ink = np.hstack([joined_ink("e"), joined_ink("e")])
    wide = ink.shape[1] // 2
    assert WordSample("ee", ink, BASELINE, X_HEIGHT, [wide]).ports(1) == ()


@pytest.mark.parametrize(
    ("facts", "complaint"),
    [
        ({"text": "le l"}, "without spaces"),
        ({"text": ""}, "without spaces"),
        ({"text": "l" * 61}, "at most 60"),
        ({"cuts": (70,)}, "needs 2 cuts"),
        ({"cuts": (120, 70)}, "left to right"),
        ({"cuts": (70, float("nan"))}, "numbers"),
        ({"cuts": (70, "120")}, "numbers"),
        ({"x_height": True}, "numbers"),
        ({"x_height": 2.0}, "does not belong"),
        ({"baseline": 1e4}, "does not belong"),
        ({"slant": 2.5}, "slant"),
        ({"sure": (True,)}, "3 answers"),
        ({"ink": np.zeros((40, 40), np.uint8)}, "without ink"),
    ],
)
def test_wrong_words(facts: dict, complaint: str):
    right = {"text": "lel", "ink": joined_ink("lel"), "baseline": BASELINE, "x_height": X_HEIGHT, "cuts": (76, 122)}
    WordSample(**right)
    with pytest.raises(HandError, match=complaint):
        WordSample(**(right | facts))


def test_a_seam_keeps_to_the_gap_beside_its_line():
    ink = np.zeros((60, 80), np.uint8)
    ink[:, 30:40] = ink[:, 50:60] = 255  # two stems, and a gap right of the line
    seam = seam_of_least_ink(ink, np.full(60, 39.0), X_HEIGHT)
    assert ((seam > 40) & (seam < 50)).all()
    assert crossings(ink, seam) == []
    assert np.abs(seam - 39).max() <= REACH * X_HEIGHT


def test_a_seam_crosses_a_stroke_where_it_must():
    ink = np.zeros((60, 80), np.uint8)
    ink[20:26] = 255
    seam = seam_of_least_ink(ink, np.full(60, 40.0), X_HEIGHT)
    assert set(seam.tolist()) == {40}
    assert crossings(ink, seam) == [23.0]


def test_a_seam_outside_the_picture_stays_at_its_edge():
    ink = np.full((20, 30), 255, np.uint8)
    assert set(seam_of_least_ink(ink, np.full(20, -50.0), 10).tolist()) == {0}
    assert set(seam_of_least_ink(ink, np.full(20, 90.0), 10).tolist()) == {30}
