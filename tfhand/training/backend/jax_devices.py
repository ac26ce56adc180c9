"""Several devices under JAX: batches lie on them in parts, and XLA divides the whole step accordingly (GSPMD).

Xu et al. 2021 (arXiv 2105.04663). The program keeps its one-device meaning, random numbers included.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from tfhand.training.backend.devices import Devices, DevicesError, current_devices


def find_devices(strategy: str) -> Devices:
    """All devices of this machine."""
    if strategy == "multiworker":
        raise DevicesError("Under JAX a training has the devices of one machine: --strategy mirrored.")
    devices = tuple(jax.devices())
    if len(devices) < 2:
        raise DevicesError("--strategy mirrored is for several devices, and JAX finds one; leave it out.")
    return Devices(devices)


def divide(fn: Callable, *tensors: Any, group: int = 1, neighbours: int = 1) -> Any:
    """As `tfhand.training.backend.tensorflow_devices.divide`; here it only says how the tensors lie."""
    if current_devices().count == 1:
        return fn(*tensors)
    return fn(*(jax.lax.with_sharding_constraint(tensor, sharding(tensor.shape)) for tensor in tensors))


def sharding(shape: tuple[int, ...], axis: int = 0) -> NamedSharding:
    """How an array lies on the devices: in parts of an axis, or whole on each where that cannot be divided."""
    divisible = len(shape) > axis and shape[axis] % current_devices().count == 0
    return NamedSharding(_mesh(), PartitionSpec(*[None] * axis, "batch") if divisible else PartitionSpec())


def whole() -> NamedSharding:
    """How variables and metrics lie on the devices: the same on each."""
    return NamedSharding(_mesh(), PartitionSpec())


def place(arguments: Any, axis: int = 0) -> Any:
    """The arrays of a step on the devices, in parts of this axis."""
    return jax.tree.map(lambda array: jax.device_put(array, sharding(np.shape(array), axis)), arguments)


def _mesh() -> Mesh:
    return Mesh(np.array(current_devices().local), ("batch",))
