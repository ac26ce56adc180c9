"""How the backend is fed, what it knows of the machine, and how to make it deterministic."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import keras

from tfhand.data.streams.base import Stream
from tfhand.training.backend.devices import DevicesError, current_devices

_JAX = keras.config.backend() == "jax"


def feed(stream: Stream, start: int, steps: int) -> Any:
    """Batches of a stream, made ahead: a tf.data.Dataset under TensorFlow, an iterator with a thread under JAX."""
    return stream.batches(start, steps) if _JAX else stream.dataset(start, steps)


def use_xla(choice: str) -> bool:
    """Whether to compile with XLA: "on", "off", or "auto", on an accelerator only; on a CPU plain graphs are faster.

    JAX knows nothing but XLA, whatever this says; under TensorFlow a graph for several devices is a plain one.

    Raises:
        DevicesError: "on" with several devices.
    """
    if current_devices().count > 1 and not _JAX:
        if choice == "on":
            raise DevicesError("--jit on is for one device: TensorFlow compiles no graph for several; leave it out.")
        return False
    return choice == "on" if choice != "auto" else has_accelerator()


def use_cores(side_by_side: bool, jit: str) -> None:
    """Has two cores compute two operations at a time, where a step has them; call it before anything is computed.

    TensorFlow divides every operation between the cores, which takes a third longer for a step of StarGAN v2 on two
    (docs/measurements.md). With more cores, an accelerator or XLA, or where the environment says what is wanted, it is
    left to that.

    Args:
        side_by_side: whether much of a step can be computed side by side.
        jit: as for `use_xla`.
    """
    asked = any(os.environ.get(f"TF_NUM_{kind}OP_THREADS") for kind in ("INTRA", "INTER"))
    if _JAX or asked or not side_by_side or cores() != 2 or use_xla(jit) or has_accelerator():
        return
    from tensorflow.config import threading

    with suppress(RuntimeError):  # something was computed before
        threading.set_intra_op_parallelism_threads(1)
        threading.set_inter_op_parallelism_threads(2)


def cores() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def has_accelerator() -> bool:
    """Whether the networks run on something other than the CPU."""
    if _JAX:
        import jax

        return jax.default_backend() != "cpu"
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


def accelerator_memory() -> int | None:
    """The largest memory that was in use on the first accelerator, in bytes, or None without one."""
    if not has_accelerator():
        return None
    if _JAX:
        import jax

        return jax.devices()[0].memory_stats()["peak_bytes_in_use"]
    import tensorflow as tf

    return tf.config.experimental.get_memory_info("GPU:0")["peak"]


def make_deterministic() -> None:
    """Makes every run of the same steps give the same bits; call it before anything is computed."""
    if _JAX:
        os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} --xla_gpu_deterministic_ops=true"
        return
    import tensorflow as tf

    tf.config.experimental.enable_op_determinism()


@contextmanager
def computing_in(precision: str) -> Iterator[None]:
    """Has networks that are made inside compute in this precision, a policy of `keras.mixed_precision`."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def start_profile(folder: str) -> None:
    """Records what the devices do, until `stop_profile`, in a folder that TensorBoard's profiler reads."""
    if _JAX:
        import jax

        jax.profiler.start_trace(folder)
        return
    import tensorflow as tf

    tf.profiler.experimental.start(folder)


def stop_profile() -> None:
    """Writes what was recorded."""
    if _JAX:
        import jax

        jax.profiler.stop_trace()
        return
    import tensorflow as tf

    tf.profiler.experimental.stop()


def wait_for_all() -> None:
    """Returns when every worker has come here."""
    if current_devices().workers > 1:
        from tfhand.training.backend import tensorflow_devices

        tensorflow_devices.wait_for_all()


def is_worker_lost(error: Exception) -> bool:
    """Whether an error of the backend says that another worker is no longer there."""
    return current_devices().workers > 1 and type(error).__module__.startswith("tensorflow.python.framework.errors")


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error of the backend says that memory ran out."""
    return type(error).__name__ == "ResourceExhaustedError" or str(error).startswith("RESOURCE_EXHAUSTED")
