"""Pictures of letters with the trajectories of the pen that wrote them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfhand.data.archive import Archive
from tfhand.data.rasterize import draw_strokes
from tfhand.data.scan_transform import ScanTransform, scan_noise
from tfhand.data.streams.base import Stream
from tfhand.data.trajectories import Trajectories, box_normalized, split_strokes
from tfhand.errors import ArchiveError
from tfhand.hands.glyph import as_network_input

_WARP = 0.025  # standard deviation of each wave of a warp, in sides of the letter
_WIDEST = 5.0  # pixels at 32: a small letter's nib grows with it, up to here
_TOGETHER = 16  # letters that share the noise of one scan


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
        self._trajectories = [Trajectories.of(archive) for archive in archives]
        self._labels = [archive.places_in(characters) for archive in archives]
        self._sums = [
            np.cumsum(_weights(archive, labels, own.counts > 0))
            for archive, labels, own in zip(archives, self._labels, self._trajectories, strict=True)
        ]
        self._shares = np.array(shares) / np.sum(shares)

    def batch(self, number: int) -> dict[str, np.ndarray]:
        rng = self.rng(number)
        each = rng.choice(len(self.archives), self.batch_size, p=self._shares)
        found = [self._letter(rng, int(which)) for which in each]
        images = np.stack([image for image, *_ in found])
        if self.vary:
            starts = range(0, self.batch_size, _TOGETHER)
            images = np.concatenate([scan_noise(rng, images[start : start + _TOGETHER]) for start in starts])
        return {
            "image": as_network_input(images),
            "character": np.array([character for _, character, _, _ in found], np.int32),
            "points": np.stack([points for *_, points, _ in found]),
            "count": np.array([count for *_, count in found], np.int32),
        }

    def _letter(self, rng: np.random.Generator, which: int) -> tuple[np.ndarray, int, np.ndarray, int]:
        """Image (S, S), character, points and number of strokes of a random letter of an archive."""
        archive, own = self.archives[which], self._trajectories[which]
        index = int(np.searchsorted(self._sums[which], rng.random() * self._sums[which][-1], side="right"))
        points, count, transform = own.points[index], int(own.counts[index]), ScanTransform()
        if self.vary:
            transform = ScanTransform.draw(rng)
            points = _warped(rng, points @ transform.matrix.T.astype(np.float32))
        points = box_normalized(points).astype(np.float32)
        nib = min(transform.nib / archive.extent_of(index), _WIDEST)
        image = draw_strokes(split_strokes(points, count), self.size, nib)
        return image, int(self._labels[which][index]), points, count


def _weights(archive: Archive, labels: np.ndarray, usable: np.ndarray) -> np.ndarray:
    """How often each sample is drawn, (n,); those not asked for or not usable never."""
    people = np.zeros(len(archive), np.int64) if archive.writers is None else np.asarray(archive.writers, np.int64)
    kinds = people * (labels.max() + 2) + labels
    _, kind, counts = np.unique(kinds, return_inverse=True, return_counts=True)
    weights = np.where((labels >= 0) & usable, counts[kind] ** -0.5, 0.0)
    if not weights.any():
        raise ArchiveError("The archive holds no letter of these characters with strokes that can be learned.")
    return weights


def _warped(rng: np.random.Generator, points: np.ndarray) -> np.ndarray:
    """Points (n, 2) in a square of side 1, moved by a few slow waves."""
    phases = np.pi * (points + 0.5)
    waves = np.concatenate([np.sin(phases), np.cos(phases), np.sin(2 * phases)], axis=1)  # (n, 6)
    return points + (waves @ rng.normal(0, _WARP, (6, 2))).astype(np.float32)
