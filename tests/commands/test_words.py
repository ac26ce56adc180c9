"""`fit aligner` and `evaluate` on words, from the archive to the table; and what they refuse."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.support.word_shapes import random_words
from tfhand import evaluate, fit
from tfhand.core.json_files import write_json
from tfhand.core.pictures import read_picture
from tfhand.models import presets, registry

# Keras itself converts its variables in a way that NumPy 2.4 frowns upon
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
SETTINGS = {
    "characters": "lvnzx",
    "image_size": 24,
    "widths": [4, 6, 8, 10],
    "features": 16,
    "dilations": [1, 2],
    "batch_size": 4,
    "line_width": 96,
    "validation": 0.34,
}


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A folder with an archive of words, others that will not do, and an aligner trained on it for a few steps."""
    place = tmp_path_factory.mktemp("words")
    archive = random_words(60, joined=[index % 3 == 0 for index in range(60)])
    archive.save(place / "words.npz")
    archive.save(place / "strangers.npz")
    replace(archive, has_chars=None, char_of_point=None).save(place / "unlettered.npz")
    images = np.random.default_rng(0).integers(1, 255, (8, 28, 28), np.uint8)
    np.savez(place / "ink.npz", images=images, labels=np.arange(8) % 2, writers=np.arange(8) // 4)
    write_json(place / "small.json", SETTINGS)
    assert run(place, "words.npz", "--preset", str(place / "trained"), "--steps", "6") == 0
    held = presets.read_config(place / "trained")
    held["training"]["validation_writers"]["unlettered"] = [0, 1]
    write_json(place / "trained" / presets.CONFIG, held)
    return place


def run(place: Path, data: str, *more: str) -> int:
    words = ["aligner", "--data", str(place / data), "--settings", str(place / "small.json"), "--steps", "1"]
    return fit.main([*words, "--run-dir", str(place / "runs"), *more])


def test_a_training_leaves_a_preset_and_pictures(place):
    (folder,) = (place / "runs").glob("*-aligner-words")
    record = json.loads((folder / "config.json").read_text())
    assert record["data"][0] | {"name": ""} == {"name": "", "words": 60, "writers": 6, "characters": "lnvxz"}
    with (folder / "metrics.csv").open() as file:
        assert {"loss", "reading", "finding", "found"} <= set(csv.DictReader(file).fieldnames or ())
    assert read_picture(folder / "samples" / "step-0000006.png").shape == (4 * (24 + 4 + 2) - 2, 96, 3)
    networks = registry.load(place / "trained")
    assert networks.characters == "lvnzx"
    assert np.asarray(networks.durations)[1, 0] < 0.2  # an l is a line
    assert len(presets.read_config(place / "trained")["training"]["validation_writers"]["words"]) == 2


def test_words_are_set_from_letters_where_there_are_no_words(place, people, tmp_path, capsys):
    people.save(tmp_path / "letters.npz")
    words = ["aligner", "--data", str(tmp_path / "letters.npz"), "--characters", "0123abcXYZ", "--dry-run"]
    assert fit.main(words) == 0
    said = capsys.readouterr().out
    assert "words of 6 writers, 10 characters" in said
    assert "aligner" in said


def test_an_evaluation_tells_and_writes_the_same(place, tmp_path, capsys):
    words = [str(place / "trained"), "--data", str(place / "words.npz"), "--repeats", "2", "--count", "9"]
    assert evaluate.main([*words, "--picture-writers", "4", "-o", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["letters.png", "metrics.csv", "spread.csv"]
    with (tmp_path / "out" / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["letters"] for row in rows] == [
        "network", "network, letters shuffled", "equal widths", "usual widths", "true columns",
    ]  # fmt: skip
    for row in rows:
        assert (row["preset"], row["data"], row["repeats"], row["count"]) == ("trained", "words", "2", "9")
        assert row["letters"] in said
        for kind in ("print %", "joined %"):
            assert 0 <= float(row[kind]) <= 100
            assert f"{float(row[kind]):.2f}" in said
    assert rows[0]["character error %"] != "" == rows[2]["character error %"]
    assert float(rows[4]["print %"]) == 100
    assert read_picture(tmp_path / "out" / "letters.png").shape[0] > 2 * 3 * 24


def test_words_marked_by_hand_are_counted_apart(place, tmp_path, refusal, capsys):
    archive = random_words(60)
    held = presets.read_config(place / "trained")["training"]["validation_writers"]["words"]
    row = next(row for row in np.flatnonzero(archive.writers == held[0]).tolist() if archive.lengths[row] > 2)
    letters = np.concatenate(archive.letters_of(row))
    pairs = [[int(at), int(letters[at])] for at in np.flatnonzero(np.diff(letters, prepend=-9))]
    write_json(tmp_path / "marks.json", {"words": {str(row): {"text": str(archive.texts[row]), "letters": pairs}}})
    words = [str(place / "trained"), "--data", str(place / "words.npz"), "--count", "2", "--picture-writers", "0"]
    assert evaluate.main([*words, "--marks", str(tmp_path / "marks.json"), "-o", str(tmp_path / "out")]) == 0
    assert "cuts %" in capsys.readouterr().out
    with (tmp_path / "out" / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert rows[4]["letters"] == "true columns"
    assert float(rows[4]["marked cuts %"]) == 100
    assert int(rows[0]["letters marked"]) == archive.lengths[row]
    write_json(tmp_path / "other.json", {"words": {str(row): {"text": "other", "letters": pairs}}})
    said = refusal(evaluate.main, *words, "--marks", str(tmp_path / "other.json"), "-o", str(tmp_path / "out"))
    assert "The marks are of another archive" in said


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ("ink.npz", "Words are set from pen strokes; this archive is images."),
        ("none.npz", "There is no file at"),
        ("small.json", "is not an .npz file of arrays"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(place, refusal, data, sentence):
    assert sentence in refusal(fit.main, "aligner", "--data", str(place / data), "--steps", "1")


def test_letters_are_learned_from_the_printed_words_of_an_archive(place, refusal):
    told = refusal(fit.main, "reader", "--data", str(place / "words.npz"), "--steps", "1")
    assert "The data hold no 0 1 2 3" in told


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--data", "strangers.npz"], "does not say whom of"),
        (["--data", "unlettered.npz"], "no word whose letters are known"),
        (["--data", "words.npz", "--beside", "trained"], "is judged alone; leave --beside out"),
        (["--data", "words.npz", "--projections"], "is judged alone; leave --projections out"),
        (["--hand", "hand"], "does not learn hands"),
    ],
)
def test_what_cannot_be_evaluated_is_refused(place, refusal, tmp_path, monkeypatch, full_hand, more, sentence):
    full_hand.save(tmp_path / "hand")
    more = [str(place / word) if word.endswith(".npz") or word == "trained" else word for word in more]
    monkeypatch.chdir(tmp_path)
    assert sentence in refusal(evaluate.main, str(place / "trained"), *more, "-o", str(tmp_path / "out"))


def test_an_aligner_is_no_reader(place, refusal, shelf):
    words = ["tiny-hand", "--data", str(place / "words.npz"), "--reader", str(place / "trained")]
    assert "is no reader" in refusal(evaluate.main, *words)
