"""Pictures of other people's sheets: boxes, ticks or nothing at all around letters whose shapes are known.

Lengths are pixels of the drawn sheet, in which a box is about 100 wide.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from tests.support import photo
from tfhand.hands.sample import Sample
from tfhand.scan.sheet.codes import qr_modules

CELL, MARGIN, TABLE = 100, 90, (48, 34, 26)


@dataclass(frozen=True)
class Sheet:
    """What is printed or drawn around the letters, and how it is photographed."""

    columns: int = 4
    rows: int = 3
    outline: str = "table"  # "table", "boxes", "ticks" around each box, "crop marks" outside of two corners, or "none"
    unequal: float = 0.0  # share by which rows and columns differ from the mean
    wavy: float = 0.0  # how far lines wander
    line: int = 40  # grey level of the lines
    thickness: float = 2.5
    gap: float = 0.0  # share of a side that is missing in its middle
    short: float = 0.0  # share of a side that is missing at each end; negative where lines run past their ends
    dashes: int = 0  # length of dashes and of the gaps between them
    dots: int = 0  # radius of dots at the crossings
    caption: str = ""  # "above", "below" or "inside" each box
    qr: bool = False  # codes above the boxes
    lift: float = 0.0  # how far letters stand off their line at random
    low: float = 0.0  # how far all letters stand below their usual place
    size: float = 26.0  # x-height
    ink: int = 60
    turn: float = 0.0  # degrees
    tilt: float = 0.0  # how much shorter the far edge is
    table: bool = False  # dark wood around the paper
    noise: float = 2.0


@dataclass(frozen=True, eq=False)
class Filled:
    """A picture of a filled-in sheet, uint8 [H, W, 3], its grid's corners, float [4, 2], and each letter alone."""

    picture: np.ndarray = field(repr=False)
    corners: np.ndarray = field(repr=False)
    letters: dict[str, Sample] = field(repr=False)


def filled(sheet: Sheet, order: str, seed: int = 0, letters: photo.Letters | None = None) -> Filled:
    """A sheet that somebody filled in with these letters; a procedural writer where none are given."""
    rng = np.random.default_rng(seed)
    x, y = (_edges(count, sheet, rng) for count in (sheet.columns, sheet.rows))
    page = np.full((round(y[-1, 1]) + MARGIN, round(x[-1, 1]) + MARGIN), 250, np.uint8)
    for row in range(sheet.rows):
        for column in range(sheet.columns):
            number = row * sheet.columns + column
            alone = sheet.outline == "boxes"  # in a table neighbours share a line
            sides = (True, alone or column == sheet.columns - 1, alone or row == sheet.rows - 1, True)
            _outline(page, sheet, x[column], y[row], np.flatnonzero(sides), rng)
            _caption(page, sheet, order[number : number + 1], x[column], y[row])
    letters, alone = letters or photo.pen_letters(seed), {}
    for number, character in enumerate(order):
        row, column = divmod(number, sheet.columns)
        strokes = letters[character][0]
        middle = x[column].mean() - sheet.size * np.concatenate(strokes)[:, 0].mean() + rng.uniform(-8, 8)
        baseline = y[row, 0] + 0.64 * (y[row, 1] - y[row, 0]) + sheet.low + sheet.lift * rng.normal()
        drawn = [stroke * sheet.size + [middle, baseline] for stroke in strokes]
        _write(page, drawn, sheet.ink)
        alone[character] = _alone(character, drawn, baseline, sheet)
    picture, plane = _photographed(page, sheet, rng)
    around = np.array([[x[0, 0], y[0, 0]], [x[-1, 1], y[0, 0]], [x[-1, 1], y[-1, 1]], [x[0, 0], y[-1, 1]]], np.float32)
    return Filled(picture, cv2.perspectiveTransform(around[None], plane)[0], alone)


def _edges(count: int, sheet: Sheet, rng: np.random.Generator) -> np.ndarray:
    """The two ends of each row or column, float [count, 2]."""
    sizes = CELL * (1 + sheet.unequal * rng.uniform(-1, 1, count))
    apart = 0 if sheet.outline == "table" else 55 if sheet.qr or sheet.caption in ("above", "below") else 18
    ends = MARGIN + np.cumsum(sizes + apart)
    return np.stack([ends - sizes - apart, ends - apart], axis=1)


def _write(page: np.ndarray, strokes: list[np.ndarray], ink: int) -> None:
    """Adds strokes of a pen, as dark as what is darker."""
    own = np.full_like(page, 255)
    for stroke in strokes:
        cv2.polylines(own, [np.rint(stroke * 16).astype(np.int32)], False, ink, 4, cv2.LINE_AA, 4)
    np.minimum(page, own, out=page)


