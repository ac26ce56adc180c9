"""Words and lines as pictures of a fixed height, as pen and paper and a scan would make them.

The picture is 4.5 x-heights high: 3 above the baseline and 1.5 below it. Ink is white on black.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from tfhand.data.rasterize import draw_line, shape_matrix
from tfhand.data.words import LIGATURE, WordArchive, extents

ABOVE, BELOW = 3.0, 1.5  # x-heights over and under the baseline
MARGIN = 0.5  # x-heights left and right of the ink
SPACE = (0.8, 1.8)  # x-heights between two words
NIB = 0.16  # x-heights, the usual width of a line
_NIBS = (0.06, 0.38)
_SPREAD = {"slant": 0.22, "stretch": 0.16, "tilt": 0.012, "scale": 0.1, "baseline": 0.1, "jitter": 0.05}
_LONGEST_JOIN = 1.2  # x-heights that a pen is drawn from a letter to the next
_JOIN_POINTS = 8
_SOMETIMES = 0.25  # of the pictures are in pencil, as many of few pixels, and as many through JPEG
_PATCH = 2  # pixels, of paper that takes pencil well or badly
_FEWER = (0.55, 0.95)  # pixels along a side, of those of the picture
_QUALITY = (40, 95)  # of JPEG


@dataclass(frozen=True)
class LineTransform:
    """What writing and scanning do to a line.

    Attributes:
        slant: x gained for each unit of height; positive leans to the right.
        stretch: logarithm of width over height.
        tilt: radians by which the baseline falls to the right.
        scale: factor of all lengths.
        baseline: x-heights by which the line stands too low.
        jitter: x-heights, standard deviation of each word's baseline.
        nib: width of the line in x-heights.
    """

    slant: float = 0.0
    stretch: float = 0.0
    tilt: float = 0.0
    scale: float = 1.0
    baseline: float = 0.0
    jitter: float = 0.0
    nib: float = NIB

    @classmethod
    def draw(cls, rng: np.random.Generator) -> LineTransform:
        """A random one."""
        drawn = {name: float(np.clip(rng.normal(), -2.5, 2.5)) * spread for name, spread in _SPREAD.items()}
        drawn |= {"scale": float(np.exp(drawn["scale"])), "jitter": abs(drawn["jitter"])}
        return cls(**drawn, nib=float(np.exp(rng.uniform(*np.log(_NIBS)))))


@dataclass(frozen=True)
class Line:
    """A line of words in x-heights.

    Attributes:
        text: all letters, without spaces.
        strokes: float (points, 2), x right and y down from the baseline.
        letters: for each stroke the place in the text of each point's letter, negative where there is none.
        known: for each letter whether it is known which points are its own, bool (letters,).
    """

    text: str
    strokes: list[np.ndarray] = field(repr=False)
    letters: list[np.ndarray] = field(repr=False)
    known: np.ndarray = field(repr=False)

    @property
    def extents(self) -> np.ndarray:
        """The leftmost and rightmost point of each letter, (letters, 2) in x-heights; nan where that is not known."""
        across = np.concatenate(self.strokes)[:, 0]
        return extents(np.concatenate(self.letters), across, len(self.text))

    @property
    def width(self) -> float:
        """From the first ink to the last, in x-heights, without the nib."""
        return float(np.ptp(np.concatenate(self.strokes)[:, 0]))


def set_line(
    archive: WordArchive,
    indices: np.ndarray,
    transform: LineTransform | None = None,
    rng: np.random.Generator | None = None,
    joins: float = 0.0,
) -> Line:
    """Words side by side as one line, which begins at x = 0.

    Args:
        archive: of one writer's words, or of several people's.
        indices: of the words, in order; at least one.
        transform: of the line; none if None.
        rng: of the spaces, each word's baseline and the joins; may be None for a single word.
        joins: share of the words with known letters whose letters are joined by drawn ligatures.
    """
    rng, transform = rng or np.random.default_rng(0), transform or LineTransform()
    matrix = transform.scale * shape_matrix(transform.slant, transform.stretch)
    cosine, sine = np.cos(transform.tilt), np.sin(transform.tilt)
    strokes: list[np.ndarray] = []
    letters: list[np.ndarray] = []
    text, end = "", 0.0
    known: list[bool] = []
    for index in indices:
        own, places = archive.points_of(int(index)), archive.letters_of(int(index))
        if archive.lettered[index] and rng.random() < joins:
            own, places = join_letters(own, places)
        own = [stroke @ matrix.T for stroke in own]
        corner = np.array([end - min(stroke[:, 0].min() for stroke in own), transform.jitter * rng.normal()])
        strokes += [stroke + corner for stroke in own]
        letters += [np.where(place < 0, place, place + len(text)) for place in places]
        end = max(stroke[:, 0].max() for stroke in strokes) + rng.uniform(*SPACE)
        known += [bool(archive.lettered[index])] * len(str(archive.texts[index]))
        text += str(archive.texts[index])
    turned = np.array([[cosine, -sine], [sine, cosine]])
    low = np.array([0.0, transform.baseline])
    return Line(text, [stroke @ turned.T + low for stroke in strokes], letters, np.array(known))


def join_letters(strokes: list[np.ndarray], letters: list[np.ndarray]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """A printed word with a ligature drawn from the end of each letter to the beginning of the next, where near.

    Args:
        strokes: of the word, in x-heights.
        letters: of their points.
    """
    of_letter: dict[int, np.ndarray] = {}
    for stroke, places in zip(strokes, letters, strict=True):
        if places[0] >= 0 and len(stroke) >= len(of_letter.get(int(places[0]), ())):
            of_letter[int(places[0])] = stroke
    drawn = []
    for place, stroke in of_letter.items():
        if place + 1 in of_letter:
            start, stop = stroke[-1], of_letter[place + 1][0]
            if np.abs(stop - start).max() < _LONGEST_JOIN and stop[0] > start[0] - 0.3:
                dip = np.array([(start[0] + stop[0]) / 2, max(start[1], stop[1])])
                t = np.linspace(0, 1, _JOIN_POINTS)[:, None]
                drawn.append((1 - t) ** 2 * start + 2 * t * (1 - t) * dip + t**2 * stop)
    return [*strokes, *drawn], [*letters, *(np.full(len(one), LIGATURE) for one in drawn)]


def draw_words(line: Line, height: int = 48, nib: float = NIB, width: int | None = None) -> np.ndarray:
    """A line as a picture.

    Args:
        line: what is written.
        height: of the picture in pixels; see `pixels_per_x_height`.
        nib: width of the line in x-heights.
        width: of the picture in pixels; what is longer is cut off, what is shorter is filled with paper. As wide as
            the line and its margins if None.

    Returns:
        uint8 array of shape (height, width), white ink on black.
    """
    unit = pixels_per_x_height(height)
    if width is None:
        width = int(np.ceil((line.width + 2 * MARGIN) * unit))
    left = np.concatenate(line.strokes)[:, 0].min()
    corner = np.array([MARGIN, ABOVE]) * unit - 0.5  # of the first pixel, whose middle is at 0
    placed = [(stroke - (left, 0.0)) * unit + corner for stroke in line.strokes]
    return draw_line(placed, (height, width), nib * unit)


def letter_pixels(line: Line, height: int = 48, nib: float = NIB) -> np.ndarray:
    """Where the ink of each letter begins and ends in `draw_words`, (letters, 2) in pixels; nan where unknown."""
    left = np.concatenate(line.strokes)[:, 0].min()
    inked = line.extents - left + MARGIN + np.array([-nib / 2, nib / 2])
    return inked * pixels_per_x_height(height)


def pixels_per_x_height(height: int) -> float:
    """The size of a small x in a picture of this height."""
    return height / (ABOVE + BELOW)


def scan(rng: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """A picture as it comes out of a scan or a photo once its paper is white; uint8 (H, W) in and out.

    Blurred, paler, with grain and specks; some in pencil, some of few pixels, some through JPEG.
    """
    ink = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.2, 0.9)).astype(np.float32)
    if rng.random() < _SOMETIMES:
        ink = _in_pencil(rng, ink)
    if rng.random() < _SOMETIMES:
        ink = _of_few_pixels(ink, rng.uniform(*_FEWER))
    ink *= rng.uniform(0.6, 1.0)
    grain = rng.standard_normal(picture.shape, np.float32) * rng.uniform(0, 10)
    paper = rng.uniform(0, 0.6)  # of the grain of ink
    scanned = np.clip(ink + grain * np.where(ink > 20, 1.0, paper), 0, 255).astype(np.uint8)
    return _through_jpeg(scanned, int(rng.integers(*_QUALITY))) if rng.random() < _SOMETIMES else scanned


def _in_pencil(rng: np.random.Generator, ink: np.ndarray) -> np.ndarray:
    """Ink (H, W) that covers the paper in patches."""
    height, width = ink.shape
    patches = rng.random((height // _PATCH + 1, width // _PATCH + 1), np.float32)
    return ink * (1 - rng.uniform(0.2, 0.8) * cv2.resize(patches, (width, height), interpolation=cv2.INTER_LINEAR))


def _of_few_pixels(ink: np.ndarray, share: float) -> np.ndarray:
    """A picture (H, W) that was smaller by a factor, as of small writing or from a camera far away."""
    height, width = ink.shape
    small = max(1, round(share * width)), max(1, round(share * height))
    return cv2.resize(cv2.resize(ink, small, interpolation=cv2.INTER_AREA), (width, height))


def _through_jpeg(picture: np.ndarray, quality: int) -> np.ndarray:
    """A uint8 picture (H, W) as JPEG of a quality in 1 to 100 gives it back."""
    _, coded = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, quality))
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.uint8)
