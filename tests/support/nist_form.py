"""NIST's handwriting sample form, drawn and filled in: boxes, printed runs above them, and letters with known places.

Lengths are pixels of the drawn page, which is 1275 wide as letter paper at 150 dpi; the places are made up.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from tests.support import photo
from tfhand.scan.sheet.form import FIRST_TEMPLATE

WIDTH, HEIGHT, LEFT, RIGHT = 1275, 1650, 110, 1165
BOX, PITCH, TOP = 46, 82, 230  # height of a box, from one row to the next, and the first row
X_HEIGHT = 14
PREAMBLE = "We, the People of the United States, in order to form a more perfect Union, establish Justice,"


@dataclass(frozen=True)
class Form:
    """How a form is filled in and scanned."""

    fields: str = FIRST_TEMPLATE
    line: int = 3  # thickness of the boxes' lines
    low: float = 0.0  # how far below its usual place everything is written: letters cross the lower lines
    missing: tuple[int, ...] = ()  # fields that are left empty
    open: tuple[int, ...] = ()  # fields whose box has a wide gap
    nib: float = 2.6
    scale: float = 2.0
    turn: float = 0.0  # degrees
    noise: float = 3.0
    table: bool = False  # a dark table around the page


@dataclass(frozen=True, eq=False)
class FilledForm:
    """A scan, uint8 [H, W, 3], and the characters' boxes in the order of the fields, float [n, 4], nan if empty."""

    picture: np.ndarray = field(repr=False)
    boxes: np.ndarray = field(repr=False)


def filled(form: Form, letters: photo.Letters, seed: int = 0) -> FilledForm:
    """A form that somebody filled in with these letters."""
    rng = np.random.default_rng(seed)
    big = 2  # drawn at twice the size
    page = np.full((big * HEIGHT, big * WIDTH), 250, np.uint8)
    _print(page, "HANDWRITING SAMPLE FORM", (LEFT + 300, 60), 1.0)
    for x, width, name in ((LEFT, 370, "NAME"), (500, 180, "DATE"), (700, 220, "CITY"), (940, 225, "STATE ZIP")):
        _print(page, name, (x + 20, 110), 0.45)
        _box(page, x, 120, width, form.line)
        _write(page, letters, "nobody", x + 15, 120 + 0.7 * BOX, 8, form.nib, rng)
    _print(page, "Please print the following characters in the boxes that appear below.", (LEFT, 205), 0.5)
    truth, number = [], 0
    for row, texts in enumerate(line.split() for line in form.fields.split("\n") if line.strip()):
        y, x = TOP + PITCH * row, float(LEFT)
        room = RIGHT - LEFT - 34 * (len(texts) - 1)
        total = sum(len(text) + 1.5 for text in texts)
        for text in texts:
            width = room * (len(text) + 1.5) / total
            _print(page, text, (x + 20, y - 8), 0.5)
            _box(page, x, y, width, form.line, number in form.open)
            baseline, pitch = y + 0.74 * BOX + form.low, (width - 26) / len(text)
            skip = number in form.missing
            truth += (
                [[np.nan] * 4] * len(text)
                if skip
                else _write(page, letters, text, x + 13, baseline, pitch, form.nib, rng)
            )
            x, number = x + width + 34, number + 1
    y = TOP + PITCH * 8
    cv2.rectangle(page, (big * LEFT, big * y), (big * RIGHT, big * (HEIGHT - 120)), 20, big * form.line)
    for line in range(5):
        _print(page, PREAMBLE, (LEFT + 20, y + 40 + 60 * line), 0.6)
    return _scanned(page, np.array(truth) * big, form, rng)


def _print(page: np.ndarray, text: str, place: tuple[float, float], size: float) -> None:
    at = tuple(round(2 * each) for each in place)
    cv2.putText(page, text, at, cv2.FONT_HERSHEY_SIMPLEX, 2 * size, 30, 2, cv2.LINE_AA)


def _box(page: np.ndarray, x: float, y: float, width: float, line: int, is_open: bool = False) -> None:
    corners = np.array([[x, y], [x + width, y + BOX]]) * 2
    (left, top), (right, bottom) = np.rint(corners).astype(int).tolist()
    cv2.rectangle(page, (left, top), (right, bottom), 20, 2 * line)
    if is_open:
        cv2.rectangle(page, (left + 20, top - 2 * line), (right - 20, top + 2 * line), 250, -1)


def _write(
    page: np.ndarray,
    letters: photo.Letters,
    text: str,
    x: float,
    baseline: float,
    pitch: float,
    nib: float,
    rng: np.random.Generator,
) -> list[list[float]]:
    """Writes characters `pitch` apart; their boxes."""
    boxes = []
    for place, character in enumerate(text):
        strokes = letters[character][int(rng.integers(len(letters[character])))]
        width = np.concatenate(strokes)[:, 0].max() * X_HEIGHT
        unit = X_HEIGHT * min(1.0, 0.8 * pitch / max(width, 1))
        start = np.array([x + (place + 0.5) * pitch - unit * width / X_HEIGHT / 2, baseline + rng.normal(0, 1)])
        drawn = [2 * (stroke * unit + start) for stroke in strokes]
        for stroke in drawn:
            cv2.polylines(page, [np.rint(16 * stroke).astype(np.int32)], False, 45, round(2 * nib), cv2.LINE_AA, 4)
        points = np.concatenate(drawn) / 2
        (left, top), (right, bottom) = points.min(axis=0) - nib / 2, points.max(axis=0) + nib / 2
        boxes.append([top, left, bottom, right])
    return boxes


def _scanned(page: np.ndarray, truth: np.ndarray, form: Form, rng: np.random.Generator) -> FilledForm:
    height, width = page.shape
    turn, margin = np.deg2rad(form.turn), 0.08 * width if form.table else 0.0
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) * form.scale / 2
    ends = np.array([[0, 0], [width, 0], [width, height], [0, height]]) @ rotation.T
    low = ends.min(axis=0) - margin * form.scale / 2
    size = np.ceil(ends.max(axis=0) + margin * form.scale / 2 - low).astype(int)
    plane = np.column_stack([rotation, -low])
    around = 60 if form.table else 250
    flags = cv2.INTER_AREA if form.scale >= 1 else cv2.INTER_LINEAR
    soft = cv2.GaussianBlur(page, (0, 0), max(0.01, 0.4 * 2 / form.scale)) if form.scale < 2 else page
    seen = cv2.warpAffine(soft, plane, tuple(size.tolist()), flags=flags, borderValue=around).astype(np.float32)
    picture = np.clip(seen[..., None] + rng.normal(0, form.noise, (*seen.shape, 1)), 0, 255).astype(np.uint8)
    corners = truth[:, [[1, 0], [3, 0], [3, 2], [1, 2]]] @ rotation.T - low
    boxes = np.concatenate([corners.min(axis=1)[:, ::-1], corners.max(axis=1)[:, ::-1]], axis=1)
    return FilledForm(np.repeat(picture, 3, axis=2), boxes)
