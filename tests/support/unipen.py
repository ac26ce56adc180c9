"""Hands of real people from the shared archive of pen strokes, which is not part of the project."""

from __future__ import annotations

from functools import cache

import numpy as np

from tests.support.photo import STROKES
from tfhand.data.archive import Archive
from tfhand.hands.hand import Hand

__all__ = ["STROKES", "archive", "hand_of_writer", "writers_of_all"]


@cache
def archive() -> Archive:
    return Archive.load(STROKES)


def writers_of_all(least: int = 2, characters: int = 60) -> list[int]:
    """People who wrote at least `characters` characters `least` times."""
    data = archive()
    counts = {w: np.bincount(data.labels[data.writers == w], minlength=62) for w in np.unique(data.writers)}
    return [int(writer) for writer, count in counts.items() if (count >= least).sum() >= characters]


def hand_of_writer(writer: int, each: int = 3, characters: str = "") -> Hand:
    """What a person wrote, up to `each` samples of a character, drawn with one nib."""
    data, glyphs = archive(), {}
    for index in np.flatnonzero(data.writers == writer):
        character = data.characters[data.labels[index]]
        if len(glyphs.setdefault(character, [])) < each and (not characters or character in characters):
            glyphs[character].append(data.draw(int(index), 64, 5.0))
    return Hand({character: images for character, images in glyphs.items() if images})
