"""Words whose letters are known, and pictures of where they are found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tfhand.hands.glyph import inverted
from tfhand.models.aligner.alignment import AlignedLetter

OVERLAP = 0.7  # of a letter that counts as found
_ZOOM, _GAP, _BAR, _CAPTION = 3, 18, 6, 18  # pixels of the picture
_TRUE, _FOUND, _INK = ("#6a9955", "#b5d3a4"), ("#1b5e8c", "#9cc3dc"), "#333333"


@dataclass(frozen=True)
class Word:
    """A word that is looked at.

    Attributes:
        text: what it says.
        kind: of its writing, as a heading of the table.
        picture: uint8 (H, W), white ink on black.
        truth: (letters, 2), where the ink of each letter begins and ends, in pixels; nan where that is not known.
    """

    text: str
    kind: str
    picture: np.ndarray
    truth: np.ndarray


def overlap(spans: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """What intervals (n, 2) have in common over what they cover together, (n,)."""
    both = np.minimum(spans[:, 1], truth[:, 1]) - np.maximum(spans[:, 0], truth[:, 0])
    either = np.maximum(spans[:, 1], truth[:, 1]) - np.minimum(spans[:, 0], truth[:, 0])
    return np.maximum(both, 0) / np.maximum(either, 1e-9)


def intervals(letters: Sequence[AlignedLetter]) -> np.ndarray:
    """Where letters were found, (letters, 2) in pixels."""
    return np.array([(letter.left, letter.right) for letter in letters])


def word_sheet(words: Sequence[tuple[Word, Sequence[AlignedLetter]]]) -> np.ndarray:
    """Words in two columns, above each where its letters are, below where they are found.

    Args:
        words: and their letters as they were found.

    Returns:
        uint8 array of shape (height, width, 3), black ink on white.
    """
    cells = [_panel(*word) for word in words]
    width, height = max(cell.width for cell in cells), cells[0].height
    lines = -(-len(cells) // 2)
    sheet = Image.new("RGB", (2 * width + 3 * _GAP, lines * (height + _GAP) + _GAP), "white")
    for place, cell in enumerate(cells):
        column, line = divmod(place, lines)
        sheet.paste(cell, (_GAP + column * (width + _GAP), _GAP + line * (height + _GAP)))
    return np.asarray(sheet)


def _panel(word: Word, found: Sequence[AlignedLetter]) -> Image.Image:
    """A word with the true intervals above and the found ones below, which are red where they miss."""
    ink = Image.fromarray(inverted(word.picture))
    ink = ink.resize((ink.width * _ZOOM, ink.height * _ZOOM), Image.Resampling.BICUBIC)
    panel = Image.new("RGB", (ink.width, ink.height + 2 * _BAR + _CAPTION), "white")
    panel.paste(ink, (0, _BAR))
    draw, font = ImageDraw.Draw(panel), ImageFont.load_default(13)
    hits = overlap(intervals(found), word.truth) > OVERLAP
    for place, (letter, (left, right), hit) in enumerate(zip(found, word.truth, hits, strict=True)):
        draw.rectangle((left * _ZOOM, 0, right * _ZOOM - 1, _BAR - 2), _TRUE[place % 2])
        below = _BAR + ink.height
        colour = _FOUND[place % 2] if hit else "#c62828"
        draw.rectangle((letter.left * _ZOOM, below, letter.right * _ZOOM - 1, below + _BAR - 2), colour)
        middle = (letter.left + letter.right) / 2 * _ZOOM
        draw.text((middle, below + _BAR + 1), letter.character, _INK, font, anchor="ma")
    return panel
