"""Photos of filled-in sheets with known truth: letters of one writer in the boxes, printed, lit, bent and degraded.

Lengths are mm in the sheet's frame until the page is drawn.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import photo
from PIL import Image
from scipy import ndimage

from tfhand.scan import layout, printing
from tfhand.scan.layout import SheetPage

FINE = 8.0  # pixels a millimetre of the drawn page
SKIN, TABLES = (190, 140, 120), [(95, 70, 50), (60, 60, 65), (150, 120, 90), (35, 40, 50)]


@dataclass(frozen=True)
class Conditions:
    """What stands between the filled-in sheet and the picture of it."""

    scale: float = 7.0  # pixels of the photo a millimetre
    turn: float = 0.0  # degrees
    tilt: float = 0.0  # how much shorter the far edge is
    curl: float = 0.0  # mm
    nib: float = 0.5  # mm
    ink: tuple[int, int, int] = (30, 35, 60)
    paper: tuple[int, int, int] = (250, 250, 248)
    uneven: float = 0.0
    shadow: float = 0.0
    hard_edge: bool = False
    texture: float = 0.0  # grey levels
    through: float = 0.0  # share of the ink of the other side that shows
    grey_print: bool = False
    worn_print: float = 1.0  # strength of the guides
    thumb: bool = False  # on one of the corner marks
    folded: bool = False  # one corner
    blur: float = 0.0  # pixels
    noise: float = 1.0
    quality: int = 92


@dataclass(frozen=True, eq=False)
class Filled:
    """A filled-in page: what stands in its boxes ("written", "empty" or "scribbled") and where the ink lies.

    `boxes` are float [n, 4] in mm of the frame: top, left, bottom, right, nan where nothing is written.
    """

    page: SheetPage
    strokes: list[np.ndarray] = field(repr=False)
    states: list[str]
    boxes: np.ndarray = field(repr=False)
    x_height: float


def conditions(level: str, rng: np.random.Generator) -> Conditions:
    """Random conditions: "easy" (a good scan or photo), "medium" (a careful one) or "hard" (a careless one)."""
    quarter = 90.0 * rng.integers(4)
    common = Conditions(
        turn=quarter + rng.uniform(-3, 3),
        nib=rng.uniform(0.35, 0.7),
        ink=photo.INKS[rng.integers(len(photo.INKS))],
        scale=rng.uniform(6, 9),
        tilt=rng.uniform(0, 0.03),
        shadow=rng.uniform(0, 0.15),
        texture=rng.uniform(0, 2),
        noise=rng.uniform(0.5, 2),
        quality=int(rng.integers(85, 96)),
        grey_print=rng.random() < 0.3,
    )
    if level == "easy":
        return common
    paper = photo.PAPERS[rng.integers(len(photo.PAPERS))]
    if level == "medium":
        return replace(
            common, turn=rng.uniform(0, 360), scale=rng.uniform(4.8, 8), tilt=rng.uniform(0, 0.12), curl=rng.uniform(0, 2),
            paper=paper, uneven=0.2, shadow=rng.uniform(0, 0.35), texture=rng.uniform(1, 4), through=rng.uniform(0, 0.06),
            worn_print=rng.uniform(0.6, 1.3), thumb=rng.random() < 0.4, folded=rng.random() < 0.2,
            blur=rng.uniform(0.3, 1.0), noise=rng.uniform(1, 4), quality=int(rng.integers(65, 92)),
        )  # fmt: skip
    return replace(
        common, turn=rng.uniform(0, 360), scale=rng.uniform(3.8, 7), tilt=rng.uniform(0.05, 0.22), curl=rng.uniform(1, 5),
        nib=rng.uniform(0.3, 0.9), paper=paper, uneven=0.35, shadow=rng.uniform(0.1, 0.5), hard_edge=rng.random() < 0.6,
        texture=rng.uniform(2, 6), through=rng.uniform(0, 0.12), worn_print=rng.uniform(0.5, 1.8),
        thumb=rng.random() < 0.5, folded=rng.random() < 0.35, blur=rng.uniform(0.6, 1.7), noise=rng.uniform(3, 7),
        quality=int(rng.integers(40, 85)),
    )  # fmt: skip


def filled(
    page: SheetPage, letters: photo.Letters, rng: np.random.Generator, empty: float = 0.12, scribbled: float = 0.03
) -> Filled:
    """A page in one writer's hand; characters that the writer does not have stay empty."""
    x_height = float(np.clip(rng.normal(3.8, 0.7), 2.4, 5.2))
    lift, wander = rng.normal(0, 0.5), rng.uniform(0.05, 0.4)
    strokes, states, boxes = [], [], np.full((len(page.letters), 4), np.nan)
    for number, (character, box) in enumerate(zip(page.letters, page.boxes, strict=True)):
        top, left, bottom, right = box
        if rng.random() < scribbled:
            strokes.append(_scribble(box, rng))
            states.append("scribbled")
            continue
        if character not in letters or rng.random() < empty:
            states.append("empty")
            continue
        letter = letters[character][rng.integers(len(letters[character]))]
        drawn = [stroke * x_height for stroke in letter]
        wide = max(stroke[:, 0].max() for stroke in drawn)
        room = max(right - left - wide, 0)
        start = left + room * rng.uniform(0.25, 0.75) if room else left + (right - left - wide) / 2
        place = [start, top + layout.BASELINE + lift + rng.normal(0, wander)]
        drawn = [stroke + place for stroke in drawn]
        strokes += drawn
        states.append("written")
        points = np.concatenate(drawn)
        boxes[number] = [points[:, 1].min(), points[:, 0].min(), points[:, 1].max(), points[:, 0].max()]
    return Filled(page, strokes, states, boxes, x_height)


