"""Photos of filled-in sheets with known truth: letters of one writer in the boxes, printed, lit, bent and degraded.

Lengths are mm in the sheet's frame until the page is drawn.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from PIL import Image

from tests.support import photo
from tfhand.scan.sheet import layout, printing
from tfhand.scan.sheet.layout import SheetPage

FINE = 7.0  # pixels a millimetre of the drawn page
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
            common, turn=rng.uniform(0, 360), scale=rng.uniform(4.8, 8), tilt=rng.uniform(0, 0.12),
            curl=rng.uniform(0, 2), paper=paper, uneven=0.2, shadow=rng.uniform(0, 0.35), texture=rng.uniform(1, 4),
            through=rng.uniform(0, 0.06), worn_print=rng.uniform(0.6, 1.3), thumb=rng.random() < 0.4,
            folded=rng.random() < 0.2, blur=rng.uniform(0.3, 1.0), noise=rng.uniform(1, 4),
            quality=int(rng.integers(65, 92)),
        )  # fmt: skip
    return replace(
        common, turn=rng.uniform(0, 360), scale=rng.uniform(3.8, 7), tilt=rng.uniform(0.05, 0.22),
        curl=rng.uniform(1, 5), nib=rng.uniform(0.3, 0.9), paper=paper, uneven=0.35, shadow=rng.uniform(0.1, 0.5),
        hard_edge=rng.random() < 0.6, texture=rng.uniform(2, 6), through=rng.uniform(0, 0.12),
        worn_print=rng.uniform(0.5, 1.8), thumb=rng.random() < 0.5, folded=rng.random() < 0.35,
        blur=rng.uniform(0.6, 1.7), noise=rng.uniform(3, 7), quality=int(rng.integers(40, 85)),
    )  # fmt: skip


def filled(
    page: SheetPage, letters: photo.Letters, rng: np.random.Generator, empty: float = 0.12, scribbled: float = 0.03
) -> Filled:
    """A page in one writer's hand; characters that the writer does not have stay empty."""
    x_height = float(np.clip(rng.normal(3.8, 0.7), 2.4, 5.2))
    lift, wander = rng.normal(0, 0.5), rng.uniform(0.05, 0.4)
    strokes, states, boxes = [], [], np.full((len(page.letters), 4), np.nan)
    for number, (character, box) in enumerate(zip(page.letters, page.boxes, strict=True)):
        state = "written" if character in letters and rng.random() >= empty else "empty"
        if state == "written":
            letter = letters[character][rng.integers(len(letters[character]))]
            drawn = _placed([stroke * x_height for stroke in letter], box, lift + rng.normal(0, wander), rng)
            points = np.concatenate(drawn)
            boxes[number] = [points[:, 1].min(), points[:, 0].min(), points[:, 1].max(), points[:, 0].max()]
            strokes += drawn
        if rng.random() < scribbled:
            state, boxes[number] = "scribbled", np.nan
            strokes.append(_scribble(box, rng))
        states.append(state)
    return Filled(page, strokes, states, boxes, x_height)


def _placed(letter: photo.Letter, box: np.ndarray, lift: float, rng: np.random.Generator) -> photo.Letter:
    """A letter somewhere about the middle of its box."""
    top, left, _, right = box
    room = right - left - max(stroke[:, 0].max() for stroke in letter)
    return [stroke + [left + room * rng.uniform(0.3, 0.7), top + layout.BASELINE + lift] for stroke in letter]


