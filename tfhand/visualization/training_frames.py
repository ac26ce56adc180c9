"""From noise to letters: the sample grids of a training as the frames of a moving picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tfhand.errors import PictureError
from tfhand.hands.glyph import inverted
from tfhand.visualization.grids import LINE, MARGIN

MOST = 40  # frames of the training; of more grids those are taken whose steps grow evenly by a factor
EACH, HELD = 3, 20  # times that a frame is shown, and the last one besides
_INK = 40  # grey


def training_frames(steps: Sequence[int], samples: Sequence[np.ndarray]) -> np.ndarray:
    """The samples of a training, one frame after the other, the step above each.

    Args:
        steps: when the samples were made, ascending.
        samples: a grid for each, uint8 (height, width), all of one size, white ink on black.

    Returns:
        uint8 array of shape (frames, height, width), black ink on white; the last one stays a while.

    Raises:
        PictureError: no samples, or such as differ in size.
    """
    if not samples or len({grid.shape for grid in samples}) > 1:
        raise PictureError("A training's frames take sample grids, all of one size.")
    frames = [_frame(f"step {steps[at]:,}", samples[at]) for at in _chosen(steps)]
    return np.concatenate([np.repeat(frames, EACH, axis=0), np.repeat(frames[-1:], HELD, axis=0)])


def _chosen(steps: Sequence[int]) -> list[int]:
    """Which grids are shown: the early ones, where most changes, in closer steps."""
    wanted = np.geomspace(max(1, steps[0]), max(1, steps[-1]), MOST)
    nearest = np.abs(np.log(np.maximum(steps, 1))[:, None] - np.log(wanted)).argmin(axis=0)
    return sorted({*nearest.tolist(), len(steps) - 1})


def _frame(caption: str, grid: np.ndarray) -> np.ndarray:
    height, width = grid.shape
    sheet = Image.new("L", (width + 2 * MARGIN, height + LINE + 2 * MARGIN), "white")
    ImageDraw.Draw(sheet).text((MARGIN, MARGIN - 4), caption, _INK, ImageFont.load_default(13))
    sheet.paste(Image.fromarray(inverted(grid)), (MARGIN, MARGIN + LINE))
    return np.asarray(sheet)
