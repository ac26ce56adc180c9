"""Where the printed guides of a straightened sheet really lie.

The corner marks stand at the edges, and between them paper bends. The boxes' own lines tell by how much: each box is
looked for around its place, and one smooth surface through all of them is believed, so that a line which is worn or
written over does no harm.
"""

from __future__ import annotations

import cv2
import numpy as np

from tfhand.scan import layout
from tfhand.scan.frame import Frame
from tfhand.scan.layout import FRAME, SheetPage
from tfhand.scan.page import contrast_of

REACH = 2.2  # mm around its place in which a line is looked for
STEP = 0.1  # mm
FEWEST = 12  # boxes that must show their lines
PLAIN = 3.0  # times the noise, a line that is seen
ASTRAY = 0.4  # mm off the surface: a line that is not believed
_SHIFTS = np.arange(-REACH, REACH + STEP / 2, STEP)


def drift(frame: Frame, page: SheetPage) -> np.ndarray:
    """How far each box lies from its place, float [n, 2]: down and right in mm."""
    contrast = contrast_of(frame.picture[..., 2].astype(np.float32))  # in blue light the pale print is darkest
    contrast = np.clip(contrast, -0.1, 0.4)
    found, sure = np.zeros((len(page.boxes), 2)), np.zeros((len(page.boxes), 2))
    for index, box in enumerate(page.boxes):
        for axis in (0, 1):
            found[index, axis], sure[index, axis] = _shift(contrast, box, axis, frame.scale)
    middles = (page.boxes[:, :2] + page.boxes[:, 2:]) / 2
    return np.stack([_surface(middles, found[:, axis], sure[:, axis] > PLAIN) for axis in (0, 1)], axis=1)


def _shift(contrast: np.ndarray, box: np.ndarray, axis: int, scale: float) -> tuple[float, float]:
    """By how much the lines of a box that run across `axis` lie further along it, in mm, and how plain they are."""
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
    noise = 1.4826 * float(np.median(np.abs(score - np.median(score)))) + 1e-4
    return float(_SHIFTS[best]), float((score[best] - np.median(score)) / noise)


def _surface(middles: np.ndarray, found: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """A smooth surface through what was found at the boxes' middles, without what strays from it."""
    x, y = (2 * middles[:, ::-1] / FRAME - 1).T
    terms = np.stack([x**i * y**j for i in range(4) for j in range(4 - i)], axis=1)
    if seen.sum() < FEWEST:
        return np.zeros(len(found))
    good, surface = seen & (np.abs(found - np.median(found[seen])) < 1.5), np.zeros(len(found))
    for _ in range(4):
        if good.sum() < FEWEST:
            return np.zeros(len(found))
        known = terms[good]
        solved = np.linalg.solve(known.T @ known + 0.3 * np.eye(terms.shape[1]), known.T @ found[good])
        surface = terms @ solved
        good = seen & (np.abs(found - surface) < ASTRAY)
    return surface
