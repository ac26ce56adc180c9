"""The networks that learn a hand: a few of a person's glyphs to a hand code, a hand code and a character to a glyph.

StarGAN v2's roles (Choi et al. 2020, arXiv 1912.01865, section 2.1) with the person where the paper has noise: the
mapping network F(z, y) says how hand z writes character y, the generator draws it with AdaIN from a learned form of the
character, and a hand encoder over any number of samples gives a person's z. A hand code has two parts: who writes
(standard normal over people) and the form of the scan (slant, stretch, rotation, nib).
"""

from __future__ import annotations

import keras
from keras import layers, ops

from tfhand.families import HandSettings
from tfhand.nn.blocks import (
    AdaINResidualBlock,
    InstanceNormalization,
    ResidualBlock,
    activate,
    convolution,
    kaiming,
    normalize_instance,
)
from tfhand.nn.sets import SetEncoder
from tfhand.settings import build, plain

VARIATION = 0.5  # of the noise, in use: letters of one person differ, but not as much as a bad day's


def _dense(units: int) -> layers.Dense:
    return layers.Dense(units, kernel_initializer=kaiming())


class HandMapping(layers.Layer):
    """How this hand writes this character: the style that draws it.

    Call with code (B, code_size), characters (B,) and noise (B, noise_size); gives (B, style_size).
    """

    def __init__(self, settings: HandSettings, **kwargs):
        super().__init__(**kwargs)
        self.settings = settings
        self.character = layers.Embedding(len(settings.characters), settings.character_size)
        self.trunk = [_dense(settings.mapping_width) for _ in range(settings.mapping_depth)]
        self.style = _dense(settings.style_size)

    def build(self, code_shape, characters_shape=None, noise_shape=None):
        settings = self.settings
        self.character.build((None,))
        width = settings.code_size + settings.character_size + settings.noise_size
        for layer in self.trunk:
            layer.build((None, width))
            width = settings.mapping_width
        self.style.build((None, width))

    def call(self, code, characters, noise):
        x = ops.concatenate([code, self.character(characters), noise], axis=-1)
        for layer in self.trunk:
            x = activate(layer(x))
        return self.style(x)


class LetterGenerator(layers.Layer):
    """A character drawn in a style: a learned form of the character, 4 x 4, enlarged by AdaIN residual blocks.

    Call with characters (B,) and style (B, style_size); gives images (B, S, S, 1) in [-1, 1].
    """

    def __init__(self, settings: HandSettings, **kwargs):
        super().__init__(**kwargs)
        self.settings = settings
        first = settings.generator_widths[0]
        self.form = layers.Embedding(len(settings.characters), 16 * first, embeddings_initializer="random_normal")
        self.blocks = [AdaINResidualBlock(first)]
        self.blocks += [AdaINResidualBlock(width, upsample=True) for width in settings.generator_widths[1:]]
        self.norm = InstanceNormalization()
        self.draw = convolution(1)

    def build(self, characters_shape, style_shape=None):
        widths, side = self.settings.generator_widths, 4
        self.form.build((None,))
        for index, block in enumerate(self.blocks):
            block.build((None, side, side, widths[max(index - 1, 0)]), (None, self.settings.style_size))
            side *= 2 if block.upsample else 1
        self.norm.build((None, side, side, widths[-1]))
        self.draw.build((None, side, side, widths[-1]))

    def call(self, characters, style):
        x = ops.reshape(self.form(characters), (-1, 4, 4, self.settings.generator_widths[0]))
        x = normalize_instance(x)
        for block in self.blocks:
            x = block(x, style)
        return ops.tanh(self.draw(activate(self.norm(x))))  # (B, S, S, 1)


