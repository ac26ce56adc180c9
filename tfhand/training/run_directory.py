"""A run's folder on disk: its settings, metrics, sample grids and checkpoints.

    runs/0001-stargan-synthetic/
        config.json                     everything that decides the run: configuration, seed, data, package versions
        metrics.csv                     one row each log interval
        samples/step-0000500.png        sample grids
        checkpoints/step-0000500.npz    the whole state of the training, the last two
        tensorboard/, profile/          what TensorBoard shows, if asked for
    preset/                         the averaged networks, at the end

A checkpoint is an .npz of plain arrays: `step`, `paths` (the names of the variables, in order) and the values as
`00000`, `00001` and so on. Nothing in it can run code.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tfhand.core.arrays import ArrayKind, ArraysError, check_arrays, read_arrays
from tfhand.core.files import atomic_write
from tfhand.core.json_files import read_json, write_json
from tfhand.errors import HandwritingError

CONFIG = "config.json"
KEPT_CHECKPOINTS = 2  # the newest, and one before it in case the newest shows a training gone astray


class RunError(HandwritingError):
    """A run's folder cannot be made, is none, or does not fit what is asked of it."""


class Diverged(HandwritingError):
    """The training has left the finite numbers."""


class Interrupted(Exception):
    """A signal ended the training; its state is saved.

    Attributes:
        run: that goes on with `resume`.
        signal: number of the signal.
    """

    def __init__(self, run: RunDirectory, signal: int):
        super().__init__(f"signal {signal}")
        self.run, self.signal = run, signal


class RunDirectory:
    """One run's folder.

    Args:
        folder: of an existing run; `RunDirectory.create` makes a new one.

    Raises:
        RunError: the folder holds no run.
    """

    def __init__(self, folder: str | os.PathLike):
        self.folder = Path(folder)
        if not os.path.isfile(self.folder / CONFIG):
            raise RunError(f"{self.folder} is not a run's folder: it has no config.json.")
        self.record = read_json(self.folder / CONFIG)

    def values(self, family: str) -> dict[str, Any]:
        """The settings that the run was started with.

        Raises:
            RunError: it is a run of another family, or its record is broken.
        """
        if self.record.get("family") != family:
            raise RunError(f"{self.folder} is a run of {self.record.get('family')!r}, not of {family}.")
        if not isinstance(self.record.get("config"), dict):
            raise RunError(f"{self.folder / 'config.json'} holds no options; start a new run.")
        return self.record["config"]

    @classmethod
    def create(cls, parent: str | os.PathLike, name: str, record: Mapping[str, Any]) -> RunDirectory:
        """A new numbered folder `parent`/0001-`name` with the record as its config.json.

        Raises:
            RunError: the place cannot be written to.
        """
        parent = Path(parent)
        try:
            parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=parent, prefix=".new-") as scratch:
                fresh = Path(scratch) / "run"
                fresh.mkdir()
                write_json(fresh / CONFIG, record)
                return cls(_put_numbered(fresh, parent, name))
        except OSError as error:
            raise RunError(f"Cannot make a run in {parent}: {error.strerror}; choose another --run-dir.") from None

    def remove_if_empty(self) -> None:
        """Takes the folder away if the training left nothing in it but its configuration."""
        if [path.name for path in self.folder.iterdir()] == [CONFIG]:
            shutil.rmtree(self.folder)

    def update(self, record: Mapping[str, Any]) -> None:
        """Writes another record, whole or not at all."""
        write_json(self.folder / CONFIG, record)
        self.record = dict(record)

    @property
    def metrics(self) -> Path:
        return self.folder / "metrics.csv"

    @property
    def tensorboard(self) -> Path:
        return self.folder / "tensorboard"

    @property
    def profile(self) -> Path:
        return self.folder / "profile"

    @property
    def preset(self) -> Path:
        return self.folder / "preset"

    def sample(self, step: int) -> Path:
        """Where the sample grid of a step goes."""
        return self.folder / "samples" / f"step-{step:07d}.png"

    @property
    def samples(self) -> dict[int, Path]:
        """The sample grids by step, in order."""
        return {int(path.stem.removeprefix("step-")): path for path in sorted(self.sample(0).parent.glob("step-*.png"))}

    @property
    def checkpoints(self) -> list[Path]:
        """The checkpoints, oldest first."""
        return sorted((self.folder / "checkpoints").glob("step-*.npz"))

    @property
    def step(self) -> int:
        """The step of the newest checkpoint, 0 without one."""
        return int(self.checkpoints[-1].stem.removeprefix("step-")) if self.checkpoints else 0

    def save_checkpoint(self, variables: Sequence[Any], step: int) -> Path:
        """Writes a checkpoint whole, then drops all but the last two.

        Raises:
            Diverged: a value is not finite; nothing is written.
        """
        path = self.folder / "checkpoints" / f"step-{step:07d}.npz"
        save_state(path, variables, step)
        for old in self.checkpoints[:-KEPT_CHECKPOINTS]:
            old.unlink()
        return path

    def load_checkpoint(self, variables: Sequence[Any]) -> int:
        """Sets the variables to the newest checkpoint and returns its step.

        Raises:
            RunError: there is none, or it does not fit the variables.
        """
        for stale in (self.folder / "checkpoints").glob(".step-*"):  # half written by a run that was killed
            stale.unlink(missing_ok=True)  # by another worker of the run, perhaps
        if not self.checkpoints:
            raise RunError(f"{self.folder} has no checkpoint to go on from; start it again.")
        return load_state(self.checkpoints[-1], variables)


