"""What an evaluation found: tables, pictures and sentences, to be shown or saved."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tfhand.core.files import atomic_write
from tfhand.core.pictures import write_picture
from tfhand.evaluation.config import EvaluationConfig

METRICS_FILE, SPREAD_FILE, LETTERS_FILE = "metrics.csv", "spread.csv", "letters.png"

Tell = Callable[[str], None]
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Summary:
    """A table for reading.

    Attributes:
        title: of one line.
        caption: what the metrics are.
        groups: of rows, each a mapping from heading to value.
    """

    title: str
    caption: str
    groups: Sequence[Rows]


@dataclass(frozen=True)
class Report:
    """The outcome of an evaluation.

    Attributes:
        summaries: tables for reading, the main one first.
        tables: rows by file name, each with all that is needed to compute it again.
        pictures: uint8 arrays (height, width) or (height, width, 3), by file name.
        sentences: the outcome in plain words, where there is one.
    """

    summaries: Sequence[Summary]
    tables: Mapping[str, Rows]
    pictures: Mapping[str, np.ndarray] = field(default_factory=dict)
    sentences: Sequence[str] = ()

    @property
    def title(self) -> str:
        """Of the main table."""
        return self.summaries[0].title

    @property
    def caption(self) -> str:
        """Of the main table."""
        return self.summaries[0].caption

    def save(self, folder: str | os.PathLike) -> list[Path]:
        """Writes tables as CSV and pictures into a folder; the files, in order.

        Raises:
            HandwritingError: the folder cannot be written.
        """
        paths = []
        for name, rows in self.tables.items():
            paths.append(Path(folder) / name)
            _write_csv(paths[-1], rows)
        for name, pixels in self.pictures.items():
            paths.append(Path(folder) / name)
            write_picture(paths[-1], pixels)
        return paths


def described(config: EvaluationConfig, rows: Rows) -> list[dict[str, Any]]:
    """Rows with the columns that every table begins with: preset, reader, data or hand, seed."""
    subject = (
        {"hand": str(Path(config.hand))} if config.hand else {"data": " ".join(Path(one).stem for one in config.data)}
    )
    first = {"preset": Path(config.preset).name, "reader": Path(config.reader).name, **subject, "seed": config.seed}
    return [{**first, **row} for row in rows]


def _write_csv(path: Path, rows: Rows) -> None:
    with atomic_write(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, rows[0], lineterminator="\n")
        table.writeheader()
        table.writerows([{name: _cell(value) for name, value in row.items()} for row in rows])


def _cell(value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    return "" if math.isnan(value) else f"{value:.3f}"
