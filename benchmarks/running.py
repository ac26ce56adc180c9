"""`python -m benchmarks.running`: how well running writing is read from simulated photos, by how joined the hand is.

Words of people whom the aligner has not seen are written line by line, photographed, and read with their text as
`extract` reads them. A letter that is taken counts as *wrong* where its ink overlaps the true one's, from left to
right, by less than half of what both cover; that is known only of words whose letters are marked in the archive. Of the
others it is counted whether the *word* was found in its place. Each page is read a second time with the text of another
one: what is taken then is *taken by a wrong text*. Writes running.csv with a line for each kind of hand, and prints it;
--sheets keeps a contact sheet of the words of each page.
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
from tests.support.running_photo import RunningPhoto, photograph_words
from tfhand.core.pictures import write_picture
from tfhand.data.words import WordArchive
from tfhand.errors import HandwritingError
from tfhand.evaluation.training_overlap import held_out
from tfhand.hands.hand import Hand
from tfhand.models import registry
from tfhand.models.aligner.photo_words import find_letters, known_form
from tfhand.models.reader.legibility import reading_costs
from tfhand.models.reader.misreads import check_text, flag_misreads
from tfhand.scan import find_lines
from tfhand.scan.line.plausibility import UNFIT

WORDS = photo.SHARED / "data" / "unipen_words.npz"
LEVELS = ("easy", "medium", "hard")
KINDS = {"print": (0.0, 0.2), "mixed": (0.2, 0.6), "joined": (0.6, 1.01)}  # share of a person's words that are joined
LIGATURES = "ligatures"  # printed words whose letters are joined by drawn lines
PEOPLE = 20  # whose pages are measured; the other people held out are for choosing thresholds
LEAST_WORDS = 60
RIGHT = 0.5  # least intersection over union
COLUMNS = ("hand", "pages", "letters", "taken", "doubtful", "left out", "known", "wrong", "words", "words found",
           "taken by a wrong text", "seconds")  # fmt: skip


def people(archive: WordArchive, aligner: str, others: bool) -> list[int]:
    """The people whose pages are measured, or the other ones."""
    counts = {writer: (archive.writers == writer).sum() for writer in held_out(aligner, WORDS.name)}
    enough = [writer for writer, count in counts.items() if count >= LEAST_WORDS]
    measured = sorted(np.random.default_rng(0).permutation(enough)[:PEOPLE].tolist())
    return [writer for writer in enough if writer not in measured] if others else measured


def page(archive: WordArchive, writer: int, characters: str, seed: int, joins: float) -> RunningPhoto:
    """A photographed page of three to six lines."""
    rng = np.random.default_rng([seed, writer])
    given = replace(photo.conditions(LEVELS[(seed + writer) % 3], rng), table=False, width=int(rng.uniform(1200, 2000)))
    own = np.flatnonzero((archive.writers == writer) & (archive.lettered | (joins == 0)))
    own = [index for index in rng.permutation(own) if known_form(str(archive.texts[index]), characters)]
    ends = np.cumsum(rng.integers(3, 6, rng.integers(3, 7)))
    lines = [own[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    return photograph_words(archive, [line for line in lines if line], given, seed, joins)


def read(shot: RunningPhoto, says: str, aligner, reader) -> tuple[Hand, np.ndarray, np.ndarray]:
    """What is taken with a text: the Hand, the boxes of all letters, and whether each is taken (1) or doubtful (2)."""
    count = len("".join(says.split()))
    try:
        costs, letters = functools.partial(reading_costs, reader), functools.partial(find_letters, aligner)
        found = find_lines(shot.picture, says, costs, letters)
        samples = [one.sample for one in found.found if one.sample]
        doubts = flag_misreads(samples, reader, joined=bool(found.hand.words))
        samples = [replace(one, doubt=own) for one, own in zip(samples, doubts, strict=True)]
        check_text(Hand(samples=samples), says, "".join(one.character for one in found.found if one.reason in UNFIT))
    except HandwritingError:
        return Hand(), np.full((count, 4), np.nan), np.zeros(count, int)
    checked = iter(samples)
    state = [0 if not one.sample else 2 if next(checked).doubt else 1 for one in found.found]
    return Hand(samples=samples, words=found.hand.words), np.array([one.box for one in found.found]), np.array(state)


def across(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Intersection over union of boxes [n, 4] from left to right."""
    shared = np.minimum(first[:, 3], second[:, 3]) - np.maximum(first[:, 1], second[:, 1])
    return np.maximum(shared, 0) / (np.maximum(first[:, 3], second[:, 3]) - np.minimum(first[:, 1], second[:, 1]))


