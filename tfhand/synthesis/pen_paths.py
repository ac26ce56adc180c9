"""The strokes of the pen on a page: single lines, for plotters and for whoever wants to see a text being written.

What was written or generated is ink. The networks of a `strokes` preset find in the picture of a letter how a pen may
have written it. Where their strokes leave the ink, or for signs that they do not know, the middle line of the ink is
taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from tfhand.core.files import MILLIMETRES
from tfhand.hands.glyph import as_network_input, ink_box, normalize
from tfhand.models import registry
from tfhand.models.batches import predict_in_batches
from tfhand.typeset.placement import PlacedText, Shape
from tfhand.vector.centrelines import centrelines
from tfhand.vector.distance_field import coverage, nib_width

if TYPE_CHECKING:
    from tfhand.models.strokes.networks import StrokeNetworks

STROKES = "strokes62"  # the preset that finds strokes
_STRAY = 0.1  # share of the strokes that may leave the ink, and of the middle line that they may miss
_THIN = 0.2  # of the longer side of a letter: across this, its strokes are not stretched to the ink
Strokes = tuple[np.ndarray, ...]


def pen_paths(text: PlacedText) -> tuple[Strokes, ...]:
    """The strokes of each page, glyph by glyph in the order of the text.

    Returns:
        For each page its strokes, float64 (n, 2): (x, y) in millimetres from the top left corner, y downward. A dot is
        a stroke of two points or more in nearly one place.
    """
    shapes = {id(glyph.shape): (glyph.character, glyph.shape) for glyph in text.glyphs}
    found = dict(zip(shapes, _strokes_of(list(shapes.values())), strict=True))
    pixel = MILLIMETRES / text.dpi
    return tuple(
        tuple(
            (stroke @ glyph.matrix[:, :2].T + glyph.matrix[:, 2]) * pixel
            for glyph in glyphs
            for stroke in found[id(glyph.shape)]
        )
        for glyphs in text.page_glyphs
    )


@lru_cache(maxsize=1)
def _networks() -> StrokeNetworks:
    return registry.load(STROKES)


def _strokes_of(shapes: Sequence[tuple[str, Shape]]) -> list[list[np.ndarray]]:
    """The strokes of each shape of a character, in pixels of its field."""
    middles = [centrelines(shape.field) for _, shape in shapes]
    known = [
        place
        for place, (character, _) in enumerate(shapes)
        if len(character) == 1 and character in _networks().characters
    ]
    if not known:
        return middles
    traced = _traced([shapes[place] for place in known])
    for place, strokes in zip(known, traced, strict=True):
        if _follow(strokes, middles[place], shapes[place][1].field):
            middles[place] = strokes
    return middles


def _traced(shapes: Sequence[tuple[str, Shape]]) -> list[list[np.ndarray]]:
    """The strokes that the networks find in each shape."""
    networks = _networks()
    inks = [coverage(shape.field) for _, shape in shapes]
    glyphs = np.stack([normalize(ink, networks.image_size) for ink in inks])
    numbers = np.array([networks.characters.index(character) for character, _ in shapes], np.int32)
    found = predict_in_batches(networks.trace, as_network_input(glyphs), numbers)
    return [
        _placed(trajectory, ink, shape.field) for trajectory, ink, (_, shape) in zip(found, inks, shapes, strict=True)
    ]


def _placed(trajectory: np.ndarray, ink: np.ndarray, field: np.ndarray) -> list[np.ndarray]:
    """A trajectory (POINTS, 3) as strokes that fill the box of the ink, but for half a nib at its sides."""
    points, starts = trajectory[:, :2].astype(float), np.flatnonzero(trajectory[:, 2] < 0.5)
    top, left, bottom, right = ink_box(ink)
    nib = nib_width(field)
    room = np.maximum([right - left - nib, bottom - top - nib], 0.0)
    low, high = points.min(axis=0), points.max(axis=0)
    extent = np.maximum(high - low, 1e-6)
    scale = np.where(extent > _THIN * extent.max(), room / extent, room.max() / extent.max())
    centre = np.array([left + right, top + bottom]) / 2
    return np.split((points - (low + high) / 2) * scale + centre, starts[1:])


def _follow(strokes: Sequence[np.ndarray], middles: Sequence[np.ndarray], field: np.ndarray) -> bool:
    """Whether strokes lie in the ink, and pass by all of its middle line."""
    reach = max(nib_width(field) / 2, 1.0)
    path, middle = np.concatenate(strokes), np.concatenate(middles)
    depth = ndimage.map_coordinates(field, (path - 0.5)[:, ::-1].T, order=1, mode="nearest")
    drawn = np.concatenate([_dense(stroke) for stroke in strokes])
    away = np.hypot(*(middle[:, None] - drawn[None]).transpose(2, 0, 1)).min(axis=1)
    return bool(np.mean(depth < -reach) <= _STRAY and np.mean(away > 2 * reach) <= _STRAY)


def _dense(stroke: np.ndarray) -> np.ndarray:
    """A stroke with points between its points."""
    at = np.linspace(0, len(stroke) - 1, 4 * len(stroke))
    return np.stack([np.interp(at, np.arange(len(stroke)), stroke[:, axis]) for axis in range(2)], axis=1)
