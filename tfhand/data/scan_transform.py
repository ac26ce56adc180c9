"""The transform of a scan: slant, stretch, rotation and nib, the same for all glyphs of a hand; paper noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from tfhand.data.rasterize import shape_matrix

_SPREAD = {"slant": 0.16, "stretch": 0.18, "rotation": 0.06}  # standard deviations of a random transform
_NIB_RANGE = (1.1, 4.2)  # pixels at 32
_NIB_CENTRE, _NIB_SPREAD = np.log(2.4), 0.35
TRANSFORM_SIZE = 4  # slant, stretch, rotation, nib


@dataclass(frozen=True)
class ScanTransform:
    """What a scan adds to a hand, drawn anew for every hand of a batch: the same for all glyphs of that hand."""

    slant: float = 0.0
    stretch: float = 0.0
    rotation: float = 0.0
    nib: float = 2.4

    @classmethod
    def draw(cls, rng: np.random.Generator, nib: float | None = None, spread: float = 1.0) -> ScanTransform:
        """A random transform; `nib` fixes the line width where the ink is real, `spread` scales all but the nib."""
        shape = {
            name: spread * float(np.clip(rng.normal(0, usual), -2.5 * usual, 2.5 * usual))
            for name, usual in _SPREAD.items()
        }
        return cls(**shape, nib=draw_nib(rng) if nib is None else nib)

    @property
    def matrix(self) -> np.ndarray:
        """The (2, 2) map of coordinates, see `strokes.shape_matrix`."""
        return shape_matrix(self.slant, self.stretch, self.rotation)

    @property
    def vector(self) -> np.ndarray:
        """float32 array of shape (TRANSFORM_SIZE,): about standard normal."""
        shape = [getattr(self, name) / spread for name, spread in _SPREAD.items()]
        return np.array([*shape, (np.log(self.nib) - _NIB_CENTRE) / _NIB_SPREAD], np.float32)


def nibs_of(transforms: Any) -> Any:
    """Line widths (n,) in pixels at 32 of vectors (n, TRANSFORM_SIZE): arrays, or tensors of the backend."""
    return float(np.exp(_NIB_CENTRE)) * float(np.exp(_NIB_SPREAD)) ** transforms[:, -1]


def draw_nib(rng: np.random.Generator) -> float:
    """A line width in pixels at 32, any ratio as likely as another."""
    return float(np.exp(rng.uniform(*np.log(_NIB_RANGE))))


def scan_noise(rng: np.random.Generator, glyphs: np.ndarray) -> np.ndarray:
    """Blur, paler ink and grain, as a scan of real paper has them: uint8 (n, S, S) in and out."""
    sigma, gain, grain = rng.uniform(0.2, 0.9), rng.uniform(0.75, 1.0), rng.uniform(0, 10)
    soft = np.stack([cv2.GaussianBlur(glyph, (0, 0), sigma) for glyph in glyphs]).astype(np.float32) * gain
    return np.clip(soft + rng.normal(0, grain, glyphs.shape) * (soft > 20), 0, 255).astype(np.uint8)
