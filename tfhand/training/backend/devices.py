"""The devices that share the work of a step, and which part of it is this process's.

A step is written, and means, what it does on one device with the whole batch: `divide` has parts of a batch computed by
different devices, puts their results together again, and its gradient is that of the whole. So losses that look over a
batch (contrastive ones, groups, the batch's next writer) are the same on however many devices, and the batch size is
that of all devices together.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras

from tfhand.errors import HandwritingError


class DevicesError(HandwritingError):
    """The devices that are asked for are not there, or one of them is gone."""


@dataclass(frozen=True)
class Devices:
    """Where a batch is computed.

    Attributes:
        local: the devices of this process, as the backend names them.
        workers: how many processes share a batch; each has as many devices.
        worker: number of this one.
        cluster: what keeps the connection to the others.
    """

    local: tuple[Any, ...] = (None,)
    workers: int = 1
    worker: int = 0
    cluster: Any = None

    @property
    def count(self) -> int:
        """All devices of all workers."""
        return len(self.local) * self.workers

    @property
    def is_chief(self) -> bool:
        """Whether this process writes the run's folder."""
        return self.worker == 0


_current = [Devices()]


def current_devices() -> Devices:
    """The devices in use; one alone unless `use_devices` says otherwise."""
    return _current[-1]


@contextmanager
def use_devices(strategy: str) -> Iterator[Devices]:
    """Has the steps inside computed by several devices.

    Args:
        strategy: "none", no other device than usual; "mirrored", all devices of this machine; "multiworker", those of
            all workers that the environment variable TF_CONFIG names.

    Raises:
        DevicesError: there are none, or they cannot be reached.
    """
    _current.append(Devices() if strategy == "none" else _rooms().find_devices(strategy))
    try:
        yield current_devices()
    finally:
        _current.pop()


def check_divisible(size: int, flag: str, group: int = 1) -> None:
    """Raises DevicesError where a batch of a size, given by a flag, gives each device no whole groups."""
    count = current_devices().count
    if count > 1 and size % (count * group):
        groups = f" in groups of {group}" if group > 1 else ""
        raise DevicesError(f"{flag} {size} cannot be divided over {count} devices{groups}; choose a multiple.")


def _rooms() -> Any:
    return importlib.import_module(f"tfhand.training.backend.{keras.config.backend()}_devices")
