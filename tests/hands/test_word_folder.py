"""Words in a Hand's folder and on its contact sheet."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.hands.test_hand import letter, put
from tests.support.joined_words import joined_word
from tfhand.errors import HandError
from tfhand.hands.hand import Hand


@pytest.fixture
def hand() -> Hand:
    words = [joined_word("lele"), joined_word("lele", slant=0.3), joined_word("el", sure=(True, False))]
    return Hand({"a": [letter(0)]}, words=words)


def change(folder: Path, **values) -> None:
    """Changes the first word in a hand.json."""
    index = folder / "hand.json"
    content = json.loads(index.read_text(encoding="utf-8"))
    content["words"][0] |= values
    index.write_text(json.dumps(content), encoding="utf-8")


def test_words_come_back_exactly(hand: Hand, tmp_path: Path):
    for there in (hand, Hand(words=hand.words)):
        there.save(tmp_path / "mine")
        back = Hand.load(tmp_path / "mine")
        assert back == there
        assert back.words == hand.words
    assert repr(back) == "Hand('', 0 written, 0 generated, 3 words)"
    assert sorted(file.name for file in (tmp_path / "mine" / "words").iterdir()) == [
        "el_1.png",
        "lele_1.png",
        "lele_2.png",
    ]
    picture = np.asarray(Image.open(tmp_path / "mine" / "words" / "el_1.png"))
    assert picture[0, 0] == 255  # black on white, for a paint program
    assert picture.min() == 0
    assert (picture[:8] == 255).all()


def test_the_list_is_in_pixels_of_the_file(hand: Hand, tmp_path: Path):
    hand.save(tmp_path / "mine")
    entry = json.loads((tmp_path / "mine" / "hand.json").read_text(encoding="utf-8"))["words"][2]
    word = hand.words[2]
    assert entry["baseline"] == word.baseline + 8
    assert entry["cuts"] == [word.cuts[0] + 8]
    assert entry["sure"] == [True, False]


def test_a_person_mends_a_word(hand: Hand, tmp_path: Path):
    hand.save(tmp_path / "mine")
    file = tmp_path / "mine" / "words" / "lele_1.png"
    picture = np.asarray(Image.open(file)).copy()
    columns = np.flatnonzero((picture < 255).any(axis=0))
    picture[:, : columns[0] + 20] = 255  # the beginning is painted over, and paper added at the right
    Image.fromarray(np.pad(picture, ((0, 5), (0, 30)), constant_values=255)).save(file)
    before, after = hand.words[0], Hand.load(tmp_path / "mine").words[0]
    assert after.ink.shape[1] < before.ink.shape[1]
    assert np.array_equal(after.ink[:, -60:], before.ink[:, -60:])
    assert after.ink.shape[1] - after.cuts[-1] == before.ink.shape[1] - before.cuts[-1]
    assert np.array_equal(after.piece(3, 4)[0], before.piece(3, 4)[0])


def test_saving_again_keeps_only_the_words_of_the_hand(hand: Hand, tmp_path: Path):
    target = tmp_path / "mine"
    hand.save(target)
    (target / "words" / "notes.txt").write_text("from a letter of 1962")
    Hand(words=hand.words[2:]).save(target)
    assert sorted(file.name for file in (target / "words").iterdir()) == ["el_1.png", "notes.txt"]
    (target / "words" / "notes.txt").unlink()
    Hand({"b": [letter(1)]}).save(target)
    assert sorted(file.name for file in target.iterdir()) == ["b.png", "hand.json"]


def test_words_that_differ_by_case_or_letters_alone_have_files_of_their_own(hand: Hand, tmp_path: Path):
    texts = ["Ab", "ab", "é!", "ß?", "con", "../x"]
    words = [joined_word("l" * len(text)) for text in texts]
    for text, word in zip(texts, words, strict=True):
        object.__setattr__(word, "text", text)
    Hand(words=words).save(tmp_path / "mine")
    assert Hand.load(tmp_path / "mine").words == tuple(words)
    names = {file.name.lower() for file in (tmp_path / "mine" / "words").iterdir()}
    assert names == {"ab_1.png", "ab_2.png", "word_1.png", "word_2.png", "con_1.png", "x_1.png"}


def test_words_are_added(hand: Hand, tmp_path: Path):
    hand.save(tmp_path / "mine")
    whole = Hand(words=[joined_word("lele"), joined_word("elle")]).add_to(tmp_path / "mine")
    assert [word.text for word in whole.words] == ["lele", "lele", "el", "elle"]
    assert Hand.load(tmp_path / "mine") == whole


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"text": None}, "each word needs a text"),
        ({"file": "../a.png"}, "outside"),
        ({"text": "two words"}, "without spaces"),
        ({"baseline": None}, "needs a baseline"),
        ({"baseline": True}, "needs a baseline"),
        ({"x_height": "40"}, "needs a baseline"),
        ({"x_height": -40}, "does not belong"),
        ({"cuts": 70}, "list of columns"),
        ({"cuts": [60, 70, "80"]}, "list of columns"),
        ({"cuts": [60, 70]}, "needs 3 cuts"),
        ({"cuts": [60, 50, 70]}, "left to right"),
        ({"slant": []}, "slant"),
        ({"slant": 9}, "slant"),
        ({"sure": [1, 1, 1, 1]}, "true and false"),
        ({"sure": "yes"}, "true and false"),
        ({"sure": [True]}, "4 answers"),
    ],
)
def test_broken_words(hand: Hand, tmp_path: Path, values: dict, complaint: str):
    hand.save(tmp_path / "mine")
    put(tmp_path / "a.png")
    change(tmp_path / "mine", **values)
    with pytest.raises(HandError, match=complaint) as caught:
        Hand.load(tmp_path / "mine")
    assert str(tmp_path) in str(caught.value)


def test_bad_pictures_of_words_are_named(hand: Hand, tmp_path: Path):
    hand.save(tmp_path / "mine")
    Image.new("L", (80, 50), 255).save(tmp_path / "mine" / "words" / "el_1.png")
    with pytest.raises(HandError, match=r"el_1\.png.*without ink"):
        Hand.load(tmp_path / "mine")


def test_what_may_be_left_out(hand: Hand, tmp_path: Path):
    hand.save(tmp_path / "mine")
    index = tmp_path / "mine" / "hand.json"
    content = json.loads(index.read_text(encoding="utf-8"))
    for entry in content["words"]:
        del entry["sure"]
    index.write_text(json.dumps(content), encoding="utf-8")
    assert Hand.load(tmp_path / "mine").words[2].sure == (True, True)


def test_the_contact_sheet_marks_cuts_and_unsure_letters(hand: Hand):
    def red(sheet: np.ndarray) -> int:
        return int(((sheet[..., 0].astype(int) - sheet[..., 1]) > 100).sum())

    alone, cut = Hand(words=[joined_word("l")]).contact_sheet(), Hand(words=[joined_word("ll")]).contact_sheet()
    assert red(alone) == 0
    assert red(cut) > 50
    assert red(Hand(words=[joined_word("ll", sure=(True, False))]).contact_sheet()) > red(cut)
    assert hand.contact_sheet().shape[0] > Hand(words=hand.words).contact_sheet().shape[0]
    many = Hand(words=hand.words * 9).contact_sheet()
    assert many.shape[1] == cut.shape[1]
    assert many.shape[0] > cut.shape[0]
