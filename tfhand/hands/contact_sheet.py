"""A contact sheet: one picture that shows many samples, with generated and doubtful ones in frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tfhand.errors import HandError
from tfhand.hands import glyph
from tfhand.hands.sample import GENERATED, Sample

CELL, CAPTION, GAP = 96, 24, 12  # pixels
GENERATED_FRAME, DOUBTED_FRAME, PAPER, LINE = (0, 90, 200), (200, 30, 30), (255, 255, 255), (205, 205, 205)


def contact_sheet(samples: Sequence[Sample], columns: int = 12) -> np.ndarray:
    """All glyphs in rows, each above its character; generated ones in a blue frame, doubtful ones in a red one.

    Args:
        samples: the samples to show.
        columns: greatest number of glyphs in a row.

    Returns:
        uint8 array of shape (height, width, 3), black ink on white.

    Raises:
        HandError: there is no glyph to show.
    """
    if not samples:
        raise HandError("This Hand holds no glyph yet; there is nothing to show.")
    columns = min(columns, max(4, len(samples)))
    rows = -(-len(samples) // columns)
    step_x, step_y = CELL + GAP, CELL + CAPTION + GAP
    sheet = Image.new("RGB", (columns * step_x + GAP, rows * step_y + CAPTION + 2 * GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    font, small = ImageFont.load_default(17), ImageFont.load_default(13)
    generated = sum(sample.source == GENERATED for sample in samples)
    doubted = sum(bool(sample.doubt) for sample in samples)
    title = f"{len(samples) - generated} written" + (f", {generated} generated (blue frame)" if generated else "")
    title += f", {doubted} to look at (red frame)" if doubted else ""
    draw.text((GAP, GAP), title, "black", small)
    for number, sample in enumerate(samples):
        x, y = GAP + number % columns * step_x, 2 * GAP + CAPTION + number // columns * step_y
        colour, note = (GENERATED_FRAME, "generated") if sample.source == GENERATED else (LINE, "")
        colour, note = (DOUBTED_FRAME, f"like {sample.doubt}") if sample.doubt else (colour, note)
        sheet.paste(_thumbnail(sample), (x, y))
        draw.rectangle((x, y, x + CELL, y + CELL), outline=colour, width=2 if note else 1)
        draw.text((x + 2, y + CELL + 2), sample.character, "black", font)
        if note:
            draw.text((x + CELL, y + CELL + 5), note, colour, small, anchor="ra")
    return np.asarray(sheet)


def _thumbnail(sample: Sample) -> Image.Image:
    return Image.fromarray(glyph.inverted(glyph.normalize(sample.ink, CELL)))
