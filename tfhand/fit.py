"""python -m tfhand.fit FAMILY: trains a GAN and leaves a numbered run folder with all that was seen and learned."""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfhand.cli.command import command
from tfhand.cli.flags import add_flags
from tfhand.core.config import write_json
from tfhand.errors import HandwritingError
from tfhand.models import presets
from tfhand.models.registry import (
    SPECS,
    Family,
    Prepared,
    contents,
    held_out_writers,
    last_rows,
    load_archives,
    use_xla,
)
from tfhand.training.run_config import Job, Options, resolve
from tfhand.training.run_directory import Diverged, Run, RunError, versions

if TYPE_CHECKING:
    from rich.console import Console


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tfhand.fit",
        description="Trains a GAN on handwriting. Without --data it learns from procedural pens, without any download.",
    )
    families = parser.add_subparsers(dest="family", required=True, metavar="FAMILY")
    for family in SPECS.values():
        sub = families.add_parser(
            family.name,
            help=family.help,
            description=f"{family.name} {family.help}.",
            usage="%(prog)s [flags]",
            allow_abbrev=False,
        )
        sub.add_argument("--run-dir", default="runs", metavar="DIR", help="where run folders go (default: runs)")
        sub.add_argument("--resume", metavar="RUN", help="go on with the run in this folder, exactly as it was")
        sub.add_argument(
            "--branch", metavar="RUN", help="begin a new run where this one stands, with other settings of the training"
        )
        if family.beginning:
            sub.add_argument("--from", dest="source", metavar="PRESET", help=_help_of_beginning(family))
        sub.add_argument("--settings", metavar="FILE", help="JSON of any settings below, or a run's settings.json")
        sub.add_argument("--preset", metavar="PLACE", help="path of the preset to write (default: preset in the run)")
        sub.add_argument("--dry-run", action="store_true", help="show settings and networks, write nothing")
        add_flags(sub, Options, "run")
        add_flags(sub, family.training, "training", aliases={family.batch: "--batch-size"})
        add_flags(sub, family.settings, "networks")
    return parser


def _help_of_beginning(family: Family) -> str:
    usual = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in family.beginning.defaults.items())
    return f"begin with this preset and {family.beginning.help} (defaults then: {usual})"


def prepare(job: Job, archives: Sequence[Any], console: Console) -> Prepared:
    """The trainer and its batches, from scratch or begun with a preset."""
    known = archives, job.settings, job.training, job.options.seed
    if not job.source:
        return job.family.prepare(*known)
    name = job.source["preset"]
    with console.status(f"Beginning with {name} ..."):
        return job.family.beginning.prepare(*known, name)


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
        glyphs = f"glyphs{writers}, {len(each['characters'])} characters"
        console.print(f"{each['name']}: {each['glyphs']:,} {glyphs}", highlight=False, soft_wrap=True)


def summary(names: Sequence[str], archives: Sequence[Any]) -> list[dict]:
    """What the data sets are called and hold, for the record and to know them again."""
    return [{"name": name, **contents(archive)} for name, archive in zip(names, archives, strict=True)]


def check_data(job: Job, data: list[dict]) -> None:
    """Raises RunError if a run goes on or begins where another stands, and the data are not what they were."""
    if job.origin and job.origin.record.get("data") != data:
        raise RunError(f"The data of {job.origin.folder} have changed since it began; start a new run.")


def open_run(job: Job, data: list[dict], run_dir: str, line: str) -> Run:
    """The run's folder: a new one, or the one that goes on, its record brought up to date.

    Raises:
        RunError: it cannot be written.
    """
    record = {
        "family": job.family.name,
        "options": job.values,
        "data": data,
        "versions": versions(),
        "command": line,
    }
    if job.source is not None:
        record["from"] = job.source
    if job.branched is not None:
        record["branch"] = {
            name: job.branched.record.get(name) for name in ("command", "options", "versions", "branch")
        }
        record["branch"]["step"] = job.branched.step
    if job.resumed is None:
        name = re.sub(r"\W+", "-", Path(job.options.data[0]).stem)
        return Run.create(run_dir, f"{job.family.name}-{name}", record)
    if job.values != job.resumed.record["options"] and job.options.steps > job.resumed.step:
        write_json(job.resumed.folder / "settings.json", {**job.resumed.record, "options": job.values})
    return job.resumed


