"""`python -m benchmarks.nibs`: how legible letters are that are learned from fine pens.

Letters of real people whom no preset was trained on are drawn with pens of several widths, as photos of paper show
them; the hand of each person is learned from a few of them, and all characters are written in it. A strict reader then
reads the written letters as a page shows them, and the people's own letters with the same pen: in the nib that the
networks know (see `tfhand.typeset.nib`), and raw. Letters that most people write in one go are to be whole. Writes
metrics.csv with a line for each pen and letters.png, which shows one person's samples with each pen and below them what
is written; and prints the figures.

The reader is strict: it tells apart what a person does, such as 1 and I, and merges what looks the same to a person at
one size, such as o, O and 0.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from tests.support.photo import STROKES, coverage
from tfhand.core.charset import CHARACTERS
from tfhand.core.pictures import write_picture
from tfhand.data.archive import Archive
from tfhand.evaluation.training_overlap import held_out
from tfhand.hands.glyph import INK_LEVEL, as_network_input, inverted
from tfhand.hands.hand import Hand, Sample
from tfhand.models import registry
from tfhand.models.batches import predict_in_batches
from tfhand.models.reader.legibility import character_chances
from tfhand.synthesis.synthesizer import Synthesizer, load
from tfhand.typeface.alternates import bodies_of
from tfhand.typeset.nib import nib_of
from tfhand.vector.distance_field import coverage as ink_of

RATIOS = (10, 20, 30, 45, 60)  # height of a letter of median size over the width of the line
PRESETS = "hand62", "likeness62", "reader62"  # none of them may know the people
SAMPLES = 10  # letters that a hand is learned from
HEIGHT = 160  # pixels of a letter of median size in the photo
WHOLE = "CLOSUVZcelosuvz02368"  # most people write them without lifting the pen
SAME = ("0Oo", "Il", "Cc", "Kk", "Pp", "Ss", "Uu", "Vv", "Ww", "Xx", "Yy", "Zz")  # to a person, at one size
COLUMNS = (
    "letters", "people", "real read", "real read raw", "written read", "real whole", "written whole", "nib over real",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Outcome:
    """One person with one pen: which real letters are read, which of them raw, and which written ones; which of those
    in `WHOLE` are in one piece; the written line's width over the real one's on a page; and letters as pictures."""

    real: np.ndarray
    raw: np.ndarray
    written: np.ndarray
    real_whole: np.ndarray
    written_whole: np.ndarray
    nib: float
    picture: np.ndarray = field(repr=False)


def photographed(archive: Archive, index: int, ratio: float, rng: np.random.Generator) -> np.ndarray:
    """A letter drawn with a pen on grainy paper and a little out of focus, uint8 (h, w), dark on light."""
    strokes = [stroke.astype(float) for stroke in archive.strokes(index)]
    nib, points = HEIGHT / ratio, np.concatenate(strokes)
    scale = (HEIGHT * archive.extent_of(index) - nib) / max(float(np.ptp(points, axis=0).max()), 1.0)
    margin = nib / 2 + 12
    placed = [(stroke - points.min(axis=0)) * scale + margin for stroke in strokes]
    placed = [np.repeat(stroke, 2, axis=0) if len(stroke) == 1 else stroke for stroke in placed]
    wide, high = np.ceil(np.ptp(points, axis=0) * scale + 2 * margin).astype(int).tolist()
    ink = cv2.GaussianBlur(coverage(placed, wide, high, nib), (0, 0), 0.7)
    ink = ink * (ink > 0.02)  # beyond it is paper
    return np.clip(np.rint(235 - 190 * ink + rng.normal(0, 1.5, ink.shape) * (ink > 0)), 0, 255).astype(np.uint8)


def is_read(chances: np.ndarray, characters: Sequence[str], reader) -> np.ndarray:
    """For each letter whether the strict reader's best guess is its character, bool (n,)."""
    names = {character: next((group for group in SAME if character in group), character) for character in CHARACTERS}
    guesses = [reader.characters[place] for place in chances.argmax(axis=1)]
    return np.array([names[guess] == names[character] for guess, character in zip(guesses, characters, strict=True)])


