"""StarGAN v2: one generator for all characters and all hands.

Choi, Uh, Yoo & Ha, 2020 (arXiv 1912.01865), sections 2 and 3 and the tables of the appendix. A domain y is a character,
a style s is how it is written. Images are floats in [-1, 1] of shape (B, S, S, 1), ink 1 and paper -1.
"""

from __future__ import annotations

from dataclasses import asdict

import keras
import numpy as np
from keras import layers, ops

from tfhand.models.stargan.config import StarGANConfig
from tfhand.nn.blocks import AdaINResidualBlock, InstanceNormalization, ResidualBlock, activate, convolution, kaiming
from tfhand.nn.heads import DomainHeads, projection


class Network(keras.Model):
    """A model that is made from the settings alone."""

    def __init__(self, settings: StarGANConfig, **kwargs):
        super().__init__(**kwargs)
        self.settings = settings

    def build(self, input_shape):
        """The layers build themselves in the call that follows; Keras would trace that call once more to build them."""

    def get_config(self):
        return {"settings": asdict(self.settings), "name": self.name}

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "settings": StarGANConfig(**config["settings"])})


class Generator(Network):
    """G(x, s): the image x rewritten in the style s. Table 5 of the paper, without its high-pass skip (faces only).

    Call with image (B, S, S, 1) and style (B, style_size); gives (B, S, S, 1), not clipped.
    """

    def __init__(self, settings: StarGANConfig, **kwargs):
        super().__init__(settings, **kwargs)
        widths = [
            min(settings.generator_width * 2**level, settings.generator_limit)
            for level in range(settings.down_blocks + 1)
        ]
        bottleneck = range(settings.bottleneck_blocks)
        self.from_image = convolution(widths[0])
        self.encoder = [ResidualBlock(width, normalize=True, downsample=True) for width in widths[1:]]
        self.encoder += [ResidualBlock(widths[-1], normalize=True) for _ in bottleneck]
        self.decoder = [AdaINResidualBlock(widths[-1]) for _ in bottleneck]
        self.decoder += [AdaINResidualBlock(width, upsample=True) for width in widths[-2::-1]]
        self.last_norm = InstanceNormalization()
        self.to_image = convolution(1, size=1)

    def call(self, image, style):
        features = self.from_image(image)  # (B, S, S, generator_width)
        for block in self.encoder:
            features = block(features)
        for block in self.decoder:  # from (B, S / 2^down_blocks, S / 2^down_blocks, C)
            features = block(features, style)
        return self.to_image(activate(self.last_norm(features)))  # (B, S, S, 1)


class MappingNetwork(Network):
    """F(z, y): a random style for a character; a trunk for all characters, then a branch for each (table 6).

    Call with latent (B, latent_size) and domain (B,); gives (B, style_size).
    """

    def __init__(self, settings: StarGANConfig, **kwargs):
        super().__init__(settings, **kwargs)
        domains, width = len(settings.characters), settings.mapping_width
        self.trunk = [
            layers.Dense(width, activation="relu", kernel_initializer=kaiming()) for _ in range(settings.mapping_trunk)
        ]
        self.branch = [DomainHeads(domains, width) for _ in range(settings.mapping_branch)]
        self.head = DomainHeads(domains, settings.style_size)

    def call(self, latent, domain):
        features = latent
        for layer in self.trunk:
            features = layer(features)
        for layer in self.branch:
            features = ops.relu(layer(features, domain))
        return self.head(features, domain)


class ConditionalTrunk(Network):
    """What the style encoder and the discriminator have in common: image and domain to `units` numbers (table 7).

    Call with image (B, S, S, 1) and domain (B,); gives (B, units).
    """

    def __init__(self, settings: StarGANConfig, units: int, **kwargs):
        super().__init__(settings, **kwargs)
        side, width = settings.image_size, settings.discriminator_width
        self.from_image = convolution(width)
        self.blocks = []
        while side > 4:
            side, width = side // 2, min(2 * width, settings.discriminator_limit)
            self.blocks.append(ResidualBlock(width, downsample=True))
        self.gather = convolution(width, size=side, padding="valid")
        self.heads = DomainHeads(len(settings.characters), units)

    def call(self, image, domain):
        return self.heads(self.features(image), domain)

    def features(self, image):
        """What the heads look at: (B, C) of an image (B, S, S, 1)."""
        features = self.from_image(image)  # (B, S, S, reader_width)
        for block in self.blocks:
            features = block(features)
        return activate(self.gather(activate(features)))[:, 0, 0, :]  # from (B, 1, 1, C)


