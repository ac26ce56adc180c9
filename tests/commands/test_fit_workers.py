"""The fit command on several devices and as several workers: who writes, and what happens when one of them is gone."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from tests.support.fit_dots import last_state, losses, rows
from tests.support.quick import CHARACTERS, TRAININGS
from tests.support.worker import finish, start, start_workers
from tfhand.core.config import as_json
from tfhand.core.json_files import write_json
from tfhand.data import synthetic

pytestmark = pytest.mark.large
RUN = Path("runs/0001-reader-letters")
SETTINGS = "--data", "letters.npz", "--settings", "tiny.json"
WORDS = ("fit", "reader", *SETTINGS, "--log-every", 2, "--checkpoint-minutes", 0, "--samples-every", 50)


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """A working directory with letters and the settings of a tiny reader with dropout."""
    monkeypatch.chdir(tmp_path)
    synthetic.archive(14, 2, seed=20, characters=CHARACTERS).save("letters.npz")
    config, train_config = TRAININGS["reader"]
    write_json("tiny.json", {**as_json(config), **as_json(train_config), "dropout": 0.3})


@pytest.fixture
def workers():
    """Starts two workers, which do not outlive the test."""
    started: list[subprocess.Popen] = []
    yield lambda *words: started.extend(start_workers(2, *words)) or started[-2:]
    for process in started:
        process.kill()
        process.wait()


def wait_for_rows(processes: list[subprocess.Popen], count: int) -> None:
    """Until metrics.csv has so many."""
    end = time.monotonic() + 300
    while not ((RUN / "metrics.csv").exists() and len(rows(RUN)) >= count):
        assert all(process.poll() is None for process in processes), [process.returncode for process in processes]
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def assert_same_states(one: dict, other: dict, tolerance: float = 0) -> None:
    assert one.keys() == other.keys()
    for name in one.keys() - {"paths"}:
        np.testing.assert_allclose(one[name], other[name], rtol=0, atol=tolerance, err_msg=name)


def test_a_worker_is_killed_and_all_go_on(workers):
    """After it a run is as one device's: every step once in metrics.csv, one preset, the losses to rounding."""
    chief, other = workers(*WORDS, "--strategy", "multiworker", "--steps", 100000)
    wait_for_rows([chief, other], 3)
    other.kill()
    said = finish(chief, 2)
    assert f"Another worker has stopped; start all of them again, with --resume {RUN}." in said
    assert "Traceback" not in said
    assert not (RUN / "preset").exists()
    stopped = int(last_state(RUN)["step"])
    steps = stopped + 4 + stopped % 2
    assert stopped >= 6
    chief, other = workers("fit", "reader", "--resume", RUN, "--steps", steps)
    assert f"Preset: {RUN / 'preset'}" in finish(chief)
    assert finish(other) == ""
    assert [row["step"] for row in rows(RUN)] == [str(step) for step in range(2, steps + 1, 2)]
    assert (RUN / "preset" / "config.json").exists()
    assert [path.name for path in Path("runs").iterdir()] == [RUN.name]

    finish(start(*WORDS, "--steps", steps, "--run-dir", "alone"))
    alone = Path("alone") / RUN.name
    assert_same_states(last_state(alone), last_state(RUN), 1e-4)
    for one, two in zip(losses(alone), losses(RUN), strict=True):
        assert {name: float(two[name]) for name in two} == pytest.approx(
            {name: float(one[name]) for name in one}, rel=1e-3
        )


def test_workers_resume_exactly_and_the_chief_alone_hears_signals(workers):
    chief, other = workers(*WORDS, "--strategy", "multiworker", "--steps", 100000)
    wait_for_rows([chief, other], 2)
    for process in (other, chief):
        process.send_signal(signal.SIGTERM)
    assert f"--resume {RUN}" in finish(chief, 128 + signal.SIGTERM)
    assert "Another worker has stopped" in finish(other, 2)
    straight, last = last_state(RUN), sorted((RUN / "checkpoints").iterdir())[-1]
    last.unlink()  # so the last step is done again
    for process in workers("fit", "reader", "--resume", RUN, "--steps", int(straight["step"])):
        finish(process)
    assert_same_states(straight, last_state(RUN))


@pytest.mark.parametrize("backend", ["tensorflow", pytest.param("jax", marks=pytest.mark.slow)])
def test_two_devices_train_as_one_and_one_goes_on(backend):
    """Dropout leaves out the same units; strategy and steps in a call are free when a run goes on."""
    pytest.importorskip(backend)
    words = [*WORDS, "--steps", 6, "--steps-per-execution", 2]
    finish(start(*words, "--strategy", "mirrored", devices=2, backend=backend))
    finish(start(*words, "--run-dir", "alone", backend=backend))
    alone = Path("alone") / RUN.name
    assert_same_states(last_state(alone), last_state(RUN), 1e-4)
    go_on = "--steps", 9, "--steps-per-execution", 1
    finish(start("fit", "reader", "--resume", RUN, "--strategy", "none", *go_on, backend=backend))
    finish(start("fit", "reader", "--resume", alone, *go_on, backend=backend))
    assert_same_states(last_state(alone), last_state(RUN), 1e-4)
    assert [path.name for path in sorted((RUN / "samples").iterdir())] == ["step-0000006.png", "step-0000009.png"]


@pytest.mark.slow
def test_workers_of_16_bits(workers):
    """Results are exchanged in 32 bits, which all collective operations know."""
    words = [*WORDS, "--precision", "mixed_bfloat16", "--steps", 3]
    for process in workers(*words, "--strategy", "multiworker"):
        finish(process)
    finish(start(*words, "--run-dir", "alone"))
    assert_same_states(last_state(Path("alone") / RUN.name), last_state(RUN), 2e-3)


def test_a_batch_that_two_devices_cannot_share_is_refused():
    said = finish(start(*WORDS, "--strategy", "mirrored", "--hands", 3, devices=2), 2)
    assert "--hands 3 cannot be divided over 2 devices; choose a multiple." in said
    assert not Path("runs").exists()
