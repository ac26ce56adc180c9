"""Registration: where the printed boxes of a rectified sheet really lie.

The markers stand at the edges, and between them paper bends. The boxes' own lines tell by how much. Each box is looked
for near its place, and one smooth surface is fitted through all of them, so that a line which is worn or written over
does no harm.
"""

from __future__ import annotations

import cv2
import numpy as np

from tfhand.scan.image.ink import noise_level
from tfhand.scan.image.paper import contrast_of
from tfhand.scan.sheet import layout
from tfhand.scan.sheet.layout import FRAME, SheetPage
from tfhand.scan.sheet.rectify import RectifiedSheet

REACH = 2.2  # mm around its place in which a line is looked for
STEP = 0.1  # mm
MIN_BOXES = 12  # that must show their lines
MIN_SIGNAL_TO_NOISE = 3.0  # a line with less is not seen
MAX_ERROR = 0.4  # mm from the surface to a line that is believed
MAX_OFFSET = 1.5  # mm from the median of all lines to a line that is believed at first
_SHIFTS = np.arange(-REACH, REACH + STEP / 2, STEP)


def box_offsets(sheet: RectifiedSheet, page: SheetPage) -> np.ndarray:
    """How far each box lies from its place in the layout, float [n, 2]: down and right in mm."""
    contrast = contrast_of(sheet.picture[..., 2].astype(np.float32))  # in blue light the pale print is darkest
    contrast = np.clip(contrast, -0.1, 0.4)
    offsets, signal = np.zeros((len(page.boxes), 2)), np.zeros((len(page.boxes), 2))
    for index, box in enumerate(page.boxes):
        for axis in (0, 1):
            offsets[index, axis], signal[index, axis] = _line_offset(contrast, box, axis, sheet.scale)
    middles = (page.boxes[:, :2] + page.boxes[:, 2:]) / 2
    seen = signal > MIN_SIGNAL_TO_NOISE
    return np.stack([_surface(middles, offsets[:, axis], seen[:, axis]) for axis in (0, 1)], axis=1)


def _line_offset(contrast: np.ndarray, box: np.ndarray, axis: int, scale: float) -> tuple[float, float]:
    """How far along `axis` the lines across it lie from a box's place, in mm, and their signal-to-noise ratio."""
    low, high = box[axis] - REACH - 1, box[axis + 2] + REACH + 1
    side = slice(int((box[1 - axis] + 1) * scale), int((box[3 - axis] - 1) * scale))
    along = slice(max(0, int(low * scale)), int(high * scale))
    strip = contrast[along, side] if axis == 0 else contrast[side, along].T
    if min(strip.shape) < 8:
        return 0.0, 0.0
    profile = np.median(strip, axis=1)  # most of a line's length has no ink on it
    profile = profile - cv2.blur(profile[:, None], (1, max(3, int(3 * scale) | 1)), borderType=cv2.BORDER_REFLECT)[:, 0]
    lines = [box[axis], box[axis + 2]] + ([box[0] + layout.BASELINE] if axis == 0 else [])
    rows = (np.array(lines)[:, None] + _SHIFTS) * scale - along.start - 0.5
    score = np.interp(rows, np.arange(len(profile)), profile).mean(axis=0)
    best = int(score.argmax())
    return float(_SHIFTS[best]), float((score[best] - np.median(score)) / (noise_level(score) + 1e-4))


def _surface(middles: np.ndarray, offsets: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """A smooth surface through the offsets of the boxes with these middles, without those that are far from it."""
    x, y = (2 * middles[:, ::-1] / FRAME - 1).T
    terms = np.stack([x**i * y**j for i in range(4) for j in range(4 - i)], axis=1)
    surface = np.zeros(len(offsets))
    if seen.sum() < MIN_BOXES:
        return surface
    good = seen & (np.abs(offsets - np.median(offsets[seen])) < MAX_OFFSET)
    for _ in range(4):
        if good.sum() < MIN_BOXES:
            return np.zeros(len(offsets))
        known = terms[good]
        solved = np.linalg.solve(known.T @ known + 0.3 * np.eye(terms.shape[1]), known.T @ offsets[good])
        surface = terms @ solved
        good = seen & (np.abs(offsets - surface) < MAX_ERROR)
    return surface
