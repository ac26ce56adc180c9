"""`python -m tfhand.font my_hand/ -o MyHand.ttf`: a person's handwriting as a font, missing letters generated."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tfhand.cli import hand_args as person
from tfhand.cli.command import command, not_negative, positive
from tfhand.cli.progress import spinner
from tfhand.core import charset
from tfhand.core.files import check_ending, check_writable
from tfhand.core.pictures import write_picture
from tfhand.errors import HandError
from tfhand.hands.sample import WRITTEN, Sample
from tfhand.models import presets, registry
from tfhand.models.spec import Capability

if TYPE_CHECKING:
    from tfhand.hands.hand import Hand

EXAMPLES = """examples:
  python -m tfhand.font my_hand/ -o MyHand.ttf
  python -m tfhand.font my_hand/ -o MyHand.ttf MyHand.woff2 --variants 3 --name "My Hand"
  python -m tfhand.font --sample 273.jpg --says 273 -o Digits.ttf --specimen specimen.png"""
LINES = (
    ("{name}", 110),
    ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 56),
    ("abcdefghijklmnopqrstuvwxyz 0123456789", 56),
    ("Dear Anna, how are you? The quick brown fox (273) jumps over the lazy dog!", 56),
    ("Åsa & José aßen crème brûlée für 12,50 € – “très bien”, sagte Zoë; ça va?", 56),
    ("aaa eee nnn ooo ttt  hello letter committee bookkeeper", 56),
)


class _Made(NamedTuple):
    """What is told of a font: its letters, which of them are composed and hard to read, and what is joined."""

    letters: Mapping[str, Sequence[Sample]]
    composed: str
    illegible: str
    joined: str


def build_parser() -> argparse.ArgumentParser:
    """The command line of `tfhand font`."""
    parser = argparse.ArgumentParser(
        prog="tfhand font", description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", metavar="DIR", help="a Hand's folder, the same as --hand")
    person.add_flags(parser)
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        nargs="+",
        default=[Path("MyHand.ttf")],
        metavar="FONT",
        help="one or more files ending in .ttf or .woff2 (default: MyHand.ttf)",
    )
    parser.add_argument("--name", help="of the font (default: the first file's)")
    parser.add_argument(
        "--variants", type=positive, default=1, metavar="N", help="glyphs of each letter, at most (default: 1)"
    )
    parser.add_argument(
        "--joined",
        choices=("auto", "always", "never"),
        default="auto",
        help="small letters of a word: as the words of the samples show, all, or none (default: %(default)s)",
    )
    parser.add_argument("--preset", default=presets.DEFAULT, help="a preset's name or folder (default: %(default)s)")
    parser.add_argument("--reader", default="reader62", help="preset that must read them (default: %(default)s)")
    parser.add_argument("--seed", type=not_negative, default=0, help="of the generated letters (default: 0)")
    parser.add_argument("--specimen", type=Path, metavar="PICTURE", help="lines set in the font (needs uharfbuzz)")
    return parser


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Makes a font; returns the exit code."""
    parser = build_parser()
    options = parser.parse_args(argv)
    person.check(parser, options)
    if options.folder is not None and options.hand is not None:
        parser.error("give one Hand's folder, by itself or after --hand")
    options.hand = options.hand if options.folder is None else options.folder
    name = options.output[0].stem if options.name is None else options.name
    _check(options, name)
    hand = person.hand_of(options, options.output[0])
    if hand is None:
        raise HandError("A font is made of a person's letters; give a Hand's folder, or --sample with --says.")

    _report(_made(hand, name, options), options)
    return 0


def _made(hand: Hand, name: str, options: argparse.Namespace) -> _Made:
    """Makes the font and writes its files."""
    from tfhand import typeface
    from tfhand.models.reader.legibility import illegible
    from tfhand.synthesis.font_letters import font_letters
    from tfhand.synthesis.synthesizer import load

    with spinner("making the glyphs"):
        pen, reader = load(options.preset), registry.load_for_inference(options.reader)
        found = font_letters(pen, hand, options.joined, options.variants, seed=options.seed, reader=reader)
    with spinner("drawing outlines"):
        font = typeface.build(found.letters, name, options.seed, found.composed, found.joined)
    for path in options.output:
        typeface.save(font, path)
    if options.specimen:
        write_picture(options.specimen, typeface.specimen(font, _lines(name, found.letters)))
    return _Made(found.letters, found.composed, illegible(found.drawn, reader), str(found.joined or ""))


def _check(options: argparse.Namespace, name: str) -> None:
    """What is wrong is told at once, and not after TensorFlow has been loaded."""
    from tfhand import typeface

    typeface.check_name(name)
    for path in options.output:
        typeface.check_font_path(path)
    if options.specimen:
        typeface.shaping_engine()
        check_ending(options.specimen, "A specimen is", ".png")
        check_writable(options.specimen, options.sample)
    presets.read_config(options.preset)
    registry.require_capability(options.reader, Capability.READS, "--reader")


def _lines(name: str, letters: Mapping[str, Sequence[Sample]]) -> list[tuple[str, int]]:
    """The lines of a specimen that the font can set, and their sizes."""
    whole = ((line.format(name=name), size) for line, size in LINES)
    known = (("".join(c for c in line if c == " " or c in letters), size) for line, size in whole)
    return [(line, size) for line, size in known if line.strip()]


def _report(made: _Made, options: argparse.Namespace) -> None:
    letters, composed = made.letters, made.composed
    written = charset.order(c for c, glyphs in letters.items() if glyphs[0].source == WRITTEN)
    generated = charset.order(c for c in letters if c not in written and c not in composed)
    alone = charset.order(c for c, glyphs in letters.items() if c not in composed and len(glyphs) < options.variants)
    places = " and ".join(f"{path} ({path.stat().st_size / 1000:.0f} kB)" for path in options.output)
    print(f"Wrote {places}: {len(letters)} characters, {sum(map(len, letters.values()))} glyphs.")
    print(f"  from the samples: {' '.join(written) or 'nothing'}")
    print(f"  generated:        {' '.join(generated) or 'nothing'}")
    if composed:
        print(f"  composed:         {' '.join(composed)}")
    if made.illegible:
        print(f"  hard to read:     {' '.join(made.illegible)}")
    if alone:
        print(f"  fewer alternates: {' '.join(alone)} (others would be read as something else)")
    if made.joined:
        print(f"  joined:           {made.joined}")


if __name__ == "__main__":
    sys.exit(main())
