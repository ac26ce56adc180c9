"""`python -m tests.support.fit_dots`: the fit command with the family of dots, for tests that need a process of it."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
KERAS_WARNING = "__array__ implementation doesn't accept a copy"  # Keras converts its variables as NumPy 2.4 dislikes


def start(*words: str | Path, environment: Mapping[str, str] = MappingProxyType({})) -> subprocess.Popen:
    """Starts the command in a process of its own, in the working directory, where warnings are errors."""
    known = {**os.environ, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": "", **environment}
    strict = "-W", "error", "-W", f"ignore:{KERAS_WARNING}:DeprecationWarning"
    command = [sys.executable, *strict, "-m", "tests.support.fit_dots", *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=known)


def finish(process: subprocess.Popen, status: int = 0) -> str:
    """Waits for its end; what it has said on either stream."""
    said, error = process.communicate(timeout=900)
    assert process.returncode == status, said + error
    return said + error


def interrupt(process: subprocess.Popen, happened: Callable[[], bool], seconds: float = 120) -> str:
    """Sends Ctrl-C as soon as something has happened; what the process has said."""
    end = time.monotonic() + seconds
    while not happened():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    return finish(process, 128 + signal.SIGINT)


def train(data: str, *words: str) -> int:
    """Runs the command in this process, where the fixture `dot_family` is in force."""
    from tfhand import fit

    return fit.main(["dot", "--data", data, *words])


def rows(run: Path) -> list[dict[str, str]]:
    """Of its metrics.csv."""
    with (run / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def losses(run: Path) -> list[dict[str, str]]:
    """The rows of its metrics.csv but for the speed."""
    return [{name: value for name, value in row.items() if name != "images_per_second"} for row in rows(run)]


def last_state(run: Path) -> dict[str, np.ndarray]:
    """The arrays of its newest checkpoint."""
    with np.load(sorted((run / "checkpoints").iterdir())[-1]) as stored:
        return dict(stored)


def main() -> int:
    from tests.support.dots import DOT
    from tfhand import fit
    from tfhand.models import registry

    registry.SPECS = fit.SPECS = {**registry.SPECS, "dot": DOT}
    return fit.main()


if __name__ == "__main__":
    sys.exit(main())
