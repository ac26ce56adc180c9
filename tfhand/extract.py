"""`python -m tfhand.extract PHOTO... -o my_hand/`: a person's letters from photos of what they wrote.

A photo shows a sheet made by `python -m tfhand.sheet` unless --says, --says-file, --guess, --grid or --form tells
otherwise. Joined writing is cut into its letters, and its words are kept for writing that is joined.
"""

from __future__ import annotations

import argparse
import functools
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tfhand.cli.command import command
from tfhand.cli.progress import spinner
from tfhand.cli.text_photos import LINE, LINES, NIST_HSF, read_guess, read_text_photo
from tfhand.core.files import atomic_write, free_path, read_text
from tfhand.core.folders import is_filled
from tfhand.core.pictures import count_pages, is_tagged_picture, read_page, write_tagged_picture
from tfhand.core.wording import counted
from tfhand.errors import HandError, HandwritingError, ReadingError, TextError
from tfhand.hands.hand import Hand
from tfhand.models import registry
from tfhand.models.spec import Capability

if TYPE_CHECKING:
    import numpy as np

    from tfhand.scan.sheet.boxes import BoxReading

CONTACT, REPORT = "contact-sheet.png", "report.txt"

EXAMPLES = """examples:
  python -m tfhand.extract sheet.jpg -o my_hand/
  python -m tfhand.extract page-2.jpg page-3.jpg --add -o my_hand/
  python -m tfhand.extract line.jpg --says "quick fox 273" -o my_hand/
  python -m tfhand.extract letter.jpg --says-file letter.txt -o my_hand/
  python -m tfhand.extract diary.jpg --guess -o my_hand/
  python -m tfhand.extract other.jpg --grid 8x10 --order "ABC...xyz0123456789" -o my_hand/
  python -m tfhand.extract f0001_41.png --form nist-hsf -o my_hand/"""


@dataclass(frozen=True)
class Found:
    """What a photo showed: the letters, all characters that it was to show, and what is left out."""

    name: str
    hand: Hand
    asked: str
    scribbled: str = ""
    unreadable: str = ""
    left_out: str = ""


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
    shown.add_argument("--guess", action="store_true", help="joined writing whose text is to be read, and corrected")
    shown.add_argument("--grid", type=_grid, metavar="COLUMNSxROWS", help="a sheet of so many boxes")
    parser.add_argument(
        "--form",
        choices=[NIST_HSF],
        help="NIST's handwriting sample form; its first template, or that whose fields --says-file gives",
    )
    parser.add_argument("--order", metavar="TEXT", help="with --grid: the boxes' characters, row by row")
    parser.add_argument(
        "--corners", nargs=4, type=_point, metavar="X,Y", help="with --grid: its four corners in pixels of the photo"
    )
    parser.add_argument("--reader", default="reader62", help="preset that checks the letters (default: %(default)s)")
    parser.add_argument(
        "--aligner", default="aligner62", help="preset that finds the letters of joined writing (default: %(default)s)"
    )
    parser.add_argument("--no-check", action="store_true", help="leave the letters unchecked, which is quicker")
    return parser


def _grid(text: str) -> tuple[int, int]:
    numbers = re.fullmatch(r"(\d{1,3})[xX](\d{1,3})", text)
    if not numbers:
        raise argparse.ArgumentTypeError(f"{text} is not COLUMNSxROWS, such as 8x10")
    return int(numbers[1]), int(numbers[2])


