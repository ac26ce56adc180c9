"""python -m tfhand.bench [FAMILY]: how fast this machine trains, and whether it waits for its data."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tfhand.cli.command import command, positive
from tfhand.models.registry import SPECS
from tfhand.training.run_config import RunConfig


def build_parser() -> argparse.ArgumentParser:
    """The command line of `tfhand bench`."""
    parser = argparse.ArgumentParser(prog="tfhand bench", description="Measures the speed of training.")
    parser.add_argument("family", nargs="?", default="hand", choices=list(SPECS), help="what to train (default: hand)")
    parser.add_argument(
        "--data",
        action="append",
        metavar="NAME",
        help="data set, by name or path; may be repeated (default: synthetic)",
    )
    parser.add_argument("--steps", type=positive, default=30, metavar="N", help="steps to time (default: 30)")
    parser.add_argument("--batch-size", type=positive, metavar="N", help="other than the family's own")
    parser.add_argument(
        "--jit", choices=("auto", "on", "off"), default="auto", help="XLA; auto: on an accelerator only; JAX: always"
    )
    strategies = "none", "mirrored", "multiworker"
    parser.add_argument("--strategy", choices=strategies, default="none", help="devices that share a batch, as for fit")
    parser.add_argument("--precision", choices=("float32", "mixed_bfloat16"), default="float32", help="as for fit")
    return parser


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Measures; returns the exit code."""
    arguments = build_parser().parse_args(argv)
    spec = SPECS[arguments.family]
    asked = {
        "data": arguments.data or ["synthetic"],
        "jit": arguments.jit,
        "strategy": arguments.strategy,
        "precision": arguments.precision,
    }
    if arguments.batch_size:
        asked[spec.batch_field] = arguments.batch_size
    config = RunConfig.resolve(spec, asked)

    from rich.console import Console
    from rich.table import Table

    from tfhand.training.backend.devices import use_devices
    from tfhand.training.backend.runtime import use_xla
    from tfhand.training.fitting import load_data, prepare
    from tfhand.training.throughput import measure

    with use_devices(config.options.strategy):
        setup = prepare(config, load_data(config)[0])
        figures = measure(setup, arguments.steps, use_xla(config.options.jit))
    table = Table(
        title=f"tfhand {spec.name} on {', '.join(config.options.data)}", title_justify="left", show_header=False
    )
    table.add_column(justify="left")
    table.add_column(justify="right")
    table.add_row("images per second", f"{figures.images_per_second:.1f}")
    table.add_row(f"a step of {setup.images_per_step} images", f"{figures.step:.3f} s")
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
