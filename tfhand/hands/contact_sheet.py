"""A contact sheet: one picture that shows many samples, with generated and doubtful ones in frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tfhand.errors import HandError
from tfhand.hands import glyph
from tfhand.hands.sample import GENERATED, Sample
from tfhand.hands.word_sample import WordSample

CELL, CAPTION, GAP = 96, 24, 12  # pixels
COLUMNS = 12
X_HEIGHT = 28  # pixels of a word's
GENERATED_FRAME, DOUBTED_FRAME, PAPER, LINE = (0, 90, 200), (200, 30, 30), (255, 255, 255), (205, 205, 205)


def contact_sheet(samples: Sequence[Sample], words: Sequence[WordSample] = (), columns: int = COLUMNS) -> np.ndarray:
    """All glyphs in rows, each above its character; generated ones in a blue frame, doubtful ones in a red one.

    Words follow, each with lines where it is cut into letters, over those letters; letters that are not sure are red.

    Args:
        samples: the glyphs to show.
        words: the words to show.
        columns: greatest number of glyphs in a row.

    Returns:
        uint8 array of shape (height, width, 3), black ink on white.

    Raises:
        HandError: there is no glyph and no word to show.
    """
    if not samples and not words:
        raise HandError("This Hand holds no glyph yet; there is nothing to show.")
    columns = columns if words else min(columns, max(4, len(samples)))
    width = columns * (CELL + GAP) + GAP
    parts = [_title(samples, words, width)]
    parts += [_glyph_rows(samples, columns, width)] if samples else []
    parts += _word_rows([word_picture(word, width - 2 * GAP) for word in words], width)
    return np.concatenate([np.asarray(part) for part in parts])


def _title(samples: Sequence[Sample], words: Sequence[WordSample], width: int) -> Image.Image:
    generated = sum(sample.source == GENERATED for sample in samples)
    doubted = sum(bool(sample.doubt) for sample in samples)
    title = f"{len(samples) - generated} written" + (f", {generated} generated (blue frame)" if generated else "")
    title += f", {doubted} to look at (red frame)" if doubted else ""
    title += f", {len(words)} words (red letters are not sure)" if words else ""
    strip = Image.new("RGB", (width, CAPTION + 2 * GAP), PAPER)
    ImageDraw.Draw(strip).text((GAP, GAP), title, "black", ImageFont.load_default(13))
    return strip


def _glyph_rows(samples: Sequence[Sample], columns: int, width: int) -> Image.Image:
    step_x, step_y = CELL + GAP, CELL + CAPTION + GAP
    sheet = Image.new("RGB", (width, -(-len(samples) // columns) * step_y), PAPER)
    draw = ImageDraw.Draw(sheet)
    font, small = ImageFont.load_default(17), ImageFont.load_default(13)
    for number, sample in enumerate(samples):
        x, y = GAP + number % columns * step_x, number // columns * step_y
        colour, note = (GENERATED_FRAME, "generated") if sample.source == GENERATED else (LINE, "")
        colour, note = (DOUBTED_FRAME, f"like {sample.doubt}") if sample.doubt else (colour, note)
        sheet.paste(Image.fromarray(glyph.inverted(glyph.normalize(sample.ink, CELL))), (x, y))
        draw.rectangle((x, y, x + CELL, y + CELL), outline=colour, width=2 if note else 1)
        draw.text((x + 2, y + CELL + 2), sample.character, "black", font)
        if note:
            draw.text((x + CELL, y + CELL + 5), note, colour, small, anchor="ra")
    return sheet


def word_picture(word: WordSample, most: int, x_height: int = X_HEIGHT) -> Image.Image:
    """A word with its seams, over its letters; at most so many pixels wide, and of this x-height if that is less."""
    high, wide = word.ink.shape
    scale = min(x_height / word.x_height, most / wide, 4 * CELL / high)
    size = max(1, round(wide * scale)), max(1, round(high * scale))
    picture = Image.new("RGB", (size[0] + 1, size[1] + CAPTION + GAP), PAPER)
    picture.paste(Image.fromarray(glyph.inverted(word.ink)).resize(size, Image.Resampling.LANCZOS))
    draw = ImageDraw.Draw(picture)
    for seam in word.seams[1:-1]:
        draw.line([(column * scale, row * scale) for row, column in enumerate(seam)], DOUBTED_FRAME)
    edges = [0.0, *word.cuts, float(wide)]
    for letter, sure, left, right in zip(word.text, word.sure or (), edges, edges[1:], strict=False):
        place = ((left + right) / 2 * scale, size[1] + 2)
        draw.text(place, letter, "black" if sure else DOUBTED_FRAME, ImageFont.load_default(17), anchor="ma")
    return picture


def _word_rows(pictures: Sequence[Image.Image], width: int) -> list[Image.Image]:
    """Pictures of words side by side in as many rows as they need."""
    rows: list[list[Image.Image]] = []
    end = width
    for picture in pictures:
        if end + picture.width + GAP > width:
            rows.append([])
            end = GAP
        rows[-1].append(picture)
        end += picture.width + 2 * GAP
    return [_row(row, width) for row in rows]


def _row(pictures: Sequence[Image.Image], width: int) -> Image.Image:
    """Pictures side by side, standing on one line."""
    row = Image.new("RGB", (width, max(picture.height for picture in pictures) + GAP), PAPER)
    x = GAP
    for picture in pictures:
        row.paste(picture, (x, row.height - picture.height))
        x += picture.width + 2 * GAP
    return row
