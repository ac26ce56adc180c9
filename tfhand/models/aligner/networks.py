"""The aligner: what stands in each column of a line, as a reader sees it and as one who looks for letters does.

Both answers come from the same features. CTC learns from the text alone, so from every word; but it says a letter in
one column and nothing in the others. The other head names the letter of each column, and learns from the words whose
letters are known.
"""

from __future__ import annotations

import keras
from keras import layers, ops

from tfhand.data.streams.words import STEP
from tfhand.models.aligner.config import AlignerConfig
from tfhand.models.networks import Networks, Parts
from tfhand.nn.blocks import EPSILON, activate, convolution, dense, kaiming
from tfhand.nn.dropout import Dropout

_POOLING = ((2, 2), (2, 1), (2, 1), (1, 1))  # after each convolution over the picture
_USUAL = (1.0, 0.4)  # x-heights, mean and deviation of a letter's width where none was measured


@keras.saving.register_keras_serializable("tfhand")
class Aligner(Networks):
    """Convolutions over the picture, then dilated ones or gated recurrent units along the line.

    Call with pictures (B, H, W, 1) in [-1, 1], ink 1, W even and the baseline at two thirds of H; gives logits
    (reading, letters), both (B, W / 2, 1 + characters). Class 0 is CTC's blank for the first, and a column without a
    letter for the second; the characters follow from 1 up.

    Args:
        **config: the fields of `AlignerConfig`.

    Attributes:
        durations: (1 + characters, 2), mean and deviation of each character's width in x-heights, as in the words
            trained on; first of the gap between two letters.
    """

    family = "aligner"
    config_class = AlignerConfig
    config: AlignerConfig

    def __init__(self, **config):
        super().__init__(**config)
        config, classes = self.config, 1 + len(self.config.characters)
        self.convolutions = [convolution(width) for width in config.widths]
        self.to_column = dense(config.features)
        along = _recurrent_layers(config) if config.recurrent else _dilated_layers(config)
        self.norms = [layers.LayerNormalization(epsilon=EPSILON) for _ in along]
        self.context = along
        self.dropout = Dropout(config.dropout, seed=0)
        self.to_reading, self.to_letters = layers.Dense(classes), layers.Dense(classes)
        for layer, channels in zip(self.convolutions, (1, *config.widths), strict=False):
            layer.build((None, None, None, channels))
        self.to_column.build((None, None, config.image_size // 8 * config.widths[-1]))
        for layer in (*self.norms, *self.context, self.to_reading, self.to_letters):
            layer.build((None, None, config.features))
        self.durations = self.add_weight(name="durations", shape=(classes, 2), initializer="zeros", trainable=False)
        self.durations.assign([_USUAL] * classes)
        self.built = True

    @property
    def reach(self) -> int:
        """Columns to each side that a column sees, as the configuration has it."""
        return self.config.reach

    @property
    def parts(self) -> Parts:
        config, classes = self.config, 1 + len(self.config.characters)
        height = config.image_size
        parts: Parts = {}
        for number, (layer, width, pool) in enumerate(zip(self.convolutions, config.widths, _POOLING, strict=True)):
            parts[f"convolutions[{number}]"] = layer, (height, None, width)
            height //= pool[0]
        parts["to_column"] = self.to_column, (None, config.features)
        for number, (norm, layer) in enumerate(zip(self.norms, self.context, strict=True)):
            parts[f"norms[{number}]"] = norm, (None, config.features)
            parts[f"context[{number}]"] = layer, (None, config.features)
        return {
            **parts,
            "to_reading": (self.to_reading, (None, classes)),
            "to_letters": (self.to_letters, (None, classes)),
            "durations": (self.durations, (2,)),
        }

    def features(self, images, training=False):
        """What is seen in and around each column, (B, W / 2, features)."""
        x = images
        for convolve, pool in zip(self.convolutions, _POOLING, strict=True):
            x = activate(convolve(x))
            x = ops.average_pool(x, pool, strides=pool) if pool != (1, 1) else x
        x = ops.transpose(x, (0, 2, 1, 3))  # (B, W / 2, H / 8, C)
        x = ops.reshape(x, (-1, ops.shape(x)[1], x.shape[2] * x.shape[3]))
        x = self.to_column(x)  # (B, W / 2, features)
        for norm, convolve in zip(self.norms, self.context, strict=True):
            x = x + convolve(self.dropout(activate(norm(x)), training=training))
        return activate(x)

    def read(self, images):
        """CTC's logits (B, W / 2, 1 + characters)."""
        return self.to_reading(self.features(images))

    def find_letters(self, images):
        """Logits (B, W / 2, 1 + characters) of the letter in each column."""
        return self.to_letters(self.features(images))

    def call(self, images, training=False):
        x = self.features(images, training=training)
        return self.to_reading(x), self.to_letters(x)


def _dilated_layers(config: AlignerConfig) -> list[layers.Layer]:
    shape = {"padding": "same", "kernel_initializer": kaiming()}
    return [layers.Conv1D(config.features, 3, dilation_rate=rate, **shape) for rate in config.dilations]


def _recurrent_layers(config: AlignerConfig) -> list[layers.Layer]:
    half = config.features // 2
    return [layers.Bidirectional(layers.GRU(half, return_sequences=True)) for _ in range(config.recurrent)]


assert STEP == 2, "pooling halves the width once"
