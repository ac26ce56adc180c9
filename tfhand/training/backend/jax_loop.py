"""The loop of a training under JAX, where Keras's own wants steps of another form."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import keras
import numpy as np

from tfhand.training.backend.jax import compile_step


def fit(model: keras.Model, batches: Any, callbacks: Any, **options: Any) -> Any:
    """Takes a step of a compiled model on each batch, with the callbacks of one long epoch; there are no options.

    Where batches end within the steps of an execution these are not taken.
    """
    watching = callbacks
    if not isinstance(watching, keras.callbacks.CallbackList):
        watching = keras.callbacks.CallbackList(callbacks, model=model)
    times, logs = model.steps_per_execution, {}
    take = compile_step(model.train_step, model.jit_compile, times)
    model.stop_training = False
    watching.on_train_begin()
    model.reset_metrics()
    watching.on_epoch_begin(0)
    for number, batch in enumerate(_stacked(batches, times) if times > 1 else batches, 1):
        logs = take(batch)
        watching.on_train_batch_end(number * times - 1, logs)
        if model.stop_training:
            break
    watching.on_epoch_end(0, model.get_metrics_result())
    watching.on_train_end(logs)


def _stacked(batches: Iterable[Mapping], times: int) -> Iterator[dict[str, np.ndarray]]:
    """So many batches at a time, as arrays with an axis of steps before all others."""
    several = iter(batches)
    while len(group := list(itertools.islice(several, times))) == times:
        yield {name: np.stack([batch[name] for batch in group]) for name in group[0]}
