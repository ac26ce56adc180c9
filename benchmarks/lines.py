"""`python -m benchmarks.lines`: how well written lines are read from simulated photos, by kind of paper and level.

Letters of real writers whom the reader has not seen (procedural ones where no archive is) are photographed on tables,
ruled and squared paper, in coloured light, with thin pens, cut off at the edge, in uneven lines; each photo is read as
`extract` reads it, and every character compared with the truth. A letter taken from a wrong place is *wrong*; one that
is left out is *missing*, which is the better mistake: a wrong one weighs five times as much. Writes lines.csv with a
line for each kind and level, and prints it; those of other kinds stay. Large photos are read once more at 40 % of their
size, and scales.csv says how many letters then come out otherwise.
"""

from __future__ import annotations

import argparse
import functools
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from benchmarks.tables import put_row
from tests.support import photo
from tfhand.errors import HandwritingError
from tfhand.evaluation.training_overlap import held_out
from tfhand.models import registry
from tfhand.models.reader.legibility import reading_costs
from tfhand.models.reader.misreads import flag_misreads
from tfhand.scan import find_line, find_lines

LEVELS = ("easy", "medium", "hard")
LARGE = "large photo"
KINDS = (
    "plain paper", "dark table", "light table", "coloured light", "one rule", "squared paper", "cut off", "thin pen",
    "uneven lines", LARGE,
)  # fmt: skip
RIGHT = 0.5  # least intersection over union of a character's ink and the truth's
WEIGHT = 5  # of a wrong letter beside a missing one
SMALLER = 0.4  # to which large photos are scaled, to see whether the same letters come out
COLUMNS = ("kind", "level", "photos", "letters", "right", "missing", "wrong", "cost", "seconds")


def conditions(kind: str, level: str, rng: np.random.Generator) -> photo.Conditions:
    """Random conditions of a level, with what a kind adds to them."""
    given = replace(photo.conditions(level, rng), table=False, ruling="")
    strength = LEVELS.index(level) / 2
    if kind in ("dark table", "light table"):
        dark = [(60, 42, 30), (25, 25, 28), (70, 70, 75)]
        light = [(190, 140, 90), (150, 110, 75), (175, 160, 140)]
        return replace(given, around=(dark if kind == "dark table" else light)[rng.integers(3)])
    if kind == "coloured light":
        cool = rng.random() < 0.5
        low = 0.9 - 0.4 * strength
        return replace(given, cast=(low, (1 + low) / 2, 1.0) if cool else (1.0, (1 + low) / 2, low))
    if kind in ("one rule", "squared paper"):
        depth = rng.uniform(0.15, 0.3 + 0.3 * strength)
        return replace(given, ruling="one" if kind == "one rule" else "squares", ruling_depth=depth)
    if kind == "cut off":
        return replace(given, cut=True)
    if kind == "thin pen":
        return replace(given, nib=rng.uniform(0.06, 0.09) / (1 + 2 * strength), width=max(given.width, 1000))
    if kind == "uneven lines":
        return replace(given, pitch=(3.2 - 0.7 * strength, 5.0), bend=strength * rng.uniform(-1, 1), width=1600)
    return replace(given, width=2400) if kind == LARGE else given


def trial(kind: str, level: str, seed: int, read, writers: Sequence[int]) -> dict[str, float]:
    """Writes, photographs and reads one picture; the counts of `COLUMNS`."""
    rng = np.random.default_rng([seed, LEVELS.index(level), KINDS.index(kind)])
    letters: photo.Letters = {}
    while len(letters) < 10:
        letters = photo.real_letters(int(rng.choice(writers))) if len(writers) else photo.pen_letters(seed)
    lines = int(rng.integers(3, 7)) if kind == "uneven lines" else 1
    says = "\n".join(photo.random_text(letters, rng) for _ in range(lines))
    shot = photo.photograph(letters, says, conditions(kind, level, rng), seed)
    begun = time.process_time()
    taken = _taken(shot.picture, says, read)
    seconds = time.process_time() - begun
    overlaps = photo.overlap(taken, shot.boxes)
    right, found = int(np.nansum(overlaps > RIGHT)), int((~np.isnan(taken[:, 0])).sum())
    changed = _changed(shot, taken, read) if kind == LARGE else 0
    return {
        "letters": len(shot.boxes), "right": right, "missing": len(shot.boxes) - found, "wrong": found - right,
        "changed": changed, "seconds": seconds,
    }  # fmt: skip


def _changed(shot: photo.Photo, taken: np.ndarray, read) -> int:
    """How many letters come out otherwise where the photo is scaled down: taken from another place, or only once."""
    smaller = cv2.resize(shot.picture, None, fx=SMALLER, fy=SMALLER, interpolation=cv2.INTER_AREA)
    again = _taken(smaller, shot.says, read) / SMALLER
    same = (photo.overlap(taken, again) > RIGHT) | (np.isnan(taken[:, 0]) & np.isnan(again[:, 0]))
    return int((~same).sum())


def _taken(picture: np.ndarray, says: str, read) -> np.ndarray:
    """The boxes of the characters that would stand in the Hand without a doubt: float [n, 4], nan for the others."""
    nothing = np.full((len("".join(says.split())), 4), np.nan)
    try:
        found = (find_lines if "\n" in says else find_line)(picture, says, functools.partial(reading_costs, read))
    except HandwritingError:
        return nothing
    if found.doubt:
        return nothing
    samples = [one.sample for one in found.found if one.sample]
    doubts = iter(flag_misreads(samples, read))
    boxes = [one.box if one.sample and not next(doubts) else nothing[0] for one in found.found]
    return np.array(boxes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=200, help="of each kind and level (default: %(default)s)")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS, metavar="KIND")
    parser.add_argument("--reader", default="reader62", help="preset that helps to tell the letters")
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/lines"), help="folder of the tables")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    read = registry.load(options.reader)
    writers = held_out(options.reader, "unipen_writers.npz") if photo.STROKES.exists() else []
    print(*COLUMNS, sep="\t")
    for kind in options.kinds:
        for level in LEVELS:
            each = [trial(kind, level, seed, read, writers) for seed in range(options.photos)]
            total = {name: sum(one[name] for one in each) for name in each[0]}
            count = total["letters"]
            row: dict[str, object] = {"kind": kind, "level": level, "photos": options.photos, "letters": count}
            row |= {name: f"{total[name] / count:.4f}" for name in ("right", "missing", "wrong")}
            row["cost"] = f"{(total['missing'] + WEIGHT * total['wrong']) / count:.4f}"
            row["seconds"] = f"{total['seconds'] / options.photos:.2f}"
            put_row(options.output / "lines.csv", row, ("kind", "level"))
            if kind == LARGE:
                changed = {"changed": total["changed"], "share": f"{total['changed'] / count:.4f}"}
                size = {"level": level, "scale": SMALLER, "photos": options.photos, "letters": count}
                put_row(options.output / "scales.csv", size | changed, ("level", "scale"))
            print(*(row[name] for name in COLUMNS), sep="\t", flush=True)


if __name__ == "__main__":
    main()
