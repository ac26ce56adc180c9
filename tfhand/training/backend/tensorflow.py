"""Gradients and compilation by TensorFlow: tapes and graphs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from tfhand.training.backend.tensorflow_devices import average

# It writes sums anew in a way that fails the second time a branch of a `cond` is taken, as that of lazy regularization
# is: "AlreadyExistsError: Resource .../tmp_var" (github.com/tensorflow/tensorflow/issues/33713).
tf.config.optimizer.set_experimental_options({"arithmetic_optimization": False})


def value_and_grad(fn: Callable[[], tuple[Any, Any]], variables: Sequence) -> tuple[Any, Any, list]:
    """Value and gradient of a function of Keras variables.

    Args:
        fn: takes nothing, returns (scalar value, aux), aux being any structure of tensors.
        variables: Keras variables by which to differentiate; others count as constants.

    Returns:
        (value, aux, gradients), one dense gradient a variable; where the value does not depend on it None, and under
        JAX zeros.
    """
    tensors = [variable.value for variable in variables]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(tensors)
        value, aux = fn()
    # A gather's gradient is sparse, and Adam's moments must decay in the rows that were not asked for as well.
    gradients = [tf.convert_to_tensor(g) if g is not None else None for g in tape.gradient(value, tensors)]
    return value, aux, average(gradients)


def input_gradient(fn: Callable[[Any], Any], x) -> tuple[Any, Any]:
    """Output of a function and the gradient of its sum by the input; may be used inside `value_and_grad`.

    Args:
        fn: maps x (B, ...) to a tensor whose sample i depends on x[i] alone.
        x: float tensor.

    Returns:
        (fn(x), gradient of the shape of x).
    """
    x = tf.convert_to_tensor(x)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(x)
        output = fn(x)
    return output, tape.gradient(output, x)


def fit(model: keras.Model, batches: Any, callbacks: Any, **options: Any) -> keras.callbacks.History:
    """Trains a compiled model on a tf.data.Dataset; options are those of `keras.Model.fit`."""
    return keras.Model.fit(model, batches, callbacks=callbacks, **{"verbose": 0, "shuffle": False, **options})


def compile_step(step: Callable, jit: bool = False) -> Callable:
    """A step as one compiled function; it may be given NumPy arrays.

    Args:
        step: changes Keras variables at will, and returns any structure of tensors.
        jit: compile with XLA, not as a plain graph.
    """
    return tf.function(step, jit_compile=jit, reduce_retracing=True)