@keras.saving.register_keras_serializable("tfhand")
class HandNetworks(keras.Model):
    """What is shipped of a hand preset: hand encoder, mapping network and generator.

    Args:
        **settings: the fields of `HandSettings`.
    """

    def __init__(self, **settings):
        super().__init__()
        self.settings = build(HandSettings, settings)
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
        self.mapping_network = HandMapping(self.settings)
        self.generator = LetterGenerator(self.settings)
        size = self.settings.image_size
        self.hand_encoder.build((None, None, size, size, 1))
        self.mapping_network.build((None, self.settings.code_size))
        self.generator.build((None,))
        self.built = True

    def get_config(self):
        return plain(self.settings)

    def encode_hand(self, samples, characters, mask, training=False):
        """Hand codes (B, code_size) of samples (B, K, S, S, 1) of characters (B, K), those with mask (B, K) of 1."""
        return self.hand_encoder(samples, characters, mask, training=training)

    def write(self, code, characters, noise):
        """Glyphs (B, S, S, 1) in [-1, 1] of characters (B,) by hands (B, code_size) with noise (B, noise_size)."""
        return self.generator(characters, self.mapping_network(code, characters, noise))

    def call(self, samples, characters, mask, wanted, noise):
        """From samples to one wanted character each, in one go."""
        return self.write(self.encode_hand(samples, characters, mask), wanted, noise)


class HandDiscriminator(keras.Model):
    """Judges a glyph twice: is it that character, and is it that hand writing that character.

    Both are projections (Miyato & Koyama 2018, arXiv 1802.05637, equation 3) of shared features.

    Args:
        settings: of the networks it judges.
        writers: how many people there are in training.
    """

    def __init__(self, settings: HandSettings, writers: int):
        super().__init__()
        self.settings = settings
        widths, size = settings.discriminator_widths, settings.image_size
        self.stem = convolution(widths[0])
        self.blocks = [ResidualBlock(width, downsample=True) for width in widths[1:]]
        self.gather = _dense(settings.judge_size)
        self.character = layers.Embedding(
            len(settings.characters), settings.judge_size, embeddings_initializer="random_normal"
        )
        self.plain = layers.Dense(1)
        self.writer = layers.Embedding(writers, settings.hand_size)
        self.letter = layers.Embedding(len(settings.characters), settings.character_size)
        self.expect = [_dense(settings.judge_size), layers.Dense(settings.judge_size)]
        self.stem.build((None, size, size, 1))
        for block, width in zip(self.blocks, widths[:-1], strict=True):
            block.build((None, size, size, width))
            size //= 2
        self.gather.build((None, size * size * widths[-1]))
        self.plain.build((None, settings.judge_size))
        for embedding in (self.character, self.writer, self.letter):
            embedding.build((None,))
        self.expect[0].build((None, settings.code_size + settings.character_size))
        self.expect[1].build((None, settings.judge_size))
        self.built = True

    def get_config(self):
        return {"settings": self.settings, "writers": self.writer.input_dim}

    def features(self, images):
        """(maps, vector): the inner maps (B, h, w, C) of three depths, and the features (B, judge_size)."""
        x = self.stem(images)
        maps = []
        for block in self.blocks:
            x = block(x)
            maps.append(x)
        size = self.gather.kernel.shape[0]
        return maps[1:], activate(self.gather(activate(ops.reshape(x, (-1, size)))))

    def is_character(self, features, characters):
        """Logits (B,): a real glyph of this character?"""
        projection = ops.sum(features * self.character(characters), axis=-1)
        return self.plain(features)[:, 0] + projection / self.settings.judge_size**0.5

    def is_hand(self, features, writers, form, characters):
        """Logits (B,): this character by this writer in this form?"""
        x = ops.concatenate([self.writer(writers), form, self.letter(characters)], axis=-1)
        expected = self.expect[1](activate(self.expect[0](x)))
        return ops.sum(features * expected, axis=-1) / self.settings.judge_size**0.5

    def call(self, images, writers, form, characters):
        """(is_character, is_hand) logits of images (B, S, S, 1)."""
        _, features = self.features(images)
        return self.is_character(features, characters), self.is_hand(features, writers, form, characters)
