"""A Hand in memory and its folder on disk."""

from __future__ import annotations

import functools
import json
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tfhand.core import folders
from tfhand.errors import HandError
from tfhand.hands import glyph, io
from tfhand.hands.hand import Hand, Sample


def letter(seed: int, height: int = 90, width: int = 70) -> np.ndarray:
    """An L, white ink on black; the seed decides its proportions."""
    image = np.zeros((height, width), np.uint8)
    reach = 25 + 5 * seed
    image[10 : height - 10, 10:16] = 255
    image[height - 16 : height - 10, 10 : 10 + reach] = 255
    return image


def put(path: Path, seed: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(255 - letter(seed)).save(path)


@pytest.fixture
def hand() -> Hand:
    placed = Sample("g", letter(4), baseline=-0.9, height=1.9)
    made = Sample("g", letter(5), source="generated")
    return Hand({"a": [letter(0), 255 - letter(1)], "A": [letter(2)], "7": [letter(3)]}, samples=[made, placed])


def test_a_hand_is_a_mapping_of_glyphs(hand: Hand):
    assert list(hand) == ["7", "A", "a", "g"]
    assert len(hand["a"]) == 2
    assert all(image.shape == (32, 32) and image.dtype == np.uint8 for image in hand["a"])
    assert not np.array_equal(*hand["a"])
    assert np.array_equal(hand["a"][1], glyph.normalize(letter(1)))  # polarity found
    assert "b" not in hand
    with pytest.raises(KeyError):
        hand["b"]


def test_a_glyph_is_taken_as_it_is():
    small = glyph.normalize(letter(3))
    assert np.array_equal(Hand({"L": [small]})["L"][0], small)


def test_ink_keeps_its_resolution(hand: Hand):
    assert hand.samples_of("A")[0].ink.shape == (70 + 2, 35 + 2)  # with one pixel of edge


def test_missing_written_merged(hand: Hand):
    assert hand.missing("gab7bA0") == "0b"
    assert [one.source for one in hand.samples_of("g")] == ["written", "generated"]
    assert len(hand.written["g"]) == 1
    more = hand.merged(Hand({"b": [letter(1)], "7": [letter(3)]}))
    assert more.missing("ab7") == ""
    assert len(more["7"]) == 1  # the same sample twice is one


@pytest.mark.parametrize("key", ["ab", "", " ", 5])
def test_keys_are_characters(key):
    with pytest.raises(HandError, match="single character"):
        Hand({key: [letter(0)]})


def test_blank_and_odd_pictures():
    with pytest.raises(HandError, match=r"'a'.*without ink"):
        Hand({"a": [np.full((40, 40), 255, np.uint8)]})
    with pytest.raises(HandError, match=r"'a'.*uint8"):
        Hand({"a": [np.zeros((40, 40))]})


def test_save_and_load_come_back_exactly(hand: Hand, tmp_path: Path):
    hand = hand.merged(Hand({"é": [glyph.normalize(letter(2))], "l": [letter(0)[:, 8:18]]}))
    hand.save(tmp_path / "mine")
    back = Hand.load(tmp_path / "mine")
    assert back == hand
    for one, other in zip(hand.samples, back.samples, strict=True):
        assert np.array_equal(one.glyph, other.glyph)
    names = {file.name.lower() for file in (tmp_path / "mine").iterdir()}
    assert {"upper_a.png", "a.png", "a_2.png", "u+00e9.png", "hand.json"} <= names
    picture = np.asarray(Image.open(tmp_path / "mine" / "a.png"))
    assert picture[0, 0] == 255  # black on white, for a paint program
    assert picture.min() == 0


def test_saving_replaces_the_old_hand_completely(hand: Hand, tmp_path: Path):
    target = tmp_path / "mine"
    hand.save(target)
    (target / "notes.txt").write_text("grandmother, 1962")
    Hand({"b": [letter(1)]}).save(target)
    assert list(Hand.load(target)) == ["b"]
    assert sorted(file.name for file in target.iterdir()) == ["b.png", "hand.json", "notes.txt"]
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]  # nothing left over beside it


