"""`python -m tfhand.extract PHOTO... -o my_hand/`: a person's letters from photos of what they wrote.

A photo shows a sheet made by `python -m tfhand.sheet` unless --says, --says-file or --grid tells otherwise.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tfhand.cli.command import command
from tfhand.errors import HandError, HandwritingError, ReadingError, TextError
from tfhand.models import presets, registry
from tfhand.models.spec import Capability

if TYPE_CHECKING:
    import numpy as np

    from tfhand.hands.hand import Hand

CONTACT, REPORT = "contact-sheet.png", "report.txt"

EXAMPLES = """examples:
  python -m tfhand.extract sheet.jpg -o my_hand/
  python -m tfhand.extract page-2.jpg page-3.jpg --add -o my_hand/
  python -m tfhand.extract line.jpg --says "quick fox 273" -o my_hand/
  python -m tfhand.extract letter.jpg --says-file letter.txt -o my_hand/
  python -m tfhand.extract other.jpg --grid 8x10 --order "ABC...xyz0123456789" -o my_hand/"""


@dataclass(frozen=True)
class Found:
    """What a photo showed: the letters, all characters that it was to show, and those of boxes that are left out."""

    name: str
    hand: Hand
    asked: str
    scribbled: str = ""
    unreadable: str = ""


def build_parser() -> argparse.ArgumentParser:
    """The command line of `tfhand extract`."""
    parser = argparse.ArgumentParser(
        prog="tfhand extract",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("photos", nargs="+", metavar="PHOTO", type=Path, help="a picture, or a PDF of such")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="the Hand's folder")
    parser.add_argument("--add", action="store_true", help="add to the Hand that is in the folder")
    shown = parser.add_argument_group("what the photos show").add_mutually_exclusive_group()
    shown.add_argument("--says", action="append", metavar="TEXT", help="a line of writing; once for each photo")
    shown.add_argument(
        "--says-file", action="append", metavar="FILE", help="several lines, broken as in the file; once for each photo"
    )
    shown.add_argument("--grid", type=_grid, metavar="COLUMNSxROWS", help="a sheet of so many boxes")
    parser.add_argument("--order", metavar="TEXT", help="with --grid: the boxes' characters, row by row")
    parser.add_argument("--reader", default="reader62", help="preset that checks the letters (default: %(default)s)")
    parser.add_argument("--no-check", action="store_true", help="leave the letters unchecked, which is quicker")
    return parser


def _grid(text: str) -> tuple[int, int]:
    numbers = re.fullmatch(r"(\d{1,3})[xX](\d{1,3})", text)
    if not numbers:
        raise argparse.ArgumentTypeError(f"{text} is not COLUMNSxROWS, such as 8x10")
    return int(numbers[1]), int(numbers[2])


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Reads the photos; returns the exit code."""
    parser = build_parser()
    options = parser.parse_args(argv)
    if (options.grid is None) != (options.order is None):
        parser.error("give --grid and --order together")
    before = _before(options)
    if not options.no_check:
        presets.read_config(options.reader)  # a wrong name is told at once
    found = _read_all(options)
    hand = before
    for one in found:
        hand = hand.merged(one.hand)
    if all(len(one.hand) == 0 for one in found):
        raise ReadingError("Nothing is written on the photos, or it is too faint to be seen; nothing was saved.")
    doubts = [""] * len(hand.samples) if options.no_check else _doubts(hand, options.reader)
    hand.save(options.output)
    lines = report(hand, found, doubts)
    _lay_beside(options.output, hand, doubts, lines)
    print(f"Wrote {options.output}; look at {options.output / CONTACT}.", *lines, sep="\n")
    return 0


def _before(options: argparse.Namespace) -> Hand:
    """The Hand that is in the folder already.

    Raises:
        HandError: there is one, or something else, and nobody said that it should be added to.
    """
    from tfhand.hands.hand import Hand

    there = options.output.exists() and (not options.output.is_dir() or any(options.output.iterdir()))
    if there and not options.add:
        raise HandError(
            f"There is something at {options.output} already; say --add to add to a Hand, or choose another."
        )
    return Hand.load(options.output) if there else Hand()


def _read_all(options: argparse.Namespace) -> list[Found]:
    from tfhand.core.files import read_pictures

    pictures: list[tuple[str, np.ndarray]] = []
    for path in options.photos:
        pages = read_pictures(path)
        names = (
            [path.name] if len(pages) == 1 else [f"{path.name}, page {number}" for number in range(1, len(pages) + 1)]
        )
        pictures += zip(names, pages, strict=True)
    texts = options.says or [_text(Path(file)) for file in options.says_file or ()]
    if texts and len(texts) != len(pictures):
        flag = "--says" if options.says else "--says-file"
        raise TextError(f"There are {len(pictures)} photos and {len(texts)} texts; give a {flag} for each, in order.")
    found = []
    for number, (name, picture) in enumerate(pictures):
        try:
            found.append(_read(options, name, picture, texts[number] if texts else None, number))
        except HandwritingError as error:
            raise type(error)(f"{name}: {error}" if len(pictures) > 1 else f"{error}") from None
    return found


def _read(options: argparse.Namespace, name: str, picture: np.ndarray, text: str | None, number: int) -> Found:
    from tfhand import scan
    from tfhand.scan.sheet.boxes import SCRIBBLED, UNREADABLE

    if text is not None:
        annotated = options.output.with_name(f"{options.output.name}-photo-{number + 1}.png")
        read = scan.read_line if options.says else scan.read_lines
        return Found(name, read(picture, text, annotated), "".join(text.split()))
    reading = scan.find_grid(picture, options.order, *options.grid) if options.grid else scan.find_sheet(picture)
    asked = "".join(box.character for box in reading.boxes)
    return Found(name, reading.hand, asked, reading.with_state(SCRIBBLED), reading.with_state(UNREADABLE))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise TextError(f"Cannot read the text {path}: {why}.") from None


def _doubts(hand: Hand, reader: str) -> list[str]:
    registry.require_capability(reader, Capability.READS, "--reader")

    from tfhand.evaluation.misreads import flag_misreads

    return flag_misreads(hand.samples, registry.load(reader))


def report(hand: Hand, found: Sequence[Found], doubts: Sequence[str]) -> list[str]:
    """What was written, and what to look at, in lines.

    Args:
        hand: all of it.
        found: on each photo.
        doubts: for each of the Hand's samples what it looks like instead, or an empty string.
    """
    lines = [f"written:        {' '.join(hand)} ({len(hand.samples)} samples)"]
    if missing := hand.missing("".join(one.asked for one in found)):
        lines.append(f"missing:        {' '.join(missing)}")
    for one in found:
        place = f" (on {one.name})" if len(found) > 1 else ""
        lines += [f"scribbled out:  {' '.join(one.scribbled)}{place}"] if one.scribbled else []
        lines += [f"cannot be read: {' '.join(one.unreadable)}{place}"] if one.unreadable else []
    odd = [f"{sample.character} (like {doubt})" for sample, doubt in zip(hand.samples, doubts, strict=True) if doubt]
    return lines + ([f"doubtful:       {', '.join(odd)}"] if odd else [])


def _lay_beside(folder: Path, hand: Hand, doubts: Sequence[str], lines: Sequence[str]) -> None:
    """Puts the contact sheet and the report into the Hand's folder, whose glyphs they are not taken for."""
    from tfhand.core.files import atomic_write, write_picture

    write_picture(folder / CONTACT, hand.contact_sheet(doubts))
    with atomic_write(folder / REPORT) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
