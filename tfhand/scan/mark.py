"""The machine-readable mark of a straightened sheet.

A QR reader first has to find its code, and that is where it fails on bad photos. Here the place is known. The patterns
that every code holds tell how many modules there are, where exactly they lie, and how much of its neighbours' light
falls on each; so blur is undone before a module is judged. What the two equal marks of a sheet show is added up, and
only a clean drawing of it goes to the decoder. Where too many modules are wrong even for a QR code's error correction,
it may still be plain which of the usual sheets this is.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from tfhand.errors import ReadingError
from tfhand.scan.frame import Frame
from tfhand.scan.layout import EVERYTHING, MARK, MARKS, PAPERS, SheetPage, page_of, pages_of
from tfhand.scan.printing import mark

COUNTS = range(21, 46, 4)  # modules to a side that are tried
SHIFTS = np.linspace(-1.5, 1.5, 11)  # modules by which the mark may lie beside its place
LEAST = 0.75  # share of the known modules that must be right
USUAL = range(1, 5)  # variants of everything
ALIKE, APART = 0.85, 0.05  # share of modules that must agree, and more than with the next likely mark
_RIDGE = 3.0  # against an undoing of blur that learns the noise
_ENLARGED, _QUIET = 8, 4  # pixels a module and modules of paper around, of the clean drawing
_FINDER = np.pad(np.pad(np.pad(np.ones((3, 3), bool), 1), 1, constant_values=True), 1)  # 1 1 3 1 1 and a rim of paper


def read_mark(frame: Frame) -> SheetPage:
    """What the marks of a sheet say.

    Raises:
        ReadingError: none of them can be read, or they are not ours.
    """
    grey = cv2.cvtColor(frame.picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    sampled = [_sampled(grey, frame.scale, count) for count in COUNTS]
    for scores, levels in sorted(sampled, key=lambda one: -max(one[0])):
        likely = [_sharpened(level) for score, level in zip(scores, levels, strict=True) if score > LEAST]
        for darkness in [sum(likely), *likely] if likely else []:
            if said := _decoded(darkness > 0):
                return page_of(said)
        if likely and (page := _likeliest(sum(likely) > 0)):
            return page
    raise ReadingError(
        "The square codes at the top of the sheet cannot be read; photograph the sheet sharper and in better light."
    )


def _sampled(grey: np.ndarray, scale: float, count: int) -> tuple[list[float], list[np.ndarray]]:
    """For each mark, taken for one of `count` modules: how right its known modules are, and each one's darkness."""
    module = scale * MARK / count
    known, dark = _known(count)
    middles = (np.arange(count) + 0.5) * module - 0.5
    scores, levels = [], []
    for top, left in MARKS * scale:
        found = []
        for down in SHIFTS * module:
            for right in SHIFTS * module:
                at = np.meshgrid(middles + left + right, middles + top + down)
                level = cv2.remap(grey, *(axis.astype(np.float32) for axis in at), cv2.INTER_LINEAR)
                level = cv2.blur(level, (9, 9), borderType=cv2.BORDER_REFLECT) - level
                fit = float(level[known & dark].mean() - level[known & ~dark].mean()) / (float(level.std()) + 1)
                found.append((fit, len(found), level))
        best = max(found)[2]
        scores.append(float(((best > 0) == dark)[known].mean()))
        levels.append(best / (best.std() + 1e-6))
    return scores, levels


def _sharpened(level: np.ndarray) -> np.ndarray:
    """The darkness of each module without that of its neighbours, as the known modules teach it: about 1 and -1."""
    known, dark = _known(len(level))
    padded = np.pad(level, 1, mode="edge")
    near = [padded[y : y + len(level), x : x + len(level)] for y in range(3) for x in range(3)]
    near = np.stack([*near, np.ones_like(level)], axis=-1)
    taught, wanted = near[known], np.where(dark, 1.0, -1.0)[known]
    weights = np.linalg.solve(taught.T @ taught + _RIDGE * np.eye(near.shape[-1]), taught.T @ wanted)
    return near @ weights


def _decoded(dark: np.ndarray) -> str:
    """The text of a code whose modules are known, or an empty one."""
    clean = np.kron(np.where(np.pad(dark, _QUIET), 0, 255), np.ones((_ENLARGED, _ENLARGED))).astype(np.uint8)
    low, high = _ENLARGED * _QUIET, _ENLARGED * (_QUIET + len(dark))
    points = np.array([[[low, low], [high, low], [high, high], [low, high]]], np.float32)
    try:
        return cv2.QRCodeDetector().decode(clean, points)[0]
    except (cv2.error, UnicodeDecodeError):  # what looks like a code need not be one
        return ""


def _likeliest(dark: np.ndarray) -> SheetPage | None:
    """The one usual page whose mark agrees with what was seen, or None."""
    alike = [(float((dark == modules).mean()), page) for page, modules in _usual() if modules.shape == dark.shape]
    (best, page), (second, _) = sorted([*alike, (0.0, None), (0.0, None)], key=lambda one: -one[0])[:2]
    return page if best > ALIKE and best > second + APART else None


@cache
def _usual() -> list[tuple[SheetPage, np.ndarray]]:
    """The pages of the sheets that most people print, and which modules of their marks are dark."""
    pages = [page for paper in PAPERS for count in USUAL for page in pages_of(EVERYTHING, count, paper)]
    return [(page, mark(page.mark) == 0) for page in pages]


@cache
def _known(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Which modules of any code are known, and which of these are dark: bool [count, count] both."""
    known, dark = np.zeros((count, count), bool), np.zeros((count, count), bool)
    for down, right in ((0, 0), (0, count - 8), (count - 8, 0)):
        place = slice(down, down + 8), slice(right, right + 8)
        known[place] = True
        dark[place] = _FINDER[(1 if down == 0 else 0) :, (1 if right == 0 else 0) :][:8, :8]
    line = np.arange(8, count - 8)
    for place in ((6, line), (line, 6)):
        known[place], dark[place] = True, line % 2 == 0
    return known, dark
