"""The reader: which character is this? A judge of legibility, never a loss of what it judges."""

from __future__ import annotations

import keras
from keras import layers, ops

from tfhand.core.config import as_json, config_from
from tfhand.models.reader.config import ReaderConfig
from tfhand.nn.blocks import ResidualBlock, activate, convolution, kaiming


@keras.saving.register_keras_serializable("tfhand")
class Reader(keras.Model):
    """A small residual classifier of glyphs.

    Call with images (B, S, S, 1) in [-1, 1]; gives logits (B, characters).

    Args:
        **settings: the fields of `ReaderConfig`.
    """

    def __init__(self, **settings):
        super().__init__()
        self.settings = config_from(ReaderConfig, settings)
        widths, size = self.settings.widths, self.settings.image_size
        self.stem = convolution(widths[0])
        self.blocks = [ResidualBlock(width, downsample=True) for width in widths[1:]]
        self.gather = layers.Dense(self.settings.features, kernel_initializer=kaiming())
        self.drop = layers.Dropout(self.settings.dropout, seed=0)
        self.decide = layers.Dense(len(self.settings.characters))
        self.stem.config_from((None, size, size, 1))
        for block, width in zip(self.blocks, widths[:-1], strict=True):
            block.config_from((None, size, size, width))
            size //= 2
        self.gather.config_from((None, size * size * widths[-1]))
        self.decide.config_from((None, self.settings.features))
        self.built = True

    def get_config(self):
        return as_json(self.settings)

    @property
    def characters(self) -> str:
        """All it can read, in the order of its logits."""
        return self.settings.characters

    def maps(self, images) -> list:
        """What it sees on the way, from fine to coarse: one (B, h, w, C) after each block."""
        x, maps = self.stem(images), []
        for block in self.blocks:
            x = block(x)
            maps.append(x)
        return maps

    def features(self, images):
        """What it sees before it decides, (B, features)."""
        x = self.maps(images)[-1]
        return activate(self.gather(activate(ops.reshape(x, (-1, self.gather.kernel.shape[0])))))

    def call(self, images, training=False):
        return self.decide(self.drop(self.features(images), training=training))
