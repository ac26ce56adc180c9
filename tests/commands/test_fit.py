"""The fit command on a family small enough to train in moments: run folders, exact resume, good ends, bad input.

Run as a script, this file is `python -m tfhand.fit` with that family added, for the tests that need a process of their
own.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from tfhand.models.setup import split

from tfhand import fit
from tfhand.core.files import read_picture
from tfhand.data.archive import Archive
from tfhand.models import presets
from tfhand.models.cgan.config import CGANTrainConfig
from tfhand.models.registry import SPECS, Family, Prepared, held_out_writers, use_xla
from tfhand.training.run_directory import Run, RunError, load_state

# Keras itself converts its variables in a way that NumPy 2.4 frowns upon
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")


@dataclass(frozen=True)
class DotSettings:
    """Networks.

    characters: what it knows
    image_size: side in pixels
    width: units
    """

    characters: str = "01"
    image_size: int = 8
    width: int = 4


@dataclass(frozen=True)
class DotTraining:
    """Training.

    batch_size: images per step
    learning_rate: of both
    explode_at: step from which the loss is infinite, 0 for never
    """

    batch_size: int = 4
    learning_rate: float = 0.01
    explode_at: int = 0


def prepare(archives, settings, training, seed) -> Prepared:
    import dots
    import keras

    keras.utils.set_random_seed(seed)
    stream = dots.DotStream(seed, training.batch_size, settings.image_size)
    return Prepared(dots.DotTrainer(settings, training, seed), stream, stream, training.batch_size)


DOT = Family("dot", "a GAN of a few numbers", DotSettings, DotTraining, "batch_size", prepare, ("critic", "generator"))


def add_family() -> None:
    fit.SPECS = {**SPECS, "dot": DOT}
    presets.CLASSES["Dots"] = "dots"


@pytest.fixture(autouse=True)
def _family(monkeypatch, tmp_path):
    monkeypatch.setattr(fit, "FAMILIES", {**SPECS, "dot": DOT})
    monkeypatch.setitem(presets.CLASSES, "Dots", "dots")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def data(tmp_path) -> str:
    """An archive of 40 noisy images of two characters by four writers, and its path."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (40, 28, 28), np.uint8)
    labels, writers = np.arange(40, dtype=np.uint8) % 2, np.arange(40, dtype=np.int16) // 10
    Archive(labels, np.array(["0", "1"]), writers, images).save(tmp_path / "small set.npz")
    return str(tmp_path / "small set.npz")


def train(data: str, *words: str) -> int:
    return fit.main(["dot", "--data", data, *words])


