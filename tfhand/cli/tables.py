"""Tables on the screen."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

WIDEST = 1000  # characters in a line of a table
NARROWEST = 100  # characters at least, however narrow the terminal


def print_table(groups: Sequence[Sequence[Mapping[str, Any]]], caption: str, title: str) -> None:
    """Prints rows as a table, with a rule between groups of them; the first row names the columns."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    look: dict[str, Any] = {"box": box.SIMPLE_HEAD, "pad_edge": False, "collapse_padding": True, "show_edge": False}
    table = Table(title=title, caption=caption, title_justify="left", caption_justify="left", **look)
    for name, value in groups[0][0].items():
        heading = textwrap.fill(name, 10, break_long_words=False)  # about as narrow as its numbers
        table.add_column(heading, justify="right" if isinstance(value, float) else "left", no_wrap=True)
    for rows in groups:
        for row in rows:
            table.add_row(*map(_cell, row.values()))
        table.add_section()
    needed = Console(width=WIDEST).measure(table).maximum  # no number is cut off where the terminal is narrower
    Console(width=max(NARROWEST, needed, Console().width)).print(table)


def _cell(value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    return "–" if math.isnan(value) else f"{value:.2f}"
