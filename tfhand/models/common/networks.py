"""Networks that write a character from a hand code: who writes, and how it was scanned."""

from __future__ import annotations

import numpy as np
from keras import ops

from tfhand.models.networks import Networks, Parts
from tfhand.models.protocol import HandWriter, Tensor
from tfhand.nn.glyph_generator import GlyphGenerator, StyleMapping


class CodeNetworks(Networks):
    """Networks whose mapping network says how a hand writes a character, and whose generator draws it.

    They are a `HandWriter` themselves.

    Attributes:
        mapping_network: code, characters and noise to styles.
        generator: characters and styles to glyphs.
    """

    mapping_network: StyleMapping
    generator: GlyphGenerator

    @property
    def parts(self) -> Parts:
        size = self.image_size
        return {
            "mapping_network": (self.mapping_network, (self.config.style_size,)),
            "generator": (self.generator, (size, size, 1)),
        }

    @property
    def code_size(self) -> int:
        """Length of a hand code."""
        return self.config.code_size

    @property
    def noise_size(self) -> int:
        """Length of the noise that makes the letters of one person differ."""
        return self.config.noise_size

    @property
    def hand_in_noise(self) -> bool:
        """Whether what the letters of a random hand have in common is a part of the noise."""
        return False

    @property
    def within_axes(self) -> bool:
        """Whether hands lie within their axes."""
        return True

    def as_hand_writer(self) -> HandWriter:
        """The networks as synthesis and evaluation use them."""
        return self

    def encode(self, samples: Tensor, characters: Tensor, mask: Tensor) -> Tensor:
        """The average hand for everybody, (B, code_size): where a search begins that no encoder helps."""
        return ops.zeros((ops.shape(characters)[0], self.code_size))

    def write(self, codes: Tensor, characters: Tensor, noise: Tensor) -> Tensor:
        """Glyphs (B, S, S, 1) in [-1, 1] of characters (B,) by codes (B, code_size), with noise (B, noise_size)."""
        return self.generator(characters, self.mapping_network(codes, characters, noise))

    def related_codes(self, samples: Tensor, characters: Tensor, count: int) -> np.ndarray:
        """No hand codes, (0, code_size): these networks remember nobody."""
        return np.zeros((0, self.code_size), np.float32)

    def code_axes(self) -> np.ndarray:
        """Axes (n, code_size) along which codes are about standard normal: here each number of a code is."""
        return np.eye(self.code_size, dtype=np.float32)

    def random_hand(self, rng: np.random.Generator) -> np.ndarray:
        """The code (code_size,) of a person who does not exist."""
        return rng.standard_normal(self.code_size, np.float32)
