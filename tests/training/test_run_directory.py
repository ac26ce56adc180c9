"""Run folders: numbers that two never share, nothing empty or half written left behind."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from tfhand.training.run_directory import RunDirectory, RunError, load_state, save_state


class Variable:
    """As much of a Keras variable as a checkpoint needs."""

    path = "a/b"

    def __init__(self, value):
        self.value = np.asarray(value)
        self.shape, self.dtype = self.value.shape, self.value.dtype

    def __array__(self, dtype=None, copy=None):
        return self.value

    def assign(self, value):
        self.value = value


def test_two_that_begin_at_once_have_numbers_of_their_own(tmp_path):
    made = []
    threads = [
        threading.Thread(target=lambda: made.append(RunDirectory.create(tmp_path, "a", {"family": "dot"}).folder.name))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [f"{number:04d}-a" for number in range(1, 9)]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(made)


def test_only_a_run_without_anything_is_taken_away(tmp_path):
    empty, used = (RunDirectory.create(tmp_path, "a", {}) for _ in range(2))
    used.metrics.write_text("step\n")
    for run in (empty, used):
        run.remove_if_empty()
    assert [path.name for path in tmp_path.iterdir()] == ["0002-a"]


def test_half_written_checkpoints_are_cleared_away(tmp_path):
    run, variables = RunDirectory.create(tmp_path, "a", {}), [Variable(np.float32([1, 2]))]
    run.save_checkpoint(variables, 3)
    (run.folder / "checkpoints" / ".step-0000004-x.npz").write_bytes(b"half")
    assert run.load_checkpoint(variables) == 3
    assert [path.name for path in (run.folder / "checkpoints").iterdir()] == ["step-0000003.npz"]


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        {"step": 1, "paths": np.array(["a"])},
        {"step": [1, 2], "paths": np.array(["a"]), "00000": np.zeros(2, np.float32)},
        {"step": 1, "paths": np.int64(3), "00000": np.zeros(2, np.float32)},
        {"step": 1, "paths": np.array(["a"]), "00000": np.zeros(2, np.int32)},
        {"step": 1, "paths": np.array(["a"]), "00000": np.zeros(2, "U3")},
        {"step": 1, "paths": np.array(["a"]), "00000": np.zeros(3, np.float32)},
    ],
)
def test_checkpoints_of_something_else(tmp_path, arrays):
    np.savez(tmp_path / "a.npz", **arrays)
    variable = Variable(np.float32([1, 2]))
    with pytest.raises(RunError, match=r"cannot be read|is of other networks"):
        load_state(tmp_path / "a.npz", [variable])
    assert variable.value.tolist() == [1, 2]
    save_state(tmp_path / "b.npz", [Variable(np.float32([3, 4]))], 5)
    assert load_state(tmp_path / "b.npz", [variable]) == 5
    assert variable.value.tolist() == [3, 4]
