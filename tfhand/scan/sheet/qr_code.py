"""The QR code of a rectified sheet.

A usual QR reader first has to find its code, and on bad photos it does not. Here the place is known. The patterns that
every code contains tell how many modules there are, where exactly they lie, and how much of its neighbours' light falls
on each; so blur is undone before a module is judged. The two equal codes of a sheet are added up, and only a clean
drawing of the sum goes to the decoder. Where too many modules are wrong even for a QR code's error correction, it may
still be clear which of the usual sheets this is.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from tfhand.errors import ReadingError
from tfhand.scan.sheet.codes import qr_modules
from tfhand.scan.sheet.layout import EVERYTHING, PAPERS, QR_CODES, QR_SIDE, SheetPage, page_of, pages_of
from tfhand.scan.sheet.rectify import RectifiedSheet

MODULE_COUNTS = range(21, 46, 4)  # modules to a side that are tried
SHIFTS = np.linspace(-1.5, 1.5, 11)  # modules by which the code may lie beside its place
MIN_CORRECT = 0.75  # share of the known modules that must be as known
USUAL_VARIANTS = range(1, 5)  # usual sheets ask for everything so many times
MIN_AGREEMENT, MIN_LEAD = 0.85, 0.05  # share of modules that must agree, and by how much more than of the next page
_RIDGE = 3.0  # keeps the undoing of blur from learning the noise
_MODULE_PIXELS, _MARGIN_MODULES = 8, 4  # in the clean drawing
_FINDER = np.pad(np.pad(np.pad(np.ones((3, 3), bool), 1), 1, constant_values=True), 1)  # 1 1 3 1 1 with paper around


def read_qr_code(sheet: RectifiedSheet) -> SheetPage:
    """The page that a sheet's QR codes describe.

    Raises:
        ReadingError: none of them can be read, or they are not ours.
    """
    grey = cv2.cvtColor(sheet.picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    sampled = [_sample(grey, sheet.scale, count) for count in MODULE_COUNTS]
    for scores, levels in sorted(sampled, key=lambda one: -max(one[0])):
        likely = [_sharpened(level) for score, level in zip(scores, levels, strict=True) if score > MIN_CORRECT]
        if not likely:
            continue
        total = np.sum(likely, axis=0)
        for darkness in [total, *likely]:
            if text := _decode(darkness > 0):
                return page_of(text)
        if page := _most_similar_page(total > 0):
            return page
    raise ReadingError(
        "The square codes at the top of the sheet cannot be read; photograph the sheet sharper and in better light."
    )


def _sample(grey: np.ndarray, scale: float, count: int) -> tuple[list[float], list[np.ndarray]]:
    """For each code, if it has `count` modules to a side: the share of right known modules, and each one's darkness."""
    module = scale * QR_SIDE / count
    known, dark = _known_modules(count)
    middles = (np.arange(count) + 0.5) * module - 0.5
    scores, levels = [], []
    for top, left in QR_CODES * scale:
        found: list[tuple[float, int, np.ndarray]] = []
        for down in SHIFTS * module:
            for right in SHIFTS * module:
                x, y = np.meshgrid(middles + left + right, middles + top + down)
                level = cv2.remap(grey, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR)
                level = cv2.blur(level, (9, 9), borderType=cv2.BORDER_REFLECT) - level
                fit = float(level[known & dark].mean() - level[known & ~dark].mean()) / (float(level.std()) + 1)
                found.append((fit, len(found), level))
        best = max(found)[2]
        scores.append(float(((best > 0) == dark)[known].mean()))
        levels.append(best / (best.std() + 1e-6))
    return scores, levels


def _sharpened(level: np.ndarray) -> np.ndarray:
    """The darkness of each module, about 1 or -1, without the light of its neighbours: fitted to the known modules."""
    known, dark = _known_modules(len(level))
    padded = np.pad(level, 1, mode="edge")
    near = [padded[y : y + len(level), x : x + len(level)] for y in range(3) for x in range(3)]
    features = np.stack([*near, np.ones_like(level)], axis=-1)
    inputs, targets = features[known], np.where(dark, 1.0, -1.0)[known]
    ridge = _RIDGE * np.eye(features.shape[-1])
    return features @ np.linalg.solve(inputs.T @ inputs + ridge, inputs.T @ targets)


def _decode(dark: np.ndarray) -> str:
    """The text of a code whose modules are known, or an empty one."""
    clean = np.where(np.pad(dark, _MARGIN_MODULES), 0, 255)
    picture = np.kron(clean, np.ones((_MODULE_PIXELS, _MODULE_PIXELS))).astype(np.uint8)
    low, high = _MODULE_PIXELS * _MARGIN_MODULES, _MODULE_PIXELS * (_MARGIN_MODULES + len(dark))
    points = np.array([[[low, low], [high, low], [high, high], [low, high]]], np.float32)
    try:
        return cv2.QRCodeDetector().decode(picture, points)[0]
    except (cv2.error, UnicodeDecodeError):  # some noise looks like a code
        return ""


def _most_similar_page(dark: np.ndarray) -> SheetPage | None:
    """The one usual page whose code agrees with what was seen, or None."""
    agreement = [(float((dark == modules).mean()), page) for page, modules in _usual() if modules.shape == dark.shape]
    (best, page), (second, _) = sorted([*agreement, (0.0, None), (0.0, None)], key=lambda one: -one[0])[:2]
    return page if best > MIN_AGREEMENT and best > second + MIN_LEAD else None


@cache
def _usual() -> list[tuple[SheetPage, np.ndarray]]:
    """The pages of the sheets that most people print, and which modules of their codes are dark."""
    pages = [page for paper in PAPERS for count in USUAL_VARIANTS for page in pages_of(EVERYTHING, count, paper)]
    return [(page, qr_modules(page.qr_text) == 0) for page in pages]


@cache
def _known_modules(count: int) -> tuple[np.ndarray, np.ndarray]:
    """The modules that are equal in all codes, and which of these are dark: bool [count, count] both."""
    known, dark = np.zeros((count, count), bool), np.zeros((count, count), bool)
    for down, right in ((0, 0), (0, count - 8), (count - 8, 0)):
        place = slice(down, down + 8), slice(right, right + 8)
        known[place] = True
        dark[place] = _FINDER[(1 if down == 0 else 0) :, (1 if right == 0 else 0) :][:8, :8]
    line = np.arange(8, count - 8)
    known[6, line], dark[6, line] = True, line % 2 == 0
    known[line, 6], dark[line, 6] = True, line % 2 == 0
    return known, dark
