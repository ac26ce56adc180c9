"""`tfhand evaluate --words`: joined writing on tiny presets, and one sentence for whatever cannot be done."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.support.word_people import LETTERS, words_of_people
from tfhand import evaluate
from tfhand.core.config import as_json
from tfhand.evaluation.words.controls import CONTROLS
from tfhand.evaluation.words.evaluation import verdict
from tfhand.evaluation.words.evaluator import CER, JOINS_OFF, JOINS_R, METRIC_GROUPS, SLANT_R, TOP
from tfhand.models.aligner.config import AlignerConfig
from tfhand.models.aligner.networks import Aligner

CONFIG = AlignerConfig(characters=LETTERS, widths=(2, 2, 2, 2), features=4, dilations=(1,))


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A folder with words by five people, and networks that held some of them out."""
    place = tmp_path_factory.mktemp("words")
    words_of_people([0.0, 0.2, 0.4, 0.6, 0.1], [1.0, 0.0, 0.5, 1.0, 0.0], each=20).save(place / "written.npz")
    for name, held_out in (("cutter", [0, 1, 2, 3]), ("second", [1, 2, 3, 4]), ("stranger", [4])):
        record = {"validation_writers": {"written": held_out}}
        Aligner(**as_json(CONFIG)).save_to_preset(place / name, training=record)
    return place


def run(place: Path, output: Path, *more: str, preset: str = "alphabet62", reader: str = "second") -> int:
    words = [preset, "--words", "--aligner", str(place / "cutter"), "--reader", str(place / reader)]
    words += ["--data", str(place / "written.npz"), "--samples", "8", "-o", str(output), *more]
    return evaluate.main(words)


@pytest.mark.large
def test_people_whom_no_network_knows_are_compared(place, tmp_path, capsys):
    assert run(place, tmp_path, "--picture-writers", "2") == 0
    said = capsys.readouterr()
    with (tmp_path / "metrics.csv").open() as file:
        table = list(csv.DictReader(file))
    assert {row["people"] for row in table} == {"3"}  # 1, 2 and 3
    assert {row["aligner"] for row in table} == {"cutter"}
    assert {row["reader"] for row in table} == {"second"}
    assert {row["samples"] for row in table} == {"8"}
    names = [row["letters"] for row in table]
    with (tmp_path / "absent.csv").open() as file:
        assert [row["letters"] for row in csv.DictReader(file)] == names
    assert names[:2] == ["real words", "written words"]
    assert set(CONTROLS) < set(names)
    assert [name for group in METRIC_GROUPS for name in group] == list(table[0])[-sum(map(len, METRIC_GROUPS)) :]
    with Image.open(tmp_path / "words.png") as picture:
        assert np.asarray(picture).ndim == 2
    assert "person 3 of 3" in said.err
    assert said.out.count("eached: ") + said.out.count("issed: ") == 5
    assert max(map(len, said.out.splitlines())) <= 200


@pytest.mark.large
def test_a_reader_that_cuts_as_well_is_no_judge(place, tmp_path, capsys):
    assert run(place, tmp_path, "--picture-writers", "0", reader="cutter") == 0
    assert "warning: the preset" in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {"metrics.csv", "absent.csv"}


@pytest.mark.parametrize(
    ("more", "settings", "says"),
    [
        ((), {"reader": "nowhere"}, "There is no preset"),
        ((), {"preset": "reader62"}, "does not write"),
        ((), {"preset": "cgan-digits"}, "knows characters and no hands"),
        (("--aligner", "reader62"), {}, "is no aligner; choose another for --aligner"),
        (("--reader", "reader62"), {}, "is no aligner; choose another for --reader"),
        (("--beside", "hand62"), {}, "leave --beside out with --words"),
        (("--samples", "4", "8"), {}, "one number to --samples"),
        (("--samples", "30"), {}, "ask for fewer --samples"),
        ((), {"reader": "stranger"}, "None of the writers"),
    ],
)
def test_one_sentence_for_what_cannot_be_done(place, tmp_path, capsys, more, settings, says):
    assert run(place, tmp_path / "out", *more, **settings) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert says in said[-1]
    assert "Traceback" not in "".join(said)
    assert not (tmp_path / "out").exists()


def test_each_bar_is_missed_where_it_is():
    real = {CER: 10.0, **dict.fromkeys(TOP.values(), 0.9)}
    good = {JOINS_R: 0.85, JOINS_OFF: 0.1, SLANT_R: 0.9, CER: 15.0, **dict.fromkeys(TOP.values(), 0.75)}
    assert [sentence.split(":")[0] for sentence in verdict(real, good)] == ["Reached"] * 5
    wrong = {JOINS_R: 0.8, JOINS_OFF: 0.11, SLANT_R: float("nan"), CER: 15.1, **dict.fromkeys(TOP.values(), 0.7)}
    assert [sentence.split(":")[0] for sentence in verdict(real, wrong)] == ["Missed"] * 5
    assert "0.83 (at least 0.80)" in verdict(real, good)[3]
