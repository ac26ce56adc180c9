"""The write command: a picture of some letters in, a page out, and one clear sentence for whatever is wrong."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.support.joined_words import joined_word
from tfhand import write
from tfhand.core.charset import CHARACTERS
from tfhand.core.pictures import read_picture
from tfhand.hands.hand import Hand
from tfhand.models import presets
from tfhand.models.pipeline import GlyphPipeline

ROOT = Path(__file__).resolve().parents[2]


def run(saved_models: Path, folder: Path, *words: str) -> subprocess.CompletedProcess:
    """The command as a user starts it, in a folder of their own."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), presets.ENVIRONMENT: str(saved_models)}
    command = [sys.executable, "-W", "error", "-m", "tfhand.write", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=240)


def test_as_a_program(saved_models, sample_picture, tmp_path):
    sample = ["--sample", str(sample_picture), "--says", "273"]
    good = run(saved_models, tmp_path, "27 ab", *sample, "--preset", "tiny-hand", "-o", "letters/out.png")
    assert good.returncode == 0, good.stderr
    page = read_picture(tmp_path / "letters" / "out.png")
    assert good.stdout.splitlines() == [
        f"Wrote letters/out.png ({page.shape[1]} x {page.shape[0]} pixels, 300 dpi).",
        "  from the samples: 2 7",
        "  generated:        a b",
    ]
    bad = run(saved_models, tmp_path, "27 ab", *sample, "--preset", "no-such", "-o", "bad.png")
    assert bad.returncode == 2
    assert bad.stdout == ""
    assert bad.stderr.startswith("There is no preset 'no-such'; there are: ")
    assert bad.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["letters"]


class TestInProcess:
    def written(self, *words: str) -> int:
        return write.main([*words, "--preset", "tiny-hand"])

    def test_lines_for_a_plotter(self, here, hand_of, capsys):
        hand_of("abc").save("mine")
        assert self.written("cab", "--hand", "mine", "--strokes", "-o", "lines.svg") == 0
        assert Path("lines.svg").read_text().count("<path") >= 3
        assert "lines.svg" in capsys.readouterr().out

    def test_words_of_the_hand_are_joined_unless_never(self, here, capsys):
        Hand(words=[joined_word(text) for text in ("lel", "eel", "lle")]).save("mine")
        parts = {}
        for joined in ("auto", "always", "never"):
            assert self.written("elle", "--hand", "mine", "--joined", joined, "-o", f"{joined}.png") == 0
            ink = 255 - read_picture(Path(f"{joined}.png"))
            parts[joined] = cv2.connectedComponents((ink[..., 0] > 127).astype(np.uint8))[0] - 1
        assert parts["auto"] == parts["always"] == 1 < parts["never"]
        assert capsys.readouterr().out.count("from the samples: e l\n  generated:        nothing\n") == 2
        assert self.written("elle", "--hand", "mine", "--strokes", "-o", "lines.svg") == 0
        assert Path("lines.svg").read_text().count("<path") >= 1
        assert self.written("lelelelele", "--hand", "mine", "--page", "20", "-o", "narrow.png") == 2
        assert "A page 20 mm wide is too narrow for 'lelelelele' at this size." in capsys.readouterr().err

    @pytest.mark.parametrize("name", ["lines.png", "lines.pdf", "lines"])
    def test_lines_go_into_an_svg(self, here, hand_of, capsys, name):
        hand_of("abc").save("mine")
        assert self.written("cab", "--hand", "mine", "--strokes", "-o", name) == 2
        assert capsys.readouterr().err == f"Single lines for a plotter are saved as .svg: {name}\n"
        assert not Path(name).exists()

    def test_a_hand_from_its_folder(self, here, hand_of, capsys):
        hand_of("abc").save("mine")
        assert self.written("cab da", "--hand", "mine", "-o", "out.png") == 0
        assert "from the samples: a b c\n  generated:        d\n" in capsys.readouterr().out
        with Image.open("out.png") as picture:
            assert [round(dots) for dots in picture.info["dpi"]] == [300, 300]
        assert np.asarray(Image.open("out.png")).min() == 0

    def test_what_is_hard_to_read(self, here, hand_of, monkeypatch, capsys):
        class Reader:
            characters = CHARACTERS

            def __call__(self, images):
                return np.tile(9 * np.eye(len(CHARACTERS))[CHARACTERS.index("d")], (len(images), 1))

        hand_of("abc").save("mine")
        monkeypatch.setattr(GlyphPipeline, "reader", Reader())
        assert self.written("cab défd", "--hand", "mine", "-o", "out.png") == 0
        assert "generated:        d f\n  composed:         é\n  hard to read:     e f\n" in capsys.readouterr().out
        assert self.written("cab", "--hand", "mine", "-o", "out.png") == 0
        assert "hard to read" not in capsys.readouterr().out

    def test_samples_and_hand_together(self, here, hand_of, sample_picture, capsys):
        hand_of("abc").save("mine")
        samples = ["--sample", str(sample_picture), "--says", "273"] * 2
        assert self.written("a2", *samples, "--hand", "mine") == 0
        assert "from the samples: 2 a\n  generated:        nothing\n" in capsys.readouterr().out
        assert self.written("a2", *samples, "--hand", "mine", "--generate-all") == 0
        assert "from the samples: nothing\n  generated:        2 a\n" in capsys.readouterr().out
        assert Path("written.png").is_file()  # the default place

    def test_a_random_hand_by_its_seed(self, here):
        for name, seed in {"a": 1, "b": 1, "c": 2}.items():
            assert self.written("any hand", "--seed", str(seed), "-o", f"{name}.png") == 0
        first, again, other = (Path(f"{name}.png").read_bytes() for name in "abc")
        assert first == again != other

    def test_the_page_and_the_size(self, here, capsys):
        for name, words in {"plain": [], "narrow": ["--page", "45"], "small": ["--size", "1.25"]}.items():
            assert self.written("Dear Anna how are you", *words, "-o", f"{name}.png") == 0
        shapes = {name: read_picture(f"{name}.png").shape[:2] for name in ("plain", "narrow", "small")}
        assert shapes["narrow"][1] == round(45 / 25.4 * 300)
        assert shapes["narrow"][0] > 1.4 * shapes["plain"][0]
        assert shapes["small"][1] == pytest.approx(shapes["plain"][1] / 2, rel=0.1)
        capsys.readouterr()
        assert self.written("no\n" * 8, "--page", "60x40", "-o", "two.pdf") == 0
        assert capsys.readouterr().out.startswith("Wrote two.pdf (3 pages of 60 x 40 mm).\n")
        assert self.written("no\n" * 8, "--page", "60x40", "--paper", "ruled", "-o", "two.svg") == 0
        assert capsys.readouterr().out.startswith("Wrote two-1.svg, two-2.svg, two-3.svg (3 pages of 60 x 40 mm).\n")

    def test_ink_and_sliders_show(self, here):
        changes = [
            [],
            ["--ink", "red"],
            ["--slant", "15"],
            ["--weight", "1.6"],
            ["--width", "1.3"],
            ["--neatness", "1"],
        ]
        changes += [["--nib", "0.6"], ["--paper", "squared"]]
        for number, words in enumerate(changes):
            assert self.written("no", *words, "-o", f"{number}.png") == 0
        pages = [Path(f"{number}.png").read_bytes() for number in range(len(changes))]
        assert len(set(pages)) == len(changes)
        red = read_picture("1.png").reshape(-1, 3).min(axis=0)
        assert red[0] > 2 * red[1]

    def test_a_text_from_standard_input(self, here, monkeypatch, capsys):
        monkeypatch.setattr("sys.stdin", io.StringIO("no\nno"))
        assert self.written("-", "-o", "out.png") == 0
        assert "generated:        n o\n" in capsys.readouterr().out

    def test_what_is_composed_is_named(self, here, hand_of, capsys):
        hand_of("abc").save("mine")
        assert self.written("cab, ä!", "--hand", "mine") == 0
        assert capsys.readouterr().out.endswith(
            "  from the samples: a b c\n  generated:        nothing\n  composed:         ! , ä\n"
        )

    def test_a_gap_is_warned_of(self, here, capsys):
        assert self.written("aЖ b漢", "-o", "out.png") == 0
        captured = capsys.readouterr()
        assert captured.err.startswith("warning: left a gap for Ж 漢")
        assert captured.err.count("\n") == 1
        assert "generated:        a b\n" in captured.out


