"""A person mends a Hand: by its methods, and by deleting files of its folder."""

from __future__ import annotations

import json
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hands.test_hand import letter
from tests.support.joined_words import joined_word
from tfhand.errors import HandError
from tfhand.hands.hand import GENERATED, WRITTEN, Hand, Sample


@pytest.fixture
def hand() -> Hand:
    doubtful = Sample("g", letter(4), baseline=-0.9, height=1.9, doubt="y")
    made = Sample("g", letter(5), source=GENERATED, seed=7)
    words = [joined_word("lele"), joined_word("el", sure=(True, False))]
    return Hand({"a": [letter(0), letter(1), letter(2)]}, [doubtful, made], words)


@pytest.fixture
def folder(hand: Hand, tmp_path: Path) -> Path:
    hand.save(tmp_path / "mine")
    return tmp_path / "mine"


def files(hand: Hand) -> list[str]:
    return [one.file for one in (*hand.samples, *hand.words)]


def test_each_change_gives_a_new_hand(hand: Hand):
    a, g, word = hand.samples[1], hand.samples[3], hand.words[1]
    assert hand.drop(a).samples == (hand.samples[0], *hand.samples[2:])
    assert hand.drop(word).words == hand.words[:1]
    assert hand.relabel(a, "A")["A"][0] is not None
    assert len(hand.relabel(a, "A")["a"]) == 2
    assert list(hand.approved) == ["a", "g"]
    assert hand.approve(g).approved == hand
    assert hand.approve(word).words[1].sure == (True, True)
    assert hand.relabel(word, "ll").words[1].text == "ll"
    assert (len(hand.samples), len(hand.words), g.doubt, word.sure) == (5, 2, "y", (True, False))  # as it was


def test_a_label_clears_a_doubt_and_keeps_the_place_on_the_line(hand: Hand):
    y = hand.relabel(hand.samples[3], "y").samples_of("y")[0]
    assert (y.doubt, y.baseline, y.height) == ("", -0.9, 1.9)
    assert hand.relabel(hand.samples[0], "e\u0301").missing("é") == ""  # as some keyboards compose it


def test_another_picture_takes_the_place(hand: Hand):
    generated = hand.samples[4]
    new = hand.replace(generated, 255 - letter(3)).samples_of("g")[1]
    assert np.array_equal(new.ink, Sample("g", letter(3)).ink)
    assert (new.source, new.height) == (WRITTEN, None)
    chosen = Sample("g", letter(3), GENERATED, seed=3)
    assert hand.replace(hand.samples[3], chosen).samples_of("g") == (chosen, generated)


def test_one_of_two_equal_samples_is_changed(hand: Hand):
    twice = Hand(samples=[*hand.samples, Sample("a", letter(0), doubt="o")])
    assert [one.doubt for one in twice.drop(twice.samples[0]).samples_of("a")] == ["", "", "o"]
    assert [one.doubt for one in twice.drop(twice.samples[3]).samples_of("a")] == ["", "", ""]


def test_what_cannot_be_is_told(hand: Hand):
    a, word = hand.samples[0], hand.words[0]
    for change in (
        hand.drop,
        hand.approve,
        lambda one: hand.relabel(one, "x"),
        lambda one: hand.replace(one, letter(1)),
    ):
        with pytest.raises(HandError, match="not of this Hand"):
            change(Sample("a", letter(6)))
    with pytest.raises(HandError, match="not of this Hand"):
        hand.drop(joined_word("lle"))
    for text in ("", "ab", " ", "\n"):
        with pytest.raises(HandError, match="single characters"):
            hand.relabel(a, text)
    with pytest.raises(HandError, match="cut into 4 letters, and 'lelel' has 5"):
        hand.relabel(word, "lelel")
    with pytest.raises(HandError, match="without spaces"):
        hand.relabel(word, "l le")
    for picture, complaint in ((np.full((40, 40), 255, np.uint8), "without ink"), (np.zeros((4, 4)), "uint8")):
        with pytest.raises(HandError, match=complaint):
            hand.replace(a, picture)
    with pytest.raises(HandError, match=r"no 'b\.png'"):
        hand.named("b.png")
    with pytest.raises(HandError, match="no ''"):
        hand.named("")


def test_files_keep_their_names(hand: Hand, folder: Path):
    assert files(hand) == [""] * 7
    loaded = Hand.load(folder)
    assert files(loaded) == ["a.png", "a_2.png", "a_3.png", "g.png", "g_2.png", "words/lele_1.png", "words/el_1.png"]
    assert loaded.named("g_2.png").seed == 7
    left = Hand.edit(folder, lambda hand: hand.drop(hand.named("a.png")).drop(hand.named("words/lele_1.png")))
    assert files(left) == ["a_2.png", "a_3.png", "g.png", "g_2.png", "words/el_1.png"]
    assert left == Hand.load(folder) == loaded.drop(loaded.samples[0]).drop(loaded.words[0])
    moved = Hand.edit(folder, lambda hand: hand.relabel(hand.named("g.png"), "a"))
    assert files(moved) == ["a_2.png", "a_3.png", "a.png", "g_2.png", "words/el_1.png"]
    more = Hand({"a": [letter(6)]}, words=[joined_word("el", slant=0.2)]).add_to(folder)
    assert files(more) == ["a_2.png", "a_3.png", "a.png", "a_4.png", "g_2.png", "words/el_1.png", "words/el_2.png"]
    assert sorted(path.name for path in folder.glob("*.png")) == ["a.png", "a_2.png", "a_3.png", "a_4.png", "g_2.png"]


