"""Whose hand a command line means: photographed lines whose text is known, and a Hand's folder."""

from __future__ import annotations

import argparse
import functools
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tfhand.cli.progress import spinner
from tfhand.cli.text_photos import LINE, read_text_photo
from tfhand.core.files import free_path
from tfhand.core.pictures import is_tagged_picture, read_picture

if TYPE_CHECKING:
    from tfhand.hands.hand import Hand

READER = "reader62"  # the preset that tells whether a line says what it is said to say
ALIGNER = "aligner62"  # the preset that finds the letters of joined writing


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Adds --sample, --says and --hand."""
    parser.add_argument("--sample", action="append", default=[], metavar="PICTURE", help="a photo or scan of one line")
    parser.add_argument("--says", action="append", default=[], metavar="TEXT", help="what that line says")
    parser.add_argument("--hand", metavar="DIR", help="a Hand's folder")
    parser.add_argument(
        "--use-doubtful", action="store_true", help="takes the letters of the folder that are marked as doubtful, too"
    )


def check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Ends the program with a sentence unless every --sample has a --says."""
    if len(options.sample) != len(options.says):
        parser.error("give a --says for every --sample, in the same order")


def hand_of(options: argparse.Namespace, output: Path) -> Hand | None:
    """The Hand of the samples and the folder together; None where there are neither.

    A sample of which something cannot be read is drawn beside `output`, with what was seen in it. Letters of the
    folder that are marked as doubtful are left out, and told.

    Raises:
        HandwritingError: a picture or folder that cannot be read.
    """
    from tfhand.hands.hand import Hand

    hands = [_approved(Hand.load(options.hand), options)] if options.hand is not None else []
    for number, (picture, says) in enumerate(zip(options.sample, options.says, strict=True), 1):
        annotated = output.with_name(f"{output.stem}-sample-{number}.png")
        hands.append(_read(picture, says, free_path(annotated, is_tagged_picture, [*options.sample, output])))
    return functools.reduce(Hand.merged, hands) if hands else None


def _approved(hand: Hand, options: argparse.Namespace) -> Hand:
    doubtful = [one for one in hand.samples if one.doubt]
    if not doubtful or options.use_doubtful:
        return hand
    told = ", ".join(f"{one.character} (like {one.doubt})" for one in doubtful)
    print(f"left out as doubtful: {told}; --use-doubtful takes them as well", file=sys.stderr)
    return hand.approved


def _read(picture: str, says: str, annotated: Path) -> Hand:
    """The letters of a line, and its words where letters are joined.

    A doubt of the reader does not count, as the person says that they wrote this; but it does for joined letters, which
    may have been cut wrongly.
    """
    from tfhand.hands.hand import Hand

    with spinner(f"reading {picture}"):
        found = read_text_photo(read_picture(picture), says, LINE, READER, annotated, ALIGNER)
    if found.told:
        print(f"left out of {picture}: {found.told}", file=sys.stderr)
    if found.hand.words:
        return found.hand.approved
    return Hand(samples=(replace(one, doubt="") for one in found.hand.samples))
