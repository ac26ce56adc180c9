"""From samples to shapes at the size of a text: each at its height, with one nib, no two exactly the same.

Lengths are in x-heights, pixels (of the shapes' fields, `DETAIL` to an x-height) only in names that say so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from scipy import ndimage

from tfhand.core import charset
from tfhand.errors import PictureError, TextError
from tfhand.hands import glyph
from tfhand.hands.sample import WRITTEN, Sample
from tfhand.hands.word_sample import WordSample
from tfhand.typeset.placement import Shape
from tfhand.vector.distance_field import (
    SOFTENING,
    distance_field,
    even_widths,
    keep_islands,
    nib_width,
    remove_specks,
    thin,
)

DETAIL = 40  # pixels of an x-height in a shape's field: pictures stay crisp at more than twice this size
ABOVE, BELOW = 3.0, 2.0  # the range over and under the baseline in which spacing looks at contours
VARIANTS = 6  # shapes of one character at most, over all its samples, however often it is written
SPECK = 0.6  # squared nibs: an island with less ink is dirt and not a dot
DIRT, DOTLESS = 1.5, frozenset(charset.CHARACTERS) - {"i", "j"}  # the same for characters without dots
FINE = 2.4  # pixels: a line not as wide as this is bent with care, or it would grow pale
Variant = TypeVar("Variant")
BENDING, KNOTS = 0.022, 4  # standard deviation of a variant's ink from its sample's, at this many places across


@dataclass(frozen=True)
class Change:
    """Changes to the person's writing.

    Attributes:
        slant: degrees to the right, added to the person's own.
        stretch: width of letters as a multiple of the person's own.
        weight: thickness of the line as a multiple of the person's own, where no nib is given.
        nib: thickness of the line; None keeps the person's own.
        even_nib: share of the differences in thickness between glyphs that is removed.
    """

    slant: float = 0.0
    stretch: float = 1.0
    weight: float = 1.0
    nib: float | None = None
    even_nib: float = 0.8

    @property
    def matrix(self) -> np.ndarray:
        """The change of shape as a matrix (2, 2) on coordinates (x right, y down)."""
        return np.array([[self.stretch, -np.tan(np.deg2rad(self.slant))], [0.0, 1.0]])

    @property
    def thinning(self) -> float:
        """The factor by which the change of shape thins lines, as a mean over their directions."""
        turn = np.linspace(0, np.pi, 36, endpoint=False)
        lengths = np.hypot(*(self.matrix @ [np.cos(turn), np.sin(turn)]))
        return float(np.linalg.det(self.matrix) / lengths.mean())


@dataclass(frozen=True, eq=False)
class GlyphBody:
    """A glyph's shape and the measures needed to set it in a line.

    Attributes:
        shape: its ink; None for a gap.
        above: pixels from the first row of the field down to the baseline.
        width: width of the field in pixels.
        left, right: float64 (rows,), the contours in each row of pixels from ABOVE to BELOW, infinite in rows
            without ink.
    """

    shape: Shape | None
    above: float
    width: float
    left: np.ndarray
    right: np.ndarray

    @property
    def mirrored(self) -> GlyphBody:
        """The same glyph as in a mirror: an opening bracket closes."""
        shape = self.shape and Shape(np.ascontiguousarray(self.shape.field[:, ::-1]))
        return GlyphBody(shape, self.above, self.width, self.width - self.right, self.width - self.left)


def glyph_bodies(
    characters: Sequence[str],
    images: Sequence[Sample | WordSample | np.ndarray | None],
    change: Change,
    jitter: float,
    random: np.random.Generator,
    softening: float = SOFTENING,
) -> list[GlyphBody]:
    """The bodies of a text's glyphs, one for each character; a glyph in several places shares a few shapes.

    Args:
        characters: the text without white space, in as many parts as images: single characters, and words.
        images: for each character a Sample, an uint8 array [h, w] with white ink on black, or None for a gap; for each
            word a WordSample.
        change: changes to slant, width and line.
        jitter: how much the variants of one sample differ: 0 not at all, 1 as in a calm hand.
        random: the source of variation.
        softening: Gaussian over the ink, in its own pixels; no island of the ink is lost by it.

    Raises:
        TextError: an image holds no ink.
    """
    keys = [(character, id(image)) for character, image in zip(characters, images, strict=True)]
    distinct = {key: image for key, image in zip(keys, images, strict=True) if image is not None}
    inks = {key: _on_line(key[0], image) for key, image in distinct.items()}
    fields = {key: _field(*ink, change, softening) for key, ink in inks.items()}
    _even_nibs(fields, [key for key, image in distinct.items() if _is_measured(image)], change)
    uses, samples = Counter(keys), Counter(character for character, _ in distinct)
    variants = {}
    for key, (field, above) in fields.items():
        count = min(uses[key], -(-VARIANTS // samples[key[0]])) if jitter else 1
        ink, _, height = inks[key]
        field = keep_islands(field, ink, height * DETAIL / ink.shape[0], change.matrix)
        care = cv2.INTER_CUBIC if count > 1 and nib_width(field) < FINE else cv2.INTER_LINEAR
        bent = (bend(field, BENDING * DETAIL * jitter, random, care) for _ in range(count - 1))
        variants[key] = [glyph_body(one, above) for one in (field, *bent)]
    return [next_variant(variants[key], random) if key in variants else _gap(key[0], change) for key in keys]


def next_variant(variants: list[Variant], random: np.random.Generator) -> Variant:
    """A random variant, never the same twice in a row; it moves to the end of the list."""
    variants.append(variants.pop(int(random.integers(max(1, len(variants) - 1)))))
    return variants[-1]


def _gap(character: str, change: Change) -> GlyphBody:
    return GlyphBody(None, 0.0, charset.geometry(character).width * change.stretch * DETAIL, *_no_contours())


def _no_contours() -> tuple[np.ndarray, np.ndarray]:
    high = round((ABOVE + BELOW) * DETAIL)
    return np.full(high, np.inf), np.full(high, -np.inf)


def _is_measured(image: Sample | WordSample | np.ndarray) -> bool:
    """Whether its size on paper is known, and with it the width of the person's line."""
    if isinstance(image, WordSample):
        return True
    return isinstance(image, Sample) and image.height is not None and image.source == WRITTEN


