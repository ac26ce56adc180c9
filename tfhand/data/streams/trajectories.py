"""Pictures of letters with the trajectories of the pen that wrote them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from keras import ops

from tfhand.data.archive import Archive
from tfhand.data.drawing.bank import as_images
from tfhand.data.drawing.box import box_of, mapped
from tfhand.data.drawing.scan_noise import draw_scans, grain_sheets, scan_glyphs
from tfhand.data.drawing.segments import draw_segments
from tfhand.data.scan_transform import ScanTransform
from tfhand.data.streams.base import Stream
from tfhand.data.streams.groups import weighted
from tfhand.data.trajectories import Trajectories, pen_down_table
from tfhand.errors import ArchiveError

_WARP = 0.025  # standard deviation of each wave of a warp, in sides of the letter
_WIDEST = 5.0  # pixels at 32: a small letter's nib grows with it, up to here


class TrajectoryStream(Stream):
    """Letters one by one, each with its strokes.

    A batch: `image` float32 (B, S, S, 1) in [-1, 1], `character` int32 (B,), `points` float32 (B, POINTS, 2) and
    `count` int32 (B,), the number of strokes, as `Trajectories` has them. Every person's letter of a character is drawn
    less often the more of them there are, by the square root.

    Args:
        archives: data sets of pen strokes.
        shares: how often a letter comes from each archive.
        characters: what is drawn, in order; others in the archives are left out.
        size: side of the images in pixels.
        batch_size: B.
        seed: of the stream.
        vary: draws slant, stretch, rotation, a slight warp, the nib and a scan's noise for every letter; without it the
            strokes are as they were written, with one nib.

    Raises:
        ArchiveError: images, which have no strokes, or no letter of these characters.
    """

    def __init__(
        self,
        archives: Sequence[Archive],
        shares: Sequence[float],
        characters: str,
        size: int = 32,
        batch_size: int = 192,
        seed: int = 0,
        vary: bool = True,
    ):
        super().__init__(seed)
        if any(archive.images is not None for archive in archives):
            raise ArchiveError("Strokes are learned from pen strokes; this archive is images.")
        self.archives, self.size, self.batch_size, self.vary = archives, size, batch_size, vary
        trajectories = [Trajectories.of(archive) for archive in archives]
        labels = [archive.places_in(characters) for archive in archives]
        self._labels = np.concatenate(labels).astype(np.int32)
        self._extents = np.array([archive.extent_of(index) for archive in archives for index in range(len(archive))])
        weights = [
            _weights(archive, own, each.counts > 0)
            for archive, own, each in zip(archives, labels, trajectories, strict=True)
        ]
        self._weights = np.concatenate([share * own / own.sum() for share, own in zip(shares, weights, strict=True)])
        self.arrays = {
            "points": np.concatenate([each.points for each in trajectories]),
            "counts": np.concatenate([each.counts for each in trajectories]),
            "pen_down": pen_down_table(),
            "sheets": grain_sheets(size),
        }

    def plan(self, number: int) -> dict[str, np.ndarray]:
        rng = self.rng(number)
        letters = weighted(rng, self._weights, self.batch_size)
        transform = ScanTransform.draw(rng, letters.shape) if self.vary else ScanTransform.neutral(letters.shape)
        plan = {
            "letters": letters.astype(np.int32),
            "character": self._labels[letters],
            "matrix": transform.matrix.astype(np.float32),
            "nib": np.minimum(transform.nib / self._extents[letters], _WIDEST).astype(np.float32),
        }
        if self.vary:
            plan["waves"] = rng.normal(0, _WARP, (self.batch_size, 6, 2)).astype(np.float32)
            plan |= draw_scans(rng, self.batch_size, 1)
        return plan

    def draw(self, arrays: Mapping[str, Any], plan: Mapping[str, Any]) -> Mapping[str, Any]:
        points, counts = (ops.take(arrays[name], plan["letters"], axis=0) for name in ("points", "counts"))
        points = mapped(plan["matrix"], points)
        if self.vary:
            points = points + ops.matmul(_waves(points), plan["waves"])
        middle, longest = box_of(points)
        points = (points - middle) / ops.maximum(longest, 1e-6)[:, None, None]
        drawn = ops.take(arrays["pen_down"], counts, axis=0)[:, :, None] > 0
        ends = ops.where(drawn, points[:, 1:], points[:, :-1])
        ink = draw_segments(ops.stack([points[:, :-1], ends], axis=2), plan["nib"], self.size)
        if self.vary:
            grain = ops.take(arrays["sheets"], plan["sheet"], axis=0)
            ink = scan_glyphs(ink[:, None], plan["scan"], grain)[:, 0]
        return {"image": as_images(ink), "character": plan["character"], "points": points, "count": counts}


def _weights(archive: Archive, labels: np.ndarray, usable: np.ndarray) -> np.ndarray:
    """How often each sample is drawn, (n,); those not asked for or not usable never."""
    people = np.zeros(len(archive), np.int64) if archive.writers is None else np.asarray(archive.writers, np.int64)
    kinds = people * (labels.max() + 2) + labels
    _, kind, counts = np.unique(kinds, return_inverse=True, return_counts=True)
    weights = np.where((labels >= 0) & usable, counts[kind] ** -0.5, 0.0)
    if not weights.any():
        raise ArchiveError("The archive holds no letter of these characters with strokes that can be learned.")
    return weights


def _waves(points: Any) -> Any:
    """Slow waves at points (B, n, 2) in a square of side 1, (B, n, 6): sums of them move the points a little."""
    phases = np.pi * (points + 0.5)
    return ops.concatenate([ops.sin(phases), ops.cos(phases), ops.sin(2 * phases)], axis=2)
