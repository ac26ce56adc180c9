"""The font command: a Hand in, a font out that says what was written, and one clear sentence for whatever is wrong."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from tests.support.joined_words import joined_word
from tfhand import font
from tfhand.core.pictures import read_picture
from tfhand.hands.hand import Hand
from tfhand.synthesis.composition import composable


@pytest.fixture
def here(shelf, hand_of, tmp_path, monkeypatch) -> Path:
    """A folder to work in with a Hand in it, where the tiny presets are known."""
    monkeypatch.chdir(tmp_path)
    hand_of("014").save("mine")
    return tmp_path


def made(*words: str) -> int:
    return font.main([*words, "--preset", "tiny-stargan"])


def test_a_hand_as_a_font(here, capsys):
    assert made("mine", "-o", "fonts/My Hand.ttf", "fonts/web.woff2", "--variants", "2", "--specimen", "seen.png") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Wrote fonts/My Hand.ttf (")
    composed = composable("0123456789")
    hard = lines[4].removeprefix("  hard to read:     ").split()
    assert set(hard) <= set("2356789")
    assert len(hard) > 4
    alone = lines[5].removeprefix("  fewer alternates: ").split(" (")[0].split()
    assert lines[0].endswith(f"kB): {10 + len(composed)} characters, {20 - len(alone) + len(composed)} glyphs.")
    assert lines[1] == "  from the samples: 0 1 4"
    assert lines[2] == "  generated:        2 3 5 6 7 8 9"  # by random weights
    assert lines[3] == f"  composed:         {' '.join(composed)}"
    assert not set(alone) & set("014")
    assert set(".,½→") < set(composed)
    desktop, web = TTFont("fonts/My Hand.ttf"), TTFont("fonts/web.woff2")
    assert desktop["name"].getBestFamilyName() == "My Hand"
    assert {chr(code) for code in desktop.getBestCmap()} == {*"0123456789 \u00a0", *composed}
    assert f"{len(composed)} composed of letters and strokes: {composed};" in desktop["name"].getDebugName(10)
    assert desktop.getGlyphOrder() == web.getGlyphOrder()
    assert web.flavor == "woff2"
    assert read_picture("seen.png").min() == 0


def test_samples_and_names(here, sample_picture, capsys):
    samples = ["--sample", str(sample_picture), "--says", "273"]
    assert made(*samples, "--name", "Anna", "-o", "x.ttf") == 0
    assert "from the samples: 2 3 7\n" in capsys.readouterr().out
    assert TTFont("x.ttf")["name"].getBestFamilyName() == "Anna"
    assert made("--hand", "mine", *samples, "-o", "x.ttf") == 0
    assert "from the samples: 0 1 2 3 4 7\n" in capsys.readouterr().out


def test_the_same_seed_gives_the_same_bytes(here):
    for name in "ab":
        assert made("mine", "--seed", "1", "-o", f"{name}.ttf", "--name", "x") == 0
    assert Path("a.ttf").read_bytes() == Path("b.ttf").read_bytes()


class TestJoined:
    @pytest.fixture
    def loops(self, here, hand_of) -> Path:
        """A Hand whose words are loops of one running line."""
        words = [joined_word(text) for text in ("lel", "eel", "lee", "lle", "ele", "elele")]
        Hand(samples=hand_of("014").samples, words=words).save("loops")
        return here

    def test_it_says_what_is_joined(self, loops, capsys):
        assert made("loops", "-o", "x.ttf") == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[1] == "  from the samples: 0 1 4 e l"
        assert lines[-1].startswith("  joined:           6 letters in 18 forms, ")
        font = TTFont("x.ttf")
        assert lines[-1].split(":")[1].strip() in font["name"].getDebugName(10)
        assert {"e", "e.init", "e.medi1", "e.fina1", "eacute.medi1"} <= set(font.getGlyphOrder())

    def test_never_is_the_font_of_before(self, loops, hand_of):
        Hand(samples=hand_of("014").samples).save("print")
        assert made("loops", "--joined", "never", "-o", "a.ttf", "--name", "x") == 0
        assert made("print", "-o", "b.ttf", "--name", "x") == 0
        assert Path("a.ttf").read_bytes() == Path("b.ttf").read_bytes()


class TestBadInput:
    @pytest.fixture
    def refused(self, here, refusal):
        """The one sentence about words that will not do."""
        return partial(refusal, font.main, "--preset", "tiny-stargan")

    def test_hands(self, refused):
        assert "give a Hand's folder, or --sample with --says" in refused("-o", "x.ttf")
        assert "no Hand's folder at nowhere" in refused("nowhere", "-o", "x.ttf")
        Path("bare").mkdir()
        assert "no picture named after its character" in refused("bare", "-o", "x.ttf")

    def test_presets(self, refused):
        assert "no preset 'hand99'" in refused("mine", "--preset", "hand99")
        assert "does not write" in refused("mine", "--preset", "tiny-reader")
        assert "no preset 'reader99'" in refused("mine", "--reader", "reader99")
        assert "tiny-hand is no reader; choose another for --reader" in refused("mine", "--reader", "tiny-hand")

    def test_places(self, refused):
        Path("file").write_text("")
        assert "saved as .ttf or .woff2; x.otf ends otherwise" in refused("mine", "-o", "x.otf")
        assert "saved as .ttf or .woff2; y ends otherwise" in refused("mine", "-o", "x.ttf", "y")
        assert "saved as .png; seen.ttf ends otherwise" in refused("mine", "--specimen", "seen.ttf")
        assert "Cannot write file/x.ttf" in refused("mine", "-o", "file/x.ttf")
        assert "Cannot write file/x.ttf" in refused("nowhere", "-o", "file/x.ttf")  # before all work

    @pytest.mark.parametrize("name", ["", "a/b", "x" * 40])
    def test_names(self, refused, name):
        assert "A font cannot be called" in refused("mine", "--name", name, "-o", "x.ttf")

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            (["mine", "--hand", "mine"], "give one Hand's folder"),
            (["mine", "--variants", "0"], "0 is not a whole number from 1 up"),
            (["mine", "--sample", "a.png"], "give a --says for every --sample"),
        ],
    )
    def test_flags(self, here, capsys, words, says):
        with pytest.raises(SystemExit) as stopped:
            font.main(words)
        assert stopped.value.code == 2
        assert says in capsys.readouterr().err


def test_a_specimen_that_cannot_be_set_is_told_at_once(tmp_path, monkeypatch, capsys):
    """Before the font is made, and so before anything is read."""
    monkeypatch.setitem(sys.modules, "uharfbuzz", None)
    assert (
        font.main([str(tmp_path / "none"), "-o", str(tmp_path / "A.ttf"), "--specimen", str(tmp_path / "a.png")]) == 2
    )
    assert capsys.readouterr().err == "A specimen is set by HarfBuzz; install it with: pip install uharfbuzz.\n"
