"""python -m tfhand.fit FAMILY: trains a GAN and leaves a numbered run folder with all that was seen and learned."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tfhand.command import command
from tfhand.flags import add_flags, given
from tfhand.registry import FAMILIES, Family, Prepared, load_archives, use_xla
from tfhand.runs import Diverged, Run, RunError, versions
from tfhand.settings import SettingsError, build, plain, read_json, split, write_json

if TYPE_CHECKING:
    from rich.console import Console

FREE = ("steps", "jit", "log_every", "samples_every", "checkpoint_minutes")
"""The options that may change when a run goes on: they do not bear on what a step does."""


@dataclass(frozen=True)
class Options:
    """How long to train on what.

    data: data sets by name (pens, mnist, emnist/letters, ...) or path of an archive
    steps: training steps in all
    seed: of the initial weights, the batches and all noise
    jit: compile with XLA; auto does so on an accelerator only
    deterministic: the same bits in every run, a little slower
    log_every: steps between rows of metrics.csv
    samples_every: steps between sample grids
    checkpoint_minutes: minutes between checkpoints
    """

    data: tuple[str, ...] = ("pens",)
    steps: int = 20_000
    seed: int = 0
    jit: Literal["auto", "on", "off"] = "auto"
    deterministic: bool = False
    log_every: int = 100
    samples_every: int = 1000
    checkpoint_minutes: float = 3.0

    def __post_init__(self):
        if not self.data:
            raise ValueError("data must name at least one data set.")
        if min(self.steps, self.log_every, self.samples_every) < 1:
            raise ValueError("steps, log_every and samples_every must be 1 or more.")
        if self.seed < 0 or self.checkpoint_minutes < 0:
            raise ValueError("seed and checkpoint_minutes cannot be negative.")


@dataclass(frozen=True)
class Job:
    """What one call is to do, all options resolved."""

    family: Family
    options: Options
    settings: Any
    training: Any
    resumed: Run | None = None
    values: dict = field(default_factory=dict)


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tfhand.fit",
        description="Trains a GAN on handwriting. Without --data it learns from procedural pens, without any download.",
    )
    families = parser.add_subparsers(dest="family", required=True, metavar="FAMILY")
    for family in FAMILIES.values():
        sub = families.add_parser(
            family.name,
            help=family.help,
            description=f"{family.name} {family.help}.",
            usage="%(prog)s [flags]",
            allow_abbrev=False,
        )
        sub.add_argument("--run-dir", default="runs", metavar="DIR", help="where run folders go (default: runs)")
        sub.add_argument("--resume", metavar="RUN", help="go on with the run in this folder, exactly as it was")
        sub.add_argument("--settings", metavar="FILE", help="JSON of any settings below, or a run's settings.json")
        sub.add_argument("--preset", metavar="PLACE", help="path of the preset to write (default: preset in the run)")
        sub.add_argument("--dry-run", action="store_true", help="show settings and networks, write nothing")
        add_flags(sub, Options, "run")
        add_flags(sub, family.training, "training", aliases={family.batch: "--batch-size"})
        add_flags(sub, family.settings, "networks")
    return parser


def resolve(arguments: argparse.Namespace) -> Job:
    """Defaults, then the run that goes on, then the settings file, then flags, checked.

    Raises:
        HandwritingError: a file, folder or value that will not do.
    """
    family = FAMILIES[arguments.family]
    classes = Options, family.settings, family.training
    run = Run(arguments.resume) if arguments.resume else None
    before = run.values(family.name) if run else {}
    asked = _from_file(arguments.settings, family) if arguments.settings else {}
    asked |= given(arguments, *classes)
    parts = split({**before, **asked}, *classes)
    options, settings, training = (build(cls, part) for cls, part in zip(classes, parts, strict=True))
    values = {**plain(options), **plain(settings), **plain(training)}
    changed = [name for name in before if values[name] != before[name] and name not in FREE]
    if changed:
        flag = "--" + changed[0].replace("_", "-")
        raise RunError(
            f"{run.folder} was trained with {flag} {before[changed[0]]}; go on without it, or start a new run."
        )
    return Job(family, options, settings, training, run, values)


def _from_file(path: str, family: Family) -> dict[str, Any]:
    values = read_json(path)
    if "options" not in values:
        return values
    if values.get("family") != family.name or not isinstance(values["options"], dict):
        raise SettingsError(f"{path} is of a run of {values.get('family')!r}, not of {family.name}.")
    return values["options"]


def describe(job: Job, prepared: Prepared, data: list[dict], console: Console) -> None:
    """Prints what would be trained."""
    from rich.table import Table

    table = Table("setting", "value", title=f"tfhand {job.family.name}", title_justify="left")
    for name, value in job.values.items():
        table.add_row(name, " ".join(map(str, value)) if isinstance(value, list) else str(value))
    console.print(table)
    networks = Table("network", "parameters", title="networks", title_justify="left")
    networks.columns[1].justify = "right"
    for layer in prepared.trainer.parts:
        networks.add_row(layer.name, f"{layer.count_params():,}")
    console.print(networks)
    for each in data:
        writers = f" of {each['writers']:,} writers" if each["writers"] else ""
        console.print(f"{each['name']}: {each['glyphs']:,} glyphs{writers}, {len(each['characters'])} characters")


def summary(names: Sequence[str], archives: Sequence[Any]) -> list[dict]:
    """What the data sets hold, for the record and to know them again."""
    return [
        {
            "name": name,
            "glyphs": len(archive),
            "writers": 0 if archive.writers is None else len(set(archive.writers.tolist())),
            "characters": archive.characters,
        }
        for name, archive in zip(names, archives, strict=True)
    ]


def open_run(job: Job, data: list[dict], run_dir: str, line: str) -> Run:
    """The run's folder: a new one, or the one that goes on, its record brought up to date.

    Raises:
        RunError: it cannot be written, or the data are not what they were.
    """
    record = {
        "family": job.family.name,
        "options": job.values,
        "data": data,
        "versions": versions(),
        "command": line,
    }
    if job.resumed is None:
        name = Path(job.options.data[0]).stem.replace(" ", "-")
        return Run.create(run_dir, f"{job.family.name}-{name}", record)
    if job.resumed.record.get("data") != data:
        raise RunError(f"The data of {job.resumed.folder} have changed since it began; start a new run.")
    if job.values != job.resumed.record["options"]:
        write_json(job.resumed.folder / "settings.json", {**job.resumed.record, "options": job.values})
    return job.resumed


def train(job: Job, prepared: Prepared, run: Run, console: Console) -> int | None:
    """Trains to the last step, or until asked to stop: then gives the signal's number.

    Raises:
        HandwritingError: nothing to do, or the training diverged.
    """
    from tfhand import callbacks

    trainer, options = prepared.trainer, job.options
    start = run.load_checkpoint(trainer.state_variables) if job.resumed else 0
    if start >= options.steps:
        raise RunError(f"{run.folder} has already done {start} steps; ask for more with --steps.")
    trainer.compile(jit_compile=use_xla(options.jit))
    progress = callbacks.ProgressLine(console, options.steps, prepared.images_per_step, start)
    try:
        with callbacks.StopOnSignal() as stop:
            trainer.fit(
                prepared.stream.dataset(start, options.steps - start),
                steps_per_epoch=options.steps - start,
                shuffle=False,  # the stream is in its order already
                verbose=0,
                callbacks=[
                    callbacks.StopOnNonFinite(start),
                    stop,
                    progress,
                    callbacks.Checkpoints(run, options.checkpoint_minutes, start),
                    callbacks.MetricsFile(run, options.log_every, prepared.images_per_step, start),
                    callbacks.SampleGrids(run, prepared.shown.batch(0), options.samples_every, start),
                ],
            )
    except Diverged as error:
        last = f"The last good checkpoint is {run.checkpoints[-1]}" if run.checkpoints else "There is no checkpoint yet"
        raise Diverged(f"{error} {last}; start anew with a lower learning rate.") from None
    finally:
        progress.close()
    return stop.received


def save_preset(job: Job, prepared: Prepared, run: Run, place: str | None) -> Path:
    """The averaged networks as a preset, in the run's folder or at `place`."""
    from tfhand import presets

    data = ", ".join(each["name"] for each in run.record["data"])
    card = (
        f"# {Path(place).name if place else run.folder.name}\n\n"
        f"Trained by `{run.record['command']}` for {job.options.steps} steps on {data}.\n\n"
        f"Writes {job.settings.characters} at {job.settings.image_size} pixels. Its figures have not been measured.\n\n"
        "For your own hand, or with the writer's permission; never for signatures.\n"
    )
    training = {name: run.record[name] for name in ("family", "options", "data", "versions", "command")}
    return presets.save(
        place or run.preset,
        prepared.trainer.averaged,
        training,
        card,
        characters=job.settings.characters,
        image_size=job.settings.image_size,
    )


