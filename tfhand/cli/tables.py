"""How an evaluation tells what it found: tables and pictures, on the screen and in files."""

from __future__ import annotations

import argparse
import csv
import math
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

TABLE = "figures.csv"
WIDEST = 1000  # characters in a line of a table


def report(groups: Sequence[Sequence[dict]], caption: str, title: str) -> None:
    """Prints lines of figures as a table, with a rule between groups of them."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    look: dict[str, Any] = {"box": box.SIMPLE_HEAD, "pad_edge": False, "collapse_padding": True, "show_edge": False}
    table = Table(title=title, caption=caption, title_justify="left", caption_justify="left", **look)
    for name, value in groups[0][0].items():
        heading = textwrap.fill(name, 10)  # narrow, as its figures are
        table.add_column(heading, justify="right" if isinstance(value, float) else "left", no_wrap=True)
    for lines in groups:
        for line in lines:
            table.add_row(*(_text(value, ".2f", "–") for value in line.values()))
        table.add_section()
    needed = Console(width=WIDEST).measure(table).maximum  # and no figure is cut off where the terminal is narrower
    Console(width=max(100, needed, Console().width)).print(table)


def save_table(lines: Sequence[dict], options: argparse.Namespace, name: str = TABLE) -> None:
    """Writes lines of figures as CSV, each with all that is needed to make it again."""
    from tfhand.core.files import atomic_write

    same = {
        "preset": Path(options.preset).name,
        "reader": Path(options.reader).name,
        **({"hand": str(options.hand)} if options.hand else {"data": " ".join(Path(one).stem for one in options.data)}),
        "seed": options.seed,
    }
    path = options.output / name
    with atomic_write(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, {**same, **lines[0]}, lineterminator="\n")
        table.writeheader()
        for line in lines:
            table.writerow({field: _text(value, ".3f", "") for field, value in {**same, **line}.items()})
    print(f"Wrote {path}")


def save_picture(pixels: np.ndarray, name: str, options: argparse.Namespace) -> None:
    """Writes a picture beside the table."""
    from tfhand.core.files import write_picture

    write_picture(options.output / name, pixels)
    print(f"Wrote {options.output / name}")


def _text(value: object, precision: str, absent: str) -> str:
    if not isinstance(value, float):
        return str(value)
    return absent if math.isnan(value) else format(value, precision)


def teller() -> Callable[[str], None]:
    """Says on stderr what is being done, and when."""
    began = time.monotonic()
    return lambda what: print(f"{time.monotonic() - began:5.0f} s  {what}", file=sys.stderr, flush=True)


def warn_of_acquaintance(names: Sequence[str], data: Sequence[str], held_out: Sequence[list[int]]) -> None:
    from tfhand.evaluation import training_overlap as roles

    for archive, people in zip(data, held_out, strict=True):
        for name in names:
            if seen := roles.training_overlap(name, archive, people):
                known = f"{seen} of the {len(people)} people of {archive}"
                print(f"warning: the preset {name} was trained on {known}", file=sys.stderr)
