"""The discriminator of the families that draw a letter from a character and a hand code."""

from __future__ import annotations

import keras
from keras import layers, ops

from tfhand.models.cgan.config import CGANConfig
from tfhand.models.hand.config import HandConfig
from tfhand.nn.blocks import ResidualBlock, activate, convolution, dense
from tfhand.nn.equalized import MinibatchStdDev
from tfhand.nn.heads import projection


class GlyphDiscriminator(keras.Model):
    """Judges a glyph: is it that character, and, if asked, is it that hand writing that character.

    Both are projections of shared features.

    Args:
        settings: of the networks it judges.
        writers: how many people there are in training; 0 leaves the second question out.
        group: letters of one character that are compared, see `MinibatchStdDev`; 0 judges each for itself.
    """

    def __init__(self, settings: HandConfig | CGANConfig, writers: int = 0, group: int = 0):
        super().__init__()
        self.settings, self.writers, self.group = settings, writers, group
        widths, size = settings.discriminator_widths, settings.image_size
        self.stem = convolution(widths[0])
        self.blocks = [ResidualBlock(width, downsample=True) for width in widths[1:]]
        self.deviation = MinibatchStdDev(group) if group else None
        self.gather = dense(settings.discriminator_features)
        self.character = layers.Embedding(
            len(settings.characters), settings.discriminator_features, embeddings_initializer="random_normal"
        )
        self.plain = layers.Dense(1)
        if writers:
            self.writer = layers.Embedding(writers, settings.hand_size)
            self.letter = layers.Embedding(len(settings.characters), settings.character_size)
            self.expect = [dense(settings.discriminator_features), layers.Dense(settings.discriminator_features)]
        self.stem.build((None, size, size, 1))
        for block, width in zip(self.blocks, widths[:-1], strict=True):
            block.build((None, size, size, width))
            size //= 2
        self.gather.build((None, size * size * (widths[-1] + (group > 0))))
        self.plain.build((None, settings.discriminator_features))
        self.character.build((None,))
        if writers:
            self.writer.build((None,))
            self.letter.build((None,))
            self.expect[0].build((None, settings.code_size + settings.character_size))
            self.expect[1].build((None, settings.discriminator_features))
        self.built = True

    def get_config(self):
        return {"settings": self.settings, "writers": self.writers, "group": self.group}

    def features(self, images):
        """(maps, vector): the inner maps (B, h, w, C) of three depths, and the features (B, judge_size)."""
        x = self.stem(images)
        maps = []
        for block in self.blocks:
            x = block(x)
            maps.append(x)
        if self.deviation:
            x = self.deviation(x)
        size = self.gather.kernel.shape[0]
        return maps[1:], activate(self.gather(activate(ops.reshape(x, (-1, size)))))

    def is_character(self, features, characters):
        """Logits (B,): a real glyph of this character?"""
        return self.plain(features)[:, 0] + projection(features, self.character(characters))

    def is_hand(self, features, writers, form, characters):
        """Logits (B,): this character by this writer in this form?"""
        x = ops.concatenate([self.writer(writers), form, self.letter(characters)], axis=-1)
        return projection(features, self.expect[1](activate(self.expect[0](x))))

    def call(self, images, characters, *hand):
        """Logits (B, questions) of images (B, S, S, 1): is_character, and is_hand where `hand` is (writers, form)."""
        _, features = self.features(images)
        logits = [self.is_character(features, characters)]
        if hand:
            logits.append(self.is_hand(features, *hand, characters))
        return ops.stack(logits, axis=-1)
