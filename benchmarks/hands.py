"""`python -m benchmarks.hands`: how long presets take for a hand code, and for an alphabet.

The hand is that of the photographed line in examples/. The first code is the one that a person waits for: it includes
the compilation of the search. Seconds of processor time; for one core: `taskset -c 0 python -m benchmarks.hands`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import tfhand
from tfhand.models import presets

SAMPLE, SAYS = Path(__file__).resolve().parents[1] / "examples" / "sample.jpg", "quick fox 273"


def times(preset: str, repeats: int = 5) -> tuple[float, float, float]:
    """Seconds for a first hand code, for a further one, and for an alphabet (medians of the repeats)."""
    pen, hand = tfhand.load(preset), tfhand.scan.read_line(SAMPLE, SAYS)
    pipeline = pen.pipeline.with_steps(pen.pipeline.generation.steps)  # its networks are loaded
    glyphs = pen.glyphs("".join(hand), hand)[None]
    known, every = pipeline.numbers("".join(hand))[None], pipeline.numbers(pipeline.characters)

    def seconds(task) -> float:
        start = time.process_time()
        task()
        return time.process_time() - start

    codes = [seconds(lambda: pipeline.codes(glyphs, known)) for _ in range(1 + repeats)]
    code = np.repeat(pipeline.codes(glyphs, known), len(every), axis=0)
    noise = pipeline.draw_noise(np.random.default_rng(0), len(every))
    letters = [seconds(lambda: pipeline.write(code, every, noise)) for _ in range(1 + repeats)]
    return codes[0], float(np.median(codes[1:])), float(np.median(letters[1:]))


def main(argv: Sequence[str] | None = None) -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--presets", nargs="+", default=[presets.DEFAULT], help="to be timed")
    options = parser.parse_args(argv)
    print("| preset | first hand code | a further one | an alphabet |\n|---|--:|--:|--:|")
    for name in options.presets:
        print(f"| {Path(name).name} | " + " | ".join(f"{each:.2f} s" for each in times(name)) + " |")


if __name__ == "__main__":
    main()
