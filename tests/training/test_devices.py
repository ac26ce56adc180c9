"""Several devices and several workers: the losses and weights of one device with the same batch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from tests.support.worker import STEPS, finish, start, start_workers
from tfhand.training.backend import devices as rooms
from tfhand.training.backend import divide, value_and_grad
from tfhand.training.backend.devices import Devices, DevicesError, check_divisible, use_devices
from tfhand.training.backend.runtime import use_xla

SEVERAL = ["cgan", "verifier-dropout"]
LARGE = [("hand", "tensorflow"), ("stargan", "tensorflow"), ("stylegan", "tensorflow"), ("stylegan", "jax")]  # slow


@pytest.fixture
def two_parts(monkeypatch):
    """The one device of this process, as if it were two."""
    monkeypatch.setattr(rooms, "_current", [Devices(("CPU:0", "CPU:0"))])


def test_one_device_is_used_as_before():
    calls = []
    with use_devices("none") as devices:
        assert (devices.count, devices.is_chief) == (1, True)
        divide(lambda x: calls.append(x) or x, "not even a tensor")
    assert calls == ["not even a tensor"]


@pytest.mark.parametrize(("group", "neighbours", "size"), [(1, 1, 3), (3, 1, 3), (1, 3, 3), (4, 1, 6), (1, 2, 6)])
def test_rows_that_belong_together_are_computed_together(two_parts, group, neighbours, size):
    """Of six rows two parts are made where they can be, else all are computed at once."""
    rows, seen = np.arange(6.0, dtype=np.float32)[:, None], []

    def compared(rows):
        seen.append(rows.shape[0])
        by_group = ops.reshape(rows, (group, -1, 1)) if rows.shape[0] % group == 0 else rows[None]
        return rows + ops.reshape(ops.tile(ops.mean(by_group, axis=0), (by_group.shape[0], 1)), rows.shape)

    found = divide(compared, rows, group=group, neighbours=neighbours)
    assert seen == [size] * (6 // size)
    np.testing.assert_allclose(found, compared(rows), rtol=1e-6)


def test_gradients_are_those_of_all_rows(two_parts):
    factor, rng = tf.Variable(2.0), np.random.default_rng(0)
    given = tf.constant(rng.standard_normal((4, 3)), "float32")

    def loss(call):
        def value():
            high, low = call(lambda x, y: (factor * x**2, ops.sum(y, axis=1)), factor * given, given)
            return ops.sum(high) * ops.max(low) + ops.sum(high[0] * high[3]), {}  # looks over the batch

        return value_and_grad(value, [_Value(factor)])

    (one, _, (slope,)), (other, _, (whole,)) = loss(divide), loss(lambda fn, *tensors: fn(*tensors))
    assert float(one) == pytest.approx(float(other), rel=1e-6)
    assert float(slope) == pytest.approx(float(whole), rel=1e-5)


class _Value:
    """A variable of TensorFlow's as Keras's are used."""

    def __init__(self, variable: tf.Variable):
        self.value = variable


class TestRefusals:
    def test_a_machine_with_one_device(self):
        with pytest.raises(DevicesError, match="mirrored is for several devices"), use_devices("mirrored"):
            pass

    @pytest.mark.parametrize(
        "text", ["", "[]", '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}']
    )
    def test_no_cluster(self, text, monkeypatch):
        monkeypatch.setenv("TF_CONFIG", text)
        with pytest.raises(DevicesError, match="needs the environment variable TF_CONFIG"), use_devices("multiworker"):
            pass

    def test_a_batch_that_cannot_be_divided(self, two_parts):
        check_divisible(8, "--batch-size", group=4)
        with pytest.raises(DevicesError, match=r"--people 3 cannot be divided over 2 devices; choose a multiple"):
            check_divisible(3, "--people")
        with pytest.raises(DevicesError, match="over 2 devices in groups of 4"):
            check_divisible(12, "--batch-size", group=4)

    def test_one_device_takes_any_batch(self):
        assert check_divisible(7, "--batch-size", group=4) is None

    def test_xla(self, two_parts):
        assert use_xla("auto") is use_xla("off") is False
        with pytest.raises(DevicesError, match="--jit on is for one device"):
            use_xla("on")

    @pytest.mark.large
    def test_workers_under_jax(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        said = finish(start("fit", "reader", "--strategy", "multiworker", "--steps", 1, backend="jax"), 2)
        assert "Under JAX a training has the devices of one machine: --strategy mirrored." in said


def assert_same(folder: Path, other: Path, family: str) -> None:
    """The losses to rounding, the state to a thirtieth of what Adam may have moved by; counters and seeds exactly.

    Of a hundred numbers two may be farther off: Adam makes full steps of gradients that are nothing but rounding.
    """
    one, two = (json.loads((each / f"{family}.json").read_text()) for each in (folder, other))
    assert len(one) == len(two) == STEPS
    for ours, theirs in zip(one, two, strict=True):
        assert theirs == pytest.approx(ours, rel=1e-4, abs=1e-5)
    with np.load(folder / f"{family}.npz") as ours, np.load(other / f"{family}.npz") as theirs:
        for name in set(ours.files) - {"paths"}:
            tolerance = 1e-3 if ours[name].dtype.kind == "f" else 0
            near = np.isclose(theirs[name], ours[name], rtol=tolerance, atol=tolerance)
            assert near.mean() >= (0.98 if tolerance else 1), name


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alone")
    finish(start("steps", folder, "none", *SEVERAL))
    return folder


@pytest.fixture(scope="module")
def divided(tmp_path_factory):
    folder = tmp_path_factory.mktemp("divided")
    finish(start("steps", folder, "mirrored", *SEVERAL, devices=2))
    return folder


@pytest.fixture(scope="module")
def of_workers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("workers")
    for process in start_workers(2, "steps", folder, "multiworker", *SEVERAL):
        finish(process)
    return folder


def take_both(folder: Path, family: str, backend: str) -> tuple[Path, Path]:
    """Folders with what steps by one device and by two leave."""
    folders = folder / "one", folder / "two"
    for each, strategy, devices in zip(folders, ("none", "mirrored"), (1, 2), strict=True):
        each.mkdir()
        finish(start("steps", each, strategy, family, backend=backend, devices=devices))
    return folders


@pytest.mark.large
def test_each_device_computes_its_part_forward_and_backward():
    assert finish(start("products", devices=2)).split() == ["CPU:0", "CPU:0", "CPU:1", "CPU:1"]


@pytest.mark.large
def test_jax_divides_the_work():
    pytest.importorskip("jax")
    assert finish(start("rows", devices=4, backend="jax")) == "2\n"


@pytest.mark.large
class TestSameLosses:
    @pytest.mark.parametrize("family", SEVERAL)
    def test_two_devices(self, alone, divided, family):
        assert_same(alone, divided, family)

    @pytest.mark.slow
    @pytest.mark.parametrize(("family", "backend"), LARGE)
    def test_two_devices_of_large_families(self, tmp_path, family, backend):
        pytest.importorskip(backend)
        assert_same(*take_both(tmp_path, family, backend), family)

    @pytest.mark.parametrize("family", SEVERAL)
    def test_two_workers(self, alone, of_workers, family):
        assert_same(alone, of_workers, family)

    def test_two_devices_under_jax(self, tmp_path):
        pytest.importorskip("jax")
        assert_same(*take_both(tmp_path, "verifier", "jax"), "verifier")

    @pytest.mark.slow
    def test_four_workers(self, alone, tmp_path):
        for process in start_workers(4, "steps", tmp_path, "multiworker", "verifier-dropout"):
            finish(process)
        assert_same(alone, tmp_path, "verifier-dropout")
