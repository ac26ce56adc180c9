"""The reader, run by LiteRT: it reads as `Reader` does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfhand.models.light import LightModel
from tfhand.models.protocol import Tensor


class LightReader:
    """Call with images (B, S, S, 1) in [-1, 1]; gives logits (B, characters).

    Args:
        model: with the signature `read`.
        values: the preset's config.json.
    """

    def __init__(self, model: LightModel, values: Mapping[str, Any]):
        self._model = model
        self.characters, self.image_size = values["characters"], values["image_size"]

    def __call__(self, images: Tensor) -> Tensor:
        return self._model("read", images=images)
