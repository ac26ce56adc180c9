"""A log interval is an epoch to callbacks: metrics are read once in it, and a run resumed in its midst is exact."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras.callbacks import History
from rich.console import Console

from tests.support import fit_dots
from tests.support.dots import DOT, DotConfig, DotStream, DotTrainConfig, DotTrainer
from tests.support.fit_dots import last_state, losses
from tfhand.training import RunConfig, fit
from tfhand.training.callbacks import IntervalCallbacks
from tfhand.training.progress import ProgressLine
from tfhand.training.run_directory import Interrupted


class Probe:
    """A metric that counts how often it is read."""

    reads = 0

    def __float__(self) -> float:
        type(self).reads += 1
        return 1.5


class Recorder(keras.callbacks.Callback):
    """Keeps all it is told."""

    def __init__(self):
        super().__init__()
        self.told = []

    def on_epoch_begin(self, epoch, logs=None):
        self.told.append(("begin", epoch))

    def on_train_batch_end(self, batch, logs=None):
        self.told.append(("step", batch, *sorted(logs or {})))

    def on_epoch_end(self, epoch, logs=None):
        self.told.append(("end", epoch, *sorted(logs or {})))


@pytest.fixture
def trainer() -> DotTrainer:
    return DotTrainer(DotConfig(), DotTrainConfig())


def test_metrics_are_read_once_an_interval(trainer, monkeypatch):
    monkeypatch.setattr(Probe, "reads", 0)
    watching = IntervalCallbacks([Recorder(), Recorder()], trainer, interval=5)
    watching.on_train_begin()
    watching.on_epoch_begin(0)
    counts = []
    for batch in range(20):
        watching.on_train_batch_end(batch, {"loss": Probe()})
        counts.append(Probe.reads)
    assert counts == [0] * 4 + [1] * 5 + [2] * 5 + [3] * 5 + [4]


def test_an_epoch_is_an_interval_of_global_steps(trainer):
    """Three steps are done before: the first interval is short, and so is the last."""
    recorder, names = Recorder(), ("discriminator", "generator", "loss")
    watching = IntervalCallbacks([recorder], trainer, interval=4, start=3)
    trainer.compile()
    trainer.fit(DotStream(0, 4, 8).dataset(3, 7), callbacks=watching)
    assert recorder.told == [
        ("begin", 0),
        ("step", 0, *names), ("end", 0, *names), ("begin", 1),
        ("step", 1), ("step", 2), ("step", 3), ("step", 4, *names), ("end", 1, *names), ("begin", 2),
        ("step", 5), ("step", 6), ("end", 2, *names),
    ]  # fmt: skip


def test_several_steps_in_one_execution_are_seen_at_its_last(trainer):
    recorder = Recorder()
    trainer.compile(steps_per_execution=2)
    trainer.fit(DotStream(0, 4, 8).dataset(0, 8), callbacks=IntervalCallbacks([recorder], trainer, interval=4))
    names = ("discriminator", "generator", "loss")
    steps = [told for told in recorder.told if told[0] == "step"]
    assert steps == [("step", 1), ("step", 3, *names), ("step", 5), ("step", 7, *names)]


def test_means_begin_anew_after_each_interval(trainer):
    recorder = Means()
    trainer.compile()
    trainer.fit(DotStream(0, 4, 8).dataset(0, 6), callbacks=IntervalCallbacks([recorder], trainer, interval=3))
    assert recorder.counts == [3, 3]


class Means(keras.callbacks.Callback):
    """Keeps how many steps are in the running mean of each epoch."""

    def __init__(self):
        super().__init__()
        self.counts = []

    def on_epoch_end(self, epoch, logs=None):
        self.counts.append(int(self.model.trackers["loss"].count))


@pytest.mark.parametrize("steps", [6, 7])
def test_the_last_line_of_progress_has_the_metrics_of_the_last_interval(trainer, steps):
    said, means = Console(file=io.StringIO()), History()
    watching = [means, ProgressLine(said, steps, 8, names=("loss",))]
    trainer.compile()
    trainer.fit(DotStream(0, 4, 8).dataset(0, steps), callbacks=IntervalCallbacks(watching, trainer, interval=3))
    *_, last = said.file.getvalue().splitlines()
    assert last.startswith(f"step {steps}/{steps}")
    assert f"loss {means.history['loss'][-1]:.3f}" in last


class StopAt(keras.callbacks.Callback):
    """Sends the process a signal at a step, as Ctrl-C does."""

    def __init__(self, step: int):
        super().__init__()
        self.step = step

    def on_train_batch_end(self, batch, logs=None):
        if batch + 1 == self.step:
            signal.raise_signal(signal.SIGINT)


OPTIONS = {"data": ["synthetic:2:1"], "steps": 23, "log_every": 5}


def assert_same_run(one: Path, other: Path) -> None:
    first, second = last_state(one), last_state(other)
    assert first.keys() == second.keys()
    for name in first.keys() - {"paths"}:  # Keras counts the names on within a process
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)
    assert int(first["step"]) == 23
    assert losses(one) == losses(other)
    assert [row["step"] for row in losses(one)] == ["5", "10", "15", "20", "23"]


@pytest.mark.parametrize("stop", [7, 10, 22])
def test_a_run_that_was_stopped_goes_on_exactly(tmp_path, stop):
    """In mid-interval, at the end of an interval, and in the last one: the same rows, the same bits."""
    straight = fit(RunConfig.resolve(DOT, OPTIONS, run_dir=tmp_path / "straight"))
    with pytest.raises(Interrupted) as stopped:
        fit(RunConfig.resolve(DOT, OPTIONS, run_dir=tmp_path / "broken"), [StopAt(stop)])
    broken = stopped.value.run
    assert stopped.value.signal == signal.SIGINT
    assert stop <= broken.step <= stop + 1  # our callback may come after the one that looks for signals
    again = fit(RunConfig.resolve(DOT, resume=broken.folder))
    assert again.folder == broken.folder
    assert_same_run(straight.folder, broken.folder)


@pytest.mark.large
def test_a_run_by_jax_goes_on_exactly():
    """The test above, in a process where Keras runs on JAX."""
    pytest.importorskip("jax")
    environment = {**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    place = f"{Path(__file__)}::test_a_run_that_was_stopped_goes_on_exactly[7]"
    words = [sys.executable, "-m", "pytest", "-q", "-o", "addopts=", "-p", "no:cacheprovider", place]
    answer = subprocess.run(words, env=environment, cwd=fit_dots.ROOT, capture_output=True, text=True, timeout=600)
    assert answer.returncode == 0, answer.stdout
    assert "1 passed" in answer.stdout
