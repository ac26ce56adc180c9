"""The reader: which character is this? A judge of legibility, never a loss of what it judges."""

from __future__ import annotations

import keras
from keras import layers, ops

from tfhand.models.networks import Networks, Parts
from tfhand.models.reader.config import ReaderConfig
from tfhand.nn.blocks import ResidualBlock, activate, convolution, kaiming
from tfhand.nn.dropout import Dropout


@keras.saving.register_keras_serializable("tfhand")
class Reader(Networks):
    """A small residual classifier of glyphs.

    Call with images (B, S, S, 1) in [-1, 1]; gives logits (B, characters).

    Args:
        **config: the fields of `ReaderConfig`.
    """

    family = "reader"
    config_class = ReaderConfig
    config: ReaderConfig

    def __init__(self, **config):
        super().__init__(**config)
        widths, size = self.config.widths, self.config.image_size
        self.stem = convolution(widths[0])
        self.blocks = [ResidualBlock(width, downsample=True) for width in widths[1:]]
        self.to_vector = layers.Dense(self.config.features, kernel_initializer=kaiming())
        self.dropout = Dropout(self.config.dropout, seed=0)
        self.classify = layers.Dense(len(self.config.characters))
        self.stem.build((None, size, size, 1))
        for block, width in zip(self.blocks, widths[:-1], strict=True):
            block.build((None, size, size, width))
            size //= 2
        self.to_vector.build((None, size * size * widths[-1]))
        self.classify.build((None, self.config.features))
        self.built = True

    @property
    def parts(self) -> Parts:
        config, size = self.config, self.image_size
        parts: Parts = {"stem": (self.stem, (size, size, config.widths[0]))}
        for index, block in enumerate(self.blocks):
            size //= 2
            parts[f"blocks[{index}]"] = block, (size, size, block.filters)
        return {
            **parts,
            "to_vector": (self.to_vector, (config.features,)),
            "classify": (self.classify, (len(config.characters),)),
        }

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
        return activate(self.to_vector(activate(ops.reshape(x, (-1, self.to_vector.kernel.shape[0])))))

    def call(self, images, training=False):
        return self.classify(self.dropout(self.features(images), training=training))
