"""`python -m tfhand.hand`: what is in a Hand's folder, and its letters dropped, renamed, replaced or approved.

A letter goes by its file in the folder, which `show` tells. A file that is deleted by hand is dropped as well.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tfhand.cli.command import command, not_negative
from tfhand.core.charset import CHARACTERS
from tfhand.core.files import check_ending, check_writable
from tfhand.core.pictures import MAX_GLYPH_PIXELS, MAX_PIXELS, read_picture, write_picture
from tfhand.core.wording import counted
from tfhand.errors import HandError, PictureError
from tfhand.hands.hand import GENERATED, Hand, Sample, WordSample

EXAMPLES = """examples:
  python -m tfhand.hand show my_hand/ -o look.png
  python -m tfhand.hand drop my_hand/ a_2.png words/Anna_1.png
  python -m tfhand.hand relabel my_hand/ upper_O.png 0
  python -m tfhand.hand replace my_hand/ g.png better.jpg --box 120 40 60 90
  python -m tfhand.hand approve my_hand/ --all"""


def build_parser() -> argparse.ArgumentParser:
    """The command line of `tfhand hand`."""
    parser = argparse.ArgumentParser(
        prog="tfhand hand", description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    show = _add_action(actions, "show", "tells what is there, what was generated, and what to look at", _show)
    show.add_argument("-o", "--output", type=Path, metavar="PICTURE", help="a .png that shows all of it")
    drop = _add_action(actions, "drop", "takes letters or words out", _edit(_drop))
    drop.add_argument("files", nargs="+", metavar="FILE", help="of the folder")
    relabel = _add_action(actions, "relabel", "says that a letter or a word is another one", _edit(_relabel))
    relabel.add_argument("file", metavar="FILE", help="of the folder")
    relabel.add_argument("text", metavar="TEXT", help="a character; for a word, as many letters as it is cut into")
    replace = _add_action(actions, "replace", "puts another picture in the place of a letter", _edit(_replace))
    replace.add_argument("file", metavar="FILE", help="of the folder")
    replace.add_argument("picture", metavar="PICTURE", help="of the letter alone, or see --box")
    replace.add_argument(
        "--box", nargs=4, type=not_negative, metavar=("X", "Y", "W", "H"), help="a piece of the picture, in pixels"
    )
    approve = _add_action(
        actions, "approve", "says that doubtful letters, or all letters of a word, are right", _edit(_approve)
    )
    chosen = approve.add_mutually_exclusive_group(required=True)
    chosen.add_argument("files", nargs="*", default=[], metavar="FILE", help="of the folder")
    chosen.add_argument("--all", action="store_true", help="whatever is doubtful")
    return parser


def _add_action(
    actions: argparse._SubParsersAction, name: str, text: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=text, description=f"{name} {text}.")
    parser.add_argument("folder", metavar="DIR", help="the Hand's folder")
    parser.set_defaults(run=run)
    return parser


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Shows or changes a Hand's folder; returns the exit code."""
    options = build_parser().parse_args(argv)
    return options.run(options)


def _show(options: argparse.Namespace) -> int:
    hand = Hand.load(options.folder)
    if options.output is not None:
        check_ending(options.output, "The picture is", ".png")
        check_writable(options.output)
    for character in hand:
        print(f"{character}  {'  '.join(map(_described, hand.samples_of(character)))}")
    for word in hand.words:
        print(f"{word.text}  {_described(word)}")
    print(f"{options.folder} holds {_extent(hand)}.")
    if missing := hand.missing(CHARACTERS):
        print(f"missing: {' '.join(missing)}")
    if options.output is not None:
        write_picture(options.output, hand.contact_sheet())
        print(f"Wrote {options.output}.")
    return 0


def _described(one: Sample | WordSample) -> str:
    """The file, and what is to be known of the sample."""
    if isinstance(one, WordSample):
        unsure = "".join(letter for letter, sure in zip(one.text, one.sure, strict=True) if not sure)
        return one.file + (f" (not sure: {' '.join(unsure)})" if unsure else "")
    return (
        one.file + (" (generated)" if one.source == GENERATED else "") + (f" (like {one.doubt})" if one.doubt else "")
    )


def _edit(change: Callable[[argparse.Namespace, Hand], Hand]) -> Callable[[argparse.Namespace], int]:
    """An action that changes the folder, all of it or nothing."""

    def run(options: argparse.Namespace) -> int:
        hand = Hand.edit(options.folder, lambda hand: change(options, hand))
        print(f"{options.folder} holds {_extent(hand)} now.")
        return 0

    return run


def _drop(options: argparse.Namespace, hand: Hand) -> Hand:
    for file in options.files:
        hand = hand.drop(_named(hand, options, file))
    return hand


def _relabel(options: argparse.Namespace, hand: Hand) -> Hand:
    return hand.relabel(_named(hand, options, options.file), options.text)


def _replace(options: argparse.Namespace, hand: Hand) -> Hand:
    one = _named(hand, options, options.file)
    if isinstance(one, WordSample):
        raise HandError(f"{one.file} is a word; drop it, and read it from a photo with tfhand extract --add.")
    return hand.replace(one, _picture(options))


def _approve(options: argparse.Namespace, hand: Hand) -> Hand:
    chosen = [_named(hand, options, file) for file in options.files]
    chosen += [*hand.samples, *hand.words] if options.all else []
    for one in chosen:
        hand = hand.approve(one)
    return hand


def _named(hand: Hand, options: argparse.Namespace, file: str) -> Sample | WordSample:
    """The sample of a file, which a shell may have completed to its path."""
    path = Path(file)
    return hand.named((path.relative_to(options.folder) if path.is_relative_to(options.folder) else path).as_posix())


def _picture(options: argparse.Namespace) -> np.ndarray:
    """The picture of a letter, or the piece that the box cuts out of a larger one."""
    if options.box is None:
        return read_picture(options.picture, MAX_GLYPH_PIXELS)
    left, top, wide, high = options.box
    picture = read_picture(options.picture, MAX_PIXELS)
    piece = picture[top : top + high, left : left + wide]
    if piece.shape[:2] != (high, wide) or not piece.size:
        height, width = picture.shape[:2]
        raise PictureError(f"--box does not lie in {options.picture}, which has {width} x {height} pixels.")
    return piece


def _extent(hand: Hand) -> str:
    generated = sum(one.source == GENERATED for one in hand.samples)
    doubtful = sum(bool(one.doubt) for one in hand.samples)
    parts = [f"{counted(len(hand.samples), 'glyph')} of {counted(len(hand), 'character')}"]
    parts += [f"{generated} generated"] if generated else []
    parts += [f"{doubtful} to look at"] if doubtful else []
    parts += [counted(len(hand.words), "word")] if hand.words else []
    return ", ".join(parts)


if __name__ == "__main__":
    sys.exit(main())
