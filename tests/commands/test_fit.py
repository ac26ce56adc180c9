"""The fit command on a family small enough to train in moments: run folders, presets, settings, bad input."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from tests.support.dots import DotConfig, DotTrainConfig, DotTrainer
from tests.support.fit_dots import rows, train
from tfhand import fit
from tfhand.core.pictures import read_picture
from tfhand.data.archive import Archive
from tfhand.errors import HandwritingError
from tfhand.models import presets, registry
from tfhand.training import callbacks
from tfhand.training.run_directory import RunDirectory

pytestmark = pytest.mark.usefixtures("dot_family")


def test_a_run_leaves_its_folder(data, capsys):
    assert train(data, "--steps", "25", "--log-every", "10", "--samples-every", "10", "--checkpoint-minutes", "0") == 0
    run = Path("runs/0001-dot-small-set")
    assert sorted(path.name for path in run.iterdir()) == [
        "checkpoints", "config.json", "metrics.csv", "preset", "samples",
    ]  # fmt: skip
    record = json.loads((run / "config.json").read_text())
    assert record["family"] == "dot"
    assert record["config"]["steps"] == 25
    assert record["config"]["learning_rate"] == 0.01
    assert record["data"] == [{"name": data, "glyphs": 40, "writers": 4, "characters": "01"}]
    assert set(record["versions"]) == {"tfhand", "python", "tensorflow", "keras", "numpy"}
    assert record["command"].startswith("python -m tfhand.fit dot --data")
    assert [row["step"] for row in rows(run)] == ["10", "20", "25"]
    assert all(np.isfinite(float(value)) for row in rows(run) for value in row.values())
    samples = sorted((run / "samples").iterdir())
    assert [path.name for path in samples] == ["step-0000010.png", "step-0000020.png", "step-0000025.png"]
    assert read_picture(samples[0]).shape == (8, 38, 3)
    assert sorted(path.name for path in (run / "checkpoints").iterdir()) == ["step-0000024.npz", "step-0000025.npz"]
    told = capsys.readouterr().out
    assert "step 25/25" in told
    assert "images/s" in told
    assert re.search(r"discriminator [01]\.\d{3}  generator \d\.\d{3}", told)


def test_the_preset_is_the_average(data):
    assert train(data, "--steps", "5", "--seed", "3") == 0
    run = RunDirectory("runs/0001-dot-small-set")
    trainer = DotTrainer(DotConfig(), DotTrainConfig(), seed=9)
    assert run.load_checkpoint(trainer.state_variables) == 5
    shipped = registry.load(run.preset)
    for stored, averaged, current in zip(shipped.weights, trainer.ema.weights, trainer.networks.weights, strict=True):
        np.testing.assert_allclose(stored, averaged, rtol=1e-3)
        assert np.abs(np.asarray(averaged) - np.asarray(current)).max() > 1e-3
    config = presets.read_config(run.preset)
    assert config["characters"] == "01"
    assert config["image_size"] == 8
    assert config["training"]["seed"] == 3
    assert config["training"]["steps"] == 5


def test_metrics_are_means_since_the_last_row(data):
    assert train(data, "--steps", "6", "--log-every", "1") == 0
    assert train(data, "--steps", "6", "--log-every", "3") == 0
    each, means = rows(Path("runs/0001-dot-small-set")), rows(Path("runs/0002-dot-small-set"))
    for start, row in zip((0, 3), means, strict=True):
        expected = np.mean([float(one["discriminator"]) for one in each[start : start + 3]])
        assert float(row["discriminator"]) == pytest.approx(expected, rel=1e-4)


def test_flags_go_before_the_file_and_the_file_before_defaults(data):
    Path("mine.json").write_text(json.dumps({"width": 6, "learning_rate": 0.5, "steps": 7}))
    words = ["dot", "--settings", "mine.json", "--steps", "2", "--data", data, "--preset", "made/here"]
    assert fit.main(words) == 0
    options = json.loads(Path("runs/0001-dot-small-set/config.json").read_text())["config"]
    assert (options["width"], options["learning_rate"], options["steps"], options["seed"]) == (6, 0.5, 2, 0)
    assert registry.load("made/here").config.width == 6
    assert fit.main(["dot", "--settings", "runs/0001-dot-small-set/config.json"]) == 0
    again = json.loads(Path("runs/0002-dot-small-set/config.json").read_text())["config"]
    assert again == options


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"widht": 3}', "There is no setting 'widht'"),
        ('{"width": "wide"}', "'width' must be a whole number"),
        ('{"steps": 0}', "must be 1 or more"),
        ('{"jit": "maybe"}', "'jit' must be one of auto, on, off"),
        ("{", "not a JSON file"),
        ('{"family": "stargan", "config": {}}', "is of a run of 'stargan'"),
    ],
)
def test_bad_settings_files_are_refused(data, content, sentence, refusal):
    Path("mine.json").write_text(content)
    assert sentence in refusal(fit.main, "dot", "--data", data, "--settings", "mine.json")
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["stargan", "--image-size", "30"], "multiple of 8"),
        (["stargan", "--image-size", "1000000"], "at most 512"),
        (["stargan", "--batch-size", "0"], "batch_size must be 1 or more"),
        (["cgan", "--batch-size", "9", "--data", "no-such-data"], "batch_size must be a multiple of group, 4, not 9."),
        (["stargan", "--data", "no-such-data"], "no-such-data"),
        (["stargan", "--data", "no-labels.npz"], "no `labels`"),
        (["stargan", "--data", "pickled.npz"], "pickled objects"),
        (["stargan", "--data", "cut.npz"], "cut short"),
        (["stargan", "--data", "small set.npz"], "fewer than two samples of 2 3"),
        (["hand", "--data", "one-writer.npz", "--characters", "01"], "one writer only"),
        (["hand", "--data", "small set.npz"], "hold no 2 3"),
        (["hand", "--data", "small set.npz", "--characters", "01", "--shares", "1", "2"], "--shares must be 1 numbers"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing(data, words, sentence, refusal):
    arrays = dict(np.load(data))
    np.savez("no-labels.npz", **{name: array for name, array in arrays.items() if name != "labels"})
    np.savez("pickled.npz", **{**arrays, "labels": np.array([{"a": 1}], object)})
    Path("cut.npz").write_bytes(Path(data).read_bytes()[:3000])
    Archive.load(data).select(np.arange(10)).save("one-writer.npz")
    assert sentence in refusal(fit.main, *words, "--steps", "2")
    assert not Path("runs").exists()


def test_an_unwritable_run_dir_is_refused(data, capsys):
    Path("file").write_text("in the way")
    assert train(data, "--run-dir", "file/runs") == 2
    assert "choose another --run-dir" in capsys.readouterr().err


def test_dry_run_shows_everything_and_writes_nothing(data, capsys):
    before = sorted(Path().iterdir())
    assert train(data, "--dry-run", "--width", "12") == 0
    told = capsys.readouterr().out
    assert re.search(r"width\s+│ 12", told)
    assert re.search(r"learning_rate\s+│ 0.01", told)
    assert "discriminator" in told
    assert "40 glyphs of 4 writers, 2 characters" in told
    assert sorted(Path().iterdir()) == before


def test_help_says_who_can_begin_with_a_preset(capsys):
    for family, usual in (("cgan", "--steps 600"), ("stylegan", "--steps 2000"), ("hand", None), ("dot", None)):
        with pytest.raises(SystemExit) as ended:
            fit.main([family, "--help"])
        assert ended.value.code == 0
        told = " ".join(capsys.readouterr().out.split())
        assert ("--from PRESET" in told) == bool(usual)
        assert ("defaults then: " + (usual or "") in told) == bool(usual)


def test_metrics_and_pictures_that_cannot_be_written_do_not_end_a_training(data, monkeypatch, capsys):
    """A checkpoint is saved first, and each is told once."""

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(callbacks.MetricsFile, "_append", full)
    monkeypatch.setattr(callbacks, "write_picture", full)
    assert train(data, "--steps", "8", "--log-every", "2", "--samples-every", "2") == 0
    told = capsys.readouterr().out
    assert told.count("warning: ") == 2
    assert "step-0000002.npz is saved" in told
    run = RunDirectory("runs/0001-dot-small-set")
    assert run.step == 8
    assert run.preset.is_dir()


def test_a_training_that_fails_at_once_leaves_no_run(data, monkeypatch):
    def fail(*_):
        raise HandwritingError("No.")

    monkeypatch.setattr(DotTrainer, "optimize", fail)
    assert train(data, "--steps", "8") == 2
    assert list(Path("runs").iterdir()) == []
