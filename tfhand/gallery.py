"""`python -m tfhand.gallery PRESET`: pictures of what a preset has learned to write."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from tfhand.cli.command import command, not_negative
from tfhand.core.pictures import write_picture
from tfhand.errors import HandwritingError
from tfhand.models.stylegan.config import TRUNCATION

EXAMPLES = """examples:
  python -m tfhand.gallery stylegan62 -o gallery/stylegan62
  python -m tfhand.gallery stylegan62 --text Anna --truncation 0.5
  python -m tfhand.gallery cgan-writers --writers 3 14 159

The pictures: samples.png; with a conditional GAN of writers also writers.png; with a StyleGAN also truncation.png,
noise.png and walk.gif."""
DURATION, STEP = 80, 17  # of the walk: milliseconds of a frame, and from one grey to the next


def build_parser() -> argparse.ArgumentParser:
    """The command line of `tfhand gallery`."""
    parser = argparse.ArgumentParser(
        prog="tfhand gallery",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("preset", help="a preset's name or folder")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("gallery"),
        metavar="FOLDER",
        help="for the pictures (default: gallery)",
    )
    parser.add_argument("--seed", type=not_negative, default=0, help="seed of all random choices (default: 0)")
    style = parser.add_argument_group("with a StyleGAN")
    style.add_argument(
        "--truncation", type=float, metavar="PSI",
        help=f"of random styles: 0 gives the mean style, 1 leaves them (default: {TRUNCATION})",
    )  # fmt: skip
    style.add_argument("--text", help="that the walk writes (default: Hand273, as far as the preset knows it)")
    people = parser.add_argument_group("with a conditional GAN of writers")
    people.add_argument(
        "--writers", type=not_negative, nargs="+", metavar="N",
        help="numbers of training writers whose alphabets are shown (default: three at random)",
    )  # fmt: skip
    return parser


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Draws the pictures; returns the exit code."""
    options = build_parser().parse_args(argv)
    if options.output.exists() and not options.output.is_dir():
        raise HandwritingError(f"{options.output} is not a folder; choose another for the pictures.")

    from tfhand.visualization.gallery import figures

    asked = {"truncation": options.truncation, "text": options.text, "writers": options.writers}
    for name, pixels in figures(options.preset, seed=options.seed, **asked):
        path = options.output / name
        if pixels.ndim == 3:
            _write_moving(path, pixels)
        else:
            write_picture(path, pixels)
        print(f"Wrote {path}")
    return 0


def _write_moving(path: Path, frames: np.ndarray) -> None:
    first, *others = 255 - (255 - frames) // STEP * STEP  # fewer greys make a smaller file
    pictures = [Image.fromarray(frame) for frame in others]
    write_picture(path, first, save_all=True, append_images=pictures, duration=DURATION, loop=0)


if __name__ == "__main__":
    sys.exit(main(None))