class TestBadInput:
    @pytest.fixture
    def refused(self, here, refusal):
        """The one sentence about words that will not do."""
        return partial(refusal, write.main, "--preset", "tiny-hand", "-o", "out.png")

    @pytest.mark.parametrize("text", ["", "   ", " \n\t "])
    def test_no_text(self, refused, text):
        assert refused(text) == "The text is empty; there is nothing to write.\n"

    def test_strict(self, refused):
        knows = f"this preset knows {CHARACTERS}, their accents and common signs"
        assert refused("aЖ漢", "--strict") == f"Cannot write Ж 漢; {knows}.\n"
        assert refused("Ж漢").startswith("Cannot write Ж 漢")
        assert refused("Привет, мир!").startswith("Cannot write П в е и м р т; this preset knows")

    def test_sample_pictures(self, refused, here, sample_picture):
        whole = sample_picture.read_bytes()
        Path("empty.png").write_bytes(b"")
        Path("cut.png").write_bytes(whole[: len(whole) // 2])
        Path("text.png").write_text("Dear Anna")
        Image.new("L", (1, 1)).save("point.png")
        Image.new("L", (200, 100), 255).save("white.png")
        for name, says in {
            "missing.png": "no picture at missing.png",
            "empty.png": "empty.png is not a picture",
            "cut.png": "cut.png is not a picture",
            "text.png": "text.png is not a picture",
            "point.png": "point.png has only 1 x 1 pixels",
            "white.png": "no ink",
        }.items():
            assert says in refused("a", "--sample", name, "--says", "273")
        assert "text is empty" in refused("a", "--sample", str(sample_picture), "--says", " ")

    def test_a_sample_that_says_something_else(self, here, sample_picture, capsys):
        """Here alone a picture is left: the sample with what was seen marked on it."""
        words = ["--sample", str(sample_picture), "--says", "the quick brown fox", "-o", "out.png"]
        assert write.main(["a", *words, "--preset", "tiny-hand"]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("The text has 16 characters, and the picture shows 3 separate pieces of ink")
        assert captured.err.endswith("What was seen is marked in out-sample-1.png.\n")
        assert [path.name for path in here.iterdir()] == ["out-sample-1.png"]
        assert read_picture("out-sample-1.png").shape == read_picture(sample_picture).shape

    def test_hands(self, refused, here):
        assert "no Hand's folder at nowhere" in refused("a", "--hand", "nowhere")
        Path("bare").mkdir()
        assert "no picture named after its character" in refused("a", "--hand", "bare")

    def test_presets(self, refused, shelf, here):
        assert "does not write" in refused("a", "--preset", "tiny-reader")
        assert "give it a Hand" in refused("1", "--preset", "tiny-stargan")
        assert "no preset 'hand99'" in refused("a", "--preset", "hand99")
        shutil.copytree(shelf / "tiny-hand", "broken")
        config = json.loads(Path("broken/config.json").read_text())
        wider = config | {"config": config["config"] | {"hand_size": 7}}
        Path("broken/config.json").write_text(json.dumps(wider))
        assert "do not fit" in refused("a", "--preset", "broken")
        Path("broken/model.weights.h5").write_bytes(b"not much")
        assert "cut short" in refused("a", "--preset", "broken")
        Path("broken/model.weights.h5").unlink()
        assert "has neither model.weights.h5 nor a SavedModel" in refused("a", "--preset", "broken")
        Path("broken/config.json").write_text("{")
        assert "not a JSON file" in refused("a", "--preset", "broken")

    def test_places(self, refused, here):
        Path("file").write_text("")
        Path("folder.png").mkdir()
        assert "Cannot write file/out.png" in refused("a", "-o", "file/out.png")
        assert "Cannot write folder.png" in refused("a", "-o", "folder.png")
        assert "Cannot write folder.png" in refused("a", "-o", "folder.png", "--preset", "none")  # before all work
        assert "saved as .png" in refused("a", "-o", "out.txt")

    def test_sizes(self, refused):
        assert "too narrow" in refused("a", "--page", "10", "--size", "40")
        assert "too low" in refused("a", "--page", "100x20", "--size", "20")
        assert "There is no page 'A9'" in refused("a", "--page", "A9")
        assert "10 to 1000 millimetres" in refused("a", "--page", "3")
        assert "There is no ink 'blurple'" in refused("a", "--ink", "blurple")

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            (["--sample", "a.png"], "give a --says for every --sample"),
            (["--says", "273"], "give a --says for every --sample"),
            (["--seed", "-1"], "-1 is not a whole number from 0 up"),
            (["--width", "0"], "0 is not a number from 0.5 to 2"),
            (["--slant", "60"], "60 is not a number from -45 to 45"),
            (["--neatness", "nan"], "nan is not a number from 0 to 1"),
            (["--size", "tall"], "'tall'"),
            (["--paper", "pink"], "'pink'"),
            (["--joined", "sometimes"], "'sometimes'"),
            (["--nib", "1", "--weight", "2"], "not allowed with"),
        ],
    )
    def test_flags(self, here, misuse, words, says):
        assert says in misuse(write.main, "a", *words)
        assert list(here.iterdir()) == []


def test_a_text_whose_letters_are_all_in_the_hand_wakes_no_tensorflow(full_hand, tmp_path):
    full_hand.save(tmp_path / "hand")
    program = (
        "import sys; from tfhand import write; code = write.main(sys.argv[1:]); "
        "sys.exit(code if 'tensorflow' not in sys.modules else 9)"
    )
    words = [sys.executable, "-c", program, "Dear Anna 481", "--hand", "hand", "-o", "out.png"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    assert "generated:        nothing" in ended.stdout


def test_doubtful_letters_are_left_out_unless_they_are_wanted(full_hand, shelf, tmp_path, capsys):
    marked = [replace(one, doubt="o") if one.character == "a" else one for one in full_hand.samples]
    Hand(samples=marked).save(tmp_path / "hand")
    words = "ab", "--hand", str(tmp_path / "hand"), "--preset", "tiny-hand", "-o", str(tmp_path / "out.png")
    assert write.main([*words, "--use-doubtful"]) == 0
    told = capsys.readouterr()
    assert "from the samples: a b" in told.out
    assert told.err == ""
    assert write.main(words) == 0
    told = capsys.readouterr()
    assert "from the samples: b\n  generated:        a" in told.out
    assert told.err == "left out as doubtful: a (like o); --use-doubtful takes them as well\n"


def test_the_output_is_not_the_sample(sample_picture, capsys):
    before = sample_picture.read_bytes()
    assert write.main(["273", "--sample", str(sample_picture), "--says", "273", "-o", str(sample_picture)]) == 2
    assert "is read and would be written over" in capsys.readouterr().err
    assert sample_picture.read_bytes() == before