def train(job: Job, prepared: Prepared, run: Run, start: int, console: Console) -> int | None:
    """Trains from step `start` to the last, or until asked to stop: then gives the signal's number.

    Raises:
        HandwritingError: the training diverged, or memory ran out.
    """
    from tfhand.training import callbacks
    from tfhand.training.backend.runtime import feed, is_out_of_memory

    trainer, options = prepared.trainer, job.options
    if start >= options.steps:
        console.print(f"{start} steps are done already; --steps asks for more.", highlight=False)
        return None
    progress = callbacks.ProgressLine(console, options.steps, prepared.images_per_step, start, job.family.watched)
    try:
        batches = feed(prepared.stream, start, options.steps - start)
        with closing(batches), callbacks.StopOnSignal() as stop:
            trainer.run(
                batches,
                [
                    callbacks.StopOnNonFinite(start),
                    stop,
                    progress,
                    callbacks.Checkpoints(run, options.checkpoint_minutes, start),
                    callbacks.MetricsFile(run, options.log_every, prepared.images_per_step, start),
                    callbacks.SampleGrids(run, prepared.shown.batch(0), options.samples_every, start),
                ],
                use_xla(options.jit),
            )
    except Diverged as error:
        last = f"The last good checkpoint is {run.checkpoints[-1]}" if run.checkpoints else "There is no checkpoint yet"
        raise Diverged(f"{error} {last}; start anew with a lower learning rate.") from None
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise HandwritingError(f"Out of memory; a smaller --{job.family.batch.replace('_', '-')} needs less.") from None
    finally:
        progress.close()
    return stop.received


def people_of(job: Job, prepared: Prepared, archives: Sequence[Any]) -> dict[str, dict[str, list[int]]]:
    """By data set, for the preset's record: the writers held out, and the rows of people whom a preset came to know.

    What the preset's record said of others that it began with stays true.
    """
    names = job.options.data
    known = {"validation_writers": held_out_writers(names, archives, job.training)}
    if job.source is None:
        return known
    if prepared.trainer.people:
        known["people"] = last_rows(names, archives, job.training, prepared.trainer.people)
    before = presets.config(job.source["preset"])["training"]
    return {name: {**(before.get(name) or {}), **own} for name, own in known.items()}


def save_preset(job: Job, prepared: Prepared, run: Run, people: dict[str, Any], place: str | None) -> Path:
    """The averaged networks as a preset, in the run's folder or at `place`, with its people in its record."""
    data = ", ".join(each["name"] for each in run.record["data"])
    card = (
        f"# {Path(place).name if place else run.folder.name}\n\n"
        f"Trained by `{run.record['command']}` for {run.step} steps on {data}.\n\n"
        f"Writes {job.settings.characters} at {job.settings.image_size} pixels. Its figures have not been measured.\n\n"
        "For your own hand, or with the writer's permission; never for signatures.\n"
    )
    known = ("family", "options", "data", "versions", "command", "branch", "from")
    training = {name: run.record[name] for name in known if name in run.record}
    training |= {"steps": run.step, "seed": job.options.seed, **people}
    return presets.save(
        place or run.preset,
        prepared.trainer.averaged,
        training,
        card,
        characters=job.settings.characters,
        image_size=job.settings.image_size,
        beside=prepared.trainer.beside,
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
    job = resolve(arguments, SPECS[arguments.family])
    from rich.console import Console

    console = Console()
    if job.options.deterministic:
        from tfhand.training.backend.runtime import repeat_exactly

        repeat_exactly()
    if arguments.preset:
        presets.check_place(arguments.preset)
    archives = load_archives(job.options.data)
    data = summary(job.options.data, archives)
    check_data(job, data)
    prepared = prepare(job, archives, console)
    if arguments.dry_run:
        describe(job, prepared, data, console)
        return 0
    start = job.origin.load_checkpoint(prepared.trainer.state_variables) if job.origin else 0
    run = open_run(job, data, arguments.run_dir, shlex.join(["python", "-m", "tfhand.fit", *words]))
    console.print(f"{run.folder}", highlight=False, soft_wrap=True)
    received = train(job, prepared, run, start, console)
    if received is not None:
        again = shlex.join(["python", "-m", "tfhand.fit", job.family.name, "--resume", str(run.folder)])
        console.print(f"Stopped and saved. Go on with: {again}", highlight=False, soft_wrap=True)
        return 128 + received
    preset = save_preset(job, prepared, run, people_of(job, prepared, archives), arguments.preset)
    console.print(f"Preset: {preset}", highlight=False, soft_wrap=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
