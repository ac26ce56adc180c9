"""From a character and a hand code to a glyph: the layers that draw, whatever family they serve."""

from __future__ import annotations

from typing import Protocol

from keras import layers, ops

from tfhand.nn.blocks import AdaINResidualBlock, InstanceNormalization, activate, convolution, dense, normalize_instance


class GlyphGeneratorConfig(Protocol):
    """The sizes that these layers ask of a family's config; each family says what they are."""

    characters: str
    code_size: int
    noise_size: int
    character_size: int
    style_size: int
    mapping_width: int
    mapping_depth: int
    generator_widths: tuple[int, ...]


def standardize(table):
    """People's vectors (W, D), each entry moved to mean 0 and variance 1 over the people.

    So a random person is standard normal noise, and no scale can be hidden in the table.
    """
    table = ops.convert_to_tensor(table)  # ops.moments takes no variable under JAX
    mean, variance = ops.moments(table, axes=0, keepdims=True)
    return (table - mean) * ops.rsqrt(variance + 1e-6)


class StyleMapping(layers.Layer):
    """How this hand writes this character, StarGAN v2's F(z, y): the style that draws it.

    Call with code (B, code_size), characters (B,) and noise (B, noise_size); gives (B, style_size).
    """

    def __init__(self, config: GlyphGeneratorConfig, **kwargs):
        super().__init__(**kwargs)
        self.config = config
        self.character = layers.Embedding(len(config.characters), config.character_size)
        self.trunk = [dense(config.mapping_width) for _ in range(config.mapping_depth)]
        self.style = dense(config.style_size)

    def build(self, code_shape, characters_shape=None, noise_shape=None):
        config = self.config
        self.character.build((None,))
        width = config.code_size + config.character_size + config.noise_size
        for layer in self.trunk:
            layer.build((None, width))
            width = config.mapping_width
        self.style.build((None, width))

    def call(self, code, characters, noise):
        x = ops.concatenate([code, self.character(characters), noise], axis=-1)
        for layer in self.trunk:
            x = activate(layer(x))
        return self.style(x)


class GlyphGenerator(layers.Layer):
    """A character drawn in a style: a learned constant for the character, 4 x 4, enlarged by AdaIN residual blocks.

    Call with characters (B,) and style (B, style_size); gives images (B, S, S, 1) in [-1, 1].

    Args:
        config: the sizes.
        spatial_style: the style changes the constant as well, place by place; AdaIN alone treats all places of a
            channel alike.
    """

    def __init__(self, config: GlyphGeneratorConfig, spatial_style: bool = False, **kwargs):
        super().__init__(**kwargs)
        self.config = config
        first = config.generator_widths[0]
        self.constants = layers.Embedding(len(config.characters), 16 * first, embeddings_initializer="random_normal")
        self.spatial = layers.Dense(16 * first, use_bias=False) if spatial_style else None
        self.blocks = [AdaINResidualBlock(first)]
        self.blocks += [AdaINResidualBlock(width, upsample=True) for width in config.generator_widths[1:]]
        self.norm = InstanceNormalization()
        self.to_image = convolution(1)

    def build(self, characters_shape, style_shape=None):
        widths, side = self.config.generator_widths, 4
        self.constants.build((None,))
        if self.spatial:
            self.spatial.build((None, self.config.style_size))
        for index, block in enumerate(self.blocks):
            block.build((None, side, side, widths[max(index - 1, 0)]), (None, self.config.style_size))
            side *= 2 if block.upsample else 1
        self.norm.build((None, side, side, widths[-1]))
        self.to_image.build((None, side, side, widths[-1]))

    def call(self, characters, style):
        x = self.constants(characters)
        if self.spatial:
            x = x + self.spatial(style)
        x = ops.reshape(x, (-1, 4, 4, self.config.generator_widths[0]))
        x = normalize_instance(x)
        for block in self.blocks:
            x = block(x, style)
        return ops.tanh(self.to_image(activate(self.norm(x))))  # (B, S, S, 1)
