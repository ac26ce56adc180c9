"""`python -m benchmarks.grids`: how well other tools' sheets are read from simulated photos, by kind and level.

Twelve letters of a real writer (a procedural one where no archive is) stand in boxes of unequal size, in boxes drawn
by hand, between ticks, under, over or beside printed captions, or on bare paper. A glyph that is unlike its letter,
because a line is in it or a part is lost, is *wrong*; a box from which nothing is taken is *missing*. Writes grids.csv
with a line for each kind and level, and prints it.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from benchmarks.tables import put_row
from tests.support import photo
from tests.support.foreign_grid import Sheet, filled, likeness
from tfhand.errors import HandwritingError
from tfhand.scan import find_grid

LEVELS = ("easy", "medium", "hard")
KINDS = {
    "unequal boxes": Sheet(outline="boxes", unequal=0.25),
    "unequal table": Sheet(unequal=0.3),
    "drawn by hand": Sheet(line=60, thickness=3, wavy=3, unequal=0.2),
    "ticks": Sheet(outline="ticks"),
    "captions above": Sheet(outline="boxes", caption="above", qr=True),
    "captions below": Sheet(outline="boxes", caption="below"),
    "captions inside": Sheet(caption="inside"),
    "no lines": Sheet(outline="none"),
}
ALIKE = 0.7  # least correlation of a glyph and its letter, a little blurred: turned ones have more, damaged ones less
WEIGHT = 5  # of a wrong letter beside a missing one


def conditions(kind: str, level: str, rng: np.random.Generator) -> Sheet:
    """A sheet of this kind, photographed with random care."""
    turn, tilt, noise, ink = {"easy": (2, 0.03, 2, 70), "medium": (5, 0.1, 4, 100), "hard": (9, 0.2, 7, 120)}[level]
    return replace(
        KINDS[kind],
        turn=rng.uniform(-turn, turn),
        tilt=rng.uniform(0, tilt),
        noise=rng.uniform(0.5, noise),
        ink=int(rng.integers(30, ink)),
        lift=0.0 if level == "easy" else rng.uniform(0, 3),
        table=level != "easy" and rng.random() < 0.5,
        size=rng.uniform(22, 28),
    )


def trial(kind: str, level: str, seed: int) -> dict[str, float]:
    """Fills in a sheet, photographs and reads it; the counts of its letters."""
    rng = np.random.default_rng([seed, LEVELS.index(level), list(KINDS).index(kind)])
    letters: photo.Letters = {}
    while len(letters) < 12:
        letters = photo.real_letters(int(rng.choice(photo.real_writers()))) if photo.STROKES.exists() else {}
        letters = letters or photo.pen_letters(seed)
    order = "".join(rng.permutation(sorted(letters))[:12])
    sheet = filled(conditions(kind, level, rng), order, seed, letters)
    begun = time.process_time()
    try:
        boxes = find_grid(sheet.picture, order, 4, 3).boxes
    except HandwritingError:
        boxes = ()
    seconds = time.process_time() - begun
    alike = [likeness(box.sample.glyph, sheet.letters[box.character].glyph) for box in boxes if box.sample]
    right = int((np.array(alike) > ALIKE).sum())
    return {"letters": 12, "right": right, "missing": 12 - len(alike), "wrong": len(alike) - right, "seconds": seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=200, help="of each kind and level (default: %(default)s)")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS), metavar="KIND")
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/lines"), help="folder of grids.csv")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    for kind in options.kinds:
        for level in LEVELS:
            each = [trial(kind, level, seed) for seed in range(options.photos)]
            total = {name: sum(one[name] for one in each) for name in each[0]}
            count = total["letters"]
            row: dict[str, object] = {"kind": kind, "level": level, "photos": options.photos, "letters": count}
            row |= {name: f"{total[name] / count:.4f}" for name in ("right", "missing", "wrong")}
            row["cost"] = f"{(total['missing'] + WEIGHT * total['wrong']) / count:.4f}"
            row["seconds"] = f"{total['seconds'] / options.photos:.2f}"
            put_row(options.output / "grids.csv", row, ("kind", "level"))
            print(*row.values(), sep="\t", flush=True)


if __name__ == "__main__":
    main()
