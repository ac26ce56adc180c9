"""`python -m tfhand.gallery PRESET`: pictures of all that a conditional GAN or a StyleGAN has learned."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from tfhand.cli.command import command, not_negative
from tfhand.core.files import write_picture
from tfhand.errors import HandwritingError, PresetError, TextError
from tfhand.models import presets
from tfhand.models.stylegan.config import TRUNCATION
from tfhand.visualization import gan_figures as exhibits

EXAMPLES = """examples:
  python -m tfhand.gallery stylegan62 -o gallery/stylegan62
  python -m tfhand.gallery stylegan62 --text Anna --truncation 0.5
  python -m tfhand.gallery cgan-writers --writers 3 14 159

The pictures: samples.png; of a conditional GAN with writers also writers.png; of a StyleGAN also truncation.png,
noise.png and walk.gif."""
FOREIGN = {"ConditionalGAN": ("text", "truncation"), "StyleGAN": ("writers",)}  # flags that ask for what it has not
TEXT, SHOWN, HANDS = "Hand273", "agR2", 4  # of the walk; of truncation and noise, where they are known; random hands
PEOPLE = 3
DURATION, STEP = 80, 17  # of the walk: milliseconds of a frame, and from one grey to the next
LONGEST = 30  # characters that it writes


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
        "-o", "--output", type=Path, default=Path("gallery"), metavar="FOLDER", help="for them (default: gallery)"
    )
    parser.add_argument("--seed", type=not_negative, default=0, help="of everything drawn by lot (default: 0)")
    style = parser.add_argument_group("of a StyleGAN")
    style.add_argument(
        "--truncation", type=float, metavar="PSI",
        help=f"draws random styles to the mean style: 0 gives the mean, 1 leaves them (default: {TRUNCATION})",
    )  # fmt: skip
    style.add_argument("--text", help=f"that the walk writes (default: {TEXT}, as far as the preset knows it)")
    people = parser.add_argument_group("of a conditional GAN with writers")
    people.add_argument(
        "--writers", type=not_negative, nargs="+", metavar="N",
        help=f"numbers of people whose alphabets are written (default: {PEOPLE} drawn by lot)",
    )  # fmt: skip
    return parser


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Draws the pictures; returns the exit code."""
    options = build_parser().parse_args(argv)
    if options.output.exists() and not options.output.is_dir():
        raise HandwritingError(f"{options.output} is not a folder; choose another for the pictures.")
    kind = presets.config(options.preset)["class"]
    if kind not in FOREIGN:
        raise PresetError(f"The preset {options.preset} is neither a conditional GAN nor a StyleGAN; choose another.")
    if foreign := [flag for flag in FOREIGN[kind] if getattr(options, flag) is not None]:
        raise PresetError(f"The preset {options.preset} is a {kind}; leave --{foreign[0]} out.")

    pictures = {"ConditionalGAN": _of_letters, "StyleGAN": _of_styles}[kind]
    for name, pixels in pictures(presets.load(options.preset), options):
        path = options.output / name
        if path.suffix == ".gif":
            first, *others = 255 - (255 - pixels) // STEP * STEP  # fewer greys make a smaller file
            others = [Image.fromarray(frame) for frame in others]
            write_picture(path, first, save_all=True, append_images=others, duration=DURATION, loop=0)
        else:
            write_picture(path, pixels)
        print(f"Wrote {path}")
    return 0


def _of_letters(networks, options: argparse.Namespace) -> Iterator[tuple[str, np.ndarray]]:
    """The pictures of a `ConditionalGAN`, by file name."""
    from tfhand.models.hand.networks import VARIATION

    people, rng = networks.people, np.random.default_rng(options.seed)
    by_lot = rng.permutation(people)[: exhibits.DRAWS].tolist()
    chosen = options.writers or by_lot[:PEOPLE]
    if options.writers and not people:
        raise PresetError(f"The preset {options.preset} knows no writers; leave --writers out.")
    if max(chosen, default=0) >= max(people, 1):
        raise PresetError(f"The preset knows {people} writers, from 0 to {people - 1}; there is no {max(chosen)}.")
    yield "samples.png", exhibits.letter_samples(networks, by_lot, 1.0, options.seed)
    if people:
        yield "writers.png", exhibits.letter_samples(networks, chosen, VARIATION, options.seed)


def _of_styles(networks, options: argparse.Namespace) -> Iterator[tuple[str, np.ndarray]]:
    """The pictures of a `StyleGAN`, by file name."""
    known, seed = networks.settings.characters, options.seed
    psi = TRUNCATION if options.truncation is None else options.truncation
    text = (_known(TEXT, known) or known[: len(TEXT)]) if options.text is None else options.text
    if not text:
        raise TextError("--text is empty; there is nothing to write.")
    if unknown := dict.fromkeys(character for character in text if character not in known):
        raise TextError(f"Cannot write {' '.join(unknown)}; this preset knows {known}.")
    if len(text) > LONGEST:
        raise TextError(f"--text has {len(text)} characters; the walk writes at most {LONGEST}.")
    shown = "".join(dict.fromkeys(_known(SHOWN, known) + known))[: len(SHOWN)]
    yield "samples.png", exhibits.style_samples(networks, psi, seed)
    yield "truncation.png", exhibits.truncations(networks, shown, HANDS, seed)
    yield "noise.png", exhibits.noises(networks, shown, psi, seed)
    yield "walk.gif", exhibits.walk(networks, text, psi, seed)


def _known(text: str, characters: str) -> str:
    return "".join(character for character in text if character in characters)


if __name__ == "__main__":
    sys.exit(main())
