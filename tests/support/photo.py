"""Photos of written lines with known truth: letters of one writer, laid out, drawn and degraded.

Lengths are in x-heights until the page is drawn; y runs down and 0 is the baseline.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from tfhand.data import synthetic

SHARED = Path(__file__).resolve().parents[3] / "shared"
STROKES = SHARED / "data" / "unipen_writers.npz"
Letter = list[np.ndarray]  # strokes, each float [n, 2]; the box starts at x = 0
Letters = dict[str, list[Letter]]

TEMPLATES = {  # own simple strokes on a grid of quarter x-heights, corners rounded when drawn: x and y (up) digits
    "0": "37 15 12 30 52 55 37",
    "1": "04 27 20",
    "2": "05 17 37 45 00 50",
    "3": "06 27 45 24 42 20 01",
    "4": "37 02 52,44 40",
    "5": "17 14 34 42 20 00,17 57",
    "6": "47 14 11 30 42 33 12",
    "7": "07 57 20",
    "8": "46 26 15 42 20 02 45 46",
    "9": "56 36 24 43 56 50",
    "A": "00 37 60,13 53",
    "E": "07 00 40,07 47,04 34",
    "H": "00 07,50 57,04 54",
    "K": "07 00,57 04 50",
    "L": "07 00 40",
    "T": "30 37,07 67",
    "a": "43 14 01 20 43 44 40 50",
    "b": "07 00 30 42 24 02",
    "c": "43 24 02 20 41",
    "d": "43 24 02 20 42 47 40",
    "e": "02 42 34 14 01 20 41",
    "h": "07 00 03 24 42 40",
    "i": "03 00,05 06",
    "l": "07 01 10",
    "n": "04 00 03 24 42 40",
    "o": "24 02 20 42 24",
    "r": "04 00 03 34",
    "s": "43 24 03 42 20 01",
    "t": "26 20 40,04 54",
    "u": "04 01 20 42 44 40",
    "x": "04 40,44 00",
    "z": "04 44 00 40",
}
HANGING = "gpqy"  # their top is at the x-height, and the rest of them below the baseline


def rounded(points: np.ndarray) -> np.ndarray:
    """Chaikin's corner cutting, three times, ends kept."""
    for _ in range(3):
        near, far = points[:-1] * 0.75 + points[1:] * 0.25, points[:-1] * 0.25 + points[1:] * 0.75
        points = np.concatenate([points[:1], np.stack([near, far], 1).reshape(-1, 2), points[-1:]])
    return points


def _placed(strokes: Letter) -> Letter:
    left = min(stroke[:, 0].min() for stroke in strokes)
    return [stroke - [left, 0] for stroke in strokes]


def simple_letters(seed: int = 0, samples: int = 2) -> Letters:
    """One made-up writer's letters from the templates, with a slant, a width and a shaky hand."""
    rng = np.random.default_rng(seed)
    slant, width, shake = rng.uniform(-0.1, 0.35), rng.uniform(0.8, 1.2), 0.03

    def letter(template: str) -> Letter:
        strokes = []
        for stroke in template.split(","):
            points = np.array([[int(x), -int(y)] for x, y in stroke.split()], float) / 4
            points = rounded(points + rng.normal(0, shake, points.shape))
            strokes.append(points * [width, 1] - points[:, 1:] * [slant, 0])
        return _placed(strokes)

    return {character: [letter(template) for _ in range(samples)] for character, template in TEMPLATES.items()}


@cache
def _archive() -> dict[str, np.ndarray]:
    with np.load(STROKES, allow_pickle=False) as archive:
        data = {name: archive[name] for name in archive.files}
    return data | _starts(data["n_strokes"], data["stroke_len"])


def _starts(n_strokes: np.ndarray, stroke_len: np.ndarray) -> dict[str, np.ndarray]:
    first_stroke, first_point = (
        np.concatenate([[0], np.cumsum(lengths, dtype=int)]) for lengths in (n_strokes, stroke_len)
    )
    return {"first_stroke": first_stroke, "first_point": first_point}


def real_writers() -> np.ndarray:
    """Numbers of the writers in the archive of real strokes."""
    return np.unique(_archive()["writers"])


def real_letters(writer: int) -> Letters:
    """A real writer's letters on their baseline; samples of an odd size (badly cut ones) are left out."""
    return _letters_in(_archive(), writer)


