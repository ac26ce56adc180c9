"""`python -m tfhand.write TEXT`: a text in the hand of a few samples, as a page ready for print."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tfhand.cli import hand_args as person
from tfhand.cli.command import between, command, not_negative
from tfhand.cli.progress import spinner
from tfhand.core.files import MILLIMETRES, check_writable
from tfhand.errors import TextError
from tfhand.models import presets

if TYPE_CHECKING:
    from tfhand.typeset.page import Page

EXAMPLES = """examples:
  python -m tfhand.write "481" --sample 273.jpg --says 273 -o out.png
  python -m tfhand.write - --hand my_hand/ --page A4 --paper ruled --ink blue -o letter.pdf < letter.txt
  python -m tfhand.write "for the plotter" --hand my_hand/ --strokes -o plotter.svg
  python -m tfhand.write "Any hand at all" --seed 7 --slant 8 --size 4 -o any.svg"""


def build_parser() -> argparse.ArgumentParser:
    """The command line of `tfhand write`."""
    parser = argparse.ArgumentParser(
        prog="tfhand write", description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text", help="what to write; line breaks are kept; - reads it from standard input")
    person.add_flags(parser)
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("written.png"), help="a .png, .svg or .pdf (default: %(default)s)"
    )
    parser.add_argument("--preset", default=presets.DEFAULT, help="a preset's name or folder (default: %(default)s)")
    parser.add_argument(
        "--seed", type=not_negative, default=0, help="of a random hand and of small differences (default: 0)"
    )
    parser.add_argument("--generate-all", action="store_true", help="generate even letters that the samples hold")
    parser.add_argument(
        "--strokes", action="store_true", help="an .svg of single lines, where the pen goes, for a plotter"
    )
    parser.add_argument(
        "--joined",
        choices=("auto", "always", "never"),
        default="auto",
        help="letters of a word: as the words of the samples show, all, or none (default: %(default)s)",
    )
    parser.add_argument("--strict", action="store_true", help="stop at a character that cannot be written")
    _add_page(parser.add_argument_group("the page"))
    _add_sliders(parser.add_argument_group("the writing"))
    return parser


def _add_page(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--page",
        metavar="SIZE",
        help="A4, A5, Letter, Legal, 100x150 (mm), or 120 (mm wide, as high as the text); default: as the text needs",
    )
    group.add_argument(
        "--paper", choices=("plain", "ruled", "squared"), default="plain", help="printed lines (default: %(default)s)"
    )
    group.add_argument(
        "--ink",
        default="black",
        metavar="COLOUR",
        help="black, blue, blue-black, red, green, pencil, or any like #1d3c94 (default: %(default)s)",
    )


def _add_sliders(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--size", type=between(0.5, 50), default=2.5, metavar="MM", help="of a small x (default: %(default)s)"
    )
    group.add_argument(
        "--slant", type=between(-45, 45), default=0.0, metavar="DEGREES", help="to the right of the hand's own"
    )
    group.add_argument("--width", type=between(0.5, 2), default=1.0, metavar="X", help="of letters over the hand's own")
    line = group.add_mutually_exclusive_group()
    line.add_argument("--weight", type=between(0.5, 2.5), default=1.0, metavar="X", help="of lines over the hand's own")
    line.add_argument("--nib", type=between(0.05, 5), metavar="MM", help="of lines, instead of the hand's own")
    group.add_argument(
        "--neatness", type=between(0, 1), default=0.5, metavar="0..1", help="0 hasty, 1 even (default: %(default)s)"
    )


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Writes a text; returns the exit code."""
    parser = build_parser()
    options = parser.parse_args(argv)
    person.check(parser, options)
    text = _standard_input() if options.text == "-" else options.text
    if not text.strip():
        raise TextError("The text is empty; there is nothing to write.")

    from tfhand.typeset import page_presets
    from tfhand.typeset.page import check_stroke_ending, page_ending

    (check_stroke_ending if options.strokes else page_ending)(options.output)
    check_writable(options.output, options.sample)
    layout = page_presets.layout(
        page_presets.page_size(options.page) if options.page else page_presets.PageSize(),
        ink=page_presets.ink_colour(options.ink),
        **{name: getattr(options, name) for name in ("size", "neatness", "paper", "slant", "width", "weight", "nib")},
    )
    presets.read_config(options.preset)  # a wrong name is told at once, and not after TensorFlow has been loaded
    hand = person.hand_of(options, options.output)

    from tfhand.synthesis.pen_paths import pen_paths
    from tfhand.synthesis.synthesizer import load
    from tfhand.typeset import typeset

    pen = load(options.preset)
    with spinner("writing"):
        letters = pen.text_glyphs(
            text, hand, seed=options.seed, keep_written=not options.generate_all, joined=options.joined
        )
    if letters.mostly_unknown or (letters.unknown and options.strict):
        raise TextError(pen.refusal(letters.unknown))
    page = typeset(text, letters.samples, layout, options.seed)
    files = page.save_strokes(options.output, pen_paths(page)) if options.strokes else page.save(options.output)
    if letters.unknown:
        print(f"warning: left a gap for {' '.join(letters.unknown)} (cannot be written)", file=sys.stderr)
    print(f"Wrote {', '.join(map(str, files))} ({_extent(page, options.output)}).")
    print(f"  from the samples: {' '.join(letters.written) or 'nothing'}")
    print(f"  generated:        {' '.join(c for c in letters.generated if c not in letters.composed) or 'nothing'}")
    if letters.composed:
        print(f"  composed:         {' '.join(letters.composed)}")
    if letters.illegible:
        print(f"  hard to read:     {' '.join(letters.illegible)}")
    return 0


def _standard_input() -> str:
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise TextError(f"The text on standard input is not {error.encoding}; save it as such.") from None


def _extent(page: Page, path: Path) -> str:
    if path.suffix.lower() == ".png":
        return f"{page.width} x {page.height} pixels, {page.dpi} dpi"
    wide, high = (round(pixels / page.dpi * MILLIMETRES) for pixels in (page.width, page.height))
    count = len(page.page_glyphs)
    several = f"{count} pages of " if count > 1 else ""
    return f"{several}{wide} x {high} mm"


if __name__ == "__main__":
    sys.exit(main())
