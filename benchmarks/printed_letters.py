"""`python -m benchmarks.printed_letters`: an archive of the letters of printed words, by people not yet known.

Left out are people who are in other archives, those whom presets hold out, and those with few characters. So the
letters can be learned from beside these archives, and the presets still be tested on whom they hold out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tfhand.cli.command import command
from tfhand.data import sources
from tfhand.data.archive import Archive
from tfhand.evaluation.training_overlap import held_out

CHARACTERS = 10  # that a person wrote, at least


def people_to_learn(letters: Archive, known: Sequence[Archive], tested: Sequence[int]) -> np.ndarray:
    """The writers of some letters who are in no known archive, are not to be tested, and wrote enough characters."""
    left_out = set(tested).union(*(archive.need_writers(least=1).tolist() for archive in known))
    writers = np.asarray(letters.writers)
    counts = {int(writer): len(np.unique(letters.labels[writers == writer])) for writer in np.unique(writers)}
    return np.array([one for one, count in counts.items() if count >= CHARACTERS and one not in left_out])


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Cuts the letters and saves them; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.printed_letters", description=__doc__)
    parser.add_argument("data", type=Path, help="an archive of words")
    parser.add_argument("--known", type=Path, nargs="*", default=[], metavar="DATA", help="archives with other people")
    parser.add_argument("--held-out-by", nargs="*", default=[], metavar="PRESET", help="whose people are left out")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="the .npz to write")
    options = parser.parse_args(argv)
    letters = sources.load(options.data)
    tested = [writer for name in options.held_out_by for writer in held_out(name, str(options.data))]
    people = people_to_learn(letters, [sources.load(path) for path in options.known], tested)
    letters.of_writers(people).save(options.output)
    print(f"Wrote {options.output}: letters by {len(people)} people.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
