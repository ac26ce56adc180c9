"""The same steps under TensorFlow and under JAX, which does without TensorFlow; checkpoints and presets go both ways.

The tests run under TensorFlow. Run as a script, under the backend that KERAS_BACKEND names, this file takes the
steps: `test_backend.py START END` goes from the states in the folder START and leaves its own in END.
"""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from tests.support.quick import CHARACTERS, FAMILIES, TRAININGS, prepare, take_steps
from tfhand.core.config import as_json
from tfhand.core.json_files import write_json
from tfhand.data import synthetic
from tfhand.data.archive import Archive
from tfhand.models import registry
from tfhand.training.run_directory import RunDirectory, load_state, save_state
from tfhand.training.setup import TrainingSetup

pytest.importorskip("jax")
pytestmark = pytest.mark.large  # compiles every family twice

ROOT = Path(__file__).resolve().parents[2]
KERAS_WARNING = "__array__ implementation doesn't accept a copy"  # Keras converts its variables as NumPy 2.4 dislikes
STEPS = 10


def primitives() -> dict[str, float]:
    """What the three functions give for a polynomial of a variable, whose function counts its calls in another."""
    import keras
    from keras import ops

    from tfhand.training.backend import compile_step, input_gradient, value_and_grad

    factor, calls = keras.Variable(1.5), keras.Variable(0.0, trainable=False)

    def penalty(x):
        calls.assign_add(1)
        output, gradient = input_gradient(lambda x: factor * x**3, x)  # 3 a x^2
        return ops.sum(gradient**2), output

    def step(x):
        value, output, (slope,) = value_and_grad(lambda: penalty(x), [factor])
        factor.assign_sub(0.001 * slope)
        return {"value": value, "output": ops.sum(output), "slope": slope, "calls": calls + 0}

    compiled, x = compile_step(step), np.array([1.0, 2.0], np.float32)
    named = {"eager": step(x), "compiled": compiled(x), "again": compiled(x)}
    results = {f"{when} {name}": float(value) for when, each in named.items() for name, value in each.items()}
    return {**results, "factor": float(factor), "calls": float(calls)}


def prepare_all(archive: Archive, families: Iterable[str]) -> dict[str, TrainingSetup]:
    return {family: prepare(family, archive) for family in families}


def run_all(every: dict[str, TrainingSetup], end: Path) -> None:
    """Takes all steps; leaves the means of all terms, the states and what the primitives give."""
    (end / "primitives.json").write_text(json.dumps(primitives()))
    for family, setup in every.items():
        (end / f"{family}.json").write_text(json.dumps(take_steps(setup, STEPS)))
        save_state(end / f"{family}.npz", setup.trainer.state_variables, STEPS)


def under_jax(start: Path, end: Path) -> None:
    """The other process's part: from the states and presets in `start`, under whatever backend."""
    families = [path.stem for path in start.glob("*.npz") if path.stem in TRAININGS]
    every = prepare_all(Archive.load(start / "letters.npz"), families)
    for family, setup in every.items():
        load_state(start / f"{family}.npz", setup.trainer.state_variables)
    run_all(every, end)
    registry.load(start / "preset").save_to_preset(end / "preset")


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> dict[str, str]:
    """Of a process that trains by JAX, where importing TensorFlow fails."""
    folder = tmp_path_factory.mktemp("without")
    (folder / "tensorflow.py").write_text("raise ModuleNotFoundError('No module named tensorflow')")
    return {
        **os.environ,
        "KERAS_BACKEND": "jax",
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": "--xla_backend_optimization_level=0",  # compiles in half the time
        "JAX_COMPILATION_CACHE_DIR": str(folder / "cache"),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
    }


def start_python(environment: dict[str, str], *words: str | Path, cwd: Path | None = None) -> subprocess.Popen:
    words = sys.executable, "-W", "error", "-W", f"ignore:{KERAS_WARNING}:DeprecationWarning", *map(str, words)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(words, env=environment, cwd=cwd, **pipes)


