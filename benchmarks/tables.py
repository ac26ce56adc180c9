"""The CSV of a benchmark that is measured in parts: a new line replaces the one of the same kind."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path


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
