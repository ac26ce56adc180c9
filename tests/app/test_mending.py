from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.support.joined_words import joined_word
from tfhand.app import mending
from tfhand.app.session import DOUBTFUL, state_of
from tfhand.errors import HandError, HandwritingError, PictureError
from tfhand.hands.hand import Hand
from tfhand.hands.sample import GENERATED, WRITTEN


@pytest.fixture
def mended(session, hand_of):
    """A person with a, a doubtful b and a 7."""
    samples = [replace(one, doubt="6" if one.character == "b" else "") for one in hand_of("ab7").samples]
    session.change(Hand(samples=samples))
    return session


@pytest.fixture
def joined(session, hand_of):
    """A person with an a and two joined words, one of which is not sure."""
    words = [joined_word("lele"), joined_word("elle", sure=(True, False, True, True))]
    session.change(Hand(samples=hand_of("a").samples, words=words))
    session.chosen = session.hand.words[1]
    return session


def choose(session, character):
    """Chooses what the person wrote of a character."""
    session.chosen = session.hand.samples_of(character)[0]


def test_every_letter_is_there_and_doubtful_ones_are_drawn_as_well(mended, pen):
    letters = mending.tiles(mended, pen)
    assert {one.character for one in letters} == set(pen.learned)
    assert [(one.source, one.doubt) for one in letters if one.character == "b"] == [(WRITTEN, "6"), (GENERATED, "")]
    assert sum(one.character == "e" for one in letters) == 1


def test_relabel(mended):
    choose(mended, "b")
    mending.relabel(mended, " 6 ")
    assert "".join(mended.hand) == "67a"
    assert mended.chosen.character == "6"
    assert mended.chosen.doubt == ""
    with pytest.raises(HandError, match="one letter"):
        mending.relabel(mended, "ab")


def test_drop_approve_and_undo(mended):
    choose(mended, "b")
    mending.approve(mended)
    assert "b" in mended.hand.approved
    mending.drop(mended)
    assert "b" not in mended.hand
    assert mended.chosen is None
    with pytest.raises(HandError, match="press a letter or a word"):
        mending.drop(mended)
    mended.undo()
    mended.undo()
    assert "b" not in mended.hand.approved
    assert "b" in mended.hand


def test_a_drawn_letter_is_kept_but_not_renamed_or_dropped(mended, pen):
    drawn = next(one for one in mending.tiles(mended, pen) if one.character == "e")
    mended.chosen = drawn
    for wrong in (mending.drop, lambda session: mending.relabel(session, "c")):
        with pytest.raises(HandError, match="only drawn"):
            wrong(mended)
    mending.approve(mended)
    assert mended.hand.samples_of("e") == (drawn,)
    assert mended.complete(pen).samples_of("e")[0] is drawn


def test_one_of_six_forms_takes_the_place(mended, pen):
    choose(mended, "a")
    offered = mending.offer(mended, pen, "a")
    assert len(offered) == 6
    assert {one.character for one in offered} == {"a"}
    others = mending.offer(mended, pen, "a")
    assert not any(np.array_equal(one.ink, other.ink) for one, other in zip(offered, others, strict=True))
    mending.take(mended, 4)
    (own,) = mended.hand.samples_of("a")
    assert own.source == GENERATED
    assert np.array_equal(own.ink, others[4].ink)
    with pytest.raises(HandError, match="six forms"):
        mending.take(mended, 6)
    choose(mended, "7")
    with pytest.raises(HandError, match="six forms"):  # those are forms of an a
        mending.take(mended, 4)


def test_a_piece_of_a_picture_takes_the_place(mended, tmp_path):
    paper = np.full((200, 400, 3), 240, np.uint8)
    paper[60:140, 300:310] = 20  # an l in the right half
    paper[90:95, 20:180] = 20  # a dash in the left one
    Image.fromarray(paper).save(tmp_path / "photo.png")
    choose(mended, "a")
    mending.cut(mended, tmp_path / "photo.png", (0.6, 0.2, 0.4, 0.6))
    high, wide = mended.chosen.ink.shape
    assert mended.chosen.source == WRITTEN
    assert high > 4 * wide
    mending.cut(mended, tmp_path / "photo.png", None)
    assert mended.chosen.ink.shape[1] > 250


@pytest.mark.parametrize("box", [(0, 0, 0, 0), (1, 1, 1, 1), (0.1, 0.1, float("nan"), 1), (-1, 0, 1, 1), (0, 0, 1)])
def test_a_piece_that_is_none_is_told(mended, tmp_path, box):
    Image.new("RGB", (50, 50), "white").save(tmp_path / "photo.png")
    choose(mended, "a")
    with pytest.raises(PictureError, match="no such piece"):
        mending.cut(mended, tmp_path / "photo.png", box)


