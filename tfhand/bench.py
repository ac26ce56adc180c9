"""python -m tfhand.bench [FAMILY]: how fast this machine trains, whether it waits for its data, and what is faster."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tfhand.cli import comparison
from tfhand.cli.command import command, positive
from tfhand.cli.progress import progress_printer
from tfhand.errors import HandwritingError
from tfhand.models.registry import SPECS
from tfhand.training.run_config import RunConfig


def build_parser() -> argparse.ArgumentParser:
    """The command line of `tfhand bench`."""
    parser = argparse.ArgumentParser(prog="tfhand bench", description="Measures the speed of training.")
    parser.add_argument(
        "family", nargs="?", choices=list(SPECS), help="what to train (default: hand; with --compare all GANs)"
    )
    parser.add_argument(
        "--data",
        action="append",
        metavar="NAME",
        help="data set, by name or path; may be repeated (default: synthetic)",
    )
    parser.add_argument(
        "--steps", type=positive, default=comparison.STEPS, metavar="N", help="steps to time (default: %(default)s)"
    )
    parser.add_argument("--batch-size", type=positive, metavar="N", help="other than the family's own")
    parser.add_argument(
        "--jit", choices=("auto", "on", "off"), default="auto", help="XLA; auto: on an accelerator only; JAX: always"
    )
    strategies = "none", "mirrored", "multiworker"
    parser.add_argument("--strategy", choices=strategies, default="none", help="devices that share a batch, as for fit")
    parser.add_argument("--precision", choices=("float32", "mixed_bfloat16"), default="float32", help="as for fit")
    parser.add_argument(
        "--json",
        type=Path,
        metavar="FILE",
        help="write the figures of a GAN to this file too, how fast it draws among them",
    )
    parser.add_argument(
        "--compare",
        type=Path,
        metavar="FOLDER",
        help="measure TensorFlow, JAX and, in a checkout, PyTorch in turn; a table and a picture go into this folder",
    )
    parser.add_argument(
        "--rounds", type=positive, default=comparison.ROUNDS, metavar="N", help="of --compare (default: %(default)s)"
    )
    return parser


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Measures; returns the exit code."""
    arguments = build_parser().parse_args(argv)
    family = arguments.family or ("" if arguments.compare else "hand")
    if (arguments.compare or arguments.json) and family not in ("", *comparison.FAMILIES):
        raise HandwritingError(
            f"--json and --compare measure {', '.join(comparison.FAMILIES)}; {family} is none of them."
        )
    if arguments.compare:
        return compare(arguments)
    spec = SPECS[family]
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
    from tfhand.training.backend.runtime import use_cores, use_xla
    from tfhand.training.fitting import load_data, prepare
    from tfhand.training.throughput import measure

    use_cores(spec.side_by_side, config.options.jit)
    with use_devices(config.options.strategy):
        setup, jit = prepare(config, load_data(config)[0]), use_xla(config.options.jit)
        figures = measure(setup, arguments.steps, jit)
        if arguments.json:
            comparison.figures_of(spec.name, setup.trainer.ema, figures, jit).save(arguments.json)
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


def compare(arguments: argparse.Namespace) -> int:
    """Measures all engines in turn; returns the exit code."""
    from rich.console import Console
    from rich.table import Table

    families = [arguments.family] if arguments.family else comparison.FAMILIES
    told = progress_printer()
    rows: list = []
    for rows in comparison.compare(families, arguments.steps, arguments.rounds, arguments.batch_size, told):
        comparison.save(rows, arguments.compare)  # what is stopped keeps what it has measured
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*map(str, row.values()))
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
