"""`python -m tfhand.evaluate PRESET`: a preset and the hands of people it never saw, in a table and a picture."""

from __future__ import annotations

import argparse
import csv
import math
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfhand.command import command, not_negative, positive
from tfhand.errors import ArchiveError, HandwritingError, PresetError

EXAMPLES = """examples:
  python -m tfhand.evaluate hand62 --data unipen_writers.npz
  python -m tfhand.evaluate runs/0007-hand/preset --data unipen_writers.npz --samples 3 -o evaluation/3-samples

All figures are of people the preset never saw, and of characters that were not among their samples."""
TABLE, PICTURE = "figures.csv", "letters.png"


def build_parser() -> argparse.ArgumentParser:
    """The command line of `tfhand evaluate`."""
    parser = argparse.ArgumentParser(
        prog="tfhand evaluate",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("preset", help="a preset's name or folder")
    parser.add_argument(
        "--data", action="append", required=True, metavar="ARCHIVE", help="that it was trained on; may be repeated"
    )
    parser.add_argument("--samples", type=positive, default=10, help="letters given of each person (default: 10)")
    parser.add_argument("--reader", default="reader62", metavar="PRESET", help="judges legibility (default: reader62)")
    parser.add_argument("--seed", type=not_negative, default=0, help="of everything drawn by lot (default: 0)")
    parser.add_argument(
        "--picture-writers", type=not_negative, default=20, metavar="N", help="people in the picture (default: 20)"
    )
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("evaluation"), metavar="FOLDER",
        help=f"for {TABLE} and {PICTURE} (default: evaluation)",
    )  # fmt: skip
    return parser


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Evaluates a preset; returns the exit code."""
    options = build_parser().parse_args(argv)
    if options.output.exists() and not options.output.is_dir():
        raise HandwritingError(f"{options.output} is not a folder; choose another for the figures.")
    from tfhand import presets
    from tfhand.data import sources

    configs = [presets.config(name) for name in (options.preset, options.reader)]
    _check(options, *configs)
    archives = [sources.load(name) for name in options.data]
    held_out = [_held_out(options.preset, configs[0], name) for name in options.data]
    networks, reader = (presets.load(name) for name in (options.preset, options.reader))
    for name, writers in zip(options.data, held_out, strict=True):
        _warn_of_a_biased_reader(configs[1], name, writers)

    evaluation = _translations if configs[0]["class"] == "StarGAN" else _hands
    evaluation(networks, reader, archives, held_out, options)
    return 0


def _hands(networks, reader, archives: Sequence, held_out: Sequence, options: argparse.Namespace) -> None:
    """How like people's hands the letters are that a preset writes from their samples."""
    from tfhand import similarity

    characters = "".join(character for character in networks.settings.characters if character in reader.characters)
    scenes = []
    for name, archive, writers in zip(options.data, archives, held_out, strict=True):
        try:
            scenes.append(similarity.Scene(networks, archive, writers, characters, options.samples, options.seed))
        except ArchiveError as error:
            raise ArchiveError(f"{name}: {error}") from None
    rows = similarity.compare(scenes, reader)
    people = sum(len(scene.trials) for scene in scenes)
    letters = sum(len(trial.unseen) for scene in scenes for trial in scene.trials)
    caption = (
        f"{people} people never trained on, {letters} letters of characters not among the {options.samples} samples of "
        "each. Traits: correlation over people with their real letters."
    )
    report([{"letters": row.name, **row.figures} for row in rows], caption, options)
    same = {"samples": options.samples, "people": people}
    save_table([{**same, "letters": row.name, **row.figures} for row in rows], options)
    if options.picture_writers:
        save_picture(similarity.picture(scenes, options.picture_writers), options)


def _translations(networks, reader, archives: Sequence, held_out: Sequence, options: argparse.Namespace) -> None:
    """Whether the letters that StarGAN v2 makes of people's letters are read as what was asked for."""
    from tfhand.translation import Translations

    works = [
        Translations(networks, archive, writers, options.seed)
        for archive, writers in zip(archives, held_out, strict=True)
    ]
    lines = [
        {"data": Path(name).stem, "letters": kind, "read as asked": share}
        for name, work in zip(options.data, works, strict=True)
        for kind, share in work.agreement(reader).items()
    ]
    report(lines, "Letters of people never trained on, and what becomes of them.", options)
    save_table(lines, options)
    if options.picture_writers:
        save_picture(works[0].picture(options.picture_writers), options)


def _check(options: argparse.Namespace, preset: dict, reader: dict) -> None:
    if preset["class"] not in ("HandNetworks", "StarGAN"):
        raise PresetError(f"The preset {options.preset} does not write from a person's samples; choose one that does.")
    if reader["class"] != "Reader":
        raise PresetError(f"The preset {options.reader} is no reader; choose another for --reader.")
    if preset["image_size"] != reader["image_size"]:
        raise PresetError(
            f"The preset {options.preset} draws {preset['image_size']} pixels and the reader {options.reader} sees "
            f"{reader['image_size']}; choose another for --reader."
        )


def _held_out(preset: str, config: dict, data: str) -> list[int]:
    """The writers of a data set that the preset never saw, as its record says."""
    record = config["training"].get("validation_writers") or {}
    if Path(data).stem not in record:
        known = ", ".join(record) or "no data set"
        raise PresetError(f"The preset {preset} does not say whom of {data} it held out; it says so for {known}.")
    return record[Path(data).stem]


def _warn_of_a_biased_reader(config: dict, data: str, held_out: list[int]) -> None:
    record = config["training"].get("validation_writers") or {}
    seen = set(held_out).difference(record.get(Path(data).stem, held_out))
    if seen:
        print(
            f"warning: the reader was trained on {len(seen)} of the {len(held_out)} people of {data}", file=sys.stderr
        )


def report(lines: Sequence[dict], caption: str, options: argparse.Namespace) -> None:
    """Prints lines of figures as a table."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    look = {"box": box.SIMPLE_HEAD, "pad_edge": False, "collapse_padding": True}  # to fit into 80 columns
    title = Path(options.preset).name
    table = Table(title=title, caption=caption, title_justify="left", caption_justify="left", **look)
    for name, value in lines[0].items():
        table.add_column(name, justify="right" if isinstance(value, float) else "left", no_wrap=True)
    for line in lines:
        table.add_row(*(_text(value, ".2f", "–") for value in line.values()))
    Console().print(table)


def save_table(lines: Sequence[dict], options: argparse.Namespace) -> None:
    """Writes lines of figures as CSV, each with all that is needed to make it again."""
    from tfhand.files import whole_file

    same = {
        "preset": Path(options.preset).name,
        "reader": Path(options.reader).name,
        "data": " ".join(Path(name).stem for name in options.data),
        "seed": options.seed,
    }
    path = options.output / TABLE
    with whole_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, {**same, **lines[0]}, lineterminator="\n")
        table.writeheader()
        for line in lines:
            table.writerow({name: _text(value, ".3f", "") for name, value in {**same, **line}.items()})
    print(f"Wrote {path}")


def save_picture(pixels: np.ndarray, options: argparse.Namespace) -> None:
    """Writes the picture beside the table."""
    from tfhand.files import write_picture

    write_picture(options.output / PICTURE, pixels)
    print(f"Wrote {options.output / PICTURE}")


def _text(value: object, precision: str, absent: str) -> str:
    if not isinstance(value, float):
        return str(value)
    return absent if math.isnan(value) else format(value, precision)


if __name__ == "__main__":
    sys.exit(main())
