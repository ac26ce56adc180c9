"""`python -m benchmarks.writing`: how long a line in a person's hand takes, beside what people take instead.

tfhand writes it by TensorFlow and by LiteRT, the recurrent network of Graves (`benchmarks/graves.py`) in PyTorch, each
in processes of its own, in turn. All are given the letters or points of the same short line of a person, and none reads
a photo: *first line* is from the start of the process, *next line* another text in the same hand, which is still known,
and *next person* a line in another hand. Graves's network must be run over a person's points before every line.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from benchmarks.processes import measure_alone, most_memory, started
from benchmarks.tables import show

SAYS = "quick fox 273"
TEXTS = "Dear Anna, how are you?", "Many thanks for the map", "We met at noon, did we?", "The key is by the door."
POINTS = 24  # of a letter, about as many as Graves's data have
PEOPLE = 6  # in whose hands the lines are
ENGINES = {"tfhand, TensorFlow": "tensorflow", "tfhand, LiteRT": "litert", "Graves 2013, PyTorch": "graves"}


def pen_of_tfhand() -> Callable[[str, int], object]:
    """Writes a text in one of the hands that have a number."""
    from tfhand.data import synthetic
    from tfhand.hands.hand import Hand
    from tfhand.synthesis.synthesizer import load
    from tfhand.typeset import typeset

    archive = synthetic.archive(PEOPLE, 1, seed=0, characters="".join(dict.fromkeys(SAYS.replace(" ", ""))))

    def hand_of(person: int) -> Hand:
        letters = [place for place, writer in enumerate(archive.writers) if writer == person]
        return Hand({str(archive.classes[archive.labels[place]]): [archive.draw(place)] for place in letters})

    pen, hands = load(), [hand_of(person) for person in range(PEOPLE)]
    return lambda text, person: typeset(text, pen.text_glyphs(text, hands[person]).samples)


def pen_of_graves() -> Callable[[str, int], object]:
    """Writes a text after the points of one of the people who have a number."""
    import torch

    from benchmarks.graves import Handwriting

    torch.manual_seed(0)
    network, given = Handwriting().eval(), torch.randn(PEOPLE, POINTS * len(SAYS), 3)
    return lambda text, person: network.write(given[person], SAYS, text, POINTS * len(text))


def figures(runtime: str) -> dict[str, float]:
    """What this process takes, in seconds, and the most memory that it has held, in MiB."""
    write = (pen_of_graves if runtime == "graves" else pen_of_tfhand)()
    write(TEXTS[0], 0)
    first = time.time() - started()

    def took(text: str, person: int) -> float:
        began = time.perf_counter()
        write(text, person)
        return time.perf_counter() - began

    return {
        "first line, s": first,
        "next line, s": median(took(text, 0) for text in TEXTS[1:]),
        "next person, s": median(took(TEXTS[0], person) for person in range(1, PEOPLE)),
        "memory, MiB": most_memory(),
    }


def main(argv: Sequence[str] | None = None) -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="processes of each, in turn (default: %(default)s)")
    parser.add_argument("-o", "--output", type=Path, help="a .csv of the table")
    parser.add_argument("--alone", choices=list(ENGINES.values()), help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.alone:
        print(json.dumps(figures(options.alone)))
        return
    found: dict[str, list[dict[str, float]]] = {engine: [] for engine in ENGINES}
    for _ in range(options.rounds):
        for engine, runtime in ENGINES.items():
            found[engine].append(measure_alone("benchmarks.writing", "--alone", runtime, runtime=runtime))
    names = list(found[next(iter(ENGINES))][0])
    rows = [
        [engine, *(f"{min(one[name] for one in rounds):.{0 if 'MiB' in name else 2}f}" for name in names)]
        for engine, rounds in found.items()
    ]
    show(["engine", *names], rows, options.output)


if __name__ == "__main__":
    main()
