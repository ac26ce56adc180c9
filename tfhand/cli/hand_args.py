"""Whose hand a command line means: photographed lines whose text is known, and a Hand's folder."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tfhand.hands.hand import Hand


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Adds --sample, --says and --hand."""
    parser.add_argument("--sample", action="append", default=[], metavar="PICTURE", help="a photo or scan of one line")
    parser.add_argument("--says", action="append", default=[], metavar="TEXT", help="what that line says")
    parser.add_argument("--hand", metavar="DIR", help="a Hand's folder")


def check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Ends the program with a sentence unless every --sample has a --says."""
    if len(options.sample) != len(options.says):
        parser.error("give a --says for every --sample, in the same order")


def hand_of(options: argparse.Namespace, output: Path) -> Hand | None:
    """The Hand of the samples and the folder together; None where there are neither.

    A sample that cannot be read is drawn beside `output`, with what was seen in it.

    Raises:
        HandwritingError: a picture or folder that cannot be read.
    """
    from tfhand.hands.hand import Hand
    from tfhand.scan import read_line

    hands = [Hand.load(options.hand)] if options.hand else []
    for number, (picture, says) in enumerate(zip(options.sample, options.says, strict=True), 1):
        annotated = output.with_name(f"{output.stem}-sample-{number}.png")
        hands.append(read_line(picture, says=says, annotate=annotated))
    if not hands:
        return None
    hand = hands[0]
    for other in hands[1:]:
        hand = hand.merged(other)
    return hand
