"""Gradients, compilation and the machine: the only room in training that knows Keras's backend.

Steps are written with keras.ops and the functions here, so that the same step runs under TensorFlow and under JAX;
Keras chooses between them by the environment variable KERAS_BACKEND.
"""

from __future__ import annotations

import keras

from tfhand.errors import HandwritingError

_BACKEND = keras.config.backend()
if _BACKEND == "tensorflow":
    from tfhand.training.backend.tensorflow import compile_step, input_gradient, value_and_grad
elif _BACKEND == "jax":
    from tfhand.training.backend.jax import compile_step, input_gradient, value_and_grad
else:
    raise HandwritingError(f"Training needs the Keras backend tensorflow or jax, not {_BACKEND}; set KERAS_BACKEND.")


def is_tensorflow() -> bool:
    """Whether Keras runs on TensorFlow."""
    return _BACKEND == "tensorflow"


__all__ = ["compile_step", "input_gradient", "is_tensorflow", "value_and_grad"]
