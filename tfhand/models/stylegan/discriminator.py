"""What a StyleGAN is trained against: is it a real letter of this character, is it in the hand of those beside it?"""

from __future__ import annotations

import keras
import numpy as np
from keras import layers, ops

from tfhand.models.networks import Subnetwork
from tfhand.models.stylegan.config import StyleGANConfig
from tfhand.nn.equalized import (
    DownBlock,
    EqualizedConvolution,
    EqualizedDense,
    MinibatchStdDev,
    activate,
    pixel_norm,
)
from tfhand.nn.heads import projection
from tfhand.nn.precision import as_float32
from tfhand.nn.resampling import downsample2x


class StyleDiscriminator(Subnetwork):
    """Is it a real image of this character? Residual, with the deviation of groups of images before it decides.

    Karras et al. 2020, figure 7c, and a projection on the character. Call with images (B, S, S, 1), characters (B,)
    and, while it grows, fade as `StyleGenerator`; gives (B,).

    Args:
        config: of the networks it judges.
        grows: whether it must be able to look at smaller images as well.
        group: images of one character that are compared, see `MinibatchStdDev`.
    """

    config_class = StyleGANConfig

    def __init__(self, config: StyleGANConfig, grows: bool = False, group: int = 4):
        super().__init__(config, grows=grows, group=group)
        widths, size = config.discriminator_widths, config.image_size
        self.from_image = [EqualizedConvolution(width, 1) for width in (widths if grows else widths[:1])]
        self.blocks = [DownBlock(width) for width in widths[1:]]
        self.deviation = MinibatchStdDev(group)
        self.last_convolution = EqualizedConvolution(widths[-1])
        self.to_vector = EqualizedDense(config.discriminator_features)
        self.unconditional = EqualizedDense(1)
        normal = keras.initializers.RandomNormal(stddev=1.0)
        self.character = layers.Embedding(len(config.characters), config.discriminator_features, normal)
        self(np.zeros((1, size, size, 1), np.float32), np.zeros(1, np.int32), np.ones(len(widths), np.float32))

    def features(self, images, fade=None):
        """What it judges by: (B, discriminator_features)."""
        x = activate(self.from_image[0](images))
        for index, block in enumerate(self.blocks, 1):
            x, images = block(x), downsample2x(images)
            if self.grows:
                seen = ops.cast(fade[-index], x.dtype)
                x = seen * x + (1 - seen) * activate(self.from_image[index](images))
        x = activate(self.last_convolution(self.deviation(x)))  # (B, 4, 4, C)
        return activate(self.to_vector(ops.reshape(x, (-1, 16 * x.shape[-1]))))

    def is_character(self, features, characters):
        """Logits (B,): a real image of this character?"""
        return as_float32(self.unconditional(features)[:, 0]) + projection(features, self.character(characters))

    def call(self, images, characters, fade=None):
        return self.is_character(self.features(images, fade), characters)


class SameWriterDiscriminator(Subnetwork):
    """Is a letter in the hand of other letters? Not in the papers: it makes a style mean one hand in all characters.

    The embedding of a letter holds what shows of the hand in it, whichever character it is; a letter is in the hand of
    others as far as its embedding is like theirs. Call with features (B, discriminator_features) of a
    `StyleDiscriminator` and characters (B,); gives embeddings (B, discriminator_features).

    Args:
        config: of the networks that are judged.
        targets: letters of a hand, which follow each other in a batch.
    """

    config_class = StyleGANConfig

    def __init__(self, config: StyleGANConfig, targets: int = 4):
        super().__init__(config, targets=targets)
        normal = keras.initializers.RandomNormal(stddev=1.0)
        self.character = layers.Embedding(len(config.characters), config.character_size, normal)
        self.trunk = [EqualizedDense(config.discriminator_features), EqualizedDense(config.discriminator_features)]
        self(np.zeros((1, config.discriminator_features), np.float32), np.zeros(1, np.int32))

    def call(self, features, characters):
        first, second = self.trunk
        seen = ops.concatenate([pixel_norm(features), self.character(characters)], axis=-1)
        return second(activate(first(seen)))

    def is_hand(self, embeddings, others=None):
        """Logits (B,): each letter in the hand of others, of its own if none are given? Both (B,
        discriminator_features).

        Of the hand that stands in its place among the others, a letter is held against all letters but that in its own
        place, which is the same character.
        """
        others = embeddings if others is None else others
        hands = ops.reshape(others, (-1, self.targets, others.shape[-1]))
        rest = (ops.sum(hands, axis=1, keepdims=True) - hands) / (self.targets - 1)
        return projection(embeddings, ops.reshape(rest, others.shape))
