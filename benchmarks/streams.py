"""How many images a second the streams make that trainings learn from, on all cores of this machine.

    python -m benchmarks.streams --strokes unipen_writers.npz --images mnist_writers.npz

Each stream is drawn as `fit` draws it, through `Stream.dataset`, with nothing else to wait for; the least of a few
times counts, so that another program on the machine shows less. Nothing is written: the table goes to the terminal.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tfhand.data.archive import Archive
from tfhand.data.streams.base import Stream
from tfhand.data.streams.domains import DomainStream
from tfhand.data.streams.glyphs import GlyphStream
from tfhand.data.streams.pairs import PairStream
from tfhand.data.streams.parallel_writers import ParallelWritersStream
from tfhand.data.streams.trajectories import TrajectoryStream
from tfhand.data.streams.writers import HandStream

BATCHES, ROUNDS, WARM_UP = 20, 5, 6


def streams(strokes: Archive, images: Archive) -> Iterator[tuple[str, int, Callable[[], Stream]]]:
    """Name, images in a batch and maker of each stream, at the sizes of large steps."""
    letters, digits = strokes.characters, images.characters
    yield "hands (hand, alphabet)", 64 * 11, lambda: HandStream([strokes], [1.0], letters, hands=64)
    yield "letters one by one (reader)", 512, lambda: GlyphStream([strokes], [1.0], letters, batch_size=512, vary=True)
    yield (
        "several writers (cgan, stylegan)",
        512,
        lambda: ParallelWritersStream([strokes], [1.0], letters, batch_size=512),
    )
    yield "pairs of sets (verifier)", 400, lambda: PairStream([strokes], [1.0], letters)
    yield "letters with strokes (strokes)", 192, lambda: TrajectoryStream([strokes], [1.0], letters)
    yield "digits one by one (cgan)", 512, lambda: GlyphStream([images], [1.0], digits, batch_size=512)
    yield "digits by domain (stargan)", 3 * 128, lambda: DomainStream(images, digits, 32, 128)


def images_per_second(stream: Stream, images: int) -> float:
    """The best of a few rounds of batches through `dataset`."""
    batches = iter(stream.dataset(0))
    for _ in range(WARM_UP):
        next(batches)
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(BATCHES):
            batch = next(batches)
        times.append(time.perf_counter() - began)
    del batch
    return BATCHES * images / min(times)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.streams", description="How fast batches are made.")
    parser.add_argument("--strokes", type=Path, required=True, help="an archive of pen strokes with writers")
    parser.add_argument("--images", type=Path, required=True, help="an archive of images")
    options = parser.parse_args()
    table = Table("stream", "images in a batch", "images per second")
    for name, images, make in streams(Archive.load(options.strokes), Archive.load(options.images)):
        table.add_row(name, f"{images:,}", f"{images_per_second(make(), images):,.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
