"""How a training uses the machine."""

from __future__ import annotations

import pytest
import tensorflow as tf

from tfhand.training.backend import runtime
from tfhand.training.backend.runtime import use_cores, use_xla


def test_xla_is_for_accelerators():
    assert use_xla("on") is True
    assert use_xla("off") is False
    assert use_xla("auto") is bool(tf.config.list_physical_devices("GPU"))


@pytest.fixture
def threads(monkeypatch) -> dict[str, int]:
    """What TensorFlow is told about threads, on a machine of two cores."""
    told: dict[str, int] = {}
    monkeypatch.setattr(runtime, "cores", lambda: 2)
    for kind in ("intra", "inter"):
        monkeypatch.delenv(f"TF_NUM_{kind.upper()}OP_THREADS", raising=False)
        name = f"set_{kind}_op_parallelism_threads"
        monkeypatch.setattr(tf.config.threading, name, lambda count, kind=kind: told.update({kind: count}))
    return told


@pytest.mark.skipif(bool(tf.config.list_physical_devices("GPU")), reason="there is a GPU")
def test_two_cores_compute_two_operations_at_a_time(threads):
    use_cores(side_by_side=True, jit="auto")
    assert threads == {"intra": 1, "inter": 2}


@pytest.mark.parametrize("left", ["one chain of operations", "XLA", "more cores", "somebody says"])
def test_threads_are_left_as_they_are(threads, monkeypatch, left):
    if left == "more cores":
        monkeypatch.setattr(runtime, "cores", lambda: 8)
    if left == "somebody says":
        monkeypatch.setenv("TF_NUM_INTEROP_THREADS", "2")
    use_cores(left != "one chain of operations", "on" if left == "XLA" else "off")
    assert threads == {}


def test_threads_of_what_has_begun_stay(threads, monkeypatch):
    def begun(count: int) -> None:
        raise RuntimeError("Intra op parallelism cannot be modified after initialization.")

    monkeypatch.setattr(tf.config.threading, "set_intra_op_parallelism_threads", begun)
    use_cores(side_by_side=True, jit="off")
    assert threads == {}
