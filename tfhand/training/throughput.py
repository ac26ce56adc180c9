"""How fast a machine trains, and whether it waits for its data."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

from tfhand.training.backend import compile_step
from tfhand.training.backend.runtime import accelerator_memory, feed
from tfhand.training.setup import TrainingSetup

WARM_UP = 6  # steps before the clock runs: the stream has made a few batches ahead, which would hide its speed


@dataclass(frozen=True)
class Throughput:
    """What was measured.

    Attributes:
        first_step: seconds of the first step, compilation included.
        step: seconds of a step after that, its wait for the batch included.
        images_per_second: of training.
        waiting: share of the time spent waiting for the next batch.
        parameters: by network.
        memory: largest memory of the process so far, in bytes.
        accelerator_memory: largest memory on the accelerator, in bytes, or None without one.
    """

    first_step: float
    step: float
    images_per_second: float
    waiting: float
    parameters: dict[str, int]
    memory: int
    accelerator_memory: int | None


def measure(setup: TrainingSetup, steps: int, jit: bool = False) -> Throughput:
    """Takes training steps one by one and looks at the clock.

    Args:
        setup: the trainer and its stream.
        steps: timed, after a few to warm up.
        jit: compile with XLA.
    """

    trainer = setup.trainer
    take = compile_step(trainer.train_step, jit)
    batches = iter(feed(setup.stream, 0, WARM_UP + steps))
    waited, times = 0.0, []
    for number in range(WARM_UP + steps):
        asked = time.perf_counter()
        batch = next(batches)
        got = time.perf_counter()
        float(take(batch)["loss"])  # reading a number waits for the step to be done
        times.append(time.perf_counter() - asked)
        waited += got - asked if number >= WARM_UP else 0.0
    total = sum(times[WARM_UP:])
    return Throughput(
        first_step=times[0],
        step=total / steps,
        images_per_second=steps * setup.images_per_step / total,
        waiting=waited / total,
        parameters={network.name: network.count_params() for network in trainer.trained_networks},
        memory=peak_memory(),
        accelerator_memory=accelerator_memory(),
    )


def peak_memory() -> int:
    """The largest memory this process has had, in bytes."""
    import resource  # not there on every system

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024  # macOS counts in bytes, Linux in KiB
