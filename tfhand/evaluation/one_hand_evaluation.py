"""Evaluation of a preset on one person's hand, with a report in plain words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from tfhand.evaluation import plots
from tfhand.evaluation.config import EvaluationConfig
from tfhand.evaluation.leave_out import leave_letters_out
from tfhand.evaluation.report import Report, Summary, Tell, described
from tfhand.hands.hand import Hand
from tfhand.models import registry
from tfhand.synthesis import synthesizer

if TYPE_CHECKING:
    from tfhand.models.reader.networks import Reader
    from tfhand.models.verifier.networks import Verifier

REPORT_FILE, LEFT_OUT_FILE = "report.csv", "report.png"


def evaluate_one_hand(config: EvaluationConfig, hand: Hand, tell: Tell) -> Report:
    """Writes each character of a Hand from the others, and says which traits are kept."""
    pen = synthesizer.load(config.preset)
    reader = cast("Reader", registry.load(config.reader))
    verifier = cast("Verifier", registry.load(config.verifier[0]))
    tell("Writing each letter from the others; this takes a minute.")
    found = leave_letters_out(pen, hand, reader, verifier, seed=config.seed)
    title = f"{Path(config.preset).name}, {len(found.letters)} characters of {Path(config.hand or '').name}"
    caption = "Traits in standard deviations of random hands from their mean, which is 0."
    return Report(
        [Summary(title, caption, [found.table()])],
        {REPORT_FILE: described(config, found.rows())},
        {LEFT_OUT_FILE: plots.left_out(found.letters)},
        found.sentences(),
    )
