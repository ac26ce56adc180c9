"""The aligner, run by LiteRT: it says what stands in each column as `Aligner` does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tfhand.core.config import config_from
from tfhand.models.aligner.config import AlignerConfig
from tfhand.models.light import LightModel
from tfhand.models.protocol import Tensor


class LightAligner:
    """Call with pictures (B, H, W, 1); gives logits (reading, letters), both (B, W / 2, 1 + characters).

    Args:
        model: with the signatures `columns` and `durations`.
        values: the preset's config.json.

    Attributes:
        durations: (1 + characters, 2), as of `Aligner`.
        reach: columns to each side that a column sees.
    """

    def __init__(self, model: LightModel, values: Mapping[str, Any]):
        config = config_from(AlignerConfig, values["config"])
        self._model, self.reach = model, config.reach
        self.characters, self.image_size = config.characters, config.image_size
        self.durations = model("durations", classes=np.arange(1 + len(config.characters), dtype=np.int32))

    def __call__(self, images: Tensor) -> tuple[Tensor, Tensor]:
        reading, letters = np.split(self._model("columns", images=images), 2, axis=-1)
        return reading, letters
