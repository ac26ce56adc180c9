"""The networks that learn a hand: a few of a person's glyphs to a hand code, a hand code and a character to a glyph.

StarGAN v2's roles (Choi et al. 2020, arXiv 1912.01865, section 2.1) with the person where the paper has noise: the
mapping network F(z, y) says how hand z writes character y, the generator draws it with AdaIN from a learned form of the
character, and a hand encoder over any number of samples gives a person's z. A hand code has two parts: who writes
(standard normal over people) and the form of the scan (slant, stretch, rotation, nib).
"""

from __future__ import annotations

import keras

from tfhand.core.config import as_json, config_from
from tfhand.models.common.networks import CodeNetworks
from tfhand.models.hand.config import HandConfig
from tfhand.nn.glyph_generator import GlyphGenerator, StyleMapping
from tfhand.nn.set_encoder import SetEncoder

VARIATION = 0.5  # of the noise, in use: letters of one person differ, but not as much as a bad day's


@keras.saving.register_keras_serializable("tfhand")
class HandNetworks(CodeNetworks):
    """What is shipped of a hand preset: hand encoder, mapping network and generator.

    Args:
        **settings: the fields of `HandConfig`.
    """

    def __init__(self, **settings):
        super().__init__()
        self.settings = config_from(HandConfig, settings)
        self.hand_encoder = SetEncoder(
            len(self.settings.characters),
            self.settings.image_size,
            self.settings.code_size,
            self.settings.encoder_widths,
            self.settings.encoder_features,
            self.settings.character_size,
            self.settings.encoder_dropout,
            self.settings.prior,
        )
        self.mapping_network = StyleMapping(self.settings)
        self.generator = GlyphGenerator(self.settings)
        size = self.settings.image_size
        self.hand_encoder.config_from((None, None, size, size, 1))
        self.mapping_network.config_from((None, self.settings.code_size))
        self.generator.config_from((None,))
        self.built = True

    def get_config(self):
        return as_json(self.settings)

    def encode_hand(self, samples, characters, mask, training=False):
        """Hand codes (B, code_size) of samples (B, K, S, S, 1) of characters (B, K), those with mask (B, K) of 1."""
        return self.hand_encoder(samples, characters, mask, training=training)

    def call(self, samples, characters, mask, wanted, noise):
        """From samples to one wanted character each, in one go."""
        return self.write(self.encode_hand(samples, characters, mask), wanted, noise)
