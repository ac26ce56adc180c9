"""`python -m tfhand.project PRESET`: real letters as a StyleGAN draws them, in the styles that come nearest to them.

Spaces: w, one style for each letter; w+, one for each of its layers; hand, one departure from the mean styles for all
of a person's letters. How well each of them writes other letters, `tfhand evaluate` measures.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfhand.cli import hand_args as person
from tfhand.cli.command import command, not_negative, positive
from tfhand.core.files import atomic_write, check_writable, write_picture
from tfhand.errors import HandError, HandwritingError, PresetError
from tfhand.models import presets
from tfhand.models.stylegan.config import DISTANCES, SPACES, STARTS

EXAMPLES = """examples:
  python -m tfhand.project stylegan62 --hand my_hand/
  python -m tfhand.project stylegan62 --sample 273.jpg --says 273 --space w w+ --distance mse
  python -m tfhand.project stylegan62 --hand my_hand/ --space w+ --styles mine.npz
  python -m tfhand.mix stylegan62 --styles mine.npz"""
MOST = 200  # letters that are searched for at a time


def build_parser() -> argparse.ArgumentParser:
    """The command line of `tfhand project`."""
    parser = argparse.ArgumentParser(
        prog="tfhand project",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("preset", help="a StyleGAN preset's name or folder")
    person.add_flags(parser)
    parser.add_argument(
        "--space", nargs="+", choices=SPACES, default=list(SPACES), help="a row for each (default: all)"
    )
    parser.add_argument(
        "--distance", choices=DISTANCES, default="both",
        help="of pixels, of what a reader sees, or both together (default: both)",
    )  # fmt: skip
    parser.add_argument(
        "--features", default="features62", metavar="PRESET", help="the reader of that distance (default: features62)"
    )
    parser.add_argument("--start", choices=STARTS, default="encoder", help="of w and w+ (default: encoder)")
    parser.add_argument("--steps", type=positive, metavar="N", help="of the search (default: what the space takes)")
    parser.add_argument("--seed", type=not_negative, default=0, help="of the noise in the search (default: 0)")
    parser.add_argument("-o", "--output", type=Path, default=Path("projection.png"), help="default: %(default)s")
    parser.add_argument(
        "--styles", type=Path, metavar="FILE", help="also keeps the styles of the last space, as .npz for tfhand mix"
    )
    return parser


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Projects letters; returns the exit code."""
    parser = build_parser()
    options = parser.parse_args(argv)
    person.check(parser, options)
    for path, ending in ((options.output, ".png"), (options.styles, ".npz")):
        if path is None:
            continue
        if path.suffix.lower() != ending:
            raise HandwritingError(f"{path} is saved as {ending}; let it end so.")
        check_writable(path)
    if presets.config(options.preset)["class"] != "StyleGAN":
        raise PresetError(f"The preset {options.preset} is no StyleGAN; only those have styles to project into.")
    if options.distance != "mse" and presets.config(options.features)["class"] != "Reader":
        raise PresetError(f"The preset {options.features} is no reader; choose another for --features.")
    hand = person.hand_of(options, options.output)
    if hand is None:
        raise HandError("There are no letters to project; give --hand, or --sample and --says.")
    _project(options, hand)
    return 0


def _project(options: argparse.Namespace, hand) -> None:
    from tfhand.hands.glyph import as_glyphs, as_network_input
    from tfhand.models.stylegan.projection import distance, project
    from tfhand.synthesis.synthesizer import Synthesizer
    from tfhand.visualization.grids import alphabets

    pen = Synthesizer(presets.load(options.preset))
    text, glyphs = pen.samples(hand)
    if len(text) > MOST:
        raise HandError(f"The Hand holds {len(text)} letters, and at most {MOST} are projected at a time.")
    reader = presets.load(options.features) if options.distance != "mse" else None
    measure = distance(options.distance, reader)
    samples, characters = as_network_input(glyphs)[None], np.array([[pen.learned.index(one) for one in text]])
    rows, captions = [glyphs], ["real"]
    for space in options.space:
        print(f"Projecting {len(text)} letters into {space} ...", file=sys.stderr, flush=True)
        found = project(
            pen.networks,
            samples,
            characters,
            space,
            measure,
            start=options.start,
            steps=options.steps,
            seed=options.seed,
        )
        rows.append(as_glyphs(found.images[0]))
        error = float(np.square(found.images - samples).mean())
        captions.append(f"{space}  {error:.3f}")
        print(f"{space}: mean square error {error:.4f}")
    write_picture(options.output, alphabets(np.stack(rows), text, captions, sources=(1, 0)))
    print(f"Wrote {options.output}")
    if options.styles:
        _save(options.styles, found.styles[0], text)
        print(f"Wrote {options.styles}")


def _save(path: Path, styles: np.ndarray, text: str) -> None:
    with atomic_write(path) as temporary:
        np.savez_compressed(temporary, styles=styles, characters=np.array(text))


if __name__ == "__main__":
    sys.exit(main())