def finish(process: subprocess.Popen, status: int = 0) -> str:
    """What it has said on either stream."""
    said, error = process.communicate(timeout=600)
    assert process.returncode == status, said + error
    return said + error


@pytest.fixture(scope="module")
def archive() -> Archive:
    return synthetic.archive(14, 2, seed=20, characters=CHARACTERS)


@pytest.fixture(scope="module")
def every(archive, request) -> dict[str, TrainingSetup]:
    """Of the families that are tested in this session, and the reader, whose preset goes there and back."""
    here = [item for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    asked = {"reader", *(item.callspec.params["family"] for item in here)}
    return prepare_all(archive, [family for family in TRAININGS if family in asked])


@pytest.fixture(scope="module")
def ends(tmp_path_factory, environment, archive, every) -> tuple[Path, Path, Path]:
    """Folders with the states before the steps, after those by TensorFlow, and after those by JAX."""
    start, ours, theirs = folders = tuple(tmp_path_factory.mktemp(name) for name in ("start", "tensorflow", "jax"))
    archive.save(start / "letters.npz")
    for family, setup in every.items():
        save_state(start / f"{family}.npz", setup.trainer.state_variables, 0)
    every["reader"].trainer.ema.save_to_preset(start / "preset")
    other = start_python(environment, __file__, start, theirs)
    run_all(every, ours)
    finish(other)
    return folders


def state(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a checkpoint by their place and the variables' names."""
    with np.load(path) as stored:
        return {f"{index} {name}": stored[f"{index:05d}"] for index, name in enumerate(stored["paths"])}


def test_gradients_and_compiled_steps_are_the_same(ends):
    ours, theirs = (json.loads((folder / "primitives.json").read_text()) for folder in ends[1:])
    assert ours["eager value"] == pytest.approx(9 * 1.5**2 * (1 + 16))
    assert ours["eager slope"] == pytest.approx(18 * 1.5 * (1 + 16))
    assert ours["calls"] == 3
    assert theirs == pytest.approx(ours, rel=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
class TestTenSteps:
    def test_the_terms_agree(self, ends, family):
        ours, theirs = (json.loads((folder / f"{family}.json").read_text()) for folder in ends[1:])
        assert len(ours) == len(theirs) == STEPS
        for one, other in zip(ours, theirs, strict=True):
            assert other == pytest.approx(one, rel=1e-4, abs=1e-5)

    def test_all_variables_agree(self, ends, family):
        """To a thirtieth of what they moved by, which roundings grow to; counters and seeds exactly."""
        start, ours, theirs = (state(folder / f"{family}.npz") for folder in ends)
        assert len(start) == len(ours) == len(theirs)  # by place: Keras numbers the names on within a process
        for name, before, one, other in zip(start, start.values(), ours.values(), theirs.values(), strict=True):
            exact = before.dtype.kind != "f"
            tolerance = 0 if exact else 2e-6 + np.abs(one - before).max() / 30
            np.testing.assert_allclose(other, one, rtol=0, atol=tolerance, err_msg=name)

    def test_everything_moves(self, ends, every, family):
        """Weights, their averages, moments, step counters and the generator of the noise."""
        trainer = every[family].trainer
        start, theirs = (list(state(folder / f"{family}.npz").values()) for folder in (ends[0], ends[2]))
        moved = {
            id(variable): not np.array_equal(old, new)
            for variable, old, new in zip(trainer.state_variables, start, theirs, strict=True)
        }
        pairs = zip(trainer.ema.weights, trainer.networks.weights, strict=True)
        weights = [*trainer.trainable_variables, *(slow for slow, fast in pairs if fast.trainable)]
        assert np.mean([moved[id(variable)] for variable in weights]) > 0.9
        for optimizer in trainer.optimizers.values():
            assert moved[id(optimizer.iterations)]
            assert np.mean([moved[id(variable)] for variable in optimizer.variables[2:]]) > 0.9
        assert moved[id(trainer.step)]
        assert moved[id(trainer.random.state)] == (
            family not in ("alphabet", "reader", "verifier", "stroke-verifier", "aligner")
        )

    def test_a_checkpoint_goes_back(self, ends, every, family):
        variables, path = every[family].trainer.state_variables, ends[2] / f"{family}.npz"
        assert load_state(path, variables) == STEPS
        for (name, stored), variable in zip(state(path).items(), variables, strict=True):
            np.testing.assert_array_equal(variable, stored, err_msg=name)


def test_a_preset_goes_there_and_back(ends):
    there, back = (registry.load(folder / "preset") for folder in (ends[0], ends[2]))
    for one, other in zip(there.weights, back.weights, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.fixture
def stopped(tmp_path, environment, archive) -> tuple[RunDirectory, str]:
    """A run of `fit hand` by JAX that was asked to stop after some steps, and what it said."""
    archive.save(tmp_path / "letters.npz")
    config, train_config = TRAININGS["hand"]
    write_json(tmp_path / "tiny.json", {**as_json(config), **as_json(train_config), "encoder_dropout": 0.1})
    words = "hand --data letters.npz --settings tiny.json --steps 100000 --log-every 1 --checkpoint-minutes 0"
    process = start_python(environment, "-m", "tfhand.fit", *words.split(), cwd=tmp_path)
    metrics = tmp_path / "runs" / "0001-hand-letters" / "metrics.csv"
    while process.poll() is None and not (metrics.exists() and len(metrics.read_text().splitlines()) > 3):
        time.sleep(0.05)
    process.terminate()
    said = finish(process, 128 + signal.SIGTERM)
    return RunDirectory(metrics.parent), said


def test_fit_by_jax_resumes_exactly_and_its_preset_loads_here(stopped, environment):
    run, said = stopped
    assert f"--resume {Path(*run.folder.parts[-2:])}" in said
    assert run.record["versions"].keys() == {"tfhand", "python", "jax", "keras", "numpy"}
    last, steps = run.checkpoints[-1], run.step
    straight = state(last)
    last.unlink()  # so the last step is done again
    words = "-m", "tfhand.fit", "hand", "--resume", run.folder, "--steps", steps
    finish(start_python(environment, *words, cwd=run.folder.parents[1]))
    again = state(last)
    for (name, one), other in zip(straight.items(), again.values(), strict=True):
        np.testing.assert_array_equal(one, other, err_msg=name)
    with run.metrics.open(newline="") as file:
        assert [int(row["step"]) for row in csv.DictReader(file)] == list(range(1, steps + 1))
    assert len(list((run.folder / "samples").iterdir())) == 1
    seeds = [int(array[1]) for name, array in again.items() if "seed_generator" in name]
    assert sorted(seeds) == [0, steps, 2 * steps]  # the twin's dropout, the networks' own, two kinds of noise
    of_twin = re.compile(r"\d+ (set_encoder|style_mapping|glyph_generator)_1/").match
    twin = [array for name, array in again.items() if of_twin(name)]
    for averaged, shipped in zip(twin, registry.load(run.preset).weights, strict=True):
        np.testing.assert_allclose(shipped, averaged, rtol=1e-3, atol=1e-6)  # stored in half precision


def test_other_backends_are_refused(tmp_path, environment, archive):
    archive.save(tmp_path / "letters.npz")
    words = "-m", "tfhand.fit", "reader", "--data", "letters.npz", "--characters", CHARACTERS, "--steps", "1"
    said = finish(start_python({**environment, "KERAS_BACKEND": "numpy"}, *words, cwd=tmp_path), 2)
    assert said == "Training needs the Keras backend tensorflow or jax, not numpy; set KERAS_BACKEND.\n"
    assert not (tmp_path / "runs").exists()


if __name__ == "__main__":
    under_jax(*map(Path, sys.argv[1:]))
