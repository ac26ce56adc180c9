"""StyleGAN: a mapping network from noise and a character to a style, a generator that draws it layer by layer.

Karras et al. 2019 (arXiv 1812.04948) with the networks of Karras et al. 2020 (arXiv 1912.04958): modulated
convolutions, a generator whose sizes each add to the picture. Beside them an encoder, which the papers do not have:
real letters to a style. Images are floats in [-1, 1], ink 1 and paper -1; w is called a style, w+ styles.
"""

from __future__ import annotations

import keras
import numpy as np
from keras import layers, ops

from tfhand.models.common.networks import CodeNetworks
from tfhand.models.networks import Parts
from tfhand.models.stylegan.config import TRUNCATION, StyleGANConfig
from tfhand.nn.equalized import EqualizedDense, activate, pixel_norm
from tfhand.nn.modulated import StyledConv, ToImage
from tfhand.nn.precision import as_float32
from tfhand.nn.resampling import upsample2x
from tfhand.nn.set_encoder import SetEncoder

MAPPING_RATE = 0.01  # how fast the mapping network learns beside the generator (arXiv 1812.04948, appendix C)
HANDS = 4096  # random ones that say how hands differ
SPREADS = 2.0  # how far a step of 1 leads along an axis in which they differ, as real people differ more
PRIOR = 0.5  # weight of a character's mean style beside the letters that the encoder sees


class NoiseMapping(layers.Layer):
    """How a random hand writes a character.

    Call with latent (B, latent_size) and characters (B,); gives styles (B, style_size).
    """

    def __init__(self, config: StyleGANConfig, **kwargs):
        super().__init__(**kwargs)
        self.joint = config.mapping == "joint"
        size = config.latent_size if self.joint else config.style_size
        normal = keras.initializers.RandomNormal(stddev=1.0)
        self.character = layers.Embedding(len(config.characters), size, normal)
        widths = [config.mapping_width] * (config.mapping_depth - 1) + [config.style_size]
        self.trunk = [EqualizedDense(width, rate=MAPPING_RATE) for width in widths]

    def build(self, latent_shape, characters_shape=None):
        width = latent_shape[-1]
        self.character.build((None,))
        if self.joint:
            width += self.character.output_dim
        for layer in self.trunk:
            layer.build((None, width))
            width = layer.units

    def call(self, latent, characters):
        x, which = pixel_norm(latent), self.character(characters)
        if self.joint:
            x = ops.concatenate([x, pixel_norm(which)], axis=-1)
        for layer in self.trunk:
            x = activate(layer(x))
        return x if self.joint else x + which


class StyleAdapter(layers.Layer):
    """What the style of a hand becomes for one character: the style itself before training, then more and more its own.

    Call with styles (B, layers, style_size) and characters (B,); gives styles of the same shape.
    """

    def __init__(self, config: StyleGANConfig, **kwargs):
        super().__init__(**kwargs)
        normal = keras.initializers.RandomNormal(stddev=1.0)
        self.character = layers.Embedding(len(config.characters), config.character_size, normal)
        self.trunk = [EqualizedDense(config.mapping_width) for _ in range(config.adapter_depth)]
        self.change = EqualizedDense(config.style_size)

    def build(self, styles_shape, characters_shape=None):
        width = styles_shape[-1] + self.character.output_dim
        self.character.build((None,))
        for layer in self.trunk:
            layer.build((None, width))
            width = layer.units
        self.change.build((None, width))
        self.strength = self.add_weight(shape=(styles_shape[-1],), initializer="zeros", name="strength")

    def call(self, styles, characters):
        which = ops.repeat(self.character(characters)[:, None, :], styles.shape[1], axis=1)
        x = ops.concatenate([styles, which], axis=-1)
        for layer in self.trunk:
            x = activate(layer(x))
        return styles + self.strength * self.change(x)


