"""python -m tfhand.bench [FAMILY]: how fast this machine trains, and whether it waits for its data."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tfhand.cli.command import command, positive
from tfhand.core.config import config_from
from tfhand.models.registry import SPECS, Prepared, load_archives, use_xla

WARM_UP = 6  # steps before the clock runs: the stream has made a few batches ahead, which would hide its speed


@dataclass(frozen=True)
class Figures:
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


def measure(prepared: Prepared, steps: int, jit: bool = False) -> Figures:
    """Takes training steps one by one and looks at the clock.

    Args:
        prepared: the trainer and its stream.
        steps: timed, after a few to warm up.
        jit: compile with XLA.
    """
    from tfhand.training.backend import compile_step
    from tfhand.training.backend.runtime import accelerator_memory, feed

    trainer = prepared.trainer
    take = compile_step(trainer.train_step, jit)
    batches = feed(prepared.stream, 0, WARM_UP + steps)
    waited, times = 0.0, []
    for number in range(WARM_UP + steps):
        asked = time.perf_counter()
        batch = next(batches)
        got = time.perf_counter()
        float(take(batch)["loss"])  # reading a number waits for the step to be done
        times.append(time.perf_counter() - asked)
        waited += got - asked if number >= WARM_UP else 0.0
    total = sum(times[WARM_UP:])
    return Figures(
        first_step=times[0],
        step=total / steps,
        images_per_second=steps * prepared.images_per_step / total,
        waiting=waited / total,
        parameters={network.name: network.count_params() for network in trainer.parts},
        memory=peak_memory(),
        accelerator_memory=accelerator_memory(),
    )


def peak_memory() -> int:
    """The largest memory this process has had, in bytes."""
    import resource  # not there on every system, and --help should be

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024  # macOS counts in bytes, Linux in KiB


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tfhand.bench", description="Measures the speed of training.")
    parser.add_argument("family", nargs="?", default="hand", choices=list(SPECS), help="what to train (default: hand)")
    parser.add_argument(
        "--data", action="append", metavar="NAME", help="data set, by name or path; may be repeated (default: pens)"
    )
    parser.add_argument("--steps", type=positive, default=30, metavar="N", help="steps to time (default: 30)")
    parser.add_argument("--batch-size", type=positive, metavar="N", help="other than the family's own")
    parser.add_argument(
        "--jit", choices=("auto", "on", "off"), default="auto", help="XLA; auto: on an accelerator only; JAX: always"
    )
    return parser


@command
def main(argv: Sequence[str] | None = None) -> int:
    arguments = build_parser().parse_args(argv)
    from rich.console import Console
    from rich.table import Table

    family = SPECS[arguments.family]
    training = config_from(family.training, {family.batch: arguments.batch_size} if arguments.batch_size else {})
    data = arguments.data or ["synthetic"]
    prepared = family.prepare(load_archives(data), family.settings(), training, 0)
    figures = measure(prepared, arguments.steps, use_xla(arguments.jit))
    table = Table(title=f"tfhand {family.name} on {', '.join(data)}", title_justify="left", show_header=False)
    table.add_column(justify="left")
    table.add_column(justify="right")
    table.add_row("images per second", f"{figures.images_per_second:.1f}")
    table.add_row(f"a step of {prepared.images_per_step} images", f"{figures.step:.3f} s")
    table.add_row("the first step, with compilation", f"{figures.first_step:.1f} s")
    table.add_row("time lost waiting for data", f"{figures.waiting:.1%}")
    for name, count in figures.parameters.items():
        table.add_row(f"parameters of {name}", f"{count:,}")
    table.add_row("peak memory", f"{figures.memory / 2**20:,.0f} MiB")
    if figures.accelerator_memory is not None:
        table.add_row("peak memory of the accelerator", f"{figures.accelerator_memory / 2**20:,.0f} MiB")
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
