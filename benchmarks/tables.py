"""The tables of benchmarks: measured as a whole, or in parts, a new line in place of the one of the same kind."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path


def show(heads: Sequence[str], rows: Sequence[Sequence[str]], output: Path | None) -> None:
    """Prints a table as Markdown, figures to the right of their names, and writes it into a .csv if there is one."""
    for line in (heads, ["---"] + ["--:"] * (len(heads) - 1), *rows):
        print("| " + " | ".join(line) + " |")
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([heads, *rows])


def put_row(path: Path, row: dict[str, object], key: Sequence[str]) -> None:
    """Writes a line into a table: in place of the one that is equal in the columns `key`, or at its end."""
    rows: list[dict[str, object]] = []
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            rows = [{name: old.get(name, "") for name in row} for old in csv.DictReader(file)]
    own = [str(row[name]) for name in key]
    places = [place for place, old in enumerate(rows) if [old[name] for name in key] == own]
    if places:
        rows[places[0]] = row
    else:
        rows.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(row))
        table.writeheader()
        table.writerows(rows)
