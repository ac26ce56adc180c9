"""A specimen: lines of text set in a font, with its alternates and kerning, as other software sets them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from types import ModuleType

import numpy as np
from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw

from tfhand.errors import HandwritingError

SUPERSAMPLING = 4  # glyphs are drawn this many times larger and then reduced
STEPS = 8  # straight lines for each curve
LEADING = 1.05  # distance from line to line as a multiple of the font's line height


def shaping_engine() -> ModuleType:
    """HarfBuzz, by which a specimen is set.

    Raises:
        HandwritingError: the package uharfbuzz is not installed.
    """
    try:
        import uharfbuzz
    except ImportError:
        raise HandwritingError("A specimen is set by HarfBuzz; install it with: pip install uharfbuzz.") from None
    return uharfbuzz


def specimen(font: TTFont, lines: Sequence[tuple[str, int]], margin: int = 40) -> np.ndarray:
    """A picture of lines of text, shaped by HarfBuzz.

    Args:
        font: a font made by `build`.
        lines: for each line its text and its size in pixels to the em.
        margin: pixels around the lines.

    Returns:
        uint8 array of shape (height, width), black on white.

    Raises:
        HandwritingError: the package uharfbuzz is not installed.
    """
    uharfbuzz = shaping_engine()
    file = io.BytesIO()
    font.save(file)
    shaper = uharfbuzz.Font(uharfbuzz.Face(file.getvalue()))
    ascent, descent, em = font["hhea"].ascent, font["hhea"].descent, font["head"].unitsPerEm
    polygons, y, right = [], float(margin), 0.0
    for text, size in lines:
        scale = size / em
        baseline = y + ascent * scale
        outlines, width = _shape_line(uharfbuzz, shaper, text)
        polygons += [[np.array([margin, baseline]) + ring * (scale, -scale) for ring in rings] for rings in outlines]
        right = max(right, margin + width * scale)
        y += LEADING * (ascent - descent) * scale
    return _draw(polygons, round(right) + margin, round(y) + margin)


def _shape_line(uharfbuzz, shaper, text: str) -> tuple[list[list[np.ndarray]], float]:
    """The polygons of each glyph of a line, in font units, and the line's width."""
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    uharfbuzz.shape(shaper, buffer)
    x, outlines = 0.0, []
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        pen = _Polygons()
        shaper.draw_glyph_with_pen(info.codepoint, pen)
        outlines.append([np.array(ring) + (x + place.x_offset, place.y_offset) for ring in pen.rings])
        x += place.x_advance
    return outlines, x


class _Polygons(BasePen):
    """Draws curves as polygons."""

    def __init__(self) -> None:
        super().__init__(None)
        self.rings: list[list[tuple[float, float]]] = []

    def _moveTo(self, point):
        self.rings.append([point])

    def _lineTo(self, point):
        self.rings[-1].append(point)

    def _curveToOne(self, one, two, end):
        start, ring = self.rings[-1][-1], self.rings[-1]
        for t in np.linspace(0, 1, STEPS + 1)[1:]:
            shares = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3
            ring.append(tuple(np.dot(shares, [start, one, two, end])))


def _draw(glyphs: Sequence[Sequence[np.ndarray]], width: int, height: int) -> np.ndarray:
    """Draws glyphs; the direction of each polygon says whether it is ink or paper."""
    sheet = np.full((height, width), 255, np.uint8)
    for rings in glyphs:
        if not rings:
            continue
        corner = np.floor(np.concatenate(rings).min(axis=0)).astype(int)
        size = np.ceil(np.concatenate(rings).max(axis=0)).astype(int) - corner
        glyph = Image.new("L", tuple((size * SUPERSAMPLING).tolist()))
        draw = ImageDraw.Draw(glyph)
        areas = [np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) for x, y in (ring.T for ring in rings)]
        for place in np.argsort(-np.abs(areas)):
            draw.polygon([tuple(p) for p in (rings[place] - corner) * SUPERSAMPLING], fill=255 * bool(areas[place] > 0))
        ink = np.asarray(glyph.reduce(SUPERSAMPLING))
        left, top = np.maximum(corner, 0)
        part = sheet[top : top + ink.shape[0], left : left + ink.shape[1]]
        np.minimum(part, 255 - ink[: part.shape[0], : part.shape[1]], out=part)
    return sheet