def test_hands_of_two_folders_go_into_one(folder: Path, tmp_path: Path):
    Hand({"a": [letter(6)]}).save(tmp_path / "other")
    both = Hand.load(folder).merged(Hand.load(tmp_path / "other"))
    both.save(tmp_path / "both")
    assert Hand.load(tmp_path / "both") == both
    assert files(Hand.load(tmp_path / "both"))[:4] == ["a.png", "a_2.png", "a_3.png", "a_4.png"]


def test_a_deleted_file_is_no_longer_of_the_hand(hand: Hand, folder: Path):
    (folder / "a_2.png").unlink()
    (folder / "words" / "lele_1.png").unlink()
    left = Hand.load(folder)
    assert left == hand.drop(hand.samples[1]).drop(hand.words[0])
    left.save(folder)
    index = json.loads((folder / "hand.json").read_text(encoding="utf-8"))
    assert [entry["file"] for entry in index["glyphs"]] == ["a.png", "a_3.png", "g.png", "g_2.png"]
    shutil.rmtree(folder / "words")
    assert Hand.load(folder).words == ()
    for picture in folder.glob("*.png"):
        picture.unlink()
    with pytest.raises(HandError, match="no picture named after its character"):
        Hand.load(folder)


def test_without_its_list_pictures_say_what_they_are(hand: Hand, folder: Path):
    (folder / "hand.json").unlink()
    bare = Hand.load(folder)
    assert {character: len(glyphs) for character, glyphs in bare.items()} == {"a": 3, "g": 2}
    assert bare.words == ()
    with pytest.raises(HandError, match="rename or delete"):
        Hand.edit(folder, lambda hand: hand.drop(hand.named("a.png")))
    assert len(list(folder.glob("*.png"))) == 5


def test_a_change_that_fails_leaves_the_folder(hand: Hand, folder: Path):
    def empty(_hand: Hand) -> Hand:
        return Hand()

    with pytest.raises(HandError, match="Nothing would be left"):
        Hand.edit(folder, empty)
    with pytest.raises(HandError, match=r"no 'z\.png'"):
        Hand.edit(folder, lambda hand: hand.drop(hand.samples[0]).drop(hand.named("z.png")))
    with pytest.raises(HandError, match="no Hand's folder"):
        Hand.edit(folder / "none", empty)
    assert Hand.load(folder) == hand


def test_changes_at_once_lose_nothing(tmp_path: Path):
    folder, count = tmp_path / "mine", 12
    Hand({"a": [letter(seed) for seed in range(count)]}).save(folder)
    errors = []

    def work(numbers: range) -> None:
        try:
            for number in numbers:
                file = f"a_{number}.png" if number > 1 else "a.png"
                if number % 3:
                    Hand.edit(folder, lambda hand, file=file: hand.drop(hand.named(file)))
                else:
                    Hand.edit(folder, lambda hand, file=file: hand.relabel(hand.named(file), "b"))
                    Hand({"c": [letter(number)]}).add_to(folder)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(range(first, count, 3),)) for first in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert {character: len(glyphs) for character, glyphs in Hand.load(folder).items()} == {"a": 1, "b": 3, "c": 3}


CHANGES = st.lists(
    st.tuples(st.sampled_from(["drop", "relabel", "replace", "approve"]), st.integers(0, 20)), max_size=6
)


@settings(max_examples=30, deadline=None)
@given(changes=CHANGES)
def test_a_mended_hand_comes_back_as_it_was_mended(tmp_path_factory: pytest.TempPathFactory, changes):
    folder = tmp_path_factory.mktemp("hands") / "mine"
    hand = Hand({"a": [letter(0), letter(1)], "A": [letter(2)]}, [Sample("g", letter(3), doubt="y")])
    hand.save(folder)
    before = Hand.load(folder)
    hand = before
    for name, number in changes:
        sample = hand.samples[number % len(hand.samples)]
        if name == "drop":
            hand = hand.drop(sample) if len(hand.samples) > 1 else hand
        elif name == "approve":
            hand = hand.approve(sample)
        else:
            hand = (
                hand.relabel(sample, "aAb0"[number % 4]) if name == "relabel" else hand.replace(sample, letter(number))
            )
    hand.save(folder)
    back = Hand.load(folder)
    assert back == hand
    assert [one.doubt for one in back.samples] == [one.doubt for one in hand.samples]
    assert len({one.file for one in back.samples}) == len(back.samples)
    before.save(folder)  # undone
    assert Hand.load(folder) == before
    assert files(Hand.load(folder)) == files(before)
