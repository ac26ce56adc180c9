"""`python -m tfhand.sheet`: a sheet to print and write on, which `python -m tfhand.extract` reads."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tfhand.cli.command import command, positive
from tfhand.cli.progress import spinner
from tfhand.core.files import MILLIMETRES, check_ending, check_writable, numbered_paths
from tfhand.core.pictures import write_picture
from tfhand.core.wording import counted
from tfhand.models import presets, registry
from tfhand.models.spec import Capability
from tfhand.scan.sheet import layout, printing

PIXELS = 8.0  # a millimetre, of a picture

EXAMPLES = """examples:
  python -m tfhand.sheet -o sheet.pdf
  python -m tfhand.sheet --variants 3 --paper Letter -o sheet.pdf
  python -m tfhand.sheet --characters "äöüß" -o sheet.png
  python -m tfhand.sheet --next my_hand/ --variants 3 -o next.pdf"""


def build_parser() -> argparse.ArgumentParser:
    """The command line of `tfhand sheet`."""
    parser = argparse.ArgumentParser(
        prog="tfhand sheet", description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("sheet.pdf"), help=".pdf, or .png a page (default: %(default)s)"
    )
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument(
        "--characters",
        default=layout.EVERYTHING,
        metavar="TEXT",
        help="to be written (default: digits, letters and the common signs)",
    )
    asked.add_argument(
        "--next",
        type=Path,
        metavar="DIR",
        help="the ten characters that would teach most about the Hand in this folder",
    )
    parser.add_argument(
        "--variants", type=positive, default=1, metavar="N", help="times each is asked for (default: 1)"
    )
    parser.add_argument("--paper", choices=list(layout.PAPERS), default="A4", help="default: %(default)s")
    parser.add_argument(
        "--preset", default=presets.DEFAULT, help="with --next: the preset that is to learn (default: %(default)s)"
    )
    return parser


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Draws a sheet; returns the exit code."""
    options = build_parser().parse_args(argv)
    ending = check_ending(options.output, "A sheet is", ".pdf", ".png")
    check_writable(options.output)
    characters = options.characters if options.next is None else _next(options)
    pages = layout.pages_of(characters, options.variants, options.paper)
    if ending == ".pdf":
        printing.save_pdf(pages, options.output)
        files = [options.output]
    else:
        files = _pictures(pages, options.output)
    boxes = sum(len(page.letters) for page in pages)
    print(f"Wrote {', '.join(map(str, files))}: {counted(boxes, 'box')} on {counted(len(pages), 'page')}.")
    print("Print it at any size, write on it, photograph it, and: python -m tfhand.extract PHOTO -o my_hand/")
    return 0


def _next(options: argparse.Namespace) -> str:
    """What to ask a person for who has written something already."""
    from tfhand.hands.hand import Hand

    hand = Hand.load(options.next)
    registry.require_capability(options.preset, Capability.RATES_SAMPLES, "--preset")

    from tfhand.evaluation.next_characters import next_characters
    from tfhand.synthesis.synthesizer import load

    with spinner("looking for the characters that would tell most"):
        return next_characters(load(options.preset), hand)


def _pictures(pages: Sequence[layout.SheetPage], output: Path) -> list[Path]:
    """One picture a page; those of several are numbered."""
    names = numbered_paths(output, len(pages))
    for page, name in zip(pages, names, strict=True):
        write_picture(name, printing.picture(page, PIXELS), dpi=(MILLIMETRES * PIXELS, MILLIMETRES * PIXELS))
    return names


if __name__ == "__main__":
    sys.exit(main())
