"""The command line: its table, CSV and picture on a tiny preset, and a clear sentence for whatever cannot be done."""

from __future__ import annotations

import csv
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from tfhand import evaluate, presets
from tfhand.data import pens
from tfhand.families import HandSettings, ReaderSettings
from tfhand.models.hand import HandNetworks
from tfhand.models.reader import Reader
from tfhand.settings import plain

# Keras itself converts its variables in a way that NumPy 2.4 frowns upon
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
CHARACTERS = "aceghkn12345"
TINY = HandSettings(
    characters=CHARACTERS, hand_size=6, noise_size=2, character_size=4, style_size=8, mapping_width=8, mapping_depth=1,
    generator_widths=(4, 4, 4, 4), encoder_widths=(4, 4, 4), encoder_features=8,
)  # fmt: skip
HELD_OUT = {"people": [2, 3, 6, 40], "silent": [1], "strangers": [50], "ink": [1]}


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A folder with presets and archives, good ones and others."""
    place = tmp_path_factory.mktemp("evaluate")
    keras.utils.set_random_seed(0)
    writing = HandNetworks(**plain(TINY))
    reading = Reader(**plain(ReaderSettings(characters=CHARACTERS, widths=(4, 4, 4), features=8)))
    small = Reader(**plain(ReaderSettings(characters=CHARACTERS, image_size=16, widths=(4, 4), features=8)))
    for name, model, size in (("hand", writing, 32), ("reader", reading, 32), ("small-reader", small, 16)):
        record = {"validation_writers": HELD_OUT if name == "hand" else {"people": [2, 3]}}
        presets.save(place / name, model, record, "", characters=CHARACTERS, image_size=size)
    people = pens.archive(writers=8, samples=1, characters=CHARACTERS)
    people.save(place / "people.npz")
    people.save(place / "strangers.npz")
    people.save(place / "unheard-of.npz")
    replace(people, writers=None).save(place / "silent.npz")
    drawn = people.render(range(len(people)))
    replace(people, images=drawn, points=None, stroke_len=None, n_strokes=None, extent=None).save(place / "ink.npz")
    return place


def run(
    place: Path, output: Path, *more: str, preset: str = "hand", reader: str = "reader", data: str = "people"
) -> int:
    words = [str(place / preset), "--reader", str(place / reader), "--data", str(place / f"{data}.npz")]
    return evaluate.main([*words, "--samples", "4", "-o", str(output), *more])


def test_prints_and_writes_the_same_figures(place, tmp_path, capsys):
    assert run(place, tmp_path / "out", "--picture-writers", "2") == 0
    printed = capsys.readouterr()
    with (tmp_path / "out" / "figures.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [row["letters"] for row in table][:2] == ["real letters", "written letters"]
    assert len(table) == 5
    for row in table:
        made = {name: row[name] for name in ("preset", "reader", "data", "samples", "seed", "people")}
        assert made == dict(preset="hand", reader="reader", data="people", samples="4", seed="0", people="3")
        line = next(line for line in printed.out.splitlines() if row["letters"] in line)
        figures = [float(row[name]) for name in list(row)[-6:]]
        assert [float(word) for word in line.split()[-6:]] == pytest.approx(figures, abs=0.0051)
        assert -1 <= float(row["slant"]) <= 1
    assert "3 people never trained on, 24 letters" in " ".join(printed.out.split())
    with Image.open(tmp_path / "out" / "letters.png") as picture:
        pixels = np.asarray(picture)
    assert pixels.ndim == 2
    assert pixels[0, 0] == 255
    assert pixels.shape[1] > (len(CHARACTERS) + 2) * 32


def test_warns_of_a_reader_that_knows_the_people(place, tmp_path, capsys):
    run(place, tmp_path, "--picture-writers", "0")
    assert "the reader was trained on 2 of the 4 people" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["figures.csv"]


def test_the_same_seed_gives_the_same_files(place, tmp_path):
    for name, seed in (("one", "5"), ("two", "5"), ("three", "6")):
        run(place, tmp_path / name, "--seed", seed, "--picture-writers", "1")
    one, two, three = (tmp_path / name for name in ("one", "two", "three"))
    for file in ("figures.csv", "letters.png"):
        assert (one / file).read_bytes() == (two / file).read_bytes()
        assert (one / file).read_bytes() != (three / file).read_bytes()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({"preset": "nowhere"}, "There is no preset"),
        ({"reader": "nowhere"}, "There is no preset"),
        ({"preset": "reader"}, "does not write from a person's samples"),
        ({"reader": "hand"}, "is no reader"),
        ({"reader": "small-reader"}, "draws 32 pixels and the reader"),
        ({"data": "missing"}, "missing.npz"),
        ({"data": "unheard-of"}, "does not say whom of"),
        ({"data": "silent"}, "no `writers`"),
        ({"data": "strangers"}, "None of the writers that the preset held out"),
        ({"data": "ink"}, "holds images"),
    ],
)
def test_one_sentence_for_what_cannot_be_done(place, tmp_path, capsys, words, says):
    assert run(place, tmp_path / "out", **words) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert says in said[-1]
    assert "Traceback" not in "".join(said)
    assert not (tmp_path / "out").exists()


def test_a_file_is_no_place_for_figures(place, tmp_path, capsys):
    (tmp_path / "out").write_text("mine")
    assert run(place, tmp_path / "out") == 2
    assert "is not a folder" in capsys.readouterr().err
    assert (tmp_path / "out").read_text() == "mine"


def test_too_many_samples_leave_nothing_to_judge(place, tmp_path, capsys):
    assert run(place, tmp_path / "out", "--samples", "11") == 2
    assert "fewer --samples" in capsys.readouterr().err


def test_help_does_not_wake_tensorflow():
    code = "import sys; from tfhand import evaluate; evaluate.build_parser(); print('tensorflow' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
