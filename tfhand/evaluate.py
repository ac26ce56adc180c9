"""`python -m tfhand.evaluate PRESET`: how like people's own letters a preset's are, in tables and pictures.

With --data the people are those of an archive whom the preset never saw. With --hand it is one person: each of their
letters is written from the others, and a report says in words what is kept of the hand and what to write next.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
import textwrap
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfhand.command import command, not_negative, positive
from tfhand.errors import ArchiveError, HandwritingError

EXAMPLES = """examples:
  python -m tfhand.evaluate hand62 --data unipen_writers.npz
  python -m tfhand.evaluate hand62 --data unipen_writers.npz --samples 1 3 10 30 -o evaluation/samples
  python -m tfhand.evaluate runs/0007-hand/preset --data unipen_writers.npz --quick
  python -m tfhand.evaluate hand62 --hand my_hand/ -o my_report

All figures are of characters that were not among a person's samples. What each of them means stands in
tfhand/similarity/figures.py and report.py."""
TABLE, LETTERS, TRAITS, CURVE = "figures.csv", "letters.png", "traits.png", "samples.png"
REPORT, LEFT_OUT = "report.csv", "report.png"
SHOWN = 10  # samples in the pictures, where they are among those asked for


def build_parser() -> argparse.ArgumentParser:
    """The command line of `tfhand evaluate`."""
    parser = argparse.ArgumentParser(
        prog="tfhand evaluate",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("preset", help="a preset's name or folder")
    whom = parser.add_mutually_exclusive_group(required=True)
    whom.add_argument("--data", action="append", metavar="ARCHIVE", help="that it was trained on; may be repeated")
    whom.add_argument("--hand", type=Path, metavar="FOLDER", help="one person's Hand, for a report on it")
    many = parser.add_argument_group("with --data")
    many.add_argument(
        "--samples", type=positive, nargs="+", default=[10], metavar="N",
        help="letters given of each person; several numbers make a curve (default: 10)",
    )  # fmt: skip
    many.add_argument(
        "--beside", action="append", default=[], metavar="PRESET",
        help="another that writes, a row of its own; may be repeated",
    )  # fmt: skip
    parser.add_argument("--reader", default="reader62", metavar="PRESET", help="judges legibility (default: reader62)")
    parser.add_argument(
        "--verifier", default="verifier62", metavar="PRESET", help="judges the hand (default: verifier62)"
    )
    many.add_argument(
        "--quick",
        action="store_true",
        help="leaves out the classifier of written and real letters, which takes longest",
    )
    parser.add_argument("--seed", type=not_negative, default=0, help="of everything drawn by lot (default: 0)")
    many.add_argument(
        "--picture-writers", type=not_negative, default=20, metavar="N",
        help=f"people in {LETTERS}; 0 for no pictures (default: 20)",
    )  # fmt: skip
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("evaluation"), metavar="FOLDER",
        help="for tables and pictures (default: evaluation)",
    )  # fmt: skip
    return parser


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Evaluates a preset; returns the exit code."""
    options = build_parser().parse_args(argv)
    if options.output.exists() and not options.output.is_dir():
        raise HandwritingError(f"{options.output} is not a folder; choose another for the figures.")
    if options.hand:
        _one_hand(options)
    else:
        _people(options)
    return 0


def _one_hand(options: argparse.Namespace) -> None:
    """What a preset keeps of one person's hand, in words."""
    from tfhand import presets, synthesizer
    from tfhand.hand import Hand
    from tfhand.similarity import pictures, roles
    from tfhand.similarity.report import leave_letters_out

    hand, config = Hand.load(options.hand), roles.cast(options.preset, roles.LEARNS, "PRESET")
    for flag, classes in (("reader", roles.READS), ("verifier", roles.VERIFIES)):
        roles.cast(getattr(options, flag), classes, f"--{flag}", config)
    pen, *judges = synthesizer.load(options.preset), presets.load(options.reader), presets.load(options.verifier)
    print("Writing each letter from the others; this takes a minute.", file=sys.stderr, flush=True)
    told = leave_letters_out(pen, hand, *judges, seed=options.seed)
    print(*told.sentences(), sep="\n", end="\n\n")
    caption = "Traits in standard deviations of random hands from their mean, which is 0."
    report(
        [told.table()], caption, f"{Path(options.preset).name}, {len(told.letters)} characters of {options.hand.name}"
    )
    save_table(told.lines(), options, REPORT)
    save_picture(pictures.left_out(told.letters), LEFT_OUT, options)