def pen_letters(seed: int) -> Letters:
    """The letters of a procedural writer, for where no archive of real ones is."""
    drawn = synthetic.archive(1, 2, seed=seed)
    data = {name: getattr(drawn, name) for name in ("labels", "classes", "writers", "extent", "points")}
    return _letters_in(data | _starts(drawn.n_strokes, drawn.stroke_len), 0)


def _letters_in(data: dict[str, np.ndarray], writer: int) -> Letters:
    chosen, found = np.flatnonzero(data["writers"] == writer), {}
    for index in chosen:
        strokes = range(data["first_stroke"][index], data["first_stroke"][index + 1])
        points = [data["points"][data["first_point"][s] : data["first_point"][s + 1]].astype(float) for s in strokes]
        everything = np.concatenate(points)
        low, size = everything.min(0), np.ptp(everything, axis=0)
        scale = data["extent"][index] / max(size.max(), 1)
        found.setdefault(str(data["classes"][data["labels"][index]]), []).append((points, low, size, scale))
    small = [item[2][1] * item[3] for c in "acemnorsuvwxz" for item in found.get(c, ())]
    x_height = np.median(small) if len(small) > 5 else 0.65
    letters: Letters = {}
    for character, items in found.items():
        usual = np.median([item[3] * item[2].max() for item in items])
        for points, low, size, scale in items:
            if 0.65 < scale * size.max() / usual < 1.5 and 0.25 < scale * size.max() / x_height < 4:
                top = -1.0 if character in HANGING else -scale * size[1] / x_height
                top += 0.75 if character == "j" else 0.0
                placed = [(stroke - low) * scale / x_height + [0, top] for stroke in points]
                letters.setdefault(character, []).append(placed)
    return letters


@dataclass(frozen=True)
class Conditions:
    """What stands between the written line and the picture of it."""

    width: int = 1200  # pixels
    aspect: float = 0.3  # height by width, at least; the line always fits
    gap: tuple[float, float] = (0.25, 0.6)  # between the boxes of neighbouring letters
    space: tuple[float, float] = (1.3, 1.8)
    pitch: tuple[float, float] = (3.2, 4.2)  # from one baseline to the next
    bend: float = 0.0  # how far the middle of the lines lies below their ends
    nib: float = 0.12
    jitter: float = 0.04  # of each letter's baseline
    skew: float = 0.0  # degrees, clockwise
    ink: tuple[int, int, int] = (30, 35, 60)
    paper: tuple[int, int, int] = (250, 250, 248)
    uneven: float = 0.0  # how much ink is missing where the pen ran dry
    shadow: float = 0.0  # light lost in the darkest place
    hard_edge: bool = False
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)  # colour of the light
    ruling: str = ""  # "", "lines", "squares", or "one" under the first line
    ruling_depth: float = 0.15
    blur: float = 0.0  # pixels
    noise: float = 1.0  # grey levels
    quality: int = 95
    border_strokes: int = 0
    table: bool = False  # a wedge of it along one side
    around: tuple[int, int, int] | None = None  # colour of a table all around the paper, which is seen from one side
    cut: bool = False  # the picture ends where the first and the last letter do
    specks: int = 0


@dataclass(frozen=True)
class Photo:
    """A picture uint8 [H, W, 3], its text, and the truth boxes float [n, 4]: top, left, bottom, right in pixels."""

    picture: np.ndarray
    says: str
    boxes: np.ndarray
    conditions: Conditions


