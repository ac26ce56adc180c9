"""All characters of some archives as tensors of fixed size, from which any number are drawn at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from keras import ops

from tfhand.data.archive import Archive
from tfhand.data.drawing.box import box_of, inverse_of, mapped
from tfhand.data.drawing.segments import draw_segments, segments_of
from tfhand.data.drawing.warp import hull_of, warp_images
from tfhand.hands.glyph import BOX_SHARE

SEGMENTS = 32  # of a character at most; half of UNIPEN's need 22 to be off by no more than a tenth of a pixel at 32


class GlyphBank:
    """Characters by number, one archive after the other, drawn as `Archive.draw` draws them.

    Pen strokes become segments (`SEGMENTS`), images stay as they are; so a letter differs from `Archive.draw`'s by
    the rounding of edges alone, about a hundredth of the range.

    Args:
        archives: whose characters there are.
        size: side of the glyphs in pixels.

    Attributes:
        arrays: what `draw` reads, by name: given to it, so that it can be compiled with them outside.
        first: number of each archive's first character.
    """

    def __init__(self, archives: Sequence[Archive], size: int):
        self.size = size
        self.first = np.cumsum([0, *(len(archive) for archive in archives)])[:-1]
        drawn = [archive for archive in archives if archive.images is None]
        printed = [archive for archive in archives if archive.images is not None]
        self.arrays: dict[str, np.ndarray] = {}
        if drawn:
            self.arrays["segments"] = np.concatenate([_all_segments(archive) for archive in drawn])
            self.arrays["extents"] = np.concatenate([_all_extents(archive) for archive in drawn])
        if printed:
            self._shape, self.arrays["pixels"] = _all_pixels(printed)
            self.arrays["hulls"] = _all_hulls(printed)
        if drawn and printed:
            is_image = np.repeat([archive.images is not None for archive in archives], [*map(len, archives)])
            self.arrays["is_image"] = is_image
            self.arrays["row"] = np.where(is_image, np.cumsum(is_image), np.cumsum(~is_image)).astype(np.int32) - 1

    def draw(self, arrays: Mapping[str, Any], letters: Any, matrices: Any, nibs: Any) -> Any:
        """Characters as glyphs, in the graph.

        Args:
            arrays: the bank's own, as tensors.
            letters: int (B,), their numbers.
            matrices: (B, 2, 2), shapes of the hand, see `rasterize.shape_matrix`.
            nibs: (B,), line widths in pixels at 32 for a character of median extent; images keep their own ink.

        Returns:
            (B, size, size) in [0, 1], ink 1.
        """
        if "row" not in arrays:
            return (self._strokes if "segments" in arrays else self._images)(arrays, letters, matrices, nibs)
        row, is_image = (ops.take(arrays[name], letters, axis=0) for name in ("row", "is_image"))
        images = self._images(arrays, ops.where(is_image, row, 0), matrices, nibs)
        strokes = self._strokes(arrays, ops.where(is_image, 0, row), matrices, nibs)
        return ops.where(is_image[:, None, None], images, strokes)

    def _strokes(self, arrays: Mapping[str, Any], rows: Any, matrices: Any, nibs: Any) -> Any:
        segments = ops.take(arrays["segments"], rows, axis=0)
        points = mapped(matrices, ops.reshape(segments, (-1, 2 * SEGMENTS, 2)))
        nibs = nibs / ops.take(arrays["extents"], rows, axis=0)
        return draw_segments(ops.reshape(points, (-1, SEGMENTS, 2, 2)), nibs, self.size)

    def _images(self, arrays: Mapping[str, Any], rows: Any, matrices: Any, nibs: Any) -> Any:
        middle, longest = box_of(mapped(matrices, ops.take(arrays["hulls"], rows, axis=0)))
        scale = self.size * BOX_SHARE / (longest + 1.0)
        shifts = (self.size - 1) / 2 - middle[:, 0] * scale[:, None]
        pixels = ops.take(arrays["pixels"], rows, axis=0)
        inverses = inverse_of(matrices) / scale[:, None, None]
        return warp_images(pixels, inverses, shifts, self._shape, self.size)


def as_images(ink: Any) -> Any:
    """Ink (..., S, S) in [0, 1] as networks take it, (..., S, S, 1) in [-1, 1]."""
    return 2.0 * ink[..., None] - 1.0


def _all_segments(archive: Archive) -> np.ndarray:
    return np.stack([segments_of(archive.strokes(index), SEGMENTS) for index in range(len(archive))])


def _all_extents(archive: Archive) -> np.ndarray:
    return np.array([archive.extent_of(index) for index in range(len(archive))], np.float32)


def _all_pixels(archives: Sequence[Archive]) -> tuple[tuple[int, int], np.ndarray]:
    """(height, width) of all archives' images, with paper added where they are smaller; uint8 (N, height * width)."""
    images = [archive.images for archive in archives if archive.images is not None]
    height, width = (max(each.shape[axis] for each in images) for axis in (1, 2))
    same = [np.pad(each, ((0, 0), (0, height - each.shape[1]), (0, width - each.shape[2]))) for each in images]
    return (height, width), np.concatenate(same).reshape(-1, height * width)


def _all_hulls(archives: Sequence[Archive]) -> np.ndarray:
    """The hulls of all images, as many points each, the first repeated, float32 (N, n, 2)."""
    hulls = [hull_of(image) for archive in archives if archive.images is not None for image in archive.images]
    most = max(map(len, hulls))
    return np.stack([np.concatenate([hull, np.repeat(hull[:1], most - len(hull), axis=0)]) for hull in hulls])
