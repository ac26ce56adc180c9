"""`python -m tfhand.gallery PRESET`: pictures of what a preset has learned to write."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from tfhand.cli.command import command, not_negative
from tfhand.core.pictures import read_picture, write_picture
from tfhand.errors import HandwritingError
from tfhand.hands.hand import Hand
from tfhand.models.stylegan.config import TRUNCATION

EXAMPLES = """examples:
  python -m tfhand.gallery stylegan62 -o gallery/stylegan62
  python -m tfhand.gallery stylegan62 --text Anna --truncation 0.5
  python -m tfhand.gallery cgan-writers --writers 3 14 159
  python -m tfhand.gallery alphabet62 --hands hands/anna hands/otto
  python -m tfhand.gallery runs/0001-cgan-mnist

The pictures: samples.png; with a conditional GAN of writers also writers.png; with a StyleGAN also truncation.png,
noise.png and walk.gif; of two people's hands between.png; of a training training.gif."""
DURATION, STEP = 80, 17  # of the walk: milliseconds of a frame, and from one grey to the next


def build_parser() -> argparse.ArgumentParser:
    """The command line of `tfhand gallery`."""
    parser = argparse.ArgumentParser(
        prog="tfhand gallery",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("preset", help="a preset's name or folder, or the folder of a training's run")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path("gallery"),
        metavar="FOLDER",
        help="for the pictures (default: gallery)",
    )
    parser.add_argument("--seed", type=not_negative, default=0, help="seed of all random choices (default: 0)")
    parser.add_argument("--text", help="of a walk, or of two people's hands (default: Hand273, as far as it is known)")
    style = parser.add_argument_group("with a StyleGAN")
    style.add_argument(
        "--truncation", type=float, metavar="PSI",
        help=f"of random styles: 0 gives the mean style, 1 leaves them (default: {TRUNCATION})",
    )  # fmt: skip
    hands = parser.add_argument_group("with a preset that keeps a hand")
    hands.add_argument(
        "--hands", type=Path, nargs=2, metavar="FOLDER", help="Hands of two people: a text on the way between them"
    )
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

    for name, pixels in _training(options) if _is_run(options.preset) else _of_preset(options):
        path = options.output / name
        if pixels.ndim == 3:
            _write_moving(path, pixels)
        else:
            write_picture(path, pixels)
        print(f"Wrote {path}")
    return 0


def _is_run(place: str) -> bool:
    return (Path(place) / "samples").is_dir()


def _training(options: argparse.Namespace) -> Iterator[tuple[str, np.ndarray]]:
    """What a training made, from its first step to the last."""
    from tfhand.training.run_directory import RunDirectory
    from tfhand.visualization.training_frames import training_frames

    for flag in ("truncation", "text", "writers", "hands"):
        if getattr(options, flag) is not None:
            raise HandwritingError(f"{options.preset} is a training; leave --{flag} out.")
    samples = RunDirectory(options.preset).samples
    if not samples:
        raise HandwritingError(f"The training in {options.preset} has made no samples yet.")
    yield "training.gif", training_frames([*samples], [read_picture(path)[..., 0] for path in samples.values()])


def _of_preset(options: argparse.Namespace) -> Iterator[tuple[str, np.ndarray]]:
    from tfhand.visualization.gallery import figures

    hands = options.hands and [(folder.name, Hand.load(folder)) for folder in options.hands]
    asked = {"truncation": options.truncation, "text": options.text, "writers": options.writers}
    yield from figures(options.preset, seed=options.seed, hands=hands, **asked)


def _write_moving(path: Path, frames: np.ndarray) -> None:
    first, *others = 255 - (255 - frames) // STEP * STEP  # fewer greys make a smaller file
    pictures = [Image.fromarray(frame) for frame in others]
    write_picture(path, first, save_all=True, append_images=pictures, duration=DURATION, loop=0)


if __name__ == "__main__":
    sys.exit(main(None))
