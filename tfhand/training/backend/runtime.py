"""How the backend is fed, what it knows of the machine, and how to make it deterministic."""

from __future__ import annotations

import os
from typing import Any

import keras

from tfhand.data.streams.base import Stream

_JAX = keras.config.backend() == "jax"


def feed(stream: Stream, start: int, steps: int) -> Any:
    """Batches of a stream, made ahead: a tf.data.Dataset under TensorFlow, an iterator with a thread under JAX."""
    return stream.batches(start, steps) if _JAX else stream.dataset(start, steps)


def use_xla(choice: str) -> bool:
    """Whether to compile with XLA: "on", "off", or "auto", on an accelerator only; on a CPU plain graphs are faster.

    JAX knows nothing but XLA, whatever this says.
    """
    return choice == "on" if choice != "auto" else has_accelerator()


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


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error of the backend says that memory ran out."""
    return type(error).__name__ == "ResourceExhaustedError" or str(error).startswith("RESOURCE_EXHAUSTED")