class StyleEncoder(ConditionalTrunk):
    """E(x, y): the style in which the image x shows the character y.

    Call with image (B, S, S, 1) and domain (B,); gives (B, style_size).
    """

    def __init__(self, settings: StarGANConfig, **kwargs):
        super().__init__(settings, units=settings.style_size, **kwargs)


class Discriminator(ConditionalTrunk):
    """D_y(x): the logit of x being a real image of the character y. Built as soon as it is made.

    Beyond the paper it can be asked a second question of the same features: is it this writer's hand?

    Call with image (B, S, S, 1) and domain (B,); gives (B,).

    Args:
        settings: of the networks it judges.
        writers: how many people `is_hand` knows; 0 leaves that question out.
    """

    def __init__(self, settings: StarGANConfig, writers: int = 0, **kwargs):
        super().__init__(settings, units=1, **kwargs)
        self.writers = writers
        image, domain = _blank(settings)
        if writers:
            units = self.gather.filters
            self.writer = layers.Embedding(writers, settings.style_size, _standard_normal())
            self.letter = layers.Embedding(len(settings.characters), settings.style_size, _standard_normal())
            self.expect = [layers.Dense(units, kernel_initializer=kaiming()), layers.Dense(units)]
            self.is_hand(self.features(image), domain, np.zeros(1, np.float32), domain)
        self(image, domain)

    def call(self, image, domain):
        return self.is_character(self.features(image), domain)

    def is_character(self, features, domain):
        """Logits (B,): do the features (B, C) show a real image of this character (B,)?"""
        return self.heads(features, domain)[:, 0]

    def is_hand(self, features, writer, nib, domain):
        """Logits (B,): do the features (B, C) show how this writer (B,) with this nib (B,) writes this character (B,)?

        A projection on what a small network expects of the three; the bias of its last layer is the unconditional term.
        """
        expected = ops.concatenate([self.writer(writer), nib[:, None], self.letter(domain)], axis=-1)
        return projection(features, self.expect[1](activate(self.expect[0](expected))))

    def get_config(self):
        return {**super().get_config(), "writers": self.writers}


class StarGAN(Network):
    """The three networks that are shipped. Built as soon as it is made, so that weights can be loaded.

    Call with image (B, S, S, 1), latent (B, latent_size) and domain (B,): the image rewritten as that character in a
    random hand, (B, S, S, 1).
    """

    def __init__(self, settings: StarGANConfig, **kwargs):
        super().__init__(settings, **kwargs)
        self.generator = Generator(settings)
        self.mapping_network = MappingNetwork(settings)
        self.style_encoder = StyleEncoder(settings)
        image, domain = _blank(settings)
        self.encode_style(image, domain)
        self(image, np.zeros((1, settings.latent_size), np.float32), domain)

    def call(self, image, latent, domain):
        return self.translate(image, self.map_latent(latent, domain))

    def translate(self, image, style):
        """G(x, s): image (B, S, S, 1) rewritten in the style (B, style_size)."""
        return self.generator(image, style)

    def map_latent(self, latent, domain):
        """F(z, y): style (B, style_size) of a random hand, from latent (B, latent_size) and domain (B,)."""
        return self.mapping_network(latent, domain)

    def encode_style(self, image, domain):
        """E(x, y): style (B, style_size) of an image (B, S, S, 1) that shows the characters `domain` (B,)."""
        return self.style_encoder(image, domain)


def _standard_normal() -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(stddev=1.0)


def _blank(settings: StarGANConfig) -> tuple[np.ndarray, np.ndarray]:
    """An image and a domain to build networks on."""
    return np.zeros((1, settings.image_size, settings.image_size, 1), np.float32), np.zeros(1, np.int32)