def _people(options: argparse.Namespace) -> None:
    """How like people's letters a preset's are, by data sets of people it never saw."""
    from tfhand.data import sources
    from tfhand.similarity import roles

    config = roles.cast(options.preset, roles.WRITES, "PRESET")
    roles.cast(options.reader, roles.READS, "--reader", config)
    archives = [sources.load(name) for name in options.data]
    held_out = [roles.held_out(options.preset, name) for name in options.data]
    evaluation = _translations if config["class"] == "StarGAN" else _hands
    evaluation(options, config, archives, held_out)


def _hands(options: argparse.Namespace, config: dict, archives: Sequence, held_out: Sequence[list[int]]) -> None:
    """How like people's hands the letters are that presets write from their samples."""
    from tfhand import presets, similarity
    from tfhand.similarity import roles

    beside = {Path(name).name: name for name in options.beside}
    roles.cast(options.verifier, roles.VERIFIES, "--verifier", config)
    for name in beside.values():
        roles.cast(name, roles.WRITES, "--beside", config)
    _warn_of_acquaintance((options.reader, options.verifier, *beside.values()), options.data, held_out)
    reader, verifier, *writers = (
        presets.load(name) for name in (options.reader, options.verifier, options.preset, *beside.values())
    )
    known = [reader.characters, verifier.characters, *(networks.settings.characters for networks in writers)]
    characters = "".join(character for character in known[2] if all(character in each for each in known))
    samples = sorted(set(options.samples))
    scenes = []
    for name, archive, people in zip(options.data, archives, held_out, strict=True):
        try:
            shape = characters, config["image_size"], samples[-1]
            scenes.append(similarity.Scene(archive, people, *shape, options.seed))
        except ArchiveError as error:
            raise ArchiveError(f"{name}: {error}") from None

    names = (options.preset, *beside.values())
    own, *others = (
        similarity.Preset(networks, presets.guide(name)) for name, networks in zip(names, writers, strict=True)
    )
    answers = {similarity.WRITTEN: own, **dict(zip(beside, others, strict=True))}
    answers[similarity.NEAREST] = similarity.NearestWriter(verifier)
    answers |= {"mean letter": similarity.mean_letter, "another person": similarity.another_person}
    judges = similarity.Judges(scenes, reader, verifier, detect=not options.quick, seed=options.seed)
    began, comparisons = time.monotonic(), []
    for count in samples:

        def tell(name: str, count: int = count) -> None:
            print(f"{time.monotonic() - began:5.0f} s  {count} given: {name}", file=sys.stderr, flush=True)

        comparisons.append(judges.compare(answers, count, tell))
    _report_hands(options, judges, comparisons)
    if options.picture_writers:
        _draw_hands(options, scenes, own, comparisons)


def _report_hands(options: argparse.Namespace, judges, comparisons: Sequence) -> None:
    from tfhand.similarity.figures import GROUPS

    people = sum(len(scene.trials) for scene in judges.scenes)
    letters = sum(len(trial.asked) for scene in judges.scenes for trial in scene.trials)
    reader, verifier = Path(options.reader).name, Path(options.verifier).name
    chance = ", ".join(f"{name.removeprefix('hand ')} {value:.2f}" for name, value in judges.chance().items())
    caption = (
        f"{people} people never trained on; {letters:,} letters, second writings for the real ones, of characters that "
        f"were not given. Legibility: as {reader} reads. Hand: the person's rank among all by {verifier}; by chance "
        f"{chance}. Traits: correlation over people with the first writings. Told apart: accuracy of a classifier, "
        f"0.50 is best. FID, KID: features of {reader}, N = {letters:,}, no resize. Diversity: of two answers, over "
        "that of two real writings."
    )
    table = []
    for comparison in comparisons:
        title = f"{Path(options.preset).name}, {comparison.samples} sample{'s' * (comparison.samples > 1)}"
        groups = [[{"": name} | {row.name: row.figures[name] for row in comparison.rows} for name in g] for g in GROUPS]
        report(groups, caption, title)
        same = {"verifier": verifier, "samples": comparison.samples, "people": people}
        table += [same | {"letters": row.name} | row.figures for row in comparison.rows]
    save_table(table, options)


