"""Runs that end early and go on: signals, divergence, exact resume, branches."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.support import fit_dots
from tests.support.dots import DotConfig, DotTrainConfig, DotTrainer
from tests.support.fit_dots import last_state, losses, rows, train
from tfhand import fit
from tfhand.data.archive import Archive
from tfhand.models import presets, registry
from tfhand.training.progress import ProgressLine
from tfhand.training.run_directory import RunDirectory, RunError, load_state

pytestmark = pytest.mark.usefixtures("dot_family")


@pytest.fixture
def start():
    """Starts the command in a process of its own, which does not outlive the test."""
    started: list[subprocess.Popen] = []
    yield lambda *words: started.append(fit_dots.start(*words)) or started[-1]
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.large
def test_interrupted_and_resumed_is_the_same_as_straight(data, start):
    """Ctrl-C in the middle, then the very command it prints: every bit of the state is that of an uninterrupted run."""
    words = "dot", "--data", data, "--steps", "600", "--log-every", "20", "--samples-every", "200"
    broken = start(*words, "--run-dir", "broken", "--deterministic")
    folder = Path("broken/0001-dot-small-set")
    told = fit_dots.interrupt(broken, lambda: (folder / "metrics.csv").exists() and len(rows(folder)) >= 2)
    assert 40 <= int(last_state(folder)["step"]) < 600
    resumed = start(*shlex.split(re.search(r"Go on with: python -m tfhand\.fit (.*)", told)[1]))
    assert fit.main([*words, "--run-dir", "straight"]) == 0  # networks this small are the same without the switch
    fit_dots.finish(resumed)
    straight = Path("straight/0001-dot-small-set")
    one, two = last_state(straight), last_state(folder)
    assert int(one["step"]) == 600
    assert len(one) > 20
    assert one.keys() == two.keys()
    for name in one.keys() - {"paths"}:  # Keras counts the names on within a process
        np.testing.assert_array_equal(one[name], two[name], err_msg=name)
    assert losses(folder) == losses(straight)
    assert [row["step"] for row in rows(folder)] == [str(step) for step in range(20, 601, 20)]
    assert (folder / "preset" / "config.json").exists()


def test_sigterm_saves_and_exits_with_143(data, monkeypatch, capsys):
    def kill(self, step):
        if step == 5:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(ProgressLine, "on_step", kill)
    before = signal.getsignal(signal.SIGTERM)
    assert train(data, "--steps", "100000") == 143
    assert signal.getsignal(signal.SIGTERM) is before
    assert 5 <= int(last_state(Path("runs/0001-dot-small-set"))["step"]) <= 6
    assert not Path("runs/0001-dot-small-set/preset").exists()
    assert "--resume runs/0001-dot-small-set" in capsys.readouterr().out


def test_divergence_stops_and_spares_the_last_good_checkpoint(data, capsys):
    assert train(data, "--steps", "50", "--explode-at", "8", "--checkpoint-minutes", "0", "--log-every", "2") == 2
    run = RunDirectory("runs/0001-dot-small-set")
    assert [path.name for path in run.checkpoints] == ["step-0000006.npz", "step-0000007.npz"]
    assert all(np.isfinite(array).all() for name, array in last_state(run.folder).items() if name != "paths")
    assert [row["step"] for row in rows(run.folder)] == ["2", "4", "6"]
    error = capsys.readouterr().err
    assert re.search(r"diverged by step 8: .*generator.* not finite", error)
    assert "last good checkpoint is runs/0001-dot-small-set/checkpoints/step-0000007.npz" in error
    assert "Traceback" not in error


def test_a_checkpoint_within_an_interval_refuses_means_that_are_not_finite(data, capsys):
    assert train(data, "--steps", "50", "--explode-at", "7", "--checkpoint-minutes", "0", "--log-every", "4") == 2
    run = RunDirectory("runs/0001-dot-small-set")
    assert [path.name for path in run.checkpoints] == ["step-0000005.npz", "step-0000006.npz"]
    error = capsys.readouterr().err
    assert re.search(r"total is no longer finite at step 7\. The last good checkpoint is .*step-0000006", error)


def test_a_longer_run_goes_on_and_drops_rows_done_again(data):
    assert train(data, "--steps", "6", "--log-every", "2", "--checkpoint-minutes", "0") == 0
    run = Path("runs/0001-dot-small-set")
    (run / "checkpoints" / "step-0000006.npz").unlink()
    assert fit.main(["dot", "--resume", str(run), "--steps", "8"]) == 0
    assert [row["step"] for row in rows(run)] == ["2", "4", "6", "8"]
    assert json.loads((run / "config.json").read_text())["config"]["steps"] == 8
    assert [path.name for path in Path("runs").iterdir()] == [run.name]


def test_a_run_gives_a_preset_of_its_newest_checkpoint_without_training(data, capsys):
    assert train(data, "--steps", "3") == 0
    record = Path("runs/0001-dot-small-set/config.json").read_text()
    Path("full").mkdir()
    Path("full/letter.txt").write_text("dear")
    resume = ["dot", "--resume", "runs/0001-dot-small-set", "--steps", "2"]
    assert fit.main([*resume, "--preset", "full"]) == 2
    assert "not a preset" in capsys.readouterr().err
    assert fit.main([*resume, "--preset", "shelf/dots"]) == 0
    assert "3 steps are done already" in capsys.readouterr().out
    assert presets.read_config("shelf/dots")["training"]["steps"] == 3
    for one, two in zip(
        registry.load("shelf/dots").weights, registry.load("runs/0001-dot-small-set/preset").weights, strict=True
    ):
        np.testing.assert_array_equal(one, two)
    assert Path("runs/0001-dot-small-set/config.json").read_text() == record
    assert len(rows(Path("runs/0001-dot-small-set"))) == 1


def test_a_branch_begins_where_its_run_stands_with_other_training(data):
    assert train(data, "--steps", "4", "--learning-rate", "0.01") == 0
    run = "runs/0001-dot-small-set"
    stored = Path(run, "config.json").read_text()
    assert fit.main(["dot", "--branch", run, "--steps", "5", "--learning-rate", "0", "--seed", "7"]) == 0
    branch = RunDirectory("runs/0002-dot-small-set")
    assert branch.step == 5
    assert branch.record["config"]["learning_rate"] == 0
    assert branch.record["branch"]["step"] == 4
    assert branch.record["branch"]["config"]["learning_rate"] == 0.01
    one, two = last_state(Path(run)), last_state(branch.folder)
    places = [place for place, path in enumerate(one["paths"]) if path.endswith(("kernel", "bias"))]
    assert len(places) == 10  # networks, their averaged twin, discriminator
    for place in places[:4] + places[8:]:  # at a rate of 0 nothing has moved since
        np.testing.assert_array_equal(one[f"{place:05d}"], two[f"{place:05d}"])
    assert presets.read_config(branch.preset)["training"]["branch"] == branch.record["branch"]
    assert Path(run, "config.json").read_text() == stored
    assert fit.main(["dot", "--resume", str(branch.folder), "--steps", "6"]) == 0  # of its own checkpoint
    assert RunDirectory(branch.folder).step == 6


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
    checkpoint = RunDirectory(run).checkpoints[-1]
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
    checkpoint = RunDirectory(run).checkpoints[0]
    checkpoint.write_bytes(checkpoint.read_bytes()[:500])
    assert fit.main(["dot", "--resume", run, "--steps", "9"]) == 2
    assert "step-0000003.npz cannot be read" in capsys.readouterr().err
    Archive.load(data).select(np.arange(20)).save(data)
    assert fit.main(["dot", "--resume", run, "--steps", "9"]) == 2
    assert "have changed since it began" in capsys.readouterr().err
    checkpoint.unlink()
    with pytest.raises(RunError, match="no checkpoint to go on from"):
        RunDirectory(run).load_checkpoint([])


def test_a_checkpoint_of_other_networks_changes_nothing(data):
    assert train(data, "--steps", "2") == 0
    other = DotTrainer(DotConfig(width=9), DotTrainConfig())
    before = [np.asarray(variable).copy() for variable in other.state_variables]
    with pytest.raises(RunError, match="of other networks"):
        load_state(RunDirectory("runs/0001-dot-small-set").checkpoints[-1], other.state_variables)
    for old, variable in zip(before, other.state_variables, strict=True):
        np.testing.assert_array_equal(old, variable)


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        "stargan --image-size 8 --down-blocks 1 --generator-width 2 --discriminator-width 2 --mapping-width 4 "
        "--batch-size 2",
        "cgan --image-size 8 --writers --generator-widths 4 4 --discriminator-widths 4 4 4 --batch-size 12",
        "stylegan --image-size 8 --generator-widths 4 4 --discriminator-widths 4 4 --encoder-widths 4 4 --batch-size 4 "
        "--encoder-batch 2 --mapping-width 8",
        "hand --image-size 16 --generator-widths 8 8 4 --encoder-widths 4 4 --discriminator-widths 4 4 4 --hands 2 "
        "--mapping-width 8 --discriminator-features 8",
    ],
    ids=["stargan", "cgan", "stylegan", "hand"],
)
def test_real_families_resume_exactly(data, words, start):
    """5 steps and 5 more are the same 10 steps, to the bit."""
    words = [*words.split(), "--characters", "01", "--data", data, "--deterministic"]
    straight = start(*words, "--steps", "10", "--run-dir", "straight")
    first = start(*words, "--steps", "5", "--run-dir", "halves")
    fit_dots.finish(first)
    (folder,) = Path("halves").iterdir()
    second = start(words[0], "--resume", str(folder), "--steps", "10")
    fit_dots.finish(second)
    fit_dots.finish(straight)
    (other,) = Path("straight").iterdir()
    one, two = last_state(other), last_state(folder)
    assert int(one["step"]) == int(two["step"]) == 10
    for name in one:
        np.testing.assert_array_equal(one[name], two[name], err_msg=name)
