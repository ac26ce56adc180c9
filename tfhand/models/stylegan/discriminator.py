"""What a StyleGAN is trained against: is it a real letter of this character, is it in the hand of those beside it?"""

from __future__ import annotations

import keras
import numpy as np
from keras import layers, ops

from tfhand.models.stylegan.config import StyleGANConfig
from tfhand.nn.equalized import (
    DownBlock,
    EqualizedConvolution,
    EqualizedDense,
    MinibatchStdDev,
    activate,
    downsample2x,
    pixel_norm,
)
from tfhand.nn.heads import projection


class StyleDiscriminator(keras.Model):
    """Is it a real image of this character? Residual, with the deviation of groups of images before it decides.

    Karras et al. 2020, figure 7c, and a projection on the character. Call with images (B, S, S, 1), characters (B,)
    and, while it grows, fade as `StyleGenerator`; gives (B,).

    Args:
        settings: of the networks it judges.
        grows: whether it must be able to look at smaller images as well.
        group: images of one character that are compared, see `MinibatchStdDev`.
    """

    def __init__(self, settings: StyleGANConfig, grows: bool = False, group: int = 4):
        super().__init__()
        self.settings, self.grows, self.group = settings, grows, group
        widths, size = settings.discriminator_widths, settings.image_size
        self.look = [EqualizedConvolution(width, 1) for width in (widths if grows else widths[:1])]
        self.blocks = [DownBlock(width) for width in widths[1:]]
        self.deviation = MinibatchStdDev(group)
        self.gather = EqualizedConvolution(widths[-1])
        self.join = EqualizedDense(settings.discriminator_features)
        self.plain = EqualizedDense(1)
        normal = keras.initializers.RandomNormal(stddev=1.0)
        self.character = layers.Embedding(len(settings.characters), settings.discriminator_features, normal)
        self(np.zeros((1, size, size, 1), np.float32), np.zeros(1, np.int32), np.ones(len(widths), np.float32))

    def build(self, images_shape):
        """The layers build themselves in the call that the constructor makes."""

    def get_config(self):
        return {"settings": self.settings, "grows": self.grows, "group": self.group}

    def features(self, images, fade=None):
        """What it judges by: (B, judge_size)."""
        x = activate(self.look[0](images))
        for index, block in enumerate(self.blocks, 1):
            x, images = block(x), downsample2x(images)
            if self.grows:
                seen = fade[-index]
                x = seen * x + (1 - seen) * activate(self.look[index](images))
        x = activate(self.gather(self.deviation(x)))  # (B, 4, 4, C)
        return activate(self.join(ops.reshape(x, (-1, 16 * x.shape[-1]))))

    def is_character(self, features, characters):
        """Logits (B,): a real image of this character?"""
        return self.plain(features)[:, 0] + projection(features, self.character(characters))

    def call(self, images, characters, fade=None):
        return self.is_character(self.features(images, fade), characters)


class SameWriterDiscriminator(keras.Model):
    """Is a letter in the hand of other letters? Not in the papers: it makes a style mean one hand in all characters.

    A letter's mark is what shows of the hand in it, whichever character it is; a letter is in the hand of others as far
    as its mark is like theirs. Call with features (B, judge_size) of a `StyleDiscriminator` and characters (B,); gives
    marks (B, judge_size).

    Args:
        settings: of the networks that are judged.
        targets: letters of a hand, which follow each other in a batch.
    """

    def __init__(self, settings: StyleGANConfig, targets: int = 4):
        super().__init__()
        self.settings, self.targets = settings, targets
        normal = keras.initializers.RandomNormal(stddev=1.0)
        self.character = layers.Embedding(len(settings.characters), settings.character_size, normal)
        self.trunk = [EqualizedDense(settings.discriminator_features), EqualizedDense(settings.discriminator_features)]
        self(np.zeros((1, settings.discriminator_features), np.float32), np.zeros(1, np.int32))

    def build(self, features_shape):
        """The layers build themselves in the call that the constructor makes."""

    def get_config(self):
        return {"settings": self.settings, "targets": self.targets}

    def call(self, features, characters):
        first, second = self.trunk
        seen = ops.concatenate([pixel_norm(features), self.character(characters)], axis=-1)
        return second(activate(first(seen)))

    def is_hand(self, marks, others=None):
        """Logits (B,): each letter in the hand of others, of its own if none are given? Both (B, judge_size).

        Of the hand that stands in its place among the others, a letter is held against all letters but that in its own
        place, which is the same character.
        """
        others = marks if others is None else others
        hands = ops.reshape(others, (-1, self.targets, others.shape[-1]))
        rest = (ops.sum(hands, axis=1, keepdims=True) - hands) / (self.targets - 1)
        return projection(marks, ops.reshape(rest, others.shape))
