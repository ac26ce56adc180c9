"""The write command: a picture of some letters in, a page out, and one clear sentence for whatever is wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tfhand import presets, write
from tfhand.charset import CHARACTERS
from tfhand.files import read_picture

ROOT = Path(__file__).resolve().parents[1]


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

    def test_a_hand_from_its_folder(self, here, hand_of, capsys):
        hand_of("abc").save("mine")
        assert self.written("cab da", "--hand", "mine", "-o", "out.png") == 0
        assert "from the samples: a b c\n  generated:        d\n" in capsys.readouterr().out
        with Image.open("out.png") as picture:
            assert [round(dots) for dots in picture.info["dpi"]] == [300, 300]
        assert np.asarray(Image.open("out.png")).min() == 0

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

    def test_width_and_size(self, here):
        for name, words in {"wide": [], "narrow": ["--width", "500"], "small": ["--x-height", "24"]}.items():
            assert self.written("Dear Anna how are you", *words, "-o", f"{name}.png") == 0
        shapes = {name: read_picture(f"{name}.png").shape[:2] for name in ("wide", "narrow", "small")}
        assert shapes["narrow"][1] == 500
        assert shapes["narrow"][0] > 1.5 * shapes["wide"][0]
        assert shapes["small"][1] == pytest.approx(shapes["wide"][1] / 2, rel=0.1)

    def test_a_gap_is_warned_of(self, here, capsys):
        assert self.written("aé bß", "-o", "out.png") == 0
        captured = capsys.readouterr()
        assert captured.err.startswith("warning: left a gap for ß é")
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
        assert refused("aéß", "--strict") == f"Cannot write ß é; this preset knows {CHARACTERS}.\n"
        assert refused("éß").startswith("Cannot write ß é")

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
        assert captured.err.startswith("The text has 16 characters, and the picture shows")
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
        wider = config | {"arguments": config["arguments"] | {"hand_size": 7}}
        Path("broken/config.json").write_text(json.dumps(wider))
        assert "do not fit" in refused("a", "--preset", "broken")
        Path("broken/model.weights.h5").write_bytes(b"not much")
        assert "cut short" in refused("a", "--preset", "broken")
        Path("broken/model.weights.h5").unlink()
        assert "has no model.weights.h5" in refused("a", "--preset", "broken")
        Path("broken/config.json").write_text("{")
        assert "not a JSON file" in refused("a", "--preset", "broken")

    def test_places(self, refused, here):
        Path("file").write_text("")
        Path("folder.png").mkdir()
        assert "Cannot write file/out.png" in refused("a", "-o", "file/out.png")
        assert "Cannot write folder.png" in refused("a", "-o", "folder.png")
        assert "saved as .png" in refused("a", "-o", "out.txt")

    def test_sizes(self, refused):
        assert "too narrow" in refused("a", "--width", "5")
        assert "1 to 1000 pixels" in refused("a", "--x-height", "100000")

    @pytest.mark.parametrize(
        ("words", "says"),
        [
            (["--sample", "a.png"], "give a --says for every --sample"),
            (["--says", "273"], "give a --says for every --sample"),
            (["--seed", "-1"], "-1 is not a whole number from 0 up"),
            (["--width", "0"], "0 is not a whole number from 1 up"),
            (["--x-height", "tall"], "'tall'"),
        ],
    )
    def test_flags(self, here, misuse, words, says):
        assert says in misuse(write.main, "a", *words)
        assert list(here.iterdir()) == []
