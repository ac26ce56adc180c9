"""What the networks share that write a letter from a hand code: who writes, and the form of the scan."""

from __future__ import annotations

import keras
import numpy as np

from tfhand.nn.glyph_generator import GlyphGenerator, GlyphGeneratorConfig, StyleMapping


class CodeNetworks(keras.Model):
    """Networks whose mapping network says how a hand writes a character, and whose generator draws it.

    Attributes:
        settings: sizes of the networks.
        mapping_network: code, characters and noise to styles.
        generator: characters and styles to glyphs.
    """

    settings: GlyphGeneratorConfig
    mapping_network: StyleMapping
    generator: GlyphGenerator

    def write(self, code, characters, noise):
        """Glyphs (B, S, S, 1) in [-1, 1] of characters (B,) by hands (B, code_size) with noise (B, noise_size)."""
        return self.generator(characters, self.mapping_network(code, characters, noise))

    def code_axes(self) -> np.ndarray:
        """Axes (n, code_size) along which codes are about standard normal: here each number of a code is."""
        return np.eye(self.settings.code_size, dtype=np.float32)

    def random_hand(self, rng: np.random.Generator) -> np.ndarray:
        """The code (code_size,) of a person who does not exist."""
        return rng.standard_normal(self.settings.code_size, np.float32)