def measured(shot: RunningPhoto, boxes: np.ndarray, state: np.ndarray) -> dict[str, float]:
    """The counts of `COLUMNS` for one page."""
    known = (state == 1) & ~np.isnan(shot.letters[:, 0])
    off = np.abs((boxes[:, 0] + boxes[:, 2]) - (shot.letters[:, 0] + shot.letters[:, 2])) / 2
    off_line = off > np.maximum(shot.letters[:, 2] - shot.letters[:, 0], boxes[:, 2] - boxes[:, 0])
    wrong = known & ((across(boxes, shot.letters) < RIGHT) | off_line)
    lengths = [len(word) for word in shot.says.split()]
    ends = np.cumsum(lengths)
    union = [_around(boxes[end - length : end]) for end, length in zip(ends, lengths, strict=True)]
    words = (photo.overlap(np.array(union), shot.words) > RIGHT).sum()
    return {
        "letters": len(state), "taken": (state == 1).sum(), "doubtful": (state == 2).sum(),
        "left out": (state == 0).sum(), "known": known.sum(), "wrong": wrong.sum(), "words": len(lengths),
        "words found": words,
    }  # fmt: skip


def _around(boxes: np.ndarray) -> np.ndarray:
    """The box around boxes, of which some may be nan."""
    boxes = boxes[~np.isnan(boxes[:, 0])]
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)]) if len(boxes) else np.full(4, np.nan)


def pages(archive: WordArchive, writers: Sequence[int], joins: float, options, aligner, reader) -> dict[str, float]:
    """The counts of all pages of some people together."""
    total: dict[str, float] = {}
    seeds = range(options.pages)
    shots = [page(archive, writer, aligner.characters, seed, joins) for writer in writers for seed in seeds]
    for number, shot in enumerate(shots):
        begun = time.process_time()
        hand, boxes, state = read(shot, shot.says, aligner, reader)
        counts = measured(shot, boxes, state) | {"seconds": time.process_time() - begun, "pages": 1}
        other = shots[(number + options.pages) % len(shots)].says
        counts["taken by a wrong text"] = int((read(shot, other, aligner, reader)[2] == 1).sum())
        total = {name: total.get(name, 0) + count for name, count in counts.items()}
        if options.sheets and hand.words:
            write_picture(options.sheets / f"{number:03}.png", hand.contact_sheet())
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=3, help="of each person (default: %(default)s)")
    parser.add_argument("--kinds", nargs="+", choices=[*KINDS, LIGATURES], default=[*KINDS, LIGATURES], metavar="KIND")
    parser.add_argument("--aligner", default="aligner62", help="preset that finds the letters")
    parser.add_argument("--reader", default="reader62", help="preset that checks them")
    parser.add_argument("--others", action="store_true", help="the people who are held out for choosing thresholds")
    parser.add_argument("--sheets", type=Path, help="folder of contact sheets")
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/lines"), help="folder of the table")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    archive = WordArchive.load(WORDS)
    aligner, reader = registry.load(options.aligner), registry.load(options.reader)
    writers = people(archive, options.aligner, options.others)
    shares = {writer: archive.joined[archive.writers == writer].mean() for writer in writers}
    groups = {(name, 0.0): [one for one in writers if low <= shares[one] < high] for name, (low, high) in KINDS.items()}
    lettered = [one for one in writers if archive.lettered[archive.writers == one].sum() >= 20]
    groups[LIGATURES, 1.0] = lettered
    groups = {(name, joins): group for (name, joins), group in groups.items() if name in options.kinds}
    print(*COLUMNS, sep="\t")
    for (name, joins), group in groups.items():
        total = pages(archive, group, joins, options, aligner, reader)
        row: dict[str, object] = {"hand": name} | {key: f"{total[key]:g}" for key in COLUMNS[1:-1]}
        row["seconds"] = f"{total['seconds'] / total['pages']:.2f}"
        put_row(options.output / "running.csv", row, ("hand",))
        print(*(row[key] for key in COLUMNS), sep="\t", flush=True)


if __name__ == "__main__":
    main()
