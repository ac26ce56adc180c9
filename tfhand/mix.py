"""`python -m tfhand.mix PRESET`: the coarse layers of one letter's style and the fine ones of another's, as a grid.

The column at the left shows the sources of the coarse layers, the row above those of the fine ones, and each cell the
mixture. The sources are random hands; where a person's letters are given, they are the ones at the left, in the styles
that the encoder finds for them or that tfhand project found.
"""

from __future__ import annotations

import argparse
import sys
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from tfhand.cli import hand_args as person
from tfhand.cli.command import command, not_negative, positive
from tfhand.core.files import check_ending, check_writable, write_picture
from tfhand.errors import HandwritingError, PresetError, TextError
from tfhand.hands.glyph import as_network_input
from tfhand.hands.hand import Hand
from tfhand.models import presets
from tfhand.models.stylegan.config import TRUNCATION
from tfhand.visualization.gan_figures import Sources, mixing, random_styles
from tfhand.visualization.grids import add_margin, arrange

EXAMPLES = """examples:
  python -m tfhand.mix stylegan62
  python -m tfhand.mix stylegan62 --characters ab7 --crossover 1 2 4 --seed 3
  python -m tfhand.mix stylegan62 --hand my_hand/ --characters aeg -o mine.png"""
MANY = 10_000  # cells, of which a picture has still fewer pixels than a scan


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
        help="draws random styles to the mean style: 0 gives the mean, 1 leaves them (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--seed", type=not_negative, default=0, help="of the random hands (default: 0)")
    person.add_flags(parser)
    parser.add_argument("--styles", type=Path, metavar="FILE", help="projected letters, as tfhand project keeps them")
    parser.add_argument("-o", "--output", type=Path, default=Path("mixing.png"), help="default: %(default)s")
    return parser


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Draws the grids; returns the exit code."""
    parser = build_parser()
    options = parser.parse_args(argv)
    person.check(parser, options)
    if options.styles and (options.hand or options.sample):
        parser.error("give --styles, or the letters themselves")
    check_ending(options.output, "The grids are", ".png")
    check_writable(options.output)
    if presets.config(options.preset)["class"] != "StyleGAN":
        raise PresetError(f"The preset {options.preset} is no StyleGAN; only those have styles to mix.")
    hand = person.hand_of(options, options.output)
    stored = _read(options.styles) if options.styles else None

    networks = presets.load(options.preset)
    real = _of_hand(networks, hand) if hand else _of_file(networks, options.styles, *stored) if stored else {}
    characters, crossovers = _characters(options, networks, real), _crossovers(options, networks)
    if len(characters) * options.rows * options.columns * len(crossovers) > MANY:
        raise HandwritingError(f"That is more than {MANY:,} cells; ask for fewer rows, columns, characters or grids.")
    rng, size = np.random.default_rng(options.seed), networks.settings.latent_size
    above, left = (rng.standard_normal((count, size), np.float32) for count in (options.columns, options.rows))

    def styles(latent: np.ndarray, character: str) -> np.ndarray:
        return random_styles(networks, latent, character, options.truncation)

    blocks = []
    for character in characters:
        coarse = real[character].first(options.rows) if real else Sources(character, styles(left, character))
        fine = styles(above, character)
        blocks.append(arrange([mixing(networks, coarse, fine, crossover) for crossover in crossovers], across=1))
    picture = add_margin(arrange(blocks))
    write_picture(options.output, picture)
    print(f"Wrote {options.output} ({picture.shape[1]} x {picture.shape[0]} pixels).")
    return 0


def _crossovers(options: argparse.Namespace, networks) -> Sequence[int]:
    layers = networks.layer_count
    asked = options.crossover or [layers // 2]
    if max(asked) > layers:
        raise HandwritingError(f"Styles have {layers} layers; a crossover is from 0 to {layers}, not {max(asked)}.")
    return asked


def _characters(options: argparse.Namespace, networks, real: Mapping[str, Sources]) -> str:
    """Those that grids are asked for, each once."""
    known = networks.settings.characters
    there = "".join(character for character in known if character in real) if real else known
    default = there if real else "a" if "a" in known else known[0]
    asked = "".join(dict.fromkeys(default if options.characters is None else options.characters))
    if not asked:
        raise TextError("--characters is empty; there is nothing to mix.")
    if unknown := [character for character in asked if character not in there]:
        whose = "of the letters given this preset knows" if real else "this preset knows"
        raise TextError(f"Cannot mix {' '.join(unknown)}; {whose} {there}.")
    return asked


def _of_hand(networks, hand: Hand) -> dict[str, Sources]:
    """A person's letters by character, with the styles that the encoder finds for each."""
    from tfhand.synthesis.synthesizer import Synthesizer

    text, glyphs = Synthesizer(networks).samples(hand)
    which = np.array([networks.settings.characters.index(character) for character in text], np.int32)
    styles = networks.layered(networks.encode(as_network_input(glyphs), which))
    return _by_character(text, np.asarray(styles), glyphs)


def _of_file(networks, path: Path, styles: np.ndarray, text: str) -> dict[str, Sources]:
    """Projected letters by character."""
    if not set(text).intersection(networks.settings.characters):
        raise TextError(f"{path} holds no letter of this preset, which knows {networks.settings.characters}.")
    wanted = len(text), networks.layer_count, networks.settings.style_size
    if styles.shape != wanted or styles.dtype.kind != "f" or not np.isfinite(styles).all():
        raise HandwritingError(
            f"{path} holds {styles.dtype} styles of shape {styles.shape}; "
            f"this preset asks for finite floats of shape {wanted}."
        )
    return _by_character(text, styles.astype(np.float32))


def _read(path: Path) -> tuple[np.ndarray, str]:
    """The styles in a file of projected letters, and the characters that they draw."""
    if not path.is_file():
        raise HandwritingError(f"There is no file of styles at {path}.")
    try:
        if zipfile.is_zipfile(path):  # numpy takes anything strange for a pickle
            with np.load(path, allow_pickle=False) as stored:
                return np.asarray(stored["styles"]), str(stored["characters"])
    except (KeyError, ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error):
        pass
    raise HandwritingError(f"{path} is not an .npz file of plain arrays `styles` and `characters`, or is cut short.")


def _by_character(text: str, styles: np.ndarray, glyphs: np.ndarray | None = None) -> dict[str, Sources]:
    places = {character: [at for at, one in enumerate(text) if one == character] for character in text}
    return {c: Sources(c, styles[these], None if glyphs is None else glyphs[these]) for c, these in places.items()}


if __name__ == "__main__":
    sys.exit(main())
