"""From samples to shapes at the size of a text: each at its height, in one nib, and no two quite alike.

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
from tfhand.typeset.page import Shape
from tfhand.vector.distance_field import distance_field, evened, finer, nib_width, without_specks

DETAIL = 40  # pixels of an x-height in a shape's field: curves at any size, pixels crisp to twice as many and more
ABOVE, BELOW = 3.0, 2.0  # over and under the baseline, as far as spacing looks at the sides
VARIANTS = 6  # shapes of one character at most, over all its samples, however often it is written
SPECK = 0.6  # squared nibs: an island with less ink is dirt, and no dot
DIRT, IN_ONE = 1.5, frozenset(charset.CHARACTERS) - {"i", "j"}  # the same for characters that have no dots
Draw = TypeVar("Draw")
BENDING, KNOTS = 0.022, 4  # standard deviation of a variant's ink from its sample's, and of how many places across


@dataclass(frozen=True)
class Change:
    """What is changed of the person's writing.

    Attributes:
        slant: degrees that letters lean to the right more than the person's.
        stretch: width of letters over the person's.
        weight: width of the line over the person's; nib, where given, sets it instead.
        nib: width of the line; None leaves the person's.
        even_nib: share of the differences in stroke thickness between the letters that is taken away.
    """

    slant: float = 0.0
    stretch: float = 1.0
    weight: float = 1.0
    nib: float | None = None
    even_nib: float = 0.8

    @property
    def matrix(self) -> np.ndarray:
        """Of the change of shape, (2, 2) on coordinates (x right, y down)."""
        return np.array([[self.stretch, -np.tan(np.deg2rad(self.slant))], [0.0, 1.0]])

    @property
    def thinning(self) -> float:
        """How much finer the change of shape makes lines, in the mean over their directions."""
        turn = np.linspace(0, np.pi, 36, endpoint=False)
        lengths = np.hypot(*(self.matrix @ [np.cos(turn), np.sin(turn)]))
        return float(np.linalg.det(self.matrix) / lengths.mean())


@dataclass(frozen=True, eq=False)
class Body:
    """A letter's shape and what setting it in a line needs to know.

    Attributes:
        shape: its ink; None for a gap.
        above: pixels from the first row of the field down to the baseline.
        width: pixels.
        left, right: contour in each row of pixels from ABOVE to BELOW, infinite where there is no ink.
    """

    shape: Shape | None
    above: float
    width: float
    left: np.ndarray | None = None
    right: np.ndarray | None = None


def bodies(
    characters: str,
    images: Sequence[Sample | np.ndarray | None],
    change: Change,
    liveliness: float,
    random: np.random.Generator,
) -> list[Body]:
    """The letters of a text, one for each character; those that stand in several places share a few shapes.

    Args:
        characters: without white space.
        images: for each a Sample, an uint8 array [h, w] with white ink on black, or None for a gap.
        change: of slant, width and line.
        liveliness: how far the draws of one sample differ: 0 not at all, 1 as in a calm hand.
        random: where the variation comes from.

    Raises:
        TextError: an image holds no ink.
    """
    keys = [(character, id(image)) for character, image in zip(characters, images, strict=True)]
    distinct = {key: image for key, image in zip(keys, images, strict=True) if image is not None}
    fields = {key: _field(key[0], image, change) for key, image in distinct.items()}
    _even_nibs(fields, [key for key, image in distinct.items() if _is_measured(image)], change)
    uses, samples = Counter(keys), Counter(character for character, _ in distinct)
    drawn = {}
    for key, (field, above) in fields.items():
        count = min(uses[key], -(-VARIANTS // samples[key[0]])) if liveliness else 1
        bent = (_bent(field, liveliness, random) for _ in range(count - 1))
        drawn[key] = [_body(one, above) for one in (field, *bent)]
    return [another(drawn[key], random) if key in drawn else _gap(key[0], change) for key in keys]


def another(draws: list[Draw], random: np.random.Generator) -> Draw:
    """One of the draws of a character, never the same twice in a row; it goes to the end of the list."""
    draws.append(draws.pop(int(random.integers(max(1, len(draws) - 1)))))
    return draws[-1]


def _gap(character: str, change: Change) -> Body:
    return Body(None, 0.0, charset.geometry(character).width * change.stretch * DETAIL)


def _is_measured(image: Sample | np.ndarray) -> bool:
    """Whether its size on paper is known, and with it the width of the person's line."""
    return isinstance(image, Sample) and image.height is not None and image.source == WRITTEN


