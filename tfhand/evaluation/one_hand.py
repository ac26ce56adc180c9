"""What a preset keeps of one person's hand, in words."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tfhand.cli.tables import report, save_picture, save_table

REPORT, LEFT_OUT = "report.csv", "report.png"


def one_hand(options: argparse.Namespace) -> None:
    """What a preset keeps of one person's hand, in words."""
    from tfhand.evaluation import plots as pictures
    from tfhand.evaluation import training_overlap as roles
    from tfhand.evaluation.hand_report import leave_letters_out
    from tfhand.hands.hand import Hand
    from tfhand.models import presets
    from tfhand.synthesis import synthesizer

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
