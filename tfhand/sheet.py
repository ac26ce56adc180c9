"""`python -m tfhand.sheet`: a sheet to print and write on, which `python -m tfhand.extract` reads."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tfhand.command import command, positive
from tfhand.errors import HandwritingError
from tfhand.files import write_picture
from tfhand.scan import layout, printing

PIXELS = 8.0  # a millimetre, of a picture

EXAMPLES = """examples:
  python -m tfhand.sheet -o sheet.pdf
  python -m tfhand.sheet --variants 3 --paper Letter -o sheet.pdf
  python -m tfhand.sheet --characters "äöüß" -o sheet.png"""


def build_parser() -> argparse.ArgumentParser:
    """The command line of `tfhand sheet`."""
    parser = argparse.ArgumentParser(
        prog="tfhand sheet", description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("sheet.pdf"), help=".pdf, or .png a page (default: %(default)s)"
    )
    parser.add_argument(
        "--characters",
        default=layout.EVERYTHING,
        metavar="TEXT",
        help="to be written (default: digits, letters and the common signs)",
    )
    parser.add_argument(
        "--variants", type=positive, default=1, metavar="N", help="times each is asked for (default: 1)"
    )
    parser.add_argument("--paper", choices=list(layout.PAPERS), default="A4", help="default: %(default)s")
    return parser


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Draws a sheet; returns the exit code."""
    options = build_parser().parse_args(argv)
    pages = layout.pages_of(options.characters, options.variants, options.paper)
    if options.output.suffix.lower() == ".pdf":
        printing.save_pdf(pages, options.output)
        files = [options.output]
    elif options.output.suffix.lower() == ".png":
        files = _pictures(pages, options.output)
    else:
        raise HandwritingError(f"A sheet is saved as .pdf or .png; {options.output} ends otherwise.")
    boxes = sum(len(page.letters) for page in pages)
    print(f"Wrote {', '.join(map(str, files))}: {boxes} boxes on {len(pages)} page{'s' * (len(pages) > 1)}.")
    print("Print it at any size, write on it, photograph it, and: python -m tfhand.extract PHOTO -o my_hand/")
    return 0


def _pictures(pages: Sequence[layout.SheetPage], output: Path) -> list[Path]:
    """One picture a page; those of several are numbered."""
    names = [output.with_stem(f"{output.stem}-{page.number}") if len(pages) > 1 else output for page in pages]
    for page, name in zip(pages, names, strict=True):
        write_picture(name, printing.picture(page, PIXELS), dpi=(25.4 * PIXELS, 25.4 * PIXELS))
    return names


if __name__ == "__main__":
    sys.exit(main())
