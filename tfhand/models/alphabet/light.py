"""The networks that complete an alphabet, run by LiteRT: they write as `AlphabetNetworks` do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tfhand.core.config import config_from
from tfhand.errors import PresetError
from tfhand.models.alphabet.config import AlphabetConfig
from tfhand.models.alphabet.people import random_person
from tfhand.models.light import NEEDS_KERAS, LightModel
from tfhand.models.protocol import HandWriter, Tensor

AT_ONCE = 16  # samples of which `own_forms` is found: LiteRT knows gradients only where it knows how many there are


class LightAlphabet:
    """A `HandWriter` that finds hand codes, writes, and makes up people.

    Args:
        model: with the signatures `own_forms`, `encode_hand`, `write` and `imagine`.
        values: the preset's config.json.
    """

    hand_in_noise = False
    within_axes = False

    def __init__(self, model: LightModel, values: Mapping[str, Any]):
        config = config_from(AlphabetConfig, values["config"])
        self._model, self._hand_size = model, config.hand_size
        self.characters, self.image_size = config.characters, config.image_size
        self.code_size, self.noise_size = len(config.characters) * config.form_size + 1, config.form_size

    def as_hand_writer(self) -> HandWriter:
        """Itself."""
        return self

    def encode(self, samples: Tensor, characters: Tensor, mask: Tensor) -> Tensor:
        """Hand codes (B, code_size) of samples (B, K, S, S, 1) of characters (B, K), those with mask (B, K) of 1."""
        return np.concatenate([self._encoded(*each) for each in zip(samples, characters, mask, strict=True)])

    def _encoded(self, samples: np.ndarray, characters: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """The hand code (1, code_size) of samples (K, S, S, 1)."""
        count, forms = len(samples), []
        for start in range(0, count, AT_ONCE):
            places = np.arange(start, start + AT_ONCE)[None] % count  # the first ones again where there are too few
            forms.append(self._model("own_forms", samples=samples[places], characters=characters[places])[0])
        own = np.concatenate(forms)[:count]
        given = {"samples": samples, "characters": characters, "mask": mask, "own": own}
        return self._model("encode_hand", **{name: value[None] for name, value in given.items()})

    def write(self, codes: Tensor, characters: Tensor, noise: Tensor) -> Tensor:
        """Glyphs (B, S, S, 1) in [-1, 1] of characters (B,) by codes (B, code_size), with noise (B, noise_size)."""
        return self._model("write", code=codes, characters=characters, noise=noise)

    def random_hand(self, rng: np.random.Generator) -> np.ndarray:
        """The code (code_size,) of a person who does not exist."""
        person, nib = random_person(rng, self._hand_size)
        return np.append(self._model("imagine", people=person)[0], np.float32(nib))

    def related_codes(self, samples: Tensor, characters: Tensor, count: int) -> np.ndarray:
        """Not by LiteRT."""
        raise PresetError(NEEDS_KERAS)

    def code_axes(self) -> np.ndarray:
        """Not by LiteRT."""
        raise PresetError(NEEDS_KERAS)