def _on_line(characters: str, image: Sample | WordSample | np.ndarray) -> tuple[np.ndarray, float, float]:
    """A glyph's or a word's ink and its place on the writing line, as from `ink_on_line`."""
    if not isinstance(image, WordSample):
        return ink_on_line(characters, image)
    top, left, bottom, right = glyph.ink_box(image.ink)
    below = (image.baseline - bottom) / image.x_height
    return image.ink[top:bottom, left:right], below, (bottom - top) / image.x_height


def ink_on_line(character: str, image: Sample | np.ndarray) -> tuple[np.ndarray, float, float]:
    """A glyph's ink and its place on the writing line.

    Returns:
        The ink cut to its box, uint8 (h, w); its bottom over the baseline; and its height. The last two are likely
        values where the image is not a Sample, or a Sample without them.

    Raises:
        TextError: there is no ink.
    """
    sample = image if isinstance(image, Sample) else None
    ink = image.ink if isinstance(image, Sample) else image
    ink = remove_specks(ink, DIRT if character in DOTLESS else SPECK, dotted=character in "ij")
    try:
        top, left, bottom, right = glyph.ink_box(ink)
    except PictureError:
        raise TextError(f"The glyph given for {character!r} holds no ink; give None to leave a gap.") from None
    ink, typical = ink[top:bottom, left:right], charset.geometry(character)
    height = sample.height if sample and sample.height is not None else typical.likely_height(ink.shape)
    baseline = sample.baseline if sample and sample.baseline is not None else typical.likely_bottom(height)
    return ink, baseline, height


def _field(
    ink: np.ndarray, baseline: float, height: float, change: Change, softening: float
) -> tuple[np.ndarray, float]:
    """A glyph's field at its size, and the pixels from its first row down to the baseline."""
    field = distance_field(ink, height * DETAIL / ink.shape[0], change.matrix, softening)
    return field, field.shape[0] / 2 + (baseline + height / 2) * DETAIL


def _even_nibs(fields: dict[tuple[str, int], tuple[np.ndarray, float]], measured: Sequence, change: Change) -> None:
    """Moves all contours toward one stroke thickness, then to the thickness that the change asks for."""
    nibs = np.array([nib_width(field) for field, _ in fields.values()])
    trusted = np.array([key in measured for key in fields], bool)
    common = float(np.median(nibs[trusted] if trusted.any() else nibs)) if len(nibs) else 0.0
    wanted = common / change.thinning * change.weight if change.nib is None else change.nib * DETAIL
    for key, nib, wider in zip(list(fields), nibs, even_widths(nibs, common, change.even_nib), strict=True):
        field, above = fields[key]
        wider = float(wider + (wanted - common) / 2)
        if wider < 0:
            fields[key] = thin(field, min(-wider, 0.35 * nib)), above
            continue
        reach = int(np.ceil(wider))
        field = np.pad(field, reach, mode="linear_ramp", end_values=float(field.min()) - reach) if reach else field
        fields[key] = field + np.float32(wider), above + reach


def bend(
    picture: np.ndarray, deviation: float, random: np.random.Generator, interpolation: int = cv2.INTER_LINEAR
) -> np.ndarray:
    """The same glyph bent a little, as nobody writes a letter twice the same way.

    Args:
        picture: ink or a field (h, w), paper at its sides.
        deviation: standard deviation in pixels by which places of the glyph move.
        random: the source of variation.
        interpolation: OpenCV's.
    """
    high, wide = picture.shape
    bends = random.normal(0, deviation, (KNOTS + 1, KNOTS, 2)).astype(np.float32)
    shift = cv2.resize(bends, (wide, high), interpolation=cv2.INTER_CUBIC)
    x, y = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
    return cv2.remap(picture, x + shift[..., 0], y + shift[..., 1], interpolation, None, cv2.BORDER_REPLICATE)


def glyph_body(field: np.ndarray, above: float) -> GlyphBody:
    """Cuts the field to its ink and finds the left and right contours in rows around the baseline."""
    inked = field > -3.0  # leaves paper all around the ink, however steep the field is
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    field = np.ascontiguousarray(field[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    above -= rows[0]
    left, right = _no_contours()
    high = len(left)
    inked = field > 0
    at = np.flatnonzero(inked.any(axis=1))
    place = at + round(ABOVE * DETAIL - above)
    at, place = at[(place >= 0) & (place < high)], place[(place >= 0) & (place < high)]
    left[place] = inked[at].argmax(axis=1)
    right[place] = field.shape[1] - inked[at, ::-1].argmax(axis=1)
    near = 2 * round(0.15 * DETAIL) + 1  # ink a little higher or lower is in the way too
    left, right = ndimage.minimum_filter1d(left, near), ndimage.maximum_filter1d(right, near)
    return GlyphBody(Shape(field), above, field.shape[1], left, right)
