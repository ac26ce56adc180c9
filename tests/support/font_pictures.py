"""The glyphs of a font as FreeType draws them."""

from __future__ import annotations

import io

import numpy as np
from fontTools.ttLib import TTFont
from PIL import ImageFont

from tfhand.core.charset import order
from tfhand.hands.sample import Sample

PRIVATE = 0xE000  # a range of code points that mean nothing
PIXELS = 120  # to the em


def glyph_pictures(font: TTFont) -> dict[str, np.ndarray]:
    """The picture of each glyph but the space, by its name: uint8, white ink on black."""
    file = io.BytesIO()
    font.save(file)
    numbered = TTFont(io.BytesIO(file.getvalue()))
    names = [name for name in numbered.getGlyphOrder() if name not in (".notdef", "space")]
    for table in numbered["cmap"].tables:
        table.cmap = {PRIVATE + number: name for number, name in enumerate(names)}
    file = io.BytesIO()
    numbered.save(file)
    drawn = ImageFont.truetype(io.BytesIO(file.getvalue()), PIXELS, layout_engine=ImageFont.Layout.BASIC)
    pictures = {}
    for number, name in enumerate(names):
        mask = drawn.getmask(chr(PRIVATE + number))
        pictures[name] = np.pad(np.uint8(mask).reshape(mask.size[::-1]), 4)
    return pictures


def drawn_samples(font: TTFont) -> dict[str, list[Sample]]:
    """The alternates of each character as they are drawn, the first one first."""
    pictures, names = glyph_pictures(font), {name: chr(code) for code, name in font.getBestCmap().items()}
    found: dict[str, list[Sample]] = {}
    for name, picture in pictures.items():
        character = names[name.split(".")[0]]
        found.setdefault(character, []).append(Sample(character, picture))
    return {character: found[character] for character in order(found)}
