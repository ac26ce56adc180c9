"""`python -m tfhand.evaluate PRESET`: how like people's own letters a preset's are, in tables and pictures.

With --data the people are those of an archive whom the preset never saw. With --hand it is one person: each of their
letters is written from the others, and a report says in words what is kept of the hand and what to write next.

A preset that is given a character and no hand is judged by classifiers trained here: are its letters read as what was
asked for, and do they teach to read people's?
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from tfhand.cli.command import command, not_negative, positive
from tfhand.errors import HandwritingError, PresetError

EXAMPLES = """examples:
  python -m tfhand.evaluate hand62 --data unipen_writers.npz
  python -m tfhand.evaluate hand62 --data unipen_writers.npz --samples 1 3 10 30 -o evaluation/samples
  python -m tfhand.evaluate runs/0007-hand/preset --data unipen_writers.npz --quick
  python -m tfhand.evaluate cgan-digits --data mnist_writers.npz
  python -m tfhand.evaluate hand62 --hand my_hand/ -o my_report

All figures are of characters that were not among a person's samples. What each of them means stands in
tfhand/evaluation/hand_evaluator.py and report.py, and of letters in no hand in tfhand/evaluation/generation.py."""


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
        "--count", type=positive, default=10_000, metavar="N",
        help="letters generated to be read, where no hand is asked for (default: 10000)",
    )  # fmt: skip
    many.add_argument(
        "--projections", action="store_true",
        help="of a StyleGAN also the letters recombined from projected samples, by space and distance; takes long",
    )  # fmt: skip
    many.add_argument(
        "--features", default="features62", metavar="PRESET",
        help="reader of the perceptual distance, with --projections (default: features62)",
    )  # fmt: skip
    many.add_argument(
        "--repeats", type=positive, default=1, metavar="N",
        help="of all that is drawn by lot: samples, nibs, letters; figures are means over them (default: 1)",
    )  # fmt: skip
    many.add_argument(
        "--quick",
        action="store_true",
        help="leaves out what takes longest: the classifier of written and real letters, or of generated ones alone",
    )
    parser.add_argument("--seed", type=not_negative, default=0, help="of everything drawn by lot (default: 0)")
    many.add_argument(
        "--picture-writers", type=not_negative, default=20, metavar="N",
        help="people in letters.png, or draws of each character; 0 for no pictures (default: 20)",
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
        from tfhand.evaluation.one_hand import one_hand

        one_hand(options)
    else:
        _people(options)
    return 0


def _people(options: argparse.Namespace) -> None:
    """How like people's letters a preset's are, by data sets of people it never saw."""
    from tfhand.data import sources
    from tfhand.evaluation import training_overlap as roles
    from tfhand.evaluation.hands import hands
    from tfhand.evaluation.letters import generations, translations

    config = roles.cast(options.preset, roles.WRITES, "PRESET")
    evaluation = translations if config["class"] == "StarGAN" else hands if roles.keeps_hands(config) else generations
    if evaluation is not generations:
        roles.cast(options.reader, roles.READS, "--reader", config)
    if options.projections and config["class"] != "StyleGAN":
        raise HandwritingError(f"The preset {options.preset} is no StyleGAN; leave --projections out.")
    if options.beside and evaluation is not hands:
        raise HandwritingError(f"The preset {options.preset} is judged alone; leave --beside out.")
    if evaluation is hands:
        _check_roles(options, config)
    archives = [sources.load(name) for name in options.data]
    held_out = [roles.held_out(options.preset, name) for name in options.data]
    evaluation(options, config, archives, held_out)


def _check_roles(options: argparse.Namespace, config: dict) -> None:
    """Whether every preset that takes part in judging hands can do what it is asked to."""
    from tfhand.evaluation import training_overlap as roles

    roles.cast(options.verifier, roles.VERIFIES, "--verifier", config)
    for name in options.beside:
        if not roles.keeps_hands(roles.cast(name, roles.WRITES, "--beside", config)):
            raise PresetError(f"The preset {name} knows characters and no hands; choose another for --beside.")
    if options.projections:
        roles.cast(options.features, roles.READS, "--features", config)
