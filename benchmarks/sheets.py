"""`python -m benchmarks.sheets`: how well filled-in sheets are read from simulated photos.

Letters of real writers (procedural ones where no archive is) stand in the boxes of the usual sheet; each photo is read,
and every box compared with the truth. Writes sheets.csv with a line for each photo and sheets.jpg with one photo of
each level and what was read from it, and prints the figures.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from tests.support import photo, photographed
from tfhand.errors import ReadingError
from tfhand.scan import find_sheet
from tfhand.scan.sheet import layout
from tfhand.scan.sheet.reading import SheetReading

LEVELS = ("easy", "medium", "hard")
RIGHT = 0.5  # least intersection over union of the ink's box on the sheet and the truth's
COLUMNS = (
    "level", "seed", "written", "right", "astray", "lost", "empty", "seen empty", "leaked", "scribbled", "left out",
    "IoU", "seconds",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Outcome:
    """One photo and what was read from it; `figures` by the names of `COLUMNS`."""

    figures: dict
    picture: np.ndarray = field(repr=False)
    reading: SheetReading | None = field(repr=False)
    overlaps: np.ndarray = field(repr=False)


def trial(level: str, seed: int) -> Outcome:
    """Fills in a sheet, photographs it and reads it."""
    rng = np.random.default_rng([seed, LEVELS.index(level)])
    page = layout.pages_of(layout.EVERYTHING, paper=str(rng.choice(list(layout.PAPERS))))[0]
    real = photo.STROKES.exists()
    letters = photo.real_letters(int(rng.choice(photo.real_writers()))) if real else photo.pen_letters(seed)
    sheet, given = photographed.filled(page, letters, rng), photographed.conditions(level, rng)
    picture = photographed.photograph(sheet, given, seed)
    begun = time.process_time()
    try:
        reading = find_sheet(picture)
    except ReadingError:
        reading = None
    seconds = time.process_time() - begun
    truth = sheet.boxes + given.nib / 2 * np.array([-1, -1, 1, 1])
    overlaps = np.full(len(truth), np.nan) if reading is None else photo.overlap(reading.areas, truth)
    seen = ["nothing"] * len(truth) if reading is None else [box.state for box in reading.boxes]
    pairs = Counter(zip(sheet.states, seen, strict=True))
    written = np.array([pair == ("written", "written") for pair in zip(sheet.states, seen, strict=True)])
    right = int((overlaps[written] > RIGHT).sum())
    figures = {
        "level": level,
        "seed": seed,
        "written": sheet.states.count("written"),
        "right": right,
        "astray": int(written.sum()) - right,
        "lost": sheet.states.count("written") - int(written.sum()),
        "empty": sheet.states.count("empty"),
        "seen empty": pairs["empty", "empty"],
        "leaked": pairs["empty", "written"] + _spilt(reading, truth, written),
        "scribbled": sheet.states.count("scribbled"),
        "left out": sheet.states.count("scribbled") - pairs["scribbled", "written"],
        "IoU": round(float(np.mean(overlaps[written])), 3) if written.any() else "",
        "seconds": round(seconds, 2),
    }
    return Outcome(figures, picture, reading, overlaps[written])


def _spilt(reading: SheetReading | None, truth: np.ndarray, written: np.ndarray) -> int:
    """Glyphs that reach into a caption's place and far beyond the true ink: a caption has leaked into them."""
    if reading is None:
        return 0
    beyond = (truth[:, 0] - reading.areas[:, 0]) > 1.5
    return int((written & beyond & (reading.areas[:, 0] < reading.page.captions[:, 2])).sum())


def figures_of(rows: Sequence[dict]) -> dict[str, float]:
    """Percentages over all boxes of these photos, and the seconds of the slowest."""

    def share(part: str, whole: str) -> float:
        return 100 * sum(row[part] for row in rows) / max(1, sum(row[whole] for row in rows))

    return {
        "right %": share("right", "written"),
        "empty %": share("seen empty", "empty"),
        "scribbles left out %": share("left out", "scribbled"),
        "leaked": sum(row["leaked"] for row in rows),
        "seconds": float(np.mean([row["seconds"] for row in rows])),
        "slowest": max(row["seconds"] for row in rows),
    }


def shown(outcomes: Sequence[Outcome], width: int = 640) -> np.ndarray:
    """Photos side by side and, under each, the contact sheet of what was read from it."""
    tiles = []
    for one in outcomes:
        square = np.zeros((max(one.picture.shape),) * 2 + (3,), np.uint8)
        top, left = ((len(square) - side) // 2 for side in one.picture.shape[:2])
        square[top : top + one.picture.shape[0], left : left + one.picture.shape[1]] = one.picture
        parts = [square] + ([one.reading.hand.contact_sheet()] if one.reading else [])
        parts = [Image.fromarray(part).resize((width, round(len(part) * width / part.shape[1]))) for part in parts]
        tiles.append(np.vstack([np.asarray(part) for part in parts]))
    tall = max(len(tile) for tile in tiles)
    return np.hstack([np.pad(tile, ((0, tall - len(tile)), (0, 8), (0, 0)), constant_values=255) for tile in tiles])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=200, metavar="N", help="of all levels together (default: 200)")
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/sheets"), metavar="DIR")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    options.output.mkdir(parents=True, exist_ok=True)
    rows, fullest = [], {}
    with (options.output / "sheets.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        for number in range(options.photos):
            level = LEVELS[number % len(LEVELS)]
            outcome = trial(level, number // len(LEVELS))
            if level not in fullest or fullest[level].figures["written"] < outcome.figures["written"]:
                fullest[level] = outcome
            rows.append(outcome.figures)
            table.writerow(outcome.figures)
            file.flush()
    Image.fromarray(shown(list(fullest.values()))).save(options.output / "sheets.jpg", quality=85)
    for level in LEVELS:
        figures = figures_of([row for row in rows if row["level"] == level])
        print(f"{level:8}" + "  ".join(f"{name} {value:.2f}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