def _draw_hands(options: argparse.Namespace, scenes: Sequence, preset, comparisons: Sequence) -> None:
    from tfhand.similarity import pictures

    shown = next((one for one in comparisons if one.samples == SHOWN), comparisons[-1])
    save_picture(pictures.letters(scenes, preset, shown.samples, options.picture_writers), LETTERS, options)
    save_picture(pictures.traits(shown), TRAITS, options)
    if len(comparisons) > 1:
        save_picture(pictures.samples_curve(comparisons), CURVE, options)


def _translations(options: argparse.Namespace, config: dict, archives: Sequence, held_out: Sequence[list[int]]) -> None:
    """Whether the letters that StarGAN v2 makes of people's letters are read as what was asked for."""
    from tfhand import presets
    from tfhand.translation import Translations

    _warn_of_acquaintance((options.reader,), options.data, held_out)
    networks, reader = (presets.load(name) for name in (options.preset, options.reader))
    works = [
        Translations(networks, archive, writers, options.seed)
        for archive, writers in zip(archives, held_out, strict=True)
    ]
    lines = [
        {"data": Path(name).stem, "letters": kind, "read as asked": share}
        for name, work in zip(options.data, works, strict=True)
        for kind, share in work.agreement(reader).items()
    ]
    report([lines], "Letters of people never trained on, and what becomes of them.", Path(options.preset).name)
    save_table(lines, options)
    if options.picture_writers:
        save_picture(works[0].picture(options.picture_writers), LETTERS, options)


def _warn_of_acquaintance(names: Sequence[str], data: Sequence[str], held_out: Sequence[list[int]]) -> None:
    from tfhand.similarity import roles

    for archive, people in zip(data, held_out, strict=True):
        for name in names:
            if seen := roles.acquainted(name, archive, people):
                known = f"{seen} of the {len(people)} people of {archive}"
                print(f"warning: the preset {name} was trained on {known}", file=sys.stderr)


def report(groups: Sequence[Sequence[dict]], caption: str, title: str) -> None:
    """Prints lines of figures as a table, with a rule between groups of them."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    look = {"box": box.SIMPLE_HEAD, "pad_edge": False, "collapse_padding": True, "show_edge": False}
    table = Table(title=title, caption=caption, title_justify="left", caption_justify="left", **look)
    for name, value in groups[0][0].items():
        heading = textwrap.fill(name, 10)  # narrow, as its figures are
        table.add_column(heading, justify="right" if isinstance(value, float) else "left", no_wrap=True)
    for lines in groups:
        for line in lines:
            table.add_row(*(_text(value, ".2f", "–") for value in line.values()))
        table.add_section()
    Console(width=max(100, Console().width)).print(table)


def save_table(lines: Sequence[dict], options: argparse.Namespace, name: str = TABLE) -> None:
    """Writes lines of figures as CSV, each with all that is needed to make it again."""
    from tfhand.files import whole_file

    same = {
        "preset": Path(options.preset).name,
        "reader": Path(options.reader).name,
        **({"hand": str(options.hand)} if options.hand else {"data": " ".join(Path(one).stem for one in options.data)}),
        "seed": options.seed,
    }
    path = options.output / name
    with whole_file(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, {**same, **lines[0]}, lineterminator="\n")
        table.writeheader()
        for line in lines:
            table.writerow({field: _text(value, ".3f", "") for field, value in {**same, **line}.items()})
    print(f"Wrote {path}")


def save_picture(pixels: np.ndarray, name: str, options: argparse.Namespace) -> None:
    """Writes a picture beside the table."""
    from tfhand.files import write_picture

    write_picture(options.output / name, pixels)
    print(f"Wrote {options.output / name}")


def _text(value: object, precision: str, absent: str) -> str:
    if not isinstance(value, float):
        return str(value)
    return absent if math.isnan(value) else format(value, precision)


if __name__ == "__main__":
    sys.exit(main())
