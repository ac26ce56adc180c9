"""`python -m tfhand.project PRESET`: real letters as a StyleGAN draws them in the styles nearest to them.

Spaces: w, one style for each letter; w+, one for each of its layers; hand, one offset from the mean styles for all of a
person's letters. `tfhand evaluate` measures how well each of them writes other letters.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tfhand.cli import hand_args
from tfhand.cli.command import command, not_negative, positive
from tfhand.core.files import check_writable
from tfhand.core.pictures import write_picture
from tfhand.errors import HandError, HandwritingError
from tfhand.models import registry
from tfhand.models.spec import Capability
from tfhand.models.stylegan.config import DISTANCES, SPACES, STARTS
from tfhand.models.stylegan.styles_file import write_styles

if TYPE_CHECKING:
    from tfhand.hands.hand import Hand

EXAMPLES = """examples:
  python -m tfhand.project stylegan62 --hand my_hand/
  python -m tfhand.project stylegan62 --sample 273.jpg --says 273 --space w w+ --distance mse
  python -m tfhand.project stylegan62 --hand my_hand/ --space w+ --styles mine.npz
  python -m tfhand.mix stylegan62 --styles mine.npz"""
MOST = 200  # letters that are projected at a time


def build_parser() -> argparse.ArgumentParser:
    """The command line of `tfhand project`."""
    parser = argparse.ArgumentParser(
        prog="tfhand project",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("preset", help="a StyleGAN preset's name or folder")
    hand_args.add_flags(parser)
    parser.add_argument(
        "--space", nargs="+", choices=SPACES, default=list(SPACES), help="a row for each (default: all)"
    )
    parser.add_argument(
        "--distance", choices=DISTANCES, default="both",
        help="of pixels, of a reader's features, or both together (default: both)",
    )  # fmt: skip
    parser.add_argument(
        "--features", default="features62", metavar="PRESET", help="the reader of that distance (default: features62)"
    )
    parser.add_argument(
        "--start", choices=STARTS, default="encoder", help="where the search in w and w+ begins (default: encoder)"
    )
    parser.add_argument("--steps", type=positive, metavar="N", help="of the search (default: that of the space)")
    parser.add_argument("--seed", type=not_negative, default=0, help="seed of the noise in the search (default: 0)")
    parser.add_argument("-o", "--output", type=Path, default=Path("projection.png"), help="default: %(default)s")
    parser.add_argument(
        "--styles", type=Path, metavar="FILE", help="also saves the styles of the last space, as .npz for tfhand mix"
    )
    return parser


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Projects letters; returns the exit code."""
    parser = build_parser()
    options = parser.parse_args(argv)
    hand_args.check(parser, options)
    for path, ending in ((options.output, ".png"), (options.styles, ".npz")):
        if path is None:
            continue
        if path.suffix.lower() != ending:
            raise HandwritingError(f"{path} is saved as {ending}; let it end so.")
        check_writable(path, options.sample)
    registry.require_capability(options.preset, Capability.HAS_STYLES, "PRESET")
    if options.distance != "mse":
        registry.require_capability(options.features, Capability.READS, "--features")
    hand = hand_args.hand_of(options, options.output)
    if hand is None:
        raise HandError("There are no letters to project; give --hand, or --sample and --says.")
    _project(options, hand)
    return 0


def _project(options: argparse.Namespace, hand: Hand) -> None:
    from tfhand.hands.glyph import as_glyphs, as_network_input
    from tfhand.models.pipeline import GlyphPipeline
    from tfhand.models.stylegan.projection import distance, project
    from tfhand.synthesis.synthesizer import Synthesizer
    from tfhand.visualization.grids import alphabets

    pen = Synthesizer(GlyphPipeline(registry.load(options.preset)))
    text, glyphs = pen.samples(hand)
    if len(text) > MOST:
        raise HandError(f"The Hand holds {len(text)} letters, and at most {MOST} are projected at a time.")
    reader = registry.load(options.features) if options.distance != "mse" else None
    measure = distance(options.distance, reader)
    samples, characters = as_network_input(glyphs)[None], pen.pipeline.numbers(text)[None]
    rows, captions = [glyphs], ["real"]
    search = {"start": options.start, "steps": options.steps, "seed": options.seed}
    for space in options.space:
        print(f"Projecting {len(text)} letters into {space} ...", file=sys.stderr, flush=True)
        found = project(pen.pipeline.networks, samples, characters, space, measure, **search)
        error = float(np.square(found.images - samples).mean())
        rows.append(as_glyphs(found.images[0]))
        captions.append(f"{space}  {error:.3f}")
        print(f"{space}: mean square error {error:.4f}")
    write_picture(options.output, alphabets(np.stack(rows), text, captions, sources=(1, 0)))
    print(f"Wrote {options.output}")
    if options.styles:
        write_styles(options.styles, found.styles[0], text)
        print(f"Wrote {options.styles}")


if __name__ == "__main__":
    sys.exit(main(None))
