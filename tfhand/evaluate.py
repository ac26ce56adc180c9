"""`python -m tfhand.evaluate PRESET`: how like people's own letters a preset's are, in tables and pictures.

With --data the people are those of an archive whom the preset was not trained on. With --hand it is one person: each of
their letters is written from the others, and a report says in words what is kept of the hand and what to write next.

An aligner is asked how many letters of held-out people's words it finds where they are.

With --words joined writing is evaluated: some words are given of people whom neither the aligner nor the reader was
trained on, others are written, and compared with how the person wrote.

A preset that writes in no hand is evaluated by classifiers trained here: are its letters read as the character asked
for, and does a classifier that learns from them alone read people's letters?
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from tfhand.cli.command import command, not_negative, positive
from tfhand.cli.flags import given
from tfhand.cli.progress import progress_printer
from tfhand.cli.tables import print_table
from tfhand.core.config import config_from
from tfhand.errors import HandwritingError
from tfhand.evaluation.config import EvaluationConfig

EXAMPLES = """examples:
  python -m tfhand.evaluate hand62 --data unipen_writers.npz
  python -m tfhand.evaluate hand62 --data unipen_writers.npz --samples 1 3 10 30 -o evaluation/samples
  python -m tfhand.evaluate runs/0007-hand/preset --data unipen_writers.npz --quick
  python -m tfhand.evaluate alphabet62 --data mnist_writers.npz --unseen 0.1 --samples 3
  python -m tfhand.evaluate cgan-digits --data mnist_writers.npz
  python -m tfhand.evaluate runs/0008-aligner-words/preset --data words.npz --repeats 3
  python -m tfhand.evaluate alphabet62 --words --data words.npz --samples 25 --reader READER
  python -m tfhand.evaluate alphabet62 --hand my_hand/ -o my_report

All metrics are of characters that were not among a person's samples. What each of them means stands in
tfhand/evaluation/comparison.py and hand_report.py, for letters in no hand in
tfhand/evaluation/unconditional_evaluator.py, and for words in tfhand/evaluation/alignment_evaluator.py
and tfhand/evaluation/words/evaluator.py."""
_FIELDS = {field.name: field for field in fields(EvaluationConfig)}


def build_parser() -> argparse.ArgumentParser:
    """The command line of `tfhand evaluate`."""
    parser = argparse.ArgumentParser(
        prog="tfhand evaluate",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("preset", help=_FIELDS["preset"].metadata["help"])
    subject = parser.add_mutually_exclusive_group(required=True)
    _add(subject, "data", action="append", metavar="ARCHIVE")
    _add(subject, "hand", metavar="FOLDER")
    people = parser.add_argument_group("with --data")
    _add(people, "unseen", type=float, metavar="SHARE")
    _add(people, "samples", type=positive, nargs="+", metavar="N")
    _add(people, "words", action="store_true")
    _add(people, "aligner", metavar="PRESET")
    _add(people, "beside", action="append", metavar="PRESET")
    _add(parser, "reader", metavar="PRESET")
    _add(parser, "verifier", nargs="+", metavar="PRESET")
    _add(people, "count", type=positive, metavar="N")
    _add(people, "projections", action="store_true")
    _add(people, "redraw", action="store_true")
    _add(people, "controls", action="store_true")
    _add(people, "features", metavar="PRESET")
    _add(people, "marks", metavar="FILE")
    _add(people, "repeats", type=positive, metavar="N")
    _add(people, "quick", action="store_true")
    _add(parser, "seed", type=not_negative, metavar="N")
    _add(people, "picture_writers", type=not_negative, metavar="N")
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("evaluation"), metavar="FOLDER",
        help="for tables and pictures (default: evaluation)",
    )  # fmt: skip
    return parser


def _add(group: argparse._ActionsContainer, name: str, **options: Any) -> None:
    """Adds the flag of a setting, which leaves no trace where it is not given."""
    setting, text = _FIELDS[name], _FIELDS[name].metadata["help"]
    if options.get("action") == "append":
        text += "; may be repeated"
    elif setting.default is not None and setting.default is not False:
        default = setting.default
        text += f" (default: {' '.join(map(str, default)) if isinstance(default, tuple) else default})"
    flag = "--" + name.replace("_", "-")
    group.add_argument(flag, dest=name, default=argparse.SUPPRESS, help=text, **options)


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Evaluates a preset; returns the exit code."""
    options = build_parser().parse_args(argv)
    if options.output.exists() and not options.output.is_dir():
        raise HandwritingError(f"{options.output} is not a folder; choose another for the metrics.")
    config = config_from(EvaluationConfig, given(options, EvaluationConfig))

    from tfhand.evaluation import evaluate

    def warn(sentence: str) -> None:
        print(f"warning: {sentence}", file=sys.stderr)

    report = evaluate(config, progress_printer(), warn)
    if report.sentences:
        print(*report.sentences, sep="\n", end="\n\n")
    for summary in report.summaries:
        print_table(summary.groups, summary.caption, summary.title)
    for path in report.save(options.output):
        print(f"Wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(None))