def overlap(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Intersection over union of boxes [n, 4] pair by pair; nan where one is nan."""
    low, high = np.maximum(first[:, :2], second[:, :2]), np.minimum(first[:, 2:], second[:, 2:])
    shared = np.clip(high - low, 0, None).prod(1)
    area = [(boxes[:, 2:] - boxes[:, :2]).prod(1) for boxes in (first, second)]
    return shared / (area[0] + area[1] - shared)


INKS = [(25, 25, 30), (30, 40, 120), (50, 60, 160), (20, 30, 80), (70, 70, 75)]
PAPERS = [(252, 252, 252), (245, 240, 220), (235, 235, 230), (250, 246, 232)]


def conditions(level: str, rng: np.random.Generator) -> Conditions:
    """Random conditions: "easy" (a good scan), "medium" (a careful photo) or "hard" (a careless one)."""
    skew, shadow, noise = {"easy": (2, 0.15, 2), "medium": (5, 0.35, 4), "hard": (10, 0.5, 7)}[level]
    low, high = {"easy": (600, 1600), "medium": (400, 1600), "hard": (300, 1600)}[level]
    common = Conditions(
        width=int(np.exp(rng.uniform(np.log(low), np.log(high)))),
        aspect=rng.uniform(0.1, 0.6),
        nib=rng.uniform(0.08, 0.2),
        skew=rng.uniform(-skew, skew),
        ink=INKS[rng.integers(2 if level == "easy" else len(INKS))],
        paper=PAPERS[rng.integers(1 if level == "easy" else len(PAPERS))],
        shadow=rng.uniform(0, shadow),
        noise=rng.uniform(0.5, noise),
    )
    if level == "easy":
        return replace(common, quality=int(rng.integers(88, 96)))
    ruling = str(rng.choice(["", "lines", "squares"]))
    specks = int(rng.integers(0, 5))
    if level == "medium":
        return replace(
            common, gap=(0.15, 0.5), jitter=0.06, blur=rng.uniform(0, 0.8), quality=int(rng.integers(70, 95)),
            specks=specks, ruling=ruling, ruling_depth=rng.uniform(0.06, 0.2), border_strokes=int(rng.integers(0, 3)),
            table=rng.random() < 0.2, uneven=0.15,
        )  # fmt: skip
    return replace(
        common, gap=(-0.03, 0.4), space=(1.0, 1.5), jitter=0.08, blur=rng.uniform(0.3, 1.3),
        quality=int(rng.integers(45, 90)), specks=2 * specks, ruling=ruling, ruling_depth=rng.uniform(0.1, 0.3),
        border_strokes=int(rng.integers(0, 5)), table=rng.random() < 0.4, hard_edge=rng.random() < 0.5, uneven=0.3,
    )  # fmt: skip


def random_text(letters: Letters, rng: np.random.Generator) -> str:
    """3 to 12 characters that the writer has, of one kind or mixed, sometimes with a space."""
    kinds = ["0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    kinds = ["".join(c for c in kind if c in letters) for kind in [*kinds, "".join(kinds)]]
    kind = str(rng.choice([kind for kind in kinds if len(kind) >= 3]))
    text = [str(c) for c in rng.choice(list(kind), rng.integers(3, 13))]
    if len(text) > 4 and rng.random() < 0.3:
        text.insert(int(rng.integers(2, len(text) - 1)), " ")
    return "".join(text)


def photograph(letters: Letters, says: str, given: Conditions, seed: int = 0) -> Photo:
    """Writes `says` with these letters, a line break after each line, and photographs it."""
    rng = np.random.default_rng(seed)
    strokes, owners = _laid_out(letters, says, given, rng)
    own = [[s for s, owner in zip(strokes, owners, strict=True) if owner == i] for i in range(max(owners) + 1)]
    return photograph_strokes(strokes, [np.concatenate(each) for each in own], says, given, rng)


def photograph_strokes(
    strokes: list[np.ndarray], outlines: list[np.ndarray], says: str, given: Conditions, rng: np.random.Generator
) -> Photo:
    """Draws strokes and photographs them; `outlines` are points, (n, 2), around which the boxes of the photo lie."""
    margin = rng.uniform(0.7, 1.5) * np.array([not given.cut, True])
    turn = np.deg2rad(given.skew)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    turned = [stroke @ matrix for stroke in strokes]
    everything = np.concatenate(turned)
    low, size = everything.min(0) - margin, np.ptp(everything, axis=0) + 2 * margin
    unit = max(given.width / size[0], 14)  # pixels an x-height
    width, height = round(size[0] * unit), round(max(size[1], given.aspect * size[0]) * unit)
    low[1] -= (height / unit - size[1]) * rng.uniform(0.3, 0.7)
    drawn = [(stroke - low) * unit for stroke in turned]
    nib = max(given.nib * unit, 1.2)
    boxes = [_bounds((points @ matrix - low) * unit, nib / 2) for points in outlines]
    drawn += _border_strokes(given, rng, width, height, unit, np.array(boxes))
    ink = coverage(drawn, width, height, nib)
    ink = np.maximum(ink, _specks(given, rng, width, height, unit, np.array(boxes)))
    baseline = -low[1] * unit  # where the line would begin, untilted
    page = _inked(ink, given, rng, unit, baseline)
    if given.around:
        page, plane = _on_a_table(page, given.around, rng)
        boxes = [_seen_from(plane, box) for box in boxes]
    return Photo(_exposed(page, given, rng), says, np.array(boxes), given)


def _laid_out(letters, says, given, rng) -> tuple[list[np.ndarray], list[int]]:
    strokes, owners, x, y, owner = [], [], 0.0, 0.0, 0
    for character in says:
        if character == "\n":
            x, y = 0.0, y + rng.uniform(*given.pitch)
            continue
        if character == " ":
            x += rng.uniform(*given.space)
            continue
        letter = letters[character][rng.integers(len(letters[character]))]
        shift = [x, y + rng.normal(0, given.jitter)]
        strokes += [stroke + shift for stroke in letter]
        owners += [owner] * len(letter)
        x = max(stroke[:, 0].max() for stroke in strokes[-len(letter) :]) + rng.uniform(*given.gap) + given.nib
        owner += 1
    if given.bend:
        end = max(stroke[:, 0].max() for stroke in strokes)
        strokes = [stroke + [0, 1] * (given.bend * np.sin(np.pi * stroke[:, :1] / end)) for stroke in strokes]
    return strokes, owners


def _bounds(points: np.ndarray, around: float) -> list[float]:
    (left, top), (right, bottom) = points.min(0) - around, points.max(0) + around
    return [top, left, bottom, right]


def _border_strokes(given, rng, width, height, unit, boxes) -> list[np.ndarray]:
    """Descenders and ascenders of the neighbouring lines, cut off by the border."""
    marks, free_top, free_bottom = [], boxes[:, 0].min(), height - boxes[:, 2].max()
    for _ in range(given.border_strokes):
        top = rng.random() < 0.5
        reach = rng.uniform(0.15, 0.6) * min(free_top if top else free_bottom, 2 * unit)
        x = rng.uniform(0, width)
        loop = np.array([[-0.2, -0.3], [0, 0.8], [0.3, 1.0], [0.45, 0.7], [0.5, -0.3]]) * [unit, reach]
        if not top:
            loop = [0, height] - loop * [1, 1]
        marks.append(rounded(loop + [x, 0]))
    return marks


def _specks(given, rng, width, height, unit, boxes) -> np.ndarray:
    image = Image.new("L", (width, height))
    draw = ImageDraw.Draw(image)
    for _ in range(given.specks):
        x, y, radius = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0.01, 0.05) * unit
        inside = (boxes[:, 0] < y) & (y < boxes[:, 2]) & (boxes[:, 1] < x) & (x < boxes[:, 3])
        if not inside.any():
            draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=255)
    return np.asarray(image, np.float32) / 255


def coverage(strokes: list[np.ndarray], width: int, height: int, nib: float) -> np.ndarray:
    """Coverage 0 to 1, float32 [height, width], drawn at twice the size."""
    image = Image.new("L", (2 * width, 2 * height))
    draw, radius = ImageDraw.Draw(image), nib
    for stroke in strokes:
        points = [tuple(point) for point in 2 * stroke]
        draw.line(points, fill=255, width=max(1, round(2 * nib)), joint="curve")
        for x, y in (points[0], points[-1]):
            draw.ellipse([x - radius, y - radius, x + radius, y + radius], fill=255)
    return np.asarray(image.reduce(2), np.float32) / 255


def smooth_noise(rng, height: int, width: int, cells: int) -> np.ndarray:
    """Between 0 and 1, changing over about width / cells pixels."""
    coarse = Image.fromarray(rng.random((max(2, cells * height // width), cells)).astype(np.float32))
    return np.clip(np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)), 0, 1)


def light_on(given, rng, height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / max(width, height)
    direction = rng.uniform(0, 2 * np.pi)
    along = x * np.cos(direction) + y * np.sin(direction)
    along = (along - along.min()) / np.ptp(along)
    light = 1 - given.shadow * along
    if given.hard_edge:  # somebody's arm
        light *= 1 - given.shadow * 0.6 / (1 + np.exp((along - rng.uniform(0.3, 0.7)) / rng.uniform(0.01, 0.05)))
    return light


def _rulings(given, rng, height: int, width: int, unit: float, baseline: float) -> np.ndarray:
    """Share of light that the printed lines let through."""
    through = np.ones((height, width), np.float32)
    if not given.ruling:
        return through
    pitch = unit * (rng.uniform(2.2, 3.5) if given.ruling == "lines" else rng.uniform(1.2, 2.2))
    thick, turn = max(0.04 * unit, 1.0), np.deg2rad(given.skew + rng.uniform(-0.5, 0.5))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    directions = [y * np.cos(turn) - x * np.sin(turn)]
    if given.ruling == "one":
        away = np.abs(directions[0] - baseline * np.cos(turn))
        through -= given.ruling_depth * np.clip(thick / 2 + 0.5 - away, 0, 1)
        return np.maximum(through, 1 - given.ruling_depth)
    if given.ruling == "squares":
        directions.append(x * np.cos(turn) + y * np.sin(turn))
    for across in directions:
        away = np.abs((across + rng.uniform(0, pitch)) % pitch - pitch / 2)
        through -= given.ruling_depth * np.clip(thick / 2 + 0.5 - away, 0, 1)
    return np.maximum(through, 1 - given.ruling_depth)


def _inked(ink, given, rng, unit, baseline) -> np.ndarray:
    """The written paper in even light: float32 [H, W, 3]."""
    height, width = ink.shape
    ink = ink * (1 - given.uneven * smooth_noise(rng, height, width, max(4, round(width / unit * 2))))
    through = _rulings(given, rng, height, width, unit, baseline)[..., None]
    page = np.array(given.paper, np.float32) * through ** np.array([1.3, 1.0, 0.6], np.float32)  # pale blue
    page = page * (1 - ink[..., None]) + np.array(given.ink, np.float32) * ink[..., None]
    if given.table:
        page[_table(rng, height, width)] = (95, 70, 50)
    return page


def _on_a_table(page, colour, rng) -> tuple[np.ndarray, np.ndarray]:
    """The paper on a grained table, seen a little from one side; the plane that takes its pixels to the picture's."""
    height, width = page.shape[:2]
    margin = rng.uniform(0.08, 0.25, 4) * max(min(height, width), 0.3 * max(height, width))
    size = round(width + margin[0] + margin[1]), round(height + margin[2] + margin[3])
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = corners + margin[[0, 2]] + rng.uniform(-0.4, 0.4, (4, 2)) * margin.min()
    plane = cv2.getPerspectiveTransform(corners, seen.astype(np.float32))
    grain = smooth_noise(rng, size[1], size[0], 6) + 0.5 * smooth_noise(rng, size[1], size[0], 60)
    table = np.array(colour, np.float32) * (0.7 + 0.4 * grain[..., None])
    shadow = cv2.GaussianBlur(cv2.warpPerspective(np.ones((height, width), np.float32), plane, size), (0, 0), 6)
    table *= 1 - 0.4 * shadow[..., None]
    shown = cv2.warpPerspective(np.ones((height, width), np.float32), plane, size)[..., None]
    laid = cv2.warpPerspective(page.astype(np.float32), plane, size, borderMode=cv2.BORDER_REPLICATE)
    return laid * shown + table * (1 - shown), plane


def _seen_from(plane: np.ndarray, box: list[float]) -> list[float]:
    """The box around a box whose corners a plane has moved."""
    top, left, bottom, right = box
    corners = np.array([[[left, top], [right, top], [right, bottom], [left, bottom]]], np.float32)
    return _bounds(cv2.perspectiveTransform(corners, plane)[0], 0.0)


def _exposed(page, given, rng) -> np.ndarray:
    """The camera's picture of a scene: its light, blur, noise and compression."""
    height, width = page.shape[:2]
    page *= light_on(given, rng, height, width)[..., None] * np.array(given.cast, np.float32)
    page = ndimage.gaussian_filter(page, (given.blur, given.blur, 0)) if given.blur else page
    page += rng.normal(0, given.noise, page.shape[:2])[..., None] + rng.normal(0, given.noise / 2, page.shape)
    stream = io.BytesIO()
    Image.fromarray(np.clip(page, 0, 255).astype(np.uint8)).save(stream, "JPEG", quality=given.quality)
    return np.asarray(Image.open(stream).convert("RGB"))


def _table(rng, height: int, width: int) -> np.ndarray:
    """A thin wedge along one side, where the sheet ends."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    side, depth, tilt = rng.integers(4), rng.uniform(0.004, 0.015) * width, rng.uniform(-0.01, 0.01)
    distance = [x, width - 1 - x, y, height - 1 - y][side]
    return distance < depth + tilt * (y if side < 2 else x)
