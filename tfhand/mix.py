"""`python -m tfhand.mix PRESET`: the coarse layers of one letter's style and the fine ones of another's, as a grid.

The column at the left shows the sources of the coarse layers, the row above those of the fine ones, and each cell the
mixture. The sources are random hands; where a person's letters are given, they are the ones at the left, in the styles
that the encoder finds for them or that tfhand project found.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from tfhand.cli import hand_args
from tfhand.cli.command import command, not_negative, positive
from tfhand.cli.progress import spinner
from tfhand.core.files import check_ending, check_writable
from tfhand.core.pictures import write_picture
from tfhand.models import registry
from tfhand.models.spec import Capability
from tfhand.models.stylegan.config import TRUNCATION
from tfhand.models.stylegan.styles_file import read_styles

if TYPE_CHECKING:
    from tfhand.models.stylegan.networks import StyleGAN

EXAMPLES = """examples:
  python -m tfhand.mix stylegan62
  python -m tfhand.mix stylegan62 --characters ab7 --crossover 1 2 4 --seed 3
  python -m tfhand.mix stylegan62 --hand my_hand/ --characters aeg -o mine.png"""


def build_parser() -> argparse.ArgumentParser:
    """The command line of `tfhand mix`."""
    parser = argparse.ArgumentParser(
        prog="tfhand mix", description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("preset", help="a StyleGAN preset's name or folder")
    parser.add_argument(
        "--characters", metavar="TEXT", help="a grid for each (default: a, or all of the hand's that the preset knows)"
    )
    parser.add_argument(
        "--rows", type=positive, default=5, metavar="N", help="coarse sources of a character, at most (default: 5)"
    )
    parser.add_argument("--columns", type=positive, default=6, metavar="N", help="fine sources (default: 6)")
    parser.add_argument(
        "--crossover", type=not_negative, nargs="+", metavar="LAYER",
        help="the first layer whose style is the fine source's; several make several grids (default: the middle)",
    )  # fmt: skip
    parser.add_argument(
        "--truncation", type=float, default=TRUNCATION, metavar="PSI",
        help="truncation of random styles: 0 gives the mean style, 1 leaves them (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--seed", type=not_negative, default=0, help="seed of the random hands (default: 0)")
    hand_args.add_flags(parser)
    parser.add_argument("--styles", type=Path, metavar="FILE", help="projected letters, a file of tfhand project")
    parser.add_argument("-o", "--output", type=Path, default=Path("mixing.png"), help="default: %(default)s")
    return parser


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Draws the grids; returns the exit code."""
    parser = build_parser()
    options = parser.parse_args(argv)
    hand_args.check(parser, options)
    if options.styles is not None and (options.hand is not None or options.sample):
        parser.error("give --styles, or the letters themselves")
    check_ending(options.output, "The grids are", ".png")
    check_writable(options.output, options.sample)
    registry.require_capability(options.preset, Capability.HAS_STYLES, "PRESET")
    hand = hand_args.hand_of(options, options.output)
    stored = read_styles(options.styles) if options.styles is not None else None

    from tfhand.models.pipeline import GlyphPipeline
    from tfhand.synthesis.synthesizer import Synthesizer
    from tfhand.visualization.style_mixing import encoded_sources, mixing_sheet, projected_sources

    pen = Synthesizer(GlyphPipeline(registry.load(options.preset)))
    networks, own = cast("StyleGAN", pen.pipeline.networks), {}
    if hand:
        own = encoded_sources(networks, *pen.samples(hand))
    elif stored:
        own = projected_sources(networks, options.styles, *stored)
    shape, crossovers = (options.rows, options.columns), options.crossover or []
    with spinner("mixing styles"):
        picture = mixing_sheet(networks, own, options.characters, crossovers, shape, options.truncation, options.seed)
    write_picture(options.output, picture)
    print(f"Wrote {options.output} ({picture.shape[1]} x {picture.shape[0]} pixels).")
    return 0


if __name__ == "__main__":
    sys.exit(main(None))
