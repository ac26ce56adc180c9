"""What TensorBoard is given: event files with metrics and sample grids, and a profile of some steps."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest

from tests.support import fit_dots
from tests.support.fit_dots import train
from tfhand import fit

pytestmark = pytest.mark.usefixtures("dot_family")
RUN = Path("runs/0001-dot-small-set")


def read_back() -> tuple[dict[str, dict[int, float]], dict[int, bytes]]:
    """Metrics by name and step, and sample grids by step, in the order in which they were written."""
    reading = pytest.importorskip("tensorboard.backend.event_processing.event_file_loader")
    metrics: dict[str, dict[int, float]] = {}
    grids: dict[int, bytes] = {}
    for path in sorted((RUN / "tensorboard").iterdir(), key=lambda path: path.stat().st_mtime):
        for event in reading.LegacyEventFileLoader(str(path)).Load():
            for value in event.summary.value:
                if value.HasField("image"):
                    grids[event.step] = value.image.encoded_image_string
                else:
                    metrics.setdefault(value.tag, {})[event.step] = value.simple_value
    return metrics, grids


def test_event_files_hold_what_the_run_holds(data):
    pytest.importorskip("tensorboard")
    words = "--log-every", "2", "--samples-every", "3", "--tensorboard"
    assert train(data, "--steps", "7", *words) == 0
    assert fit.main(["dot", "--resume", str(RUN), "--steps", "10"]) == 0
    metrics, grids = read_back()
    with (RUN / "metrics.csv").open(newline="") as file:
        rows = {int(row["step"]): row for row in csv.DictReader(file)}
    for name in ("loss", "discriminator", "generator"):
        for step in rows:
            assert metrics[name][step] == pytest.approx(float(rows[step][name]), rel=1e-4)
    assert list(rows) == [2, 4, 6, 8, 10]
    assert sorted(grids) == [3, 6, 7, 9, 10]
    for step, picture in grids.items():
        assert picture == (RUN / "samples" / f"step-{step:07d}.png").read_bytes()


def test_nothing_is_written_unasked(data):
    assert train(data, "--steps", "20") == 0
    assert not {"tensorboard", "profile"} & {path.name for path in RUN.iterdir()}


def test_without_tensorboard_the_command_says_what_to_install(data, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tensorboard.compat.proto", None)
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    assert train(data, "--steps", "2", "--tensorboard") == 2
    assert capsys.readouterr().err == '--tensorboard needs TensorBoard: pip install "tfhand[tensorboard]".\n'
    assert not RUN.exists()


def test_a_profile_of_some_steps(data):
    assert train(data, "--steps", "20", "--profile") == 0
    (found,) = RUN.glob("profile/plugins/profile/*/*.xplane.pb")
    assert b"MatMul" in found.read_bytes()  # the name of what the steps compute


@pytest.mark.large
def test_both_under_jax(dot_family, data):
    pytest.importorskip("jax")
    pytest.importorskip("tensorboard")
    words = "dot", "--data", data, "--steps", "20", "--log-every", "10", "--profile", "--tensorboard"
    fit_dots.finish(fit_dots.start(*words, environment={"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}))
    assert len(list(RUN.glob("profile/plugins/profile/*/*.xplane.pb"))) == 1
    metrics, grids = read_back()
    assert list(metrics["loss"]) == [10, 20]
    assert list(grids) == [20]


def test_a_profile_that_the_end_cuts_short(data):
    assert train(data, "--steps", "12", "--profile") == 0
    assert len(list(RUN.glob("profile/plugins/profile/*/*.xplane.pb"))) == 1
