from __future__ import annotations

import numpy as np
import pytest

from tfhand.app.limits import MEGABYTE, Limits
from tfhand.app.session import DOUBTFUL, OWN, WRITTEN, Session, state_of
from tfhand.errors import HandError, HandwritingError, PictureError
from tfhand.hands.hand import Hand
from tfhand.hands.sample import GENERATED, Sample


def test_nothing_is_written_before_somebody_says_whose_hand_it_is():
    session = Session()
    with pytest.raises(HandwritingError, match="whose"):
        session.check_consent()
    with pytest.raises(HandwritingError, match="whose"):
        session.agree("anybody's", "")
    session.agree(OWN, "  Anna \n Müller ")
    session.check_consent()
    assert session.name == "Anna Müller"
    assert session.file(".pdf") == session.folder / "Anna-Müller.pdf"
    session.close()


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "", "...", "<b>"])
def test_files_stay_in_the_folder_whatever_the_name(name):
    session = Session()
    session.agree(OWN, name)
    assert session.file(".ttf").resolve().parent == session.folder.resolve()
    assert session.file(".ttf").suffix == ".ttf"
    session.close()


def test_the_folder_goes_with_the_person():
    session = Session()
    (session.folder / "photo.jpg").write_bytes(b"x")
    session.close()
    assert not session.folder.exists()


def test_undo_and_redo(session, hand_of):
    hands = [hand_of("a"), hand_of("ab"), hand_of("abc")]
    for hand in hands:
        session.change(hand)
    session.undo()
    session.undo()
    assert session.hand is hands[0]
    session.redo()
    assert session.hand is hands[1]
    session.change(hand_of("x"))
    with pytest.raises(HandwritingError, match="redo"):
        session.redo()
    for _ in range(3):
        session.undo()
    assert not session.hand
    with pytest.raises(HandwritingError, match="undo"):
        session.undo()


def test_what_is_sent_is_copied_within_limits(tmp_path):
    session = Session(limits=Limits(upload=1, files=2))
    small, large = tmp_path / "small.jpg", tmp_path / "large.jpg"
    small.write_bytes(b"picture")
    large.write_bytes(bytes(MEGABYTE + 1))
    (received,) = session.receive([small])
    assert received.parent.parent == session.folder
    assert received.read_bytes() == b"picture"
    with pytest.raises(PictureError, match="larger than 1 MB"):
        session.receive([large])
    with pytest.raises(PictureError, match="at most 2"):
        session.receive([small] * 3)
    with pytest.raises(PictureError, match="No file"):
        session.receive([])
    assert [one.name for one in session.receive([small, small])] == ["small.jpg", "small.jpg"]
    session.close()
    assert not small.exists()
    with pytest.raises(PictureError, match="no longer there"):
        session.receive([small])


def test_errors_are_told_in_the_persons_language():
    session = Session("de")
    with pytest.raises(HandError, match="noch keine Buchstaben"):
        session.require_hand()
    session.close()


def test_a_hand_is_completed_once_and_keeps_what_was_written(session, hand_of, pen):
    session.change(hand_of("aB7"))
    complete = session.complete(pen, 3)
    assert session.is_complete(3)
    assert not session.is_complete(4)
    assert session.complete(pen, 3) is complete
    assert set(complete) == set(pen.learned)
    assert all(sample.source == WRITTEN for c in "aB7" for sample in complete.samples_of(c))
    assert all(sample.source == GENERATED for sample in complete.samples_of("e"))


def test_what_was_drawn_stays_while_the_written_letters_do(session, hand_of, pen):
    session.change(hand_of("aB7"))
    before = session.complete(pen)
    kept = before.samples_of("e")[0]
    session.change(Hand(samples=(*session.hand.samples, before.samples_of("x")[0])))
    assert session.complete(pen).samples_of("e")[0] is kept
    session.change(hand_of("aB"))
    assert session.complete(pen).samples_of("e")[0] is not kept


def test_doubtful_letters_are_drawn_and_not_used(session, hand_of, pen):
    ink = hand_of("q").samples[0].ink
    session.change(Hand(samples=[*hand_of("ab").samples, Sample("q", np.pad(ink, 2), doubt="g")]))
    assert all(sample.source == GENERATED for sample in session.complete(pen).samples_of("q"))


def test_states():
    ink = np.zeros((20, 20), np.uint8)
    ink[4:16, 9:11] = 255
    assert state_of(Sample("l", ink)) == WRITTEN
    assert state_of(Sample("l", ink, doubt="1")) == DOUBTFUL
    assert state_of(Sample("l", ink, GENERATED)) == GENERATED
