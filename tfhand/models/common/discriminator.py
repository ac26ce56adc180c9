"""The discriminator of the families that draw a letter from a character and a hand code."""

from __future__ import annotations

from typing import Any

from keras import layers, ops

from tfhand.models.networks import Subnetwork
from tfhand.nn.blocks import ResidualBlock, activate, convolution, dense
from tfhand.nn.equalized import MinibatchStdDev
from tfhand.nn.heads import projection
from tfhand.nn.precision import as_float32


class GlyphDiscriminator(Subnetwork):
    """Judges a glyph: is it that character, and, if asked, is it that hand writing that character.

    Both are projections of shared features.

    Args:
        config: of the networks it judges, a `HandConfig` or a `CGANConfig`.
        writers: how many there are in training; 0 leaves the second question out.
        group: glyphs of one character that are compared, see `MinibatchStdDev`; 0 judges each for itself.
    """

    def __init__(self, config: Any, writers: int = 0, group: int = 0):
        super().__init__(config, writers=writers, group=group)
        widths, size = config.discriminator_widths, config.image_size
        self.stem = convolution(widths[0])
        self.blocks = [ResidualBlock(width, downsample=True) for width in widths[1:]]
        self.deviation = MinibatchStdDev(group) if group else None
        self.to_vector = dense(config.discriminator_features)
        self.character = layers.Embedding(
            len(config.characters), config.discriminator_features, embeddings_initializer="random_normal"
        )
        self.unconditional = layers.Dense(1)
        if writers:
            self.writer = layers.Embedding(writers, config.hand_size)
            self.letter = layers.Embedding(len(config.characters), config.character_size)
            self.expected = [dense(config.discriminator_features), layers.Dense(config.discriminator_features)]
        self.stem.build((None, size, size, 1))
        for block, width in zip(self.blocks, widths[:-1], strict=True):
            block.build((None, size, size, width))
            size //= 2
        self.to_vector.build((None, size * size * (widths[-1] + (group > 0))))
        self.unconditional.build((None, config.discriminator_features))
        self.character.build((None,))
        if writers:
            self.writer.build((None,))
            self.letter.build((None,))
            self.expected[0].build((None, config.code_size + config.character_size))
            self.expected[1].build((None, config.discriminator_features))
        self.built = True

    def features(self, images):
        """(maps, vector): the inner maps (B, h, w, C) of three depths, and the features (B, discriminator_features)."""
        x = self.stem(images)
        maps = []
        for block in self.blocks:
            x = block(x)
            maps.append(x)
        if self.deviation:
            x = self.deviation(x)
        size = self.to_vector.kernel.shape[0]
        return maps[1:], activate(self.to_vector(activate(ops.reshape(x, (-1, size)))))

    def is_character(self, features, characters):
        """Logits (B,): a real glyph of this character?"""
        return as_float32(self.unconditional(features)[:, 0]) + projection(features, self.character(characters))

    def is_hand(self, features, writers, transforms, characters):
        """Logits (B,): this character by this writer, scanned like this (B, transform_size)?"""
        x = ops.concatenate([self.writer(writers), transforms, self.letter(characters)], axis=-1)
        return projection(features, self.expected[1](activate(self.expected[0](x))))

    def call(self, images, characters, *hand):
        """Logits (B, questions) of images (B, S, S, 1): is_character, with `hand` (writers, transforms) is_hand."""
        _, features = self.features(images)
        logits = [self.is_character(features, characters)]
        if hand:
            logits.append(self.is_hand(features, *hand, characters))
        return ops.stack(logits, axis=-1)
