"""`python -m tfhand.write TEXT`: a text in the hand of a few samples, as a picture ready for print."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tfhand import person, presets
from tfhand.command import command, not_negative, positive
from tfhand.errors import HandwritingError, TextError

EXAMPLES = """examples:
  python -m tfhand.write "481" --sample 273.jpg --says 273 -o out.png
  python -m tfhand.write "Dear Anna," --hand my_hand/ --width 1800 -o letter.png
  python -m tfhand.write "Any hand at all" --seed 7"""


def build_parser() -> argparse.ArgumentParser:
    """The command line of `tfhand write`."""
    parser = argparse.ArgumentParser(
        prog="tfhand write", description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text", help="what to write; line breaks are kept")
    person.add_flags(parser)
    parser.add_argument("-o", "--output", type=Path, default=Path("written.png"), help="default: %(default)s")
    parser.add_argument("--preset", default="hand62", help="a preset's name or folder (default: %(default)s)")
    parser.add_argument(
        "--seed", type=not_negative, default=0, help="of a random hand and of small differences (default: 0)"
    )
    parser.add_argument("--width", type=positive, metavar="PIXELS", help="of the page, at which lines wrap")
    parser.add_argument("--x-height", type=positive, default=48, metavar="PIXELS", help="of a small x (default: 48)")
    parser.add_argument("--generate-all", action="store_true", help="generate even letters that the samples hold")
    parser.add_argument("--strict", action="store_true", help="stop at a character that cannot be written")
    return parser


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Writes a text; returns the exit code."""
    parser = build_parser()
    options = parser.parse_args(argv)
    person.check(parser, options)
    if not options.text.strip():
        raise TextError("The text is empty; there is nothing to write.")
    if options.output.suffix.lower() != ".png":
        raise HandwritingError(f"A page is saved as .png; {options.output} ends otherwise.")
    presets.config(options.preset)  # a wrong name is told at once, and not after TensorFlow has been loaded
    hand = person.hand_of(options, options.output)

    from tfhand.synthesizer import load
    from tfhand.typeset import Layout, typeset

    pen = load(options.preset)
    letters = pen.letters(options.text, hand, seed=options.seed, keep_written=not options.generate_all)
    if letters.unknown and (options.strict or not any(letters.samples)):
        raise TextError(f"Cannot write {' '.join(letters.unknown)}; this preset knows {pen.characters}.")
    page = typeset(options.text, letters.samples, Layout(x_height=options.x_height, width=options.width), options.seed)
    page.save(options.output)
    if letters.unknown:
        print(f"warning: left a gap for {' '.join(letters.unknown)} (cannot be written)", file=sys.stderr)
    print(f"Wrote {options.output} ({page.width} x {page.height} pixels, {page.dpi} dpi).")
    print(f"  from the samples: {' '.join(letters.written) or 'nothing'}")
    print(f"  generated:        {' '.join(letters.generated) or 'nothing'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