def trial(pen: Synthesizer, reader, archive: Archive, writer: int, ratio: float, seed: int) -> Outcome:
    """One person's letters with one pen, and all characters in the hand that is learned from some of them."""
    rng = np.random.default_rng([seed, writer])
    places = rng.permutation(np.flatnonzero(np.asarray(archive.writers) == writer))
    letters = {archive.characters[archive.labels[place]]: int(place) for place in places}
    support = rng.permutation(sorted(letters))[:SAMPLES]  # the same for all pens
    real = [Sample(c, photographed(archive, place, ratio, rng)) for c, place in sorted(letters.items())]
    hand = Hand(samples=[sample for sample in real if sample.character in support])
    found = pen.text_glyphs(CHARACTERS, hand, seed=seed, keep_written=False)
    own, written = _on_page(real), _on_page([sample for sample in found.samples if sample is not None])
    raw = predict_in_batches(reader, as_network_input(np.stack([sample.glyph for sample in real])))
    characters = [sample.character for sample in real]
    return Outcome(
        is_read(character_chances(real, reader), characters, reader),
        is_read(raw, characters, reader),
        is_read(character_chances(written, reader), CHARACTERS, reader),
        _are_whole(own),
        _are_whole(written),
        nib_of(written) / nib_of(own),
        np.vstack([_row(one) for one in (hand.samples, *(written[start::3] for start in range(3)))]),
    )


def _on_page(samples: Sequence[Sample]) -> list[Sample]:
    """The same letters as a page shows them."""
    shapes = (body.shape for body in bodies_of(samples))
    inks = [np.pad(ink_of(shape.field), 2) for shape in shapes if shape is not None]
    return [Sample(sample.character, ink) for sample, ink in zip(samples, inks, strict=True)]


def _are_whole(samples: Sequence[Sample]) -> np.ndarray:
    """For each letter in `WHOLE` whether its ink is in one piece."""
    inks = (sample.ink for sample in samples if sample.character in WHOLE)
    return np.array([cv2.connectedComponents((ink > INK_LEVEL * ink.max()).astype(np.uint8))[0] == 2 for ink in inks])


def _row(samples: Sequence[Sample], side: int = 96, count: int = 21) -> np.ndarray:
    """Letters at one size in a row, uint8 (side, count * side), white on black."""
    tiles = []
    for ink in (sample.ink for sample in samples):
        scale = 0.85 * side / max(ink.shape)
        small = cv2.resize(ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        top, left = ((side - length) // 2 for length in small.shape)
        tile = np.zeros((side, side), np.uint8)
        tile[top : top + small.shape[0], left : left + small.shape[1]] = small
        tiles.append(tile)
    return np.hstack([*tiles, *[np.zeros((side, side), np.uint8)] * (count - len(tiles))])


def figures_of(ratio: float, outcomes: Sequence[Outcome]) -> dict:
    """The line of a pen by the names of `COLUMNS`: shares of all letters, and the median of the lines' widths."""
    kinds = ("real", "raw", "written", "real_whole", "written_whole")
    shares = (np.concatenate([getattr(one, kind) for one in outcomes]).mean() for kind in kinds)
    figures = (*shares, np.median([one.nib for one in outcomes]))
    return dict(zip(COLUMNS, (f"{ratio:g}:1", len(outcomes), *(f"{figure:.3f}" for figure in figures)), strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=STROKES, metavar="NPZ", help="archive of UNIPEN's writers")
    parser.add_argument("--people", type=int, default=8, metavar="N", help="of those held out (default: 8)")
    parser.add_argument("--ratios", type=float, nargs="+", default=RATIOS, metavar="R", help="height over line width")
    parser.add_argument("--seed", type=int, default=0, help="of people, letters and noise (default: 0)")
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/evaluation/nibs"), metavar="DIR")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    archive, pen, reader = Archive.load(options.data), load(PRESETS[0]), registry.load(PRESETS[2])
    strangers = set.intersection(*(set(held_out(name, options.data.name)) for name in PRESETS))
    labels, owners = np.asarray(archive.labels), np.asarray(archive.writers)
    strangers = [writer for writer in sorted(strangers) if len(np.unique(labels[owners == writer])) > 3 * SAMPLES]
    people = np.random.default_rng(options.seed).permutation(strangers)[: options.people]
    rows, pictures = [], []
    print("  ".join(COLUMNS))
    for ratio in options.ratios:
        outcomes = [trial(pen, reader, archive, int(writer), ratio, options.seed) for writer in people]
        rows.append(figures_of(ratio, outcomes))
        pictures.append(outcomes[0].picture)
        print("  ".join(f"{rows[-1][name]:>{len(name)}}" for name in COLUMNS), flush=True)
    options.output.mkdir(parents=True, exist_ok=True)
    with (options.output / "metrics.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerows(rows)
    write_picture(options.output / "letters.png", inverted(np.vstack(pictures)))


if __name__ == "__main__":
    main()
