"""Makes examples/sample.jpg, a line by a procedural pen as a phone would photograph it: python examples/make_sample.py

No one's handwriting is shipped this way, and yet the whole path from photo to text can be tried at once.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from tfhand.data.synthetic.writers import SyntheticWriter

SAYS = (Path(__file__).parent / "sample.txt").read_text(encoding="utf-8").strip()
SMOOTHING = 3  # drawn at three times the size, then reduced
X_HEIGHT = 60 * SMOOTHING  # pixels
WRITER = 1006


def line(pen: SyntheticWriter, text: str, random: np.random.Generator) -> Image.Image:
    """The text in ink coverage, letter after letter."""
    width, height = round((1.5 * len(text) + 4) * X_HEIGHT), 6 * X_HEIGHT
    canvas = Image.new("L", (width, height))
    draw, x = ImageDraw.Draw(canvas), 2.0
    for character in text:
        if character == " ":
            x += 0.9
            continue
        strokes = pen.strokes(character, random)
        left = min(stroke[:, 0].min() for stroke in strokes)
        for stroke in strokes:
            points = (stroke + [x - left, 3.5]) * X_HEIGHT
            radius = pen.nib * X_HEIGHT / 2
            for start, stop in zip(points[:-1], points[1:], strict=True):
                for share in np.linspace(0, 1, 8):
                    a, b = start + share * (stop - start)
                    draw.ellipse((a - radius, b - radius, a + radius, b + radius), fill=255)
        x += max(stroke[:, 0].max() for stroke in strokes) - left + 0.35
    return canvas.crop((0, 0, round((x + 2) * X_HEIGHT), height)).reduce(SMOOTHING)


def photographed(ink: Image.Image, random: np.random.Generator) -> Image.Image:
    """Blue ink on cream paper with a shadow, a little askew and grainy."""
    coverage = np.asarray(ink.rotate(1.5, Image.Resampling.BICUBIC), np.float32)[..., None] / 255
    rows, columns = np.mgrid[: coverage.shape[0], : coverage.shape[1]]
    light = 1 - 0.25 * columns / columns.max() - 0.1 * rows / rows.max()
    colour = (1 - coverage) * [246, 240, 226] + coverage * [36, 48, 120]
    grain = random.normal(0, 3, coverage.shape)
    return Image.fromarray(np.clip(colour * light[..., None] + grain, 0, 255).astype(np.uint8))


if __name__ == "__main__":
    random = np.random.default_rng(WRITER)
    picture = photographed(line(SyntheticWriter.of(WRITER), SAYS, random), random)
    picture.save(Path(__file__).parent / "sample.jpg", quality=88)
