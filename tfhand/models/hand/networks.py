"""The networks that learn a hand: a few of a person's glyphs to a hand code, a hand code and a character to a glyph.

StarGAN v2's roles (Choi et al. 2020, arXiv 1912.01865, section 2.1) with the person where the paper has noise: the
mapping network F(z, y) says how hand z writes character y, the generator draws it with AdaIN from a learned form of the
character, and a hand encoder over any number of samples gives a person's z. A hand code has two parts: who writes
(standard normal over people) and the transform of the scan (slant, stretch, rotation, nib).
"""

from __future__ import annotations

import keras
import numpy as np

from tfhand.data.scan_transform import ScanTransform
from tfhand.models.common.networks import CodeNetworks
from tfhand.models.hand.config import HandConfig
from tfhand.models.networks import Parts
from tfhand.nn.glyph_generator import GlyphGenerator, StyleMapping
from tfhand.nn.set_encoder import SetEncoder


@keras.saving.register_keras_serializable("tfhand")
class HandNetworks(CodeNetworks):
    """What is shipped of a hand preset: hand encoder, mapping network and generator.

    Args:
        **config: the fields of `HandConfig`.
    """

    family = "hand"
    config_class = HandConfig
    config: HandConfig

    def __init__(self, **config):
        super().__init__(**config)
        self.hand_encoder = SetEncoder(
            len(self.config.characters),
            self.config.image_size,
            self.config.code_size,
            self.config.encoder_widths,
            self.config.encoder_features,
            self.config.character_size,
            self.config.encoder_dropout,
            self.config.prior,
        )
        self.mapping_network = StyleMapping(self.config)
        self.generator = GlyphGenerator(self.config)
        size = self.config.image_size
        self.hand_encoder.build((None, None, size, size, 1))
        self.mapping_network.build((None, self.config.code_size))
        self.generator.build((None,))
        self.built = True

    @property
    def parts(self) -> Parts:
        return {"hand_encoder": (self.hand_encoder, (self.code_size,)), **super().parts}

    def encode(self, samples, characters, mask, training=False):
        """Hand codes (B, code_size) of samples (B, K, S, S, 1) of characters (B, K), those with mask (B, K) of 1."""
        return self.hand_encoder(samples, characters, mask, training=training)

    def population(self, people: np.ndarray, nib: float) -> np.ndarray:
        """Hand codes (n, code_size) of people (n, hand_size), 0 being the average one, with a nib in pixels at 32."""
        transform = np.broadcast_to(ScanTransform(nib=nib).vector, (len(people), self.config.transform_size))
        return np.concatenate([people, transform], axis=1)

    def precisions(self, glyphs, characters):
        """How much glyphs (n, S, S, 1) of characters (n,) tell of each number of their writer, (n, hand_size)."""
        found = self.hand_encoder.estimates(glyphs[:, None], characters[:, None])[1][:, 0, : self.config.hand_size]
        return found / self.hand_encoder.prior

    def call(self, samples, characters, mask, queries, noise):
        """Glyphs (B, S, S, 1) of the queried characters (B,), in the hands of samples as for `encode`."""
        return self.write(self.encode(samples, characters, mask), queries, noise)