def test_a_failed_save_leaves_the_old_hand(hand: Hand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    target = tmp_path / "mine"
    hand.save(target)

    def full(*_args):
        raise OSError(28, "No space left on device")

    for room, step in ((io, "_fill"), (folders, "_put")):
        with monkeypatch.context() as patch:
            patch.setattr(room, step, full)
            with pytest.raises(HandError, match="No space left"):
                Hand({"b": [letter(1)]}).save(target)
        assert Hand.load(target) == hand
        assert [file.name for file in tmp_path.iterdir()] == ["mine"]


def test_two_who_add_at_once_lose_nothing(hand: Hand, tmp_path: Path):
    target, characters = tmp_path / "mine", "bcdefghijklm"
    hand.save(target)
    seen, errors = [], []

    def attempt(work) -> None:
        try:
            work()
        except Exception as error:
            errors.append(error)

    def add(part: str) -> None:
        for character in part:
            Hand({character: [letter(1)]}).add_to(target)

    def read() -> None:
        for _ in range(20):
            seen.append(len(Hand.load(target).samples))

    work = [functools.partial(add, characters[number::3]) for number in range(3)] + [read]
    threads = [threading.Thread(target=attempt, args=(each,)) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert set(characters) <= set(Hand.load(target))
    assert min(seen) >= len(hand.samples)


def test_doubtful_letters_are_kept_and_can_be_approved(tmp_path: Path):
    doubtful = Sample("a", letter(0), doubt="o")
    Hand({"b": [letter(1)]}, [doubtful]).save(tmp_path / "mine")
    loaded = Hand.load(tmp_path / "mine")
    assert [one.doubt for one in loaded.samples] == ["o", ""]
    assert list(loaded.approved) == ["b"]
    index = tmp_path / "mine" / "hand.json"
    content = json.loads(index.read_text(encoding="utf-8"))
    del content["glyphs"][0]["doubt"]
    index.write_text(json.dumps(content), encoding="utf-8")
    assert list(Hand.load(tmp_path / "mine").approved) == ["a", "b"]


def test_saving_spares_folders_that_are_no_hand(hand: Hand, tmp_path: Path):
    put(tmp_path / "photos" / "holiday.png")
    with pytest.raises(HandError, match="holds other files"):
        hand.save(tmp_path / "photos")
    assert (tmp_path / "photos" / "holiday.png").is_file()
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "mine"):
        with pytest.raises(HandError):
            hand.save(place)
    with pytest.raises(HandError, match="nothing to save"):
        Hand().save(tmp_path / "empty")
    assert not (tmp_path / "empty").exists()


def test_a_bare_folder(tmp_path: Path):
    for name in ("a.png", "a_2.PNG", "upper_A.png", "U+0042.png", "b/one.jpg", "b/two.png", "C_upper/1.png", "7.bmp"):
        put(tmp_path / name)
    put(tmp_path / "D.png")
    (tmp_path / "._a.png").write_bytes(b"\0\5\x16\7")  # what macOS leaves
    (tmp_path / "b" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "readme.txt").write_text("my letters")
    hand = Hand.load(tmp_path)
    assert {character: len(glyphs) for character, glyphs in hand.items()} == {
        "7": 1, "A": 1, "B": 1, "C": 1, "D": 1, "a": 2, "b": 2,
    }  # fmt: skip


def test_pictures_beside_the_list_count(hand: Hand, tmp_path: Path):
    hand.save(tmp_path / "mine")
    put(tmp_path / "mine" / "b.png")
    assert Hand.load(tmp_path / "mine").missing("ab") == ""


def test_no_folder_and_no_pictures(tmp_path: Path):
    with pytest.raises(HandError, match="no Hand's folder"):
        Hand.load(tmp_path / "none")
    put(tmp_path / "IMG_0412.png")
    with pytest.raises(HandError, match="named after its character"):
        Hand.load(tmp_path)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "not a JSON file"),
        (b"\xff\xfe\x00", "not UTF-8"),
        ("[" * 100_000, "nested too deeply"),
        ("[]", "one object"),
        ({"glyphs": {"a": "a.png"}}, "no list"),
        ({"glyphs": ["a.png"]}, "needs a character"),
        ({"glyphs": [{"character": "a"}]}, "needs a character"),
        ({"glyphs": [{"character": "a", "file": "../a.png"}]}, "outside"),
        ({"glyphs": [{"character": "a", "file": "/etc/passwd"}]}, "outside"),
        ({"glyphs": [{"character": "ab", "file": "a.png"}]}, "single character"),
        ({"glyphs": [{"character": "a", "file": "a.png", "source": "found"}]}, "'found'"),
        ({"glyphs": [{"character": "a", "file": "a.png"}] * 5001}, "at most 5000"),
        ({"glyphs": [{"character": "a", "file": "a.png", "seed": "1"}]}, "whole number"),
        ({"glyphs": [{"character": "a", "file": "a.png", "seed": 1}]}, "of a generated glyph"),
        ({"glyphs": [{"character": "a", "file": "a.png", "height": -1}]}, "x-heights"),
        ({"glyphs": [{"character": "a", "file": "a.png", "height": 1e300}]}, "x-heights"),
        ({"glyphs": [{"character": "a", "file": "a.png", "height": True}]}, "x-heights"),
        ({"glyphs": [{"character": "a", "file": "a.png", "doubt": ["b"]}]}, "doubt"),
        ({"glyphs": [{"character": "a", "file": "a.png", "baseline": "low"}]}, "x-heights"),
    ],
)
def test_broken_lists(tmp_path: Path, content, complaint: str):
    put(tmp_path / "a.png")
    text = json.dumps(content) if isinstance(content, dict) else content
    (tmp_path / "hand.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(HandError, match=complaint) as caught:
        Hand.load(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_bad_pictures_are_named(tmp_path: Path):
    put(tmp_path / "a.png")
    whole = (tmp_path / "a.png").read_bytes()
    for content in (b"", b"no picture", whole[: len(whole) // 2]):
        (tmp_path / "b.png").write_bytes(content)
        with pytest.raises(HandError, match=r"b\.png"):
            Hand.load(tmp_path)
    Image.new("L", (50, 50), 255).save(tmp_path / "b.png")
    with pytest.raises(HandError, match=r"b\.png.*without ink"):
        Hand.load(tmp_path)


def test_contact_sheet_frames_generated_glyphs(hand: Hand):
    sheet = hand.contact_sheet()
    assert sheet.dtype == np.uint8
    assert sheet.ndim == 3

    def blue(picture: np.ndarray) -> int:
        red, _, blue = (picture[..., channel].astype(int) for channel in range(3))
        return int(((blue - red) > 100).sum())

    assert blue(sheet) > 500
    assert blue(hand.written.contact_sheet()) == 0
    with pytest.raises(HandError, match="nothing to show"):
        Hand().contact_sheet()