@command
def main(argv: Sequence[str] | None = None) -> int:
    arguments = build_parser().parse_args(argv)
    try:
        return _main(arguments, sys.argv[1:] if argv is None else list(argv))
    except KeyboardInterrupt:
        print("Stopped; nothing was saved since the last checkpoint.", file=sys.stderr)
        return 130


def _main(arguments: argparse.Namespace, words: list[str]) -> int:
    job = resolve(arguments)
    from rich.console import Console

    console = Console()
    if job.options.deterministic:
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()
    archives = load_archives(job.options.data)
    data = summary(job.options.data, archives)
    prepared = job.family.prepare(archives, job.settings, job.training, job.options.seed)
    if arguments.dry_run:
        describe(job, prepared, data, console)
        return 0
    run = open_run(job, data, arguments.run_dir, shlex.join(["python", "-m", "tfhand.fit", *words]))
    console.print(f"{run.folder}", highlight=False, soft_wrap=True)
    received = train(job, prepared, run, console)
    if received is not None:
        again = shlex.join(["python", "-m", "tfhand.fit", job.family.name, "--resume", str(run.folder)])
        console.print(f"Stopped and saved. Go on with: {again}", highlight=False, soft_wrap=True)
        return 128 + received
    preset = save_preset(job, prepared, run, arguments.preset)
    console.print(f"Preset: {preset}", highlight=False, soft_wrap=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
