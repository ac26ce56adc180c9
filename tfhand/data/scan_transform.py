"""The transform of a scan: slant, stretch, rotation and nib, the same for all glyphs of a hand; paper noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tfhand.data.rasterize import shape_matrix

_SPREAD = {"slant": 0.16, "stretch": 0.18, "rotation": 0.06}  # standard deviations of a random transform
_NIB_RANGE = (1.1, 4.2)  # pixels at 32
_NIB_CENTRE, _NIB_SPREAD = np.log(2.4), 0.35
TRANSFORM_SIZE = 4  # slant, stretch, rotation, nib
USUAL_NIB = 2.4


@dataclass(frozen=True)
class ScanTransform:
    """What a scan adds to a hand, drawn anew for every hand of a batch: the same for all glyphs of that hand.

    Every field is a number, or an array of one shape for many hands.
    """

    slant: Any = 0.0
    stretch: Any = 0.0
    rotation: Any = 0.0
    nib: Any = USUAL_NIB

    @classmethod
    def draw(cls, rng: np.random.Generator, shape: tuple[int, ...] = (), nib: Any = np.nan, spread: float = 1.0):
        """Random transforms, of one hand or of many.

        Args:
            rng: of all that is drawn.
            shape: of the hands.
            nib: fixes the line width where the ink is real: a number or an array of the shape, drawn where it is nan.
            spread: scales all but the nib.
        """
        slant, stretch, rotation = (
            spread * usual * rng.standard_normal(shape).clip(-2.5, 2.5) for usual in _SPREAD.values()
        )
        nibs = draw_nib(rng, shape)
        return cls(slant, stretch, rotation, np.where(np.isnan(nib), nibs, nib))

    @classmethod
    def neutral(cls, shape: tuple[int, ...], nib: Any = np.nan) -> ScanTransform:
        """Many hands as they are; the nib as in `draw`, the usual one where it is nan."""
        nothing = np.zeros(shape)
        return cls(nothing, nothing, nothing, np.broadcast_to(np.where(np.isnan(nib), USUAL_NIB, nib), shape))

    @property
    def matrix(self) -> np.ndarray:
        """The (..., 2, 2) maps of coordinates, see `rasterize.shape_matrix`."""
        return shape_matrix(self.slant, self.stretch, self.rotation)

    @property
    def vector(self) -> np.ndarray:
        """float32 array of shape (..., TRANSFORM_SIZE): about standard normal."""
        shape = [getattr(self, name) / spread for name, spread in _SPREAD.items()]
        return np.stack([*shape, (np.log(self.nib) - _NIB_CENTRE) / _NIB_SPREAD], axis=-1).astype(np.float32)


def nibs_of(transforms: Any) -> Any:
    """Line widths (n,) in pixels at 32 of vectors (n, TRANSFORM_SIZE): arrays, or tensors of the backend."""
    return float(np.exp(_NIB_CENTRE)) * float(np.exp(_NIB_SPREAD)) ** transforms[:, -1]


def draw_nib(rng: np.random.Generator, shape: tuple[int, ...] = ()) -> Any:
    """Line widths in pixels at 32, any ratio as likely as another."""
    thinnest, thickest = np.log(_NIB_RANGE)
    return np.exp(rng.uniform(thinnest, thickest, shape))