def _scribble(box: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A zigzag over most of a box, as over a letter gone wrong."""
    top, left, bottom, right = box
    count = int(rng.integers(9, 20))
    y = np.linspace(top + rng.uniform(2, 5), bottom - rng.uniform(2, 6), count)
    x = np.where(np.arange(count) % 2, left + rng.uniform(1, 4), right - rng.uniform(1, 4))
    points = np.stack([x, y], axis=1) + rng.normal(0, 0.5, (count, 2))
    return photo.rounded(points)


def photograph(sheet: Filled, given: Conditions, seed: int = 0) -> np.ndarray:
    """The picture of a filled-in sheet, uint8 [H, W, 3]."""
    rng = np.random.default_rng(seed)
    page = _page(sheet, given, rng)
    height, width = page.shape[:2]
    size, to_page = _camera(given, width, height, rng)
    x, y = np.meshgrid(np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32))
    at = cv2.perspectiveTransform(np.stack([x, y], -1).reshape(1, -1, 2), to_page)[0].reshape(size[1], size[0], 2)
    if given.curl:
        at = _curled(at, given, width, height, rng)
    shrink = given.scale / FINE
    page = cv2.GaussianBlur(page, (0, 0), 0.45 / shrink) if shrink < 1 else page
    table = np.array(TABLES[rng.integers(len(TABLES))], np.float32)
    picture = cv2.remap(page, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderValue=tuple(map(float, table)))
    if given.thumb:
        top, left = layout.MARKERS[rng.integers(len(layout.MARKERS))]
        above, before = printing.margins(sheet.page)
        middle = FINE * (np.array([left + before, top + above]) + layout.MARKER / 2)
        away = np.linalg.norm((at - middle) * [1, 0.7], axis=-1)
        picture[away < 7.5 * FINE] = SKIN
    return _exposed(picture, given, rng)


def _page(sheet: Filled, given: Conditions, rng) -> np.ndarray:
    """The paper with print and ink, float32 [h, w, 3]."""
    printed = printing.picture(sheet.page, FINE).astype(np.float32) / 255
    if given.grey_print:
        printed = np.repeat(printed @ np.array([0.299, 0.587, 0.114], np.float32), 3).reshape(printed.shape)
    pale = printed.min(axis=2, keepdims=True) > 0.3
    printed = np.where(pale, np.clip(1 - given.worn_print * (1 - printed), 0, 1), np.maximum(printed, 0.12))
    height, width = printed.shape[:2]
    above, before = printing.margins(sheet.page)
    drawn = [(stroke + [before, above]) * FINE for stroke in sheet.strokes]
    ink = photo.coverage(drawn, width, height, given.nib * FINE)
    ink = ink * (1 - given.uneven * photo.smooth_noise(rng, height, width, 150))
    paper = np.array(given.paper, np.float32) * (1 - (1 - printed))
    if given.through:
        other = ndimage.gaussian_filter(np.roll(ink, 90, axis=0)[:, ::-1], 3)
        paper = paper * (1 - given.through * other[..., None])
    paper += given.texture * (photo.smooth_noise(rng, height, width, 300)[..., None] - 0.5) * 2
    page = paper * (1 - ink[..., None]) + np.array(given.ink, np.float32) * ink[..., None]
    if given.folded:
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        y, x = (height - y if rng.random() < 0.5 else y), (width - x if rng.random() < 0.5 else x)
        depth = FINE * rng.uniform(20, 30)
        page[x + y < depth] = (95, 70, 50)
        back = (x + y >= depth) & (x + y < 1.7 * depth) & (np.maximum(x, y) < depth)
        page[back] = np.array(given.paper, np.float32) * 0.93
    return page.astype(np.float32)


def _camera(given: Conditions, width: int, height: int, rng) -> tuple[tuple[int, int], np.ndarray]:
    """Size of the photo, and the plane that takes its pixels to those of the page."""
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    middle, turn = np.array([width, height]) / 2, np.deg2rad(given.turn)
    turned = (corners - middle) @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    reach = np.abs(turned).max(axis=0)
    nearer = 1 + given.tilt * (turned / reach) @ rng.choice([-1.0, 1.0], 2) / 2
    seen = turned * nearer[:, None] * given.scale / FINE
    seen += rng.normal(0, given.tilt * 12 * given.scale, seen.shape) * 0.3
    around = rng.uniform(2, 15) * given.scale
    low = seen.min(axis=0) - around
    size = np.ceil(seen.max(axis=0) + around - low).astype(int)
    return tuple(size.tolist()), cv2.getPerspectiveTransform((seen - low).astype(np.float32), corners)


def _curled(at: np.ndarray, given: Conditions, width: int, height: int, rng) -> np.ndarray:
    """Paper that bends: what is seen at a point lies a little beside it."""
    x, y = 2 * at[..., 0] / width - 1, 2 * at[..., 1] / height - 1
    along, phase = (x, y) if rng.random() < 0.5 else (y, x), rng.uniform(-1, 1)
    wave = np.cos(np.pi * (along[0] * rng.uniform(0.5, 1.0) + 0.5 * phase)) * (0.7 + 0.3 * along[1])
    wave *= given.curl * FINE / 2
    return (at + np.stack([wave * rng.uniform(-0.5, 0.5), wave], axis=-1)).astype(np.float32)


def _exposed(picture: np.ndarray, given: Conditions, rng) -> np.ndarray:
    height, width = picture.shape[:2]
    picture = picture * photo.light_on(given, rng, height, width)[..., None]
    if given.blur:
        picture = cv2.GaussianBlur(picture, (0, 0), given.blur)
    noise = rng.normal(0, given.noise, (height, width, 1)) + rng.normal(0, given.noise / 2, picture.shape)
    stream = io.BytesIO()
    Image.fromarray(np.clip(picture + noise, 0, 255).astype(np.uint8)).save(stream, "JPEG", quality=given.quality)
    return np.asarray(Image.open(stream).convert("RGB"))