def _point(text: str) -> tuple[float, float]:
    numbers = re.fullmatch(r"(\d{1,6}(?:\.\d*)?),(\d{1,6}(?:\.\d*)?)", text)
    if not numbers:
        raise argparse.ArgumentTypeError(f"{text} is not X,Y, such as 120,85")
    return float(numbers[1]), float(numbers[2])


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Reads the photos; returns the exit code."""
    parser = build_parser()
    options = parser.parse_args(argv)
    if (options.grid is None) != (options.order is None):
        parser.error("give --grid and --order together")
    if options.form and (options.says or options.grid or options.guess):
        parser.error("--form goes with --says-file, and neither with --says, --guess nor --grid")
    if options.corners and (options.grid is None or len(options.photos) > 1):
        parser.error("--corners goes with --grid and one photo")
    _check_output(options)
    registry.require_capability(options.aligner, Capability.ALIGNS, "--aligner")
    if not options.no_check:
        registry.require_capability(options.reader, Capability.READS, "--reader")  # a wrong name is told at once
    found, failed = _read_all(options)
    if failed and not found:
        raise failed[0]
    if not any(one.hand.samples or one.hand.words for one in found):
        raise ReadingError("Nothing is written on the photos, or it is too faint to be seen; nothing was saved.")
    hand = functools.reduce(Hand.merged, (one.hand for one in found)).add_to(options.output)
    lines = report(hand, found)
    contact = _lay_beside(options.output, hand, lines)
    print(f"Wrote {options.output}; look at {contact}.", *lines, sep="\n")
    for error in failed:
        print(error, file=sys.stderr)
    return 0


def _check_output(options: argparse.Namespace) -> None:
    """Raises HandError if something is in the folder, and nobody said that it should be added to."""
    there = is_filled(options.output) or (os.path.lexists(options.output) and not os.path.isdir(options.output))
    if there and not options.add:
        raise HandError(
            f"There is something at {options.output} already; say --add to add to a Hand, or choose another."
        )
    if there:
        Hand.load(options.output)  # what cannot be added to is told at once


def _read_all(options: argparse.Namespace) -> tuple[list[Found], list[HandwritingError]]:
    """What each page showed, and what is wrong with those that could not be read; one page is held at a time."""
    pages = [(path, number) for path in options.photos for number in range(count_pages(path))]
    texts = options.says or [read_text(file, "the text") for file in options.says_file or ()]
    if texts and len(texts) != len(pages):
        flag = "--says" if options.says else "--says-file"
        both = f"{counted(len(pages), 'photo')} and {counted(len(texts), 'text')}"
        raise TextError(f"There are {both}; give a {flag} for each, in order.")
    found: list[Found] = []
    failed: list[HandwritingError] = []
    if options.form and not texts:
        from tfhand.scan.sheet.form import FIRST_TEMPLATE

        texts = [FIRST_TEMPLATE] * len(pages)
    for place, (path, number) in enumerate(pages):
        several = sum(other == path for other, _ in pages) > 1
        name = f"{path.name}, page {number + 1}" if several else path.name
        try:
            with spinner(f"reading {name} ({place + 1} of {len(pages)})"):
                found.append(_read(options, name, read_page(path, number), texts[place] if texts else None, place))
        except HandwritingError as error:
            failed.append(type(error)(f"{name}: {error}" if len(pages) > 1 else f"{error}"))
    return found, failed


def _read(options: argparse.Namespace, name: str, picture: np.ndarray, text: str | None, place: int) -> Found:
    reader = "" if options.no_check else options.reader
    beside = options.output.with_name(f"{options.output.name}-photo-{place + 1}.png")
    annotated = free_path(beside, is_tagged_picture, options.photos)
    if options.guess:
        file = free_path(beside.with_suffix(".txt"), lambda path: False)
        found = read_guess(picture, options.aligner, file, annotated)
        return Found(name, found.hand, "", left_out=found.told)
    if text is not None:
        shown = options.form or (LINE if options.says else LINES)
        found = read_text_photo(picture, text, shown, reader, annotated, options.aligner)
        return Found(name, found.hand, "", left_out=found.told)

    from tfhand import scan
    from tfhand.scan.sheet.boxes import SCRIBBLED, UNREADABLE

    reading: BoxReading = scan.find_sheet(picture) if options.grid is None else _read_grid(options, picture)
    asked = "".join(box.character for box in reading.boxes)
    hand = reading.hand
    if reader and hand:
        from tfhand.models.reader.misreads import flag_doubtful

        hand = flag_doubtful(hand, registry.load_for_inference(reader))
    return Found(name, hand, asked, reading.with_state(SCRIBBLED), reading.with_state(UNREADABLE))


def _read_grid(options: argparse.Namespace, picture: np.ndarray) -> BoxReading:
    from tfhand import scan

    columns, rows = options.grid
    return scan.find_grid(picture, options.order, columns, rows, options.corners)


def report(hand: Hand, found: Sequence[Found]) -> list[str]:
    """What was written, and what to look at, in lines.

    Args:
        hand: all of it.
        found: on each photo.
    """
    lines = [f"written:        {' '.join(hand)} ({counted(len(hand.samples), 'sample')})"]
    if hand.words:
        words = " ".join(word.text for word in hand.words)
        lines.append(f"words:          {words} ({counted(len(hand.words), 'word')})")
    if missing := hand.missing("".join(one.asked for one in found)):
        lines.append(f"missing:        {' '.join(missing)}")
    for one in found:
        place = f" (on {one.name})" if len(found) > 1 else ""
        lines += [f"scribbled out:  {' '.join(one.scribbled)}{place}"] if one.scribbled else []
        lines += [f"cannot be read: {' '.join(one.unreadable)}{place}"] if one.unreadable else []
        lines += [f"left out:       {one.left_out}{place}"] if one.left_out else []
    odd = [f"{sample.character} (like {sample.doubt})" for sample in hand.samples if sample.doubt]
    hint = "; left out by write and font unless --use-doubtful is said"
    return lines + ([f"doubtful:       {', '.join(odd)}{hint}"] if odd else [])


def _lay_beside(folder: Path, hand: Hand, lines: Sequence[str]) -> Path:
    """Puts the contact sheet and the report into the Hand's folder, whose glyphs they are not taken for."""
    contact = free_path(folder / CONTACT, is_tagged_picture)
    write_tagged_picture(contact, hand.contact_sheet())
    with atomic_write(free_path(folder / REPORT, _is_report)) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return contact


def _is_report(path: Path) -> bool:
    with suppress(HandwritingError):
        return read_text(path).startswith("written:        ")
    return False


if __name__ == "__main__":
    sys.exit(main())