def _scribble(box: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A zigzag or a coil over most of a box, as over a letter gone wrong."""
    top, left, bottom, right = box
    low, high = np.array([left, top]) + rng.uniform(1, 4, 2), np.array([right, bottom]) - rng.uniform(1, 5, 2)
    count = int(rng.integers(10, 20))
    turns = np.arange(count)
    if rng.random() < 0.3:
        angle, along = np.linspace(0, 2 * np.pi * count / 2.5, 12 * count), np.linspace(0.25, 0.75, 12 * count)
        points = np.stack([along, 0.5 + 0.35 * np.sin(angle)], axis=1)
        points[:, 0] += 0.25 * np.cos(angle)
    else:
        points = np.stack([turns % 2, turns / count], axis=1).astype(float)
        points = points[:, ::-1] if rng.random() < 0.3 else points
    return photo.rounded(low + points * (high - low) + rng.normal(0, 0.4, points.shape))


def photograph(sheet: Filled, given: Conditions, seed: int = 0) -> np.ndarray:
    """The picture of a filled-in sheet, uint8 [H, W, 3]."""
    rng = np.random.default_rng(seed)
    page = _page(sheet, given, rng)
    height, width = page.shape[:2]
    size, to_page = _camera(given, width, height, rng)
    coarse = np.stack(np.meshgrid(np.linspace(0, size[0], 60), np.linspace(0, size[1], 60)), -1).reshape(1, -1, 2)
    at = cv2.perspectiveTransform(coarse.astype(np.float32), to_page)[0].reshape(60, 60, 2)
    if given.curl:
        at = _curled(at, given, width, height, rng)
    at = _finer(at, size)
    shrink = given.scale / FINE
    page = cv2.GaussianBlur(page, (0, 0), 0.45 / shrink) if shrink < 1 else page
    table = TABLES[rng.integers(len(TABLES))]
    picture = cv2.remap(page, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderValue=table)
    if given.thumb:
        top, left = layout.MARKERS[rng.integers(len(layout.MARKERS))]
        above, before = printing.margins(sheet.page)
        right, down = FINE * (np.array([left + before, top + above]) + layout.MARKER_SIDE / 2)
        picture[(at[..., 0] - right) ** 2 + (0.7 * (at[..., 1] - down)) ** 2 < (7.5 * FINE) ** 2] = SKIN
    return _exposed(picture, given, rng)


def _finer(coarse: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A map whose first and last entries stand at the picture's edges, for every pixel."""
    x, y = (np.linspace(0, len(coarse) - 1, side, dtype=np.float32) for side in size)
    return cv2.remap(coarse.astype(np.float32), *np.meshgrid(x, y), cv2.INTER_LINEAR)


def _page(sheet: Filled, given: Conditions, rng) -> np.ndarray:
    """The paper with print and ink, uint8 [h, w, 3]."""
    printed = printing.picture(sheet.page, FINE)
    if given.grey_print:
        printed = cv2.merge([cv2.cvtColor(printed, cv2.COLOR_RGB2GRAY)] * 3)
    levels = np.arange(256)
    worn = np.where(levels < 80, np.maximum(levels, 30), 255 - given.worn_print * (255 - levels)).clip(0, 255)
    pale = printed.min(axis=2, keepdims=True) > 80
    printed = np.where(pale, worn.astype(np.uint8)[printed], np.maximum(printed, 30))
    height, width = printed.shape[:2]
    above, before = printing.margins(sheet.page)
    drawn = [(stroke + [before, above]) * FINE for stroke in sheet.strokes]
    ink = photo.coverage(drawn, width, height, given.nib * FINE)
    ink *= 1 - given.uneven * photo.smooth_noise(rng, height, width, 150)
    page = cv2.multiply(
        printed, cv2.merge([np.full((height, width), level, np.uint8) for level in given.paper]), scale=1 / 255
    )
    if given.through:
        other = cv2.GaussianBlur(np.ascontiguousarray(np.roll(ink, 90, axis=0)[:, ::-1]), (0, 0), 3)
        page = _let_through(page, 1 - given.through * other)
    ink_light = cv2.merge([np.uint8(ink * level) for level in given.ink])
    page = cv2.add(_let_through(page, 1 - ink), ink_light)
    if given.folded:
        _fold(page, given, rng)
    return page


def _let_through(page: np.ndarray, share: np.ndarray) -> np.ndarray:
    return cv2.multiply(page, cv2.merge([np.uint8(share * 255)] * 3), scale=1 / 255)


def _fold(page: np.ndarray, given: Conditions, rng) -> None:
    """One corner folded over: the table shows where it was, and its back where it lies."""
    depth, right, low = round(FINE * rng.uniform(20, 30)), rng.random() < 0.5, rng.random() < 0.5
    edge = round(1.2 * depth)
    y, x = np.mgrid[0:edge, 0:edge]
    corner = page[-edge:] if low else page[:edge]
    corner = corner[:, -edge:] if right else corner[:, :edge]
    y, x = (y[::-1] if low else y), (x[:, ::-1] if right else x)
    corner[(x + y >= depth) & (np.maximum(x, y) < depth)] = np.array(given.paper) * 0.93
    corner[x + y < depth] = (95, 70, 50)


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
    light = photo.light_on(given, rng, height // 4, width // 4) * (
        1 + given.texture / 100 * (photo.smooth_noise(rng, height // 4, width // 4, 200) - 0.5)
    )
    light = cv2.resize(light.astype(np.float32), (width, height))
    picture = _let_through(picture, np.minimum(light, 1))
    if given.blur:
        picture = cv2.GaussianBlur(picture, (0, 0), given.blur)
    noise = np.empty(picture.shape, np.int16)
    cv2.setRNGSeed(int(rng.integers(2**31)))
    cv2.randn(noise, (0, 0, 0), (given.noise,) * 3)
    picture = cv2.add(picture, noise, dtype=cv2.CV_8U)
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=given.quality)
    return np.asarray(Image.open(stream).convert("RGB"))
