"""What a scan does to ink: blur, paler ink and grain, drawn at random with NumPy and applied in the graph."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from keras import ops

_BLUR, _INK, _GRAIN = (0.2, 0.9), (0.75, 1.0), (0.0, 10 / 255)  # pixels, share of the ink, standard deviation
_REACH = 3  # pixels on either side that a blur takes in
_BARE = 20 / 255  # paper, which has no grain
SHEETS = 1024  # of grain, of which every glyph gets one


@lru_cache
def grain_sheets(size: int) -> np.ndarray:
    """Sheets of standard normal grain, float32 (SHEETS, size, size), always the same."""
    return np.random.default_rng(0).standard_normal((SHEETS, size, size), np.float32)


def draw_scans(rng: np.random.Generator, scans: int, glyphs: int) -> dict[str, np.ndarray]:
    """What differs from scan to scan, for as many glyphs of each.

    Args:
        rng: of all that is drawn.
        scans, glyphs: how many.

    Returns:
        `scan` float32 (scans, 3), blur, ink and grain; `sheet` int32 (scans, glyphs), whose grain each glyph has.
    """
    settings = [rng.uniform(*bounds, scans) for bounds in (_BLUR, _INK, _GRAIN)]
    sheets = rng.integers(SHEETS, size=(scans, glyphs), dtype=np.int32)
    return {"scan": np.stack(settings, axis=1).astype(np.float32), "sheet": sheets}


def scan_glyphs(glyphs: Any, scans: Any, grain: Any) -> Any:
    """Glyphs as a scan of real paper shows them.

    Args:
        glyphs: (scans, n, S, S) in [0, 1], ink 1.
        scans: (scans, 3), see `draw_scans`.
        grain: (scans, n, S, S), standard normal.

    Returns:
        the same shape and range.
    """
    blur, ink, strength = (scans[:, place, None, None, None] for place in range(3))
    taps = [ops.exp(-(step**2) / (2 * ops.square(blur))) for step in range(_REACH + 1)]
    total = taps[0] + 2 * sum(taps[1:])
    taps = [tap / total for tap in taps]
    soft = _blurred(_blurred(glyphs, taps, 2), taps, 3) * ink
    return ops.clip(soft + strength * grain * ops.cast(soft > _BARE, "float32"), 0.0, 1.0)


def _blurred(glyphs: Any, taps: Sequence[Any], axis: int) -> Any:
    """Each pixel as a mean of those around it along an axis, by the weights of the middle and of each distance."""
    wide = ops.pad(glyphs, [(_REACH, _REACH) if each == axis else (0, 0) for each in range(4)])
    moved = [wide[(*[slice(None)] * axis, slice(start, start + glyphs.shape[axis]))] for start in range(2 * _REACH + 1)]
    return sum(taps[abs(start - _REACH)] * each for start, each in enumerate(moved))