def _alone(character: str, strokes: list[np.ndarray], baseline: float, sheet: Sheet) -> Sample:
    low = np.concatenate(strokes).min(axis=0) - 10
    size = np.ceil(np.concatenate(strokes).max(axis=0) + 10 - low).astype(int)
    page = np.full(size[::-1], 255, np.uint8)
    _write(page, [stroke - low for stroke in strokes], 0)
    bottom = np.concatenate(strokes)[:, 1].max()
    height = np.ptp(np.concatenate(strokes)[:, 1])
    return Sample(character, page, baseline=(baseline - bottom) / sheet.size, height=height / sheet.size)


def _outline(page: np.ndarray, sheet: Sheet, x: np.ndarray, y: np.ndarray, sides: np.ndarray, rng) -> None:
    """The lines on the given sides of a box, numbered clockwise from the top, or its ticks; and its dots."""
    corners = np.array([[x[0], y[0]], [x[1], y[0]], [x[1], y[1]], [x[0], y[1]]])
    if sheet.outline in ("ticks", "crop marks"):
        way = 1 if sheet.outline == "ticks" else -1
        for number in range(4) if way > 0 else (0, 2):
            for towards in (corners[number - 1], corners[(number + 1) % 4]):
                arm = way * 14 * np.sign(np.rint(towards - corners[number]))
                _line(page, np.array([corners[number], corners[number] + arm]), sheet)
    if sheet.outline in ("table", "boxes"):
        for side in sides:
            start, end = corners[side], corners[(side + 1) % 4]
            share = np.linspace(sheet.short, 1 - sheet.short, 30)[:, None]
            points = start + share * (end - start)
            wave = sheet.wavy * np.sin(np.pi * share) * np.sin(rng.uniform(2, 7) * share + rng.uniform(0, 6))
            points += wave * (end - start)[::-1] / max(np.linalg.norm(end - start), 1)
            for part in (points[share[:, 0] <= 0.5 - sheet.gap / 2], points[share[:, 0] >= 0.5 + sheet.gap / 2]):
                _line(page, part, sheet)
    if sheet.dots:
        for corner in corners:
            cv2.circle(page, np.rint(corner).astype(int).tolist(), sheet.dots, sheet.line, -1, cv2.LINE_AA)


def _line(page: np.ndarray, points: np.ndarray, sheet: Sheet) -> None:
    own = np.full_like(page, 255)
    if sheet.dashes:
        length = np.linalg.norm(points[-1] - points[0])
        shares = np.arange(0, length, 2 * sheet.dashes)[:, None] / length
        starts = points[0] + shares * (points[-1] - points[0])
        parts = np.stack([starts, starts + (points[-1] - points[0]) * sheet.dashes / length], axis=1)
    else:
        parts = points[None]
    for part in parts:
        drawn = np.rint(part * 16).astype(np.int32)
        cv2.polylines(own, [drawn], False, sheet.line, round(sheet.thickness), cv2.LINE_AA, 4)
    np.minimum(page, own, out=page)


def _caption(page: np.ndarray, sheet: Sheet, text: str, x: np.ndarray, y: np.ndarray) -> None:
    places = {"above": (x.mean() + 6, y[0] - 8), "below": (x.mean() - 6, y[1] + 20), "inside": (x[0] + 6, y[0] + 17)}
    if sheet.caption:
        at = np.rint(places[sheet.caption]).astype(int).tolist()
        cv2.putText(page, text or "x", at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, 30, 1, cv2.LINE_AA)
    if sheet.qr:
        code = cv2.resize(qr_modules(f"handfont {text}"), (38, 38), interpolation=cv2.INTER_AREA)
        top, left = round(y[0]) - 49, round(x[0]) + 6
        page[top : top + 38, left : left + 38] = np.minimum(page[top : top + 38, left : left + 38], code)


def _photographed(page: np.ndarray, sheet: Sheet, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The photo, uint8 [H, W, 3], and the plane from the page to it."""
    height, width = page.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    turn = np.deg2rad(sheet.turn)
    seen = (corners - [width / 2, height / 2]) @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    seen *= 1 + sheet.tilt * (corners[:, 1:] / height - 0.5)
    around = 60 if sheet.table else 0
    seen += around - seen.min(axis=0)
    size = tuple(np.ceil(seen.max(axis=0) + around).astype(int).tolist())
    plane = cv2.getPerspectiveTransform(corners, seen.astype(np.float32))
    colours = cv2.merge([page] * 3)
    border = TABLE if sheet.table else (250, 250, 250)
    picture = cv2.warpPerspective(colours, plane, size, flags=cv2.INTER_AREA, borderValue=border)
    return np.clip(picture + rng.normal(0, sheet.noise, picture.shape), 0, 255).astype(np.uint8), plane


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """The correlation of two glyphs, uint8 [32, 32], a little blurred: 1 for equal ones."""
    first, second = (cv2.GaussianBlur(glyph.astype(np.float32), (0, 0), 1.2).ravel() for glyph in (one, other))
    return float(np.corrcoef(first, second)[0, 1])