def rows(run: Path) -> list[dict[str, str]]:
    with (run / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_run_leaves_its_folder(data, capsys):
    assert train(data, "--steps", "25", "--log-every", "10", "--samples-every", "10", "--checkpoint-minutes", "0") == 0
    run = Path("runs/0001-dot-small-set")
    assert sorted(path.name for path in run.iterdir()) == [
        "checkpoints", "metrics.csv", "preset", "samples", "settings.json",
    ]  # fmt: skip
    record = json.loads((run / "settings.json").read_text())
    assert record["family"] == "dot"
    assert record["options"]["steps"] == 25
    assert record["options"]["learning_rate"] == 0.01
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
    assert "critic 0." in told or "critic 1." in told


def test_the_preset_is_the_average(data):
    import dots

    assert train(data, "--steps", "5", "--seed", "3") == 0
    run = Run("runs/0001-dot-small-set")
    trainer = dots.DotTrainer(DotSettings(), DotTraining(), seed=9)
    assert run.load_checkpoint(trainer.state_variables) == 5
    shipped = presets.load(run.preset)
    for stored, averaged, current in zip(
        shipped.weights, trainer.averaged.weights, trainer.networks.weights, strict=True
    ):
        np.testing.assert_allclose(stored, averaged, rtol=1e-3)
        assert np.abs(np.asarray(averaged) - np.asarray(current)).max() > 1e-3
    config = presets.config(run.preset)
    assert config["characters"] == "01"
    assert config["image_size"] == 8
    assert config["training"]["seed"] == 3
    assert config["training"]["steps"] == 5


def test_metrics_are_means_since_the_last_row(data):
    assert train(data, "--steps", "6", "--log-every", "1") == 0
    assert train(data, "--steps", "6", "--log-every", "3") == 0
    each, means = rows(Path("runs/0001-dot-small-set")), rows(Path("runs/0002-dot-small-set"))
    for start, row in zip((0, 3), means, strict=True):
        expected = np.mean([float(one["critic"]) for one in each[start : start + 3]])
        assert float(row["critic"]) == pytest.approx(expected, rel=1e-4)


@pytest.fixture
def run_script():
    """Starts this file as a command in a process of its own, which does not outlive the test."""
    started = []
    yield lambda *words: started.append(start_script(*words)) or started[-1]
    for process in started:
        process.kill()
        process.communicate()


def start_script(*words: str) -> subprocess.Popen:
    paths = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.Popen(
        [sys.executable, __file__, *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip


def last_state(run: Path) -> dict[str, np.ndarray]:
    with np.load(sorted((run / "checkpoints").iterdir())[-1]) as stored:
        return dict(stored)


def test_interrupted_and_resumed_is_the_same_as_straight(data, run_script):
    """Ctrl-C in the middle, then the very command it prints: every bit of the state is that of an uninterrupted run."""
    words = "dot", "--data", data, "--steps", "600", "--log-every", "20", "--samples-every", "200"
    broken = run_script(*words, "--run-dir", "broken", "--deterministic")
    folder = Path("broken/0001-dot-small-set")
    wait_for(lambda: (folder / "metrics.csv").exists() and len(rows(folder)) >= 2, broken)
    broken.send_signal(signal.SIGINT)
    told, _ = broken.communicate(timeout=60)
    assert broken.returncode == 130
    assert 40 <= int(last_state(folder)["step"]) < 600
    resumed = run_script(*shlex.split(re.search(r"Go on with: python -m tfhand\.fit (.*)", told)[1]))
    assert fit.main([*words, "--run-dir", "straight"]) == 0  # networks this small are the same without the switch
    finish(resumed)
    one, two = last_state(Path("straight/0001-dot-small-set")), last_state(folder)
    assert int(one["step"]) == 600
    assert len(one) > 20
    assert one.keys() == two.keys()
    for name in one.keys() - {"paths"}:  # Keras counts the names on within a process
        np.testing.assert_array_equal(one[name], two[name], err_msg=name)
    assert {str(step) for step in range(20, 601, 20)} <= {row["step"] for row in rows(folder)}
    assert (folder / "preset" / "config.json").exists()


def finish(process: subprocess.Popen) -> None:
    _, error = process.communicate(timeout=900)
    assert process.returncode == 0, error


def wait_for(happened, process: subprocess.Popen, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


def test_sigterm_saves_and_exits_with_143(data, monkeypatch, capsys):
    from tfhand.training import callbacks

    def kill(self, step, logs):
        if step == 5:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(callbacks.ProgressLine, "on_step", kill)
    before = signal.getsignal(signal.SIGTERM)
    assert train(data, "--steps", "100000") == 143
    assert signal.getsignal(signal.SIGTERM) is before
    assert 5 <= int(last_state(Path("runs/0001-dot-small-set"))["step"]) <= 6
    assert not Path("runs/0001-dot-small-set/preset").exists()
    assert "--resume runs/0001-dot-small-set" in capsys.readouterr().out


def test_divergence_stops_and_spares_the_last_good_checkpoint(data, capsys):
    assert train(data, "--steps", "50", "--explode-at", "8", "--checkpoint-minutes", "0", "--log-every", "2") == 2
    run = Run("runs/0001-dot-small-set")
    assert [path.name for path in run.checkpoints] == ["step-0000006.npz", "step-0000007.npz"]
    assert all(np.isfinite(array).all() for name, array in last_state(run.folder).items() if name != "paths")
    assert [row["step"] for row in rows(run.folder)] == ["2", "4", "6"]
    error = capsys.readouterr().err
    assert re.search(r"diverged at step 8: .*generator.* not finite", error)
    assert "last good checkpoint is runs/0001-dot-small-set/checkpoints/step-0000007.npz" in error
    assert "Traceback" not in error


def test_a_longer_run_goes_on_and_drops_rows_done_again(data):
    assert train(data, "--steps", "6", "--log-every", "2", "--checkpoint-minutes", "0") == 0
    run = Path("runs/0001-dot-small-set")
    (run / "checkpoints" / "step-0000006.npz").unlink()
    assert fit.main(["dot", "--resume", str(run), "--steps", "8"]) == 0
    assert [row["step"] for row in rows(run)] == ["2", "4", "6", "8"]
    assert json.loads((run / "settings.json").read_text())["options"]["steps"] == 8
    assert [path.name for path in Path("runs").iterdir()] == [run.name]


def test_a_run_gives_a_preset_of_its_newest_checkpoint_without_training(data, capsys):
    assert train(data, "--steps", "3") == 0
    record = Path("runs/0001-dot-small-set/settings.json").read_text()
    Path("full").mkdir()
    Path("full/letter.txt").write_text("dear")
    resume = ["dot", "--resume", "runs/0001-dot-small-set", "--steps", "2"]
    assert fit.main([*resume, "--preset", "full"]) == 2
    assert "not a preset" in capsys.readouterr().err
    assert fit.main([*resume, "--preset", "shelf/dots"]) == 0
    assert "3 steps are done already" in capsys.readouterr().out
    assert presets.config("shelf/dots")["training"]["steps"] == 3
    for one, two in zip(
        presets.load("shelf/dots").weights, presets.load("runs/0001-dot-small-set/preset").weights, strict=True
    ):
        np.testing.assert_array_equal(one, two)
    assert Path("runs/0001-dot-small-set/settings.json").read_text() == record
    assert len(rows(Path("runs/0001-dot-small-set"))) == 1


def test_a_branch_begins_where_its_run_stands_with_other_training(data):
    assert train(data, "--steps", "4", "--learning-rate", "0.01") == 0
    run = "runs/0001-dot-small-set"
    stored = Path(run, "settings.json").read_text()
    assert fit.main(["dot", "--branch", run, "--steps", "5", "--learning-rate", "0", "--seed", "7"]) == 0
    branch = Run("runs/0002-dot-small-set")
    assert branch.step == 5
    assert branch.record["options"]["learning_rate"] == 0
    assert branch.record["branch"]["step"] == 4
    assert branch.record["branch"]["options"]["learning_rate"] == 0.01
    one, two = last_state(Path(run)), last_state(branch.folder)
    places = [place for place, path in enumerate(one["paths"]) if path.endswith(("kernel", "bias"))]
    assert len(places) == 10  # networks, their averaged twin, discriminator
    for place in places[:4] + places[8:]:  # at a rate of 0 nothing has moved since
        np.testing.assert_array_equal(one[f"{place:05d}"], two[f"{place:05d}"])
    assert presets.config(branch.preset)["training"]["branch"] == branch.record["branch"]
    assert Path(run, "settings.json").read_text() == stored
    assert fit.main(["dot", "--resume", str(branch.folder), "--steps", "6"]) == 0  # of its own checkpoint
    assert Run(branch.folder).step == 6


def test_bad_branches_are_refused(data, capsys):
    assert train(data, "--steps", "3") == 0
    run = "runs/0001-dot-small-set"
    for words, sentence in (
        (["dot", "--branch", run, "--resume", run], "give one of them"),
        (["dot", "--branch", "nowhere"], "nowhere is not a run's folder"),
        (["dot", "--branch", run, "--width", "5"], "was trained with --width 4"),
        (["dot", "--branch", run, "--data", "synthetic"], "was trained with --data"),
    ):
        assert fit.main([*words, "--steps", "5"]) == 2
        assert sentence in capsys.readouterr().err
    checkpoint = Run(run).checkpoints[-1]
    checkpoint.write_bytes(checkpoint.read_bytes()[:500])
    assert fit.main(["dot", "--branch", run, "--steps", "5"]) == 2
    assert "cannot be read" in capsys.readouterr().err
    assert [path.name for path in Path("runs").iterdir()] == ["0001-dot-small-set"]


def test_bad_resumes_are_refused(data, capsys):
    assert train(data, "--steps", "3") == 0
    run = "runs/0001-dot-small-set"
    for words, sentence in (
        (["dot", "--resume", "runs"], "runs is not a run's folder"),
        (["dot", "--resume", run, "--steps", "9", "--width", "5"], "was trained with --width 4"),
        (["dot", "--resume", run, "--steps", "9", "--seed", "1"], "was trained with --seed 0"),
        (["stargan", "--resume", run, "--steps", "9"], "is a run of 'dot', not of stargan"),
    ):
        assert fit.main(words) == 2
        assert sentence in capsys.readouterr().err
    checkpoint = Run(run).checkpoints[0]
    checkpoint.write_bytes(checkpoint.read_bytes()[:500])
    assert fit.main(["dot", "--resume", run, "--steps", "9"]) == 2
    assert "step-0000003.npz cannot be read" in capsys.readouterr().err
    Archive.load(data).select(np.arange(20)).save(data)
    assert fit.main(["dot", "--resume", run, "--steps", "9"]) == 2
    assert "have changed since it began" in capsys.readouterr().err
    checkpoint.unlink()
    with pytest.raises(RunError, match="no checkpoint to go on from"):
        Run(run).load_checkpoint([])


def test_a_checkpoint_of_other_networks_changes_nothing(data):
    import dots

    assert train(data, "--steps", "2") == 0
    other = dots.DotTrainer(DotSettings(width=9), DotTraining(), seed=0)
    before = [np.asarray(variable).copy() for variable in other.state_variables]
    with pytest.raises(RunError, match="of other networks"):
        load_state(Run("runs/0001-dot-small-set").checkpoints[-1], other.state_variables)
    for old, variable in zip(before, other.state_variables, strict=True):
        np.testing.assert_array_equal(old, variable)


def test_flags_go_before_the_file_and_the_file_before_defaults(data):
    Path("mine.json").write_text(json.dumps({"width": 6, "learning_rate": 0.5, "steps": 7}))
    words = ["dot", "--settings", "mine.json", "--steps", "2", "--data", data, "--preset", "made/here"]
    assert fit.main(words) == 0
    options = json.loads(Path("runs/0001-dot-small-set/settings.json").read_text())["options"]
    assert (options["width"], options["learning_rate"], options["steps"], options["seed"]) == (6, 0.5, 2, 0)
    assert presets.load("made/here").width == 6
    assert fit.main(["dot", "--settings", "runs/0001-dot-small-set/settings.json"]) == 0
    again = json.loads(Path("runs/0002-dot-small-set/settings.json").read_text())["options"]
    assert again == options


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"widht": 3}', "There is no setting 'widht'"),
        ('{"width": "wide"}', "'width' must be a whole number"),
        ('{"steps": 0}', "must be 1 or more"),
        ('{"jit": "maybe"}', "'jit' must be one of auto, on, off"),
        ("{", "not a JSON file"),
        ('{"family": "stargan", "options": {}}', "is of a run of 'stargan'"),
    ],
)
def test_bad_settings_files_are_refused(data, content, sentence, refusal):
    Path("mine.json").write_text(content)
    assert sentence in refusal(fit.main, "dot", "--data", data, "--settings", "mine.json")
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["stargan", "--image-size", "30"], "multiple of 4"),
        (["stargan", "--image-size", "1000000"], "at most 512"),
        (["stargan", "--batch-size", "0"], "batch_size must be 1 or more"),
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


