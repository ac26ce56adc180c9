"""StarGAN v2's discriminator, which can be asked about the writer as well."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers, ops

from tfhand.models.stargan.config import StarGANConfig
from tfhand.models.stargan.trunk import ConditionalTrunk, blank_input
from tfhand.nn.blocks import activate, kaiming
from tfhand.nn.heads import projection


class Discriminator(ConditionalTrunk):
    """D_y(x): the logit of x being a real image of the character y. Built as soon as it is made.

    Beyond the paper it can be asked a second question about the same features: is it this writer's hand?

    Call with image (B, S, S, 1) and domain (B,); gives (B,).

    Args:
        config: of the networks it judges.
        writers: how many writers `is_hand` knows; 0 leaves that question out.
    """

    def __init__(self, config: StarGANConfig, writers: int = 0):
        super().__init__(config, units=1, writers=writers)
        image, domain = blank_input(config)
        if writers:
            units, normal = self.to_vector.filters, keras.initializers.RandomNormal(stddev=1.0)
            self.writer = layers.Embedding(writers, config.style_size, normal)
            self.letter = layers.Embedding(len(config.characters), config.style_size, normal.clone())
            self.expected = [layers.Dense(units, kernel_initializer=kaiming()), layers.Dense(units)]
            self.is_hand(self.features(image), domain, np.zeros(1, np.float32), domain)
        self(image, domain)

    def call(self, image, domain):
        return self.is_character(self.features(image), domain)

    def is_character(self, features, domain):
        """Logits (B,): do the features (B, C) show a real image of this character (B,)?"""
        return self.heads(features, domain)[:, 0]

    def is_hand(self, features, writer, nib, domain):
        """Logits (B,): do the features (B, C) show how this writer (B,) with this nib (B,) writes this character (B,)?

        A projection on what a small network expects of the three; the bias of its last layer is the unconditional term.
        """
        about = ops.concatenate([self.writer(writer), nib[:, None], self.letter(domain)], axis=-1)
        return projection(features, self.expected[1](activate(self.expected[0](about))))
