"""Gradients, compilation and the machine: the only room in training that knows Keras's backend.

Steps are written with keras.ops and the functions here, so that the same step runs under TensorFlow and under JAX;
Keras chooses between them by the environment variable KERAS_BACKEND.
"""

from __future__ import annotations

import keras

from tfhand.errors import HandwritingError

_BACKEND = keras.config.backend()
if _BACKEND == "tensorflow":
    from tfhand.training.backend.tensorflow import compile_step, fit, input_gradient, value_and_grad
    from tfhand.training.backend.tensorflow_devices import divide
elif _BACKEND == "jax":
    from tfhand.training.backend.jax import compile_step, input_gradient, value_and_grad
    from tfhand.training.backend.jax_devices import divide
    from tfhand.training.backend.jax_loop import fit
else:
    raise HandwritingError(f"Training needs the Keras backend tensorflow or jax, not {_BACKEND}; set KERAS_BACKEND.")


__all__ = ["compile_step", "divide", "fit", "input_gradient", "value_and_grad"]