def test_a_share_of_0_holds_nobody_out(data):
    archive = Archive.load(data)
    for share, unseen in ((0.0, 0), (0.3, 1)):
        held = held_out_writers([data], [archive], CGANTrainConfig(validation=share))
        assert len(held["small set"]) == unseen
        training, validation = split(archive, share)
        assert len(set(training.writers)) == 4 - unseen
        assert not set(held["small set"]) & set(training.writers)
        assert (validation is archive) == (not unseen)


def test_help_says_who_can_begin_with_a_preset(capsys):
    for family, usual in (("cgan", "--steps 600"), ("stylegan", "--steps 2000"), ("hand", None), ("dot", None)):
        with pytest.raises(SystemExit) as ended:
            fit.main([family, "--help"])
        assert ended.value.code == 0
        told = " ".join(capsys.readouterr().out.split())
        assert ("--from PRESET" in told) == bool(usual)
        assert ("defaults then: " + (usual or "") in told) == bool(usual)


def test_xla_is_for_accelerators():
    import tensorflow as tf

    assert use_xla("on") is True
    assert use_xla("off") is False
    assert use_xla("auto") is bool(tf.config.list_physical_devices("GPU"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        "stargan --image-size 8 --down-blocks 1 --generator-width 2 --reader-width 2 --mapping-width 4 --batch-size 2",
        "cgan --image-size 8 --writers --generator-widths 4 4 --discriminator-widths 4 4 4 --batch-size 6",
        "stylegan --image-size 8 --generator-widths 4 4 --discriminator-widths 4 4 --encoder-widths 4 4 --batch-size 4 "
        "--encoded 2 --mapping-width 8",
        "hand --image-size 16 --generator-widths 8 8 4 --encoder-widths 4 4 --discriminator-widths 4 4 4 --hands 2 "
        "--mapping-width 8 --judge-size 8",
    ],
    ids=["stargan", "cgan", "stylegan", "hand"],
)
def test_real_families_resume_exactly(data, words, run_script):
    """5 steps and 5 more are the same 10 steps, to the bit."""
    words = [*words.split(), "--characters", "01", "--data", data, "--deterministic"]
    straight = run_script(*words, "--steps", "10", "--run-dir", "straight")
    first = run_script(*words, "--steps", "5", "--run-dir", "halves")
    finish(first)
    (folder,) = Path("halves").iterdir()
    second = run_script(words[0], "--resume", str(folder), "--steps", "10")
    finish(second)
    finish(straight)
    (other,) = Path("straight").iterdir()
    one, two = last_state(other), last_state(folder)
    assert int(one["step"]) == int(two["step"]) == 10
    for name in one:
        np.testing.assert_array_equal(one[name], two[name], err_msg=name)


if __name__ == "__main__":
    add_family()
    sys.exit(fit.main())
