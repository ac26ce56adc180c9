"""Gradients and compilation by JAX, whose functions must be pure: what a step changes in variables is carried by hand.

A step reads and assigns Keras variables. Inside a `keras.StatelessScope` these values live in the scope and not in the
variables; the scope below also knows which variables were used and changed in it. So a step becomes a function of the
values of the variables that it uses, which also returns the values of those that it changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import jax
import keras
from keras import ops

from tfhand.training.backend.devices import current_devices
from tfhand.training.backend.jax_devices import place, whole


class _Scope(keras.StatelessScope):
    """Here variables may have other values than outside, and assigning them has no effect outside.

    Args:
        values: pairs of a variable and its value; all others are as in the scope around this one.

    Attributes:
        used: the variables that were read or assigned, by id.
        changed: those that were assigned, by id.
    """

    def __init__(self, values: Iterable[tuple[keras.Variable, Any]] = ()):
        super().__init__(values)
        self.used: dict[int, keras.Variable] = {}
        self.changed: dict[int, keras.Variable] = {}

    def get_current_value(self, variable: keras.Variable) -> Any:
        """The value here, or in the scopes around; None if it has only the variable's own."""
        self.used[id(variable)] = variable
        value = super().get_current_value(variable)
        if value is None and self.original_scope is not None:
            value = self.original_scope.get_current_value(variable)
        return value

    def add_update(self, update: tuple[keras.Variable, Any]) -> None:
        """Called by Keras when a variable is assigned."""
        super().add_update(update)
        self.used[id(update[0])] = self.changed[id(update[0])] = update[0]

    def run(self, fn: Callable, *arguments: Any) -> tuple[Any, list]:
        """What fn(*arguments) returns in this scope, and the values that the variables in `changed` have after it."""
        with self:
            result = fn(*arguments)
            return result, [variable.value for variable in self.changed.values()]


def value_and_grad(fn: Callable[[], tuple[Any, Any]], variables: Sequence) -> tuple[Any, Any, list]:
    """As `tfhand.training.backend.tensorflow.value_and_grad`, but zeros where the value does not depend on it."""
    return _differentiate(lambda _: fn(), [variable.value for variable in variables], variables)


def input_gradient(fn: Callable[[Any], Any], x) -> tuple[Any, Any]:
    """As `tfhand.training.backend.tensorflow.input_gradient`."""

    def total(values):
        output = fn(*values)
        return ops.sum(output), output

    _, output, (gradient,) = _differentiate(total, [ops.convert_to_tensor(x)])
    return output, gradient


def _differentiate(fn: Callable[[list], tuple[Any, Any]], at: list, variables: Sequence = ()) -> tuple[Any, Any, list]:
    """(value, aux, gradients) of fn, which gives (value, aux), at these values, which the variables have meanwhile."""
    changed: list[keras.Variable] = []

    def pure(at: list):
        scope = _Scope(zip(variables, at, strict=False))
        (value, aux), values = scope.run(fn, at)
        changed[:] = scope.changed.values()
        return value, (aux, values)

    (value, (aux, values)), gradients = jax.value_and_grad(pure, has_aux=True)(at)
    _assign(changed, values)
    return value, aux, gradients


def compile_step(step: Callable, jit: bool = False, times: int = 1) -> Callable:
    """As `tfhand.training.backend.tensorflow.compile_step`; JAX always compiles with XLA, whatever `jit` says.

    Args:
        step: see there.
        jit: see there.
        times: steps in one call, whose arguments then have an axis of so many before all others; the last one's result
            is returned.
    """
    used: list[keras.Variable] = []
    changed: list[keras.Variable] = []

    def pure(values: list, arguments: tuple):
        scope = _Scope(zip(used, values, strict=True))
        result, after = scope.run(step, *arguments)
        changed[:] = scope.changed.values()
        return result, after

    def several(values: list, arguments: tuple):
        def one(values: list, arguments: tuple):
            result, after = pure(values, arguments)
            moved = dict(zip(map(id, changed), after, strict=True))
            return [moved.get(id(variable), value) for variable, value in zip(used, values, strict=True)], result

        values, results = jax.lax.scan(one, values, arguments)
        after = dict(zip(map(id, used), values, strict=True))
        return jax.tree.map(lambda each: each[-1], results), [after[id(variable)] for variable in changed]

    def look(arguments: tuple) -> None:
        scope = _Scope()
        scope.run(step, *arguments)
        used[:] = scope.used.values()

    sharded = current_devices().count > 1
    compiled = jax.jit(pure if times == 1 else several, out_shardings=whole() if sharded else None)

    def run(*arguments: Any) -> Any:
        if not used:  # looked at without computing anything
            jax.eval_shape(look, arguments if times == 1 else jax.tree.map(lambda each: each[0], arguments))
        placed = place(arguments, axis=int(times > 1)) if sharded else arguments
        result, values = compiled([variable.value for variable in used], placed)
        _assign(changed, values)
        return result

    return run


def _assign(variables: Sequence, values: Sequence) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
