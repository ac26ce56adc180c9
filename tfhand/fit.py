"""python -m tfhand.fit FAMILY: trains networks and leaves a numbered run folder with all that was seen and learned."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tfhand.cli.command import command
from tfhand.cli.flags import add_flags, given
from tfhand.models import presets
from tfhand.models.registry import SPECS
from tfhand.models.spec import ModelSpec
from tfhand.training.run_config import RunConfig, RunOptions
from tfhand.training.run_directory import Interrupted

if TYPE_CHECKING:
    from rich.console import Console


def build_parser() -> argparse.ArgumentParser:
    """The command line of `tfhand fit`."""
    parser = argparse.ArgumentParser(
        prog="tfhand fit",
        description="Trains networks on handwriting. Without --data they learn from synthetic writers, without any "
        "download.",
    )
    families = parser.add_subparsers(dest="family", required=True, metavar="FAMILY")
    for spec in SPECS.values():
        _add_family(families, spec)
    return parser


def _add_family(families: argparse._SubParsersAction, spec: ModelSpec) -> None:
    sub = families.add_parser(
        spec.name,
        help=spec.help,
        description=f"{spec.name} {spec.help}.",
        usage="%(prog)s [flags]",
        allow_abbrev=False,
    )
    sub.add_argument("--run-dir", default="runs", metavar="DIR", help="where run folders go (default: runs)")
    sub.add_argument("--resume", metavar="RUN", help="go on with the run in this folder, exactly as it was")
    sub.add_argument(
        "--branch", metavar="RUN", help="begin a new run where this one stands, with other settings of the training"
    )
    if spec.warm_start:
        usual = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in spec.warm_start.defaults.items())
        text = f"begin with this preset and {spec.warm_start.help} (defaults then: {usual})"
        sub.add_argument("--from", dest="from_preset", metavar="PRESET", help=text)
    sub.add_argument("--settings", metavar="FILE", help="JSON of any settings below, or a run's config.json")
    sub.add_argument("--preset", metavar="PLACE", help="path of the preset to write (default: preset in the run)")
    sub.add_argument("--dry-run", action="store_true", help="show settings and networks, write nothing")
    add_flags(sub, RunOptions, "run")
    add_flags(sub, spec.train_config, "training", aliases={spec.batch_field: "--batch-size"})
    add_flags(sub, spec.config, "networks")


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Trains; returns the exit code."""
    arguments = build_parser().parse_args(argv)
    words = sys.argv[1:] if argv is None else list(argv)
    try:
        return _main(arguments, shlex.join(["python", "-m", "tfhand.fit", *words]))
    except KeyboardInterrupt:
        print("Stopped; nothing was saved since the last checkpoint.", file=sys.stderr)
        return 130


def _main(arguments: argparse.Namespace, line: str) -> int:
    spec = SPECS[arguments.family]
    config = RunConfig.resolve(
        spec,
        given(arguments, RunOptions, spec.config, spec.train_config),
        file=arguments.settings,
        resume=arguments.resume,
        branch=arguments.branch,
        from_preset=getattr(arguments, "from_preset", None),
        run_dir=arguments.run_dir,
        preset=arguments.preset,
        command=line,
    )
    if arguments.preset:
        presets.check_target(arguments.preset)
    from rich.console import Console

    from tfhand.training import fit
    from tfhand.training.backend.runtime import use_cores

    console = Console()
    if arguments.dry_run:
        describe(config, console)
        return 0
    use_cores(spec.side_by_side, config.options.jit)
    try:
        run = fit(config, console=console)
    except Interrupted as stopped:
        again = shlex.join(["python", "-m", "tfhand.fit", spec.name, "--resume", str(stopped.run.folder)])
        console.print(f"Stopped and saved. Go on with: {again}", highlight=False, soft_wrap=True)
        return 128 + stopped.signal
    if run:  # of this worker
        console.print(f"Preset: {config.preset or run.preset}", highlight=False, soft_wrap=True)
    return 0


def describe(config: RunConfig, console: Console) -> None:
    """Prints what would be trained."""
    from rich.table import Table

    from tfhand.training.fitting import load_data, prepare

    archives, data = load_data(config)
    setup = prepare(config, archives)
    table = Table("setting", "value", title=f"tfhand {config.spec.name}", title_justify="left")
    for name, value in config.values.items():
        table.add_row(name, " ".join(map(str, value)) if isinstance(value, list) else str(value))
    console.print(table)
    networks = Table("network", "parameters", title="networks", title_justify="left")
    networks.columns[1].justify = "right"
    for network in setup.trainer.trained_networks:
        networks.add_row(network.name, f"{network.count_params():,}")
    console.print(networks)
    for each in data:
        writers = f" of {each['writers']:,} writers" if each["writers"] else ""
        unit = "words" if config.spec.words else "glyphs"
        held = f"{each[unit]:,} {unit}{writers}, {len(each['characters'])} characters"
        console.print(f"{each['name']}: {held}", highlight=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