def placed(character: str, image: Sample | np.ndarray) -> tuple[np.ndarray, float, float]:
    """A letter's ink cut to its box, uint8 (h, w), its bottom over the baseline and its height.

    A Sample knows the last two, or gets what is likely.

    Raises:
        TextError: there is no ink.
    """
    sample = image if isinstance(image, Sample) else None
    ink = image if sample is None else sample.ink
    ink = without_specks(ink, DIRT if character in IN_ONE else SPECK)
    try:
        top, left, bottom, right = glyph.ink_box(ink)
    except PictureError:
        raise TextError(f"The glyph given for {character!r} holds no ink; give None to leave a gap.") from None
    ink, typical = ink[top:bottom, left:right], charset.geometry(character)
    height = sample.height if sample and sample.height is not None else typical.likely_height(ink.shape)
    baseline = sample.baseline if sample and sample.baseline is not None else typical.likely_bottom(height)
    return ink, baseline, height


def _field(character: str, image: Sample | np.ndarray, change: Change) -> tuple[np.ndarray, float]:
    """A letter's field at its size, and the pixels from its first row down to the baseline."""
    ink, baseline, height = placed(character, image)
    field = distance_field(ink, height * DETAIL / ink.shape[0], change.matrix)
    return field, field.shape[0] / 2 + (baseline + height / 2) * DETAIL


def _even_nibs(fields: dict[tuple[str, int], tuple[np.ndarray, float]], measured: Sequence, change: Change) -> None:
    """Moves all contours toward one stroke thickness, and on to the one that is asked for."""
    nibs = np.array([nib_width(field) for field, _ in fields.values()])
    trusted = np.array([key in measured for key in fields], bool)
    common = float(np.median(nibs[trusted] if trusted.any() else nibs)) if len(nibs) else 0.0
    wanted = common / change.thinning * change.weight if change.nib is None else change.nib * DETAIL
    for key, nib, wider in zip(list(fields), nibs, evened(nibs, common, change.even_nib), strict=True):
        field, above = fields[key]
        wider = float(wider + (wanted - common) / 2)
        if wider < 0:
            fields[key] = finer(field, min(-wider, 0.35 * nib)), above
            continue
        reach = int(np.ceil(wider))
        field = np.pad(field, reach, mode="linear_ramp", end_values=float(field.min()) - reach) if reach else field
        fields[key] = field + np.float32(wider), above + reach


def _bent(field: np.ndarray, liveliness: float, random: np.random.Generator) -> np.ndarray:
    """The same letter bent a little, as nobody writes a letter twice the same way."""
    high, wide = field.shape
    bends = random.normal(0, BENDING * DETAIL * liveliness, (KNOTS + 1, KNOTS, 2)).astype(np.float32)
    bends = cv2.resize(bends, (wide, high), interpolation=cv2.INTER_CUBIC)
    x, y = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(high, dtype=np.float32))
    return cv2.remap(field, x + bends[..., 0], y + bends[..., 1], cv2.INTER_LINEAR, None, cv2.BORDER_REPLICATE)


def _body(field: np.ndarray, above: float) -> Body:
    """Cuts the field to its ink and notes the left and right contour in rows around the baseline."""
    inked = field > -3.0  # so that paper is all around it, however steep the field is
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    field = np.ascontiguousarray(field[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    above -= rows[0]
    high = round((ABOVE + BELOW) * DETAIL)
    left, right = np.full(high, np.inf), np.full(high, -np.inf)
    inked = field > 0
    at = np.flatnonzero(inked.any(axis=1))
    place = at + round(ABOVE * DETAIL - above)
    at, place = at[(place >= 0) & (place < high)], place[(place >= 0) & (place < high)]
    left[place] = inked[at].argmax(axis=1)
    right[place] = field.shape[1] - inked[at, ::-1].argmax(axis=1)
    near = 2 * round(0.15 * DETAIL) + 1  # ink a little higher or lower stands in the way as well
    left, right = ndimage.minimum_filter1d(left, near), ndimage.maximum_filter1d(right, near)
    return Body(Shape(field), above, field.shape[1], left, right)