def _put_numbered(fresh: Path, parent: Path, name: str) -> Path:
    """Moves a folder to the next number that no other run has taken, or takes at this moment."""
    while True:
        taken = [int(found[0]) for path in parent.iterdir() if (found := re.match(r"\d{4,}(?=-)", path.name))]
        folder = parent / f"{max(taken, default=0) + 1:04d}-{name}"
        try:
            return fresh.rename(folder)
        except OSError:
            if not os.path.lexists(folder):
                raise


def save_state(path: str | os.PathLike, variables: Sequence[Any], step: int) -> None:
    """Writes the values of Keras variables, in order, whole or not at all.

    Raises:
        Diverged: a value is not finite; nothing is written.
    """
    arrays = _as_arrays(variables)
    for variable, array in zip(variables, arrays, strict=True):
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise Diverged(f"The variable {variable.path} is no longer finite at step {step}.")
    named: dict[str, Any] = {f"{index:05d}": array for index, array in enumerate(arrays)}
    with atomic_write(path) as temporary, temporary.open("wb") as file:
        np.savez(file, step=np.int64(step), paths=np.array([variable.path for variable in variables]), **named)
        file.flush()
        os.fsync(file.fileno())  # the rename must not overtake the bytes, or a power cut costs both checkpoints


def _is_float(array: np.ndarray) -> bool:
    """Whole numbers are of 32 bits under one backend and of 64 under another."""
    return array.dtype.kind == "f"


def _as_arrays(variables: Sequence[Any]) -> list[np.ndarray]:
    return [np.asarray(variable) for variable in variables]


def load_state(path: str | os.PathLike, variables: Sequence[Any]) -> int:
    """Sets Keras variables to the values of `save_state`, all or none, and returns the step.

    Raises:
        RunError: unreadable, cut short, or of other variables.
    """
    try:
        stored = read_arrays(path)
        check_arrays(path, stored, {"step": ArrayKind("iu", 0), "paths": ArrayKind("U", 1)})
        step, count = int(stored["step"]), len(stored["paths"])
        arrays = [stored[f"{index:05d}"] for index in range(count)]
    except (ArraysError, KeyError):
        raise RunError(f"The checkpoint {path} cannot be read; remove it to go on from the one before.") from None
    found, wanted = ([(one.shape, _is_float(one)) for one in each] for each in (arrays, _as_arrays(variables)))
    if found != wanted or any(array.dtype.kind not in "fiub" for array in arrays):
        raise RunError(f"The checkpoint {path} is of other networks: {count} arrays for {len(variables)} variables.")
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
    return step
