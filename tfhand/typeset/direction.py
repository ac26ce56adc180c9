"""The order in which the characters of a line are seen: Hebrew and Arabic run from right to left, numbers do not.

This is the Unicode bidirectional algorithm (UAX 9), by the package python-bidi.
"""

from __future__ import annotations

from typing import NamedTuple
from unicodedata import bidirectional, mirrored

from bidi import algorithm


class Place(NamedTuple):
    """A character in the line as it is seen: its place in the text, and whether it must be seen as in a mirror."""

    at: int
    mirrored: bool


def runs_right_to_left(text: str) -> bool:
    """Whether any character of a text belongs to a script that runs from right to left."""
    return any(bidirectional(character) in ("R", "AL") for character in text)


def begins_right(text: str) -> bool:
    """Whether the lines of a paragraph begin at the right: its first letter belongs to a script that does."""
    return algorithm.get_base_level(_assigned(text)) == 1


def visual_order(line: str, from_right: bool) -> list[Place]:
    """The characters of a line from left to right.

    Args:
        line: of a paragraph, after its lines were broken.
        from_right: whether the paragraph begins at the right.
    """
    storage = algorithm.get_empty_storage()
    storage["base_level"], storage["base_dir"] = int(from_right), "LR"[from_right]
    algorithm.get_embedding_levels(_assigned(line), storage)
    for index, one in enumerate(storage["chars"]):
        one["index"] = index
    algorithm.explicit_embed_and_overrides(storage, False)
    algorithm.resolve_weak_types(storage, False)
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    algorithm.reorder_resolved_levels(storage, False)
    return [Place(one["index"], one["level"] % 2 == 1 and bool(mirrored(one["ch"]))) for one in storage["chars"]]


def _assigned(text: str) -> str:
    """The text with a Latin letter for each character that Unicode gives no direction."""
    return "".join(character if bidirectional(character) else "a" for character in text)
