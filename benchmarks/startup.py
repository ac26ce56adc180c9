"""`python -m benchmarks.startup`: from the start of a process to a line written from a photo, by phase.

Each repeat is a new process that does what `tfhand.write` does with the photographed line in examples/. Seconds of a
clock on the wall, which other work on the machine lengthens, and once of the processor, over all cores, which it hardly
does: the least of the repeats says what the program needs.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.processes import measure_alone, most_memory, started
from benchmarks.tables import show

SAMPLE, SAYS = Path(__file__).resolve().parents[1] / "examples" / "sample.jpg", "quick fox 273"
TEXT = "Dear Anna, how are you?"


def phases() -> dict[str, float]:
    """Seconds of each phase in this process, of all together, of the processor, and the most memory held, in MiB."""
    began = started()
    times, last = {}, began

    def done(phase: str) -> None:
        nonlocal last
        now = time.time()
        times[phase], last = now - last, now

    done("python")
    from tfhand.cli import text_photos
    from tfhand.cli.hand_args import ALIGNER, READER
    from tfhand.core.pictures import read_picture
    from tfhand.models import light
    from tfhand.synthesis.synthesizer import load
    from tfhand.typeset import typeset

    if light.is_chosen():
        import ai_edge_litert.interpreter  # noqa: F401
    else:
        import keras  # noqa: F401
    done("imports")
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "seen.png"
        line = read_picture(SAMPLE)
        hand = text_photos.read_text_photo(line, SAYS, text_photos.LINE, READER, picture, ALIGNER).hand
        done("photo and its reader")
        pen = load()
        _ = pen.pipeline.writer
        done("networks")
        pen.code(hand)
        done("hand code")
        letters = pen.text_glyphs(TEXT, hand)
        done("letters")
        page = typeset(TEXT, letters.samples)
        done("page")
        page.save(Path(folder) / "line.png")
        done("file")
    used = resource.getrusage(resource.RUSAGE_SELF)
    processor = used.ru_utime + used.ru_stime
    return {**times, "all": last - began, "processor time": processor, "memory, MiB": most_memory()}


def main(argv: Sequence[str] | None = None) -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runtimes", nargs="+", default=["tensorflow", "litert"], help="that run the presets")
    parser.add_argument("--repeats", type=int, default=5, help="processes of each (default: %(default)s)")
    parser.add_argument("-o", "--output", type=Path, help="a .csv of the table")
    parser.add_argument("--phases", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.phases:
        print(json.dumps(phases()))
        return
    found = {
        runtime: [measure_alone("benchmarks.startup", "--phases", runtime=runtime) for _ in range(options.repeats)]
        for runtime in options.runtimes
    }
    heads = ["phase", *(f"{runtime}, {which}" for runtime in found for which in ("least", "median"))]
    rows = [
        [phase, *(f"{of([one[phase] for one in repeats]):.2f}" for repeats in found.values() for of in (min, median))]
        for phase in next(iter(found.values()))[0]
    ]
    show(heads, rows, options.output)


if __name__ == "__main__":
    main()