class StyleGenerator(layers.Layer):
    """A learned constant, convolved in a style at each size from 4 x 4 up; every size adds ink to the picture.

    Layer 0 is at 4 x 4; layers 2l - 1 and 2l are at 4 * 2^l pixels, and the ink of that size has the style 2l + 1,
    which is that of the next size's first layer.

    Call with characters (B,), styles (B, layers, style_size), noise (B or 1, noise_size) and, while it grows, fade
    (sizes,): how much of each size's ink is to be seen. Gives images (B, S, S, 1) in [-1, 1].
    """

    def __init__(self, config: StyleGANConfig, **kwargs):
        super().__init__(**kwargs)
        self.config = config
        first, *others = config.generator_widths
        normal = keras.initializers.RandomNormal(stddev=1.0)
        shared = config.constants == "shared"
        self.constants = layers.Embedding(1 if shared else len(config.characters), 16 * first, normal)
        self.adapter = StyleAdapter(config) if config.adapter_depth else None
        self.styled = [StyledConv(first)]
        for width in others:
            self.styled += [StyledConv(width, upsample=True), StyledConv(width)]
        self.to_images = [ToImage() for _ in config.generator_widths]

    def build(self, characters_shape, styles_shape=None, noise_shape=None):
        config, width = self.config, self.config.generator_widths[0]
        style_shape = (None, config.style_size)
        self.constants.build((None,))
        if self.adapter:
            self.adapter.build((None, config.layer_count, config.style_size))
        for layer in self.styled:
            layer.build((None, None, None, width), style_shape)
            width = layer.filters
        for to_image, width in zip(self.to_images, config.generator_widths, strict=True):
            to_image.build((None, None, None, width), style_shape)

    def call(self, characters, styles, noise, fade=None):
        which = characters if self.config.constants == "by_character" else ops.zeros_like(characters)
        x = ops.reshape(self.constants(which), (-1, 4, 4, self.config.generator_widths[0]))
        maps = noise_maps(noise, self.config)
        styles = self.adapter(styles, characters) if self.adapter else styles
        x = self.styled[0](x, styles[:, 0], maps[0])
        picture = self.to_images[0](x, styles[:, 1])
        for size, to_image in enumerate(self.to_images[1:], 1):
            for layer in (2 * size - 1, 2 * size):
                x = self.styled[layer](x, styles[:, layer], maps[layer])
            new = to_image(x, styles[:, 2 * size + 1])
            picture = upsample2x(picture) + (new if fade is None else fade[size] * new)
        return ops.tanh(picture)  # (B, S, S, 1)


def noise_maps(noise, config: StyleGANConfig) -> list:
    """The flat noise (B, noise_size) cut into one map (B, H, W, 1) for each layer."""
    sides = config.noise_sides
    ends = np.cumsum([side * side for side in sides])
    return [
        ops.reshape(noise[:, end - side * side : end], (-1, side, side, 1))
        for side, end in zip(sides, ends.tolist(), strict=True)
    ]


