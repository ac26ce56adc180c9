"""The bench trains what it is asked to, and prints what it found."""

from __future__ import annotations

import csv
import dataclasses
import subprocess

import numpy as np
import pytest
from PIL import Image

from tests.support import dots
from tfhand import bench
from tfhand.cli import comparison
from tfhand.core.json_files import read_json
from tfhand.data.archive import Archive

RUN = subprocess.run


def test_the_command_prints_a_table(monkeypatch, tmp_path, capsys):
    rng = np.random.default_rng(0)
    labels = np.arange(40, dtype=np.uint8) % 2
    Archive(labels, np.array(["0", "1"]), images=rng.integers(0, 255, (40, 28, 28), np.uint8)).save(tmp_path / "a.npz")
    asked = []

    def make_trainer(archives, config, train_config, seed):
        asked.append((len(archives[0]), train_config.batch_size))
        return dots.make_trainer(archives, config, train_config, seed)

    spec = dataclasses.replace(dots.DOT, make_trainer=make_trainer)
    monkeypatch.setattr(bench, "SPECS", {"dot": spec, "hand": spec})
    assert bench.main(["dot", "--data", str(tmp_path / "a.npz"), "--steps", "2", "--batch-size", "8"]) == 0
    assert asked == [(40, 8)]
    text = capsys.readouterr().out
    for words in ("images per second", "a step of 8 images", "waiting for data", "peak memory", "of discriminator"):
        assert words in text


def test_a_family_of_the_house_is_measured(capsys):
    assert bench.main(["reader", "--data", "synthetic:3:1", "--steps", "1", "--batch-size", "2"]) == 0
    assert "a step of 16 images" in capsys.readouterr().out


def test_a_gan_is_measured_for_a_comparison(tmp_path, capsys):
    words = [
        "cgan",
        "--data",
        "synthetic:4:1",
        "--steps",
        "1",
        "--batch-size",
        "12",
        "--json",
        str(tmp_path / "a.json"),
    ]
    assert bench.main(words) == 0
    found = comparison.Figures(**read_json(tmp_path / "a.json"))
    assert found.images_per_second == pytest.approx(12 / found.step)
    assert found.drawn_per_second > 10


SCRIPT = """
import sys
from pathlib import Path
from tfhand.cli.comparison import Figures
speed, family, _, steps, _, file = sys.argv[1:]
step = 0.1 * len(family) / float(speed)
Figures(1.0, step, 16 / step, 100.0, 4e9 * int(steps), 2e11).save(Path(file))
"""


@pytest.fixture
def engines(monkeypatch):
    """Three engines, of which the first is as fast as the second and the third is not installed."""
    known = [
        comparison.Engine(name, needs, ("tfhand.bench", speed), {})
        for name, needs, speed in (("ours", "numpy", "2"), ("PyTorch", "numpy", "1"), ("no", "no_such_package", "9"))
    ]
    monkeypatch.setattr(comparison, "ENGINES", known)


def test_engines_are_compared_in_turn(engines, monkeypatch, tmp_path, capsys):
    asked = []

    def run(words, **options):
        asked.append(words[3:5])
        return RUN([words[0], "-c", SCRIPT, *words[3:]], **options)

    monkeypatch.setattr(comparison.subprocess, "run", run)
    assert bench.main(["--compare", str(tmp_path), "--rounds", "2", "--steps", "3"]) == 0
    assert asked == 2 * [[speed, family] for family in comparison.FAMILIES for speed in "21"]
    with open(tmp_path / "training.csv", newline="", encoding="utf-8") as file:
        ours, theirs, *_ = list(csv.DictReader(file))
    assert (ours["family"], ours["engine"], ours["a step, ms"]) == ("cgan", "ours", "200.0")
    assert (ours["times PyTorch"], theirs["times PyTorch"]) == ("2.00", "1.00")
    assert (ours["of the peak"], theirs["of the peak"]) == ("30.0%", "15.0%")  # 12e9 operations a step of 2e11 a second
    with Image.open(tmp_path / "training.png") as picture:
        assert picture.width > 800
    assert "stargan, PyTorch" in capsys.readouterr().err


def test_an_engine_that_fails_is_one_sentence_and_what_was_measured_is_kept(engines, monkeypatch, tmp_path, capsys):
    def run(words, **options):
        script = SCRIPT if words[3] == "2" else "raise ValueError('no memory')"
        return RUN([words[0], "-c", script, *words[3:]], **options)

    monkeypatch.setattr(comparison.subprocess, "run", run)
    assert bench.main(["--compare", str(tmp_path)]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == "PyTorch could not train cgan: ValueError: no memory"
    with open(tmp_path / "training.csv", newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert (row["engine"], row["times PyTorch"], row["of the peak"]) == ("ours", "", "")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--data", "nothing-of-that-name"], "nothing-of-that-name"),
        (
            ["reader", "--compare", "there"],
            "--json and --compare measure cgan, stylegan, stargan; reader is none of them.",
        ),
        (["--json", "there"], "hand is none of them."),
    ],
)
def test_unknown_data_is_one_sentence(words, sentence, refusal):
    assert sentence in refusal(bench.main, *words)