def test_an_empty_piece_is_told(mended, tmp_path):
    Image.new("RGB", (50, 50), "white").save(tmp_path / "photo.png")
    choose(mended, "a")
    with pytest.raises(HandwritingError, match="without ink"):
        mending.cut(mended, tmp_path / "photo.png", None)


def test_a_letter_written_on_the_page_stands_on_its_line(mended):
    choose(mended, "a")
    base, high = mending.BASELINE, mending.X_HEIGHT
    mending.written(mended, [[[100, base - high], [100, base]], [[100, base], [160, base]]])
    own = mended.chosen
    assert (own.character, own.source) == ("a", WRITTEN)
    assert own.baseline == pytest.approx(0, abs=0.12)
    assert own.height == pytest.approx(1, abs=0.25)


def test_a_dot_is_a_letter_too(mended):
    choose(mended, "a")
    mending.written(mended, [[[150, 150]]])
    assert mended.chosen.source == WRITTEN


@pytest.mark.parametrize("strokes", [[], [[]], [["x"]], [[[1]]], [[[float("nan"), 1], [2, 2]]], [[[1, 2]] * 30_000]])
def test_what_a_browser_may_send_instead_is_told(mended, strokes):
    choose(mended, "a")
    with pytest.raises(PictureError, match="Nothing is written"):
        mending.written(mended, strokes)


def test_a_letter_must_be_chosen(mended):
    for way in (mending.chosen_letter, lambda session: mending.take(session, 0), mending.approve):
        with pytest.raises(HandError, match="press a letter or a word"), mending.subject(mended, None):
            way(mended)


def test_what_is_done_is_done_to_the_letter_that_was_shown(mended):
    choose(mended, "a")
    number = mending.subject_number(mended)
    choose(mended, "7")  # pressed while the server still has the a to mend
    with mending.subject(mended, number):
        mending.written(mended, [[[100, 120], [100, 210]]])
    assert mended.chosen is mended.hand.samples_of("7")[0]
    assert {one.character: one.baseline is not None for one in mended.hand.samples} == {
        "a": True,
        "b": False,
        "7": False,
    }

    with mending.subject(mended, number):  # the page still knows it by that number
        mending.relabel(mended, "o")
    assert "".join(mended.hand) == "7bo"
    with mending.subject(mended, number):
        mending.drop(mended)
    with pytest.raises(HandError, match="press a letter or a word"), mending.subject(mended, number):
        pytest.fail("it is gone")
    assert mended.chosen is mended.hand.samples_of("7")[0]


def test_what_is_mended_stays_chosen(mended):
    choose(mended, "b")
    number = mending.subject_number(mended)
    assert number == mending.subject_number(mended)
    with mending.subject(mended, number):
        mending.relabel(mended, "6")
    assert mended.chosen.character == "6"
    assert mending.subject_number(mended) == number


def test_words_are_tiles_after_the_letters(joined, pen):
    tiles = mending.tiles(joined, pen)
    assert [mending.text_of(one) for one in tiles[-2:]] == ["lele", "elle"]
    assert [state_of(one) for one in tiles[-2:]] == [WRITTEN, DOUBTFUL]


def test_a_word_is_approved_relabelled_dropped_and_had_back(joined):
    mending.approve(joined)
    assert joined.chosen is joined.hand.words[1]
    assert all(joined.chosen.sure)
    mending.relabel(joined, " lell ")
    assert [one.text for one in joined.hand.words] == ["lele", "lell"]
    mending.drop(joined)
    assert [one.text for one in joined.hand.words] == ["lele"]
    assert joined.chosen is None
    for texts in (["lele", "lell"], ["lele", "elle"], ["lele", "elle"]):
        joined.undo()
        assert [one.text for one in joined.hand.words] == texts
    assert state_of(joined.hand.words[1]) == DOUBTFUL
    joined.redo()
    assert state_of(joined.hand.words[1]) == WRITTEN


def test_what_cannot_be_done_with_a_word_is_told(joined):
    with pytest.raises(HandError, match="cut into 4 letters"):
        mending.relabel(joined, "ell")
    with pytest.raises(HandError, match="without spaces"):
        mending.relabel(joined, "e ll")
    for way in (mending.chosen_letter, lambda session: mending.written(session, [[[9, 9], [99, 99]]])):
        with pytest.raises(HandError, match="whole word"):
            way(joined)


def test_words_that_are_all_doubtful_can_still_be_looked_at(session, pen):
    session.change(Hand(words=[joined_word("lele", sure=(False,) * 4)]))
    assert [mending.text_of(one) for one in mending.tiles(session, pen)] == ["lele"]
    (session.chosen,) = session.hand.words
    mending.approve(session)
    assert {mending.text_of(one) for one in mending.tiles(session, pen)} == {*pen.learned, "lele"}