@keras.saving.register_keras_serializable("tfhand")
class StyleGAN(CodeNetworks):
    """What is shipped of a StyleGAN preset: mapping network, generator, encoder, and each character's mean style.

    Call with latent (B, latent_size), characters (B,) and noise (B, noise_size); gives images (B, S, S, 1).

    A hand code is how far a style is from the mean style of its character.

    Args:
        **config: the fields of `StyleGANConfig`.
    """

    family = "stylegan"
    config_class = StyleGANConfig
    config: StyleGANConfig

    def __init__(self, **values):
        super().__init__(**values)
        config = self.config
        count, size = len(config.characters), config.image_size
        self.mapping_network = NoiseMapping(config)
        self.generator = StyleGenerator(config)
        self.encoder = SetEncoder(
            count,
            size,
            config.style_size,
            config.encoder_widths,
            config.encoder_features,
            config.character_size,
            dropout=0.0,
            prior=PRIOR,
        )
        self.mean_styles = self.add_weight(
            name="mean_styles", shape=(count, config.style_size), initializer="zeros", trainable=False
        )
        self.mapping_network.build((None, config.latent_size))
        self.generator.build((None,))
        self.encoder.build((None, None, size, size, 1))
        self.built = True

    @property
    def parts(self) -> Parts:
        style = (self.config.style_size,)
        return {"encoder": (self.encoder, style), "mean_styles": (self.mean_styles, style), **super().parts}

    def take_weights(self, other: StyleGAN) -> None:
        """Makes these networks draw as others do, which may be without an adapter; a new one changes nothing yet."""
        adapter = None if other.generator.adapter else self.generator.adapter
        new = {id(each) for each in adapter.weights} if adapter else set()
        for mine, its in zip([each for each in self.weights if id(each) not in new], other.weights, strict=True):
            mine.assign(its)

    @property
    def layer_count(self) -> int:
        """Layers of styles w+."""
        return self.config.layer_count

    def map(self, latent, characters):
        """Styles (B, style_size) of random hands, from latent (B, latent_size) and characters (B,)."""
        return as_float32(self.mapping_network(latent, characters))

    def synthesize(self, styles, characters, noise=None, fade=None):
        """Images (B, S, S, 1) in [-1, 1].

        Args:
            styles: (B, layers, style_size), or (B, style_size) for all layers alike.
            characters: (B,); they count only where each has its own constant.
            noise: standard normal (B, noise_size), see `noise_maps`; None for none.
            fade: see `StyleGenerator`.
        """
        noise = ops.zeros((1, self.config.noise_size)) if noise is None else noise
        return self.generator(characters, self.layered(styles), noise, fade)

    def layered(self, styles):
        """Styles (B, layers, style_size), the same for all layers if given as (B, style_size)."""
        if len(styles.shape) == 3:
            return styles
        return ops.repeat(styles[:, None, :], self.layer_count, axis=1)

    def mix(self, first, second, crossover):
        """Styles (B, layers, style_size) whose layers below `crossover`, the coarse ones, are those of `first`.

        Args:
            first, second: (B, style_size) or (B, layers, style_size).
            crossover: a whole number from 0, all of `second`, to `layer_count`, all of `first`; or one for each, (B,).
        """
        coarse = ops.less(ops.arange(self.layer_count)[None, :], ops.reshape(crossover, (-1, 1)))  # (B or 1, layers)
        return ops.where(coarse[:, :, None], self.layered(first), self.layered(second))

    def means(self, characters):
        """The mean styles (B, style_size) of characters (B,)."""
        return ops.take(ops.convert_to_tensor(self.mean_styles), characters, axis=0)

    def truncate(self, styles, characters, psi):
        """Styles drawn towards the mean style of their characters (B,): 0 gives the mean, 1 leaves them.

        Karras et al. 2019, appendix B. styles (B, style_size) or (B, layers, style_size).
        """
        mean = self.means(characters)
        mean = mean if len(styles.shape) == 2 else mean[:, None, :]
        return mean + psi * (styles - mean)

    def encode(self, samples, characters, mask):
        """How a hand departs from the mean styles, (B, style_size), seen in samples of any characters.

        Args:
            samples: (B, K, S, S, 1) in [-1, 1].
            characters: (B, K), of the samples.
            mask: (B, K), 1 where there is a sample.
        """
        return as_float32(self.encoder(samples, characters, mask))

    def encode_styles(self, images, characters):
        """Styles (B, style_size) of images (B, S, S, 1) that show the characters (B,)."""
        alone = ops.ones_like(characters[:, None], dtype="float32")
        return self.means(characters) + self.encode(images[:, None], characters[:, None], alone)

    def write(self, codes, characters, noise):
        """Glyphs (B, S, S, 1) of characters (B,) by codes (B, style_size), with noise (B, noise_size)."""
        return self.synthesize(self.means(characters) + codes, characters, noise)

    def code_axes(self) -> np.ndarray:
        """Axes (n, style_size) of random hands' codes, each `SPREADS` times as long as they spread along it.

        They are those of the normalized space of Zhu et al. 2020 (arXiv 2012.09036), and as many as a latent has
        numbers: what is beside them is in no random hand, and the generator never learned to draw it.
        """
        config = self.config
        latent = np.random.default_rng(0).standard_normal((HANDS, config.latent_size), np.float32)
        characters = np.arange(HANDS) % len(config.characters)
        codes = ops.convert_to_numpy(self.map(latent, characters) - self.means(characters))
        _, spreads, axes = np.linalg.svd(codes / HANDS**0.5, full_matrices=False)
        return SPREADS * (spreads[:, None] * axes)[: config.latent_size]

    def random_hand(self, rng: np.random.Generator) -> np.ndarray:
        """The code (style_size,) of a person who does not exist, drawn towards the average one as pictures are."""
        count = len(self.config.characters)
        latent = np.repeat(rng.standard_normal((1, self.config.latent_size), np.float32), count, axis=0)
        offsets = self.map(latent, np.arange(count)) - self.means(np.arange(count))
        return TRUNCATION * np.asarray(ops.convert_to_numpy(offsets)).mean(axis=0)

    def call(self, latent, characters, noise):
        return self.synthesize(self.map(latent, characters), characters, noise)
