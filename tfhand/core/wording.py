"""Small words of sentences for people."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """A number with its noun: "1 box", "3 boxes"."""
    ending = "" if count == 1 else "es" if noun.endswith(("x", "s", "ch", "sh")) else "s"
    return f"{count:,} {noun}{ending}"
