"""StarGAN v2: one generator for all characters and all hands.

Choi, Uh, Yoo & Ha, 2020 (arXiv 1912.01865), sections 2 and 3 and the tables of the appendix. A domain y is a character,
a style s is how it is written. Images are floats in [-1, 1] of shape (B, S, S, 1), ink 1 and paper -1.
"""

from __future__ import annotations

import keras
import numpy as np
from keras import layers, ops

from tfhand.errors import HandError
from tfhand.models.networks import Networks, Parts, Subnetwork
from tfhand.models.protocol import HandWriter, Tensor
from tfhand.models.stargan.config import TRUNCATION, StarGANConfig
from tfhand.models.stargan.trunk import ConditionalTrunk, blank_input
from tfhand.nn.blocks import AdaINResidualBlock, InstanceNormalization, ResidualBlock, activate, convolution, kaiming
from tfhand.nn.heads import DomainHeads

MEAN_DRAWS = 256  # random styles of a character, for their mean
SHARPNESS = 2.0  # of the weights that noise gives to the samples of a person


class Generator(Subnetwork):
    """G(x, s): the image x rewritten in the style s. Table 5 of the paper, without its high-pass skip (faces only).

    Call with image (B, S, S, 1) and style (B, style_size); gives (B, S, S, 1), not clipped.
    """

    config_class = StarGANConfig

    def __init__(self, config: StarGANConfig):
        super().__init__(config)
        widths = [
            min(config.generator_width * 2**level, config.generator_limit) for level in range(config.down_blocks + 1)
        ]
        bottleneck = range(config.bottleneck_blocks)
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


class MappingNetwork(Subnetwork):
    """F(z, y): a random style for a character; a trunk for all characters, then a branch for each (table 6).

    Call with latent (B, latent_size) and domain (B,); gives (B, style_size).
    """

    config_class = StarGANConfig

    def __init__(self, config: StarGANConfig):
        super().__init__(config)
        domains, width = len(config.characters), config.mapping_width
        self.trunk = [
            layers.Dense(width, activation="relu", kernel_initializer=kaiming()) for _ in range(config.mapping_trunk)
        ]
        self.branch = [DomainHeads(domains, width) for _ in range(config.mapping_branch)]
        self.head = DomainHeads(domains, config.style_size)

    def call(self, latent, domain):
        features = latent
        for layer in self.trunk:
            features = layer(features)
        for layer in self.branch:
            features = ops.relu(layer(features, domain))
        return self.head(features, domain)


class StyleEncoder(ConditionalTrunk):
    """E(x, y): the style in which the image x shows the character y.

    Call with image (B, S, S, 1) and domain (B,); gives (B, style_size).
    """

    def __init__(self, config: StarGANConfig):
        super().__init__(config, units=config.style_size)


class SetStyleEncoder(ConditionalTrunk):
    """E({x}, y): the style in which the writer of a few letters would write the character y. Beyond the paper.

    What the trunk finds in each letter is read with the character that it shows; the mean over the letters goes to the
    head of the character wanted.

    Call with images (B, K, S, S, 1), characters (B, K), mask (B, K), 1 where there is a letter, and domain (B,); gives
    (B, style_size).
    """

    def __init__(self, config: StarGANConfig):
        super().__init__(config, units=config.style_size)
        self.letter = layers.Embedding(len(config.characters), config.style_size)
        self.letter_size = self.to_vector.filters
        self.with_letter = layers.Dense(self.letter_size, kernel_initializer=kaiming())

    def call(self, images, characters, mask, domain):
        found = self.letters(images, characters)
        return self.weigh(found, mask / ops.maximum(ops.sum(mask, axis=1, keepdims=True), 1.0), domain)

    def letters(self, images, characters):
        """What each letter (B, K, S, S, 1) of characters (B, K) tells of its writer, (B, K, C)."""
        count, size = ops.shape(characters)[1], self.config.image_size
        features = self.features(ops.reshape(images, (-1, size, size, 1)))  # (B K, C)
        shown = self.letter(ops.reshape(characters, (-1,)))
        found = activate(self.with_letter(ops.concatenate([features, shown], axis=-1)))
        return ops.reshape(found, (-1, count, found.shape[-1]))

    def weigh(self, found, weights, domain):
        """The style (B, style_size) of `domain` (B,) from what letters tell, (B, K, C), with weights (B, K), sum 1."""
        return self.heads(ops.sum(found * weights[..., None], axis=1), domain)


@keras.saving.register_keras_serializable("tfhand")
class StarGAN(Networks):
    """The three networks that are shipped.

    Call with image (B, S, S, 1), latent (B, latent_size) and domain (B,): the image rewritten as that character in a
    random hand, (B, S, S, 1).

    Args:
        **config: the fields of `StarGANConfig`.
    """

    family = "stargan"
    config_class = StarGANConfig
    config: StarGANConfig

    def __init__(self, **config):
        super().__init__(**config)
        self.generator = Generator(self.config)
        self.mapping_network = MappingNetwork(self.config)
        self.style_encoder = (SetStyleEncoder if self.config.references > 1 else StyleEncoder)(self.config)
        image, domain = blank_input(self.config)
        self.encode_style(image, domain)
        self(image, np.zeros((1, self.config.latent_size), np.float32), domain)

    def build(self, *shapes):
        """The layers build themselves in the calls of the constructor."""

    @property
    def parts(self) -> Parts:
        style, size = (self.config.style_size,), self.image_size
        return {
            "mapping_network": (self.mapping_network, style),
            "style_encoder": (self.style_encoder, style),
            "generator": (self.generator, (size, size, 1)),
        }

    def call(self, image, latent, domain):
        return self.translate(image, self.map_latent(latent, domain))

    def translate(self, image, style):
        """G(x, s): image (B, S, S, 1) rewritten in the style (B, style_size)."""
        return self.generator(image, style)

    def map_latent(self, latent, domain):
        """F(z, y): style (B, style_size) of a random hand, from latent (B, latent_size) and domain (B,)."""
        return self.mapping_network(latent, domain)

    def truncate(self, style, domain, psi: float = TRUNCATION):
        """Random styles (B, style_size) of characters `domain` (B,), nearer to the mean of the character's.

        The truncation trick of Karras et al. 2019 (arXiv 1812.04948), appendix B, which is not in StarGAN v2's paper:
        psi 1 leaves a style as it is, 0 gives the mean.
        """
        means = ops.take(self.mean_styles(), domain, axis=0)
        return means + psi * (style - means)

    def mean_styles(self):
        """The mean random style of each character, (C, style_size)."""
        count = len(self.characters)
        latents = np.random.default_rng(0).standard_normal((MEAN_DRAWS, self.config.latent_size), np.float32)
        domains = np.repeat(np.arange(count, dtype=np.int32), MEAN_DRAWS)
        styles = self.map_latent(np.tile(latents, (count, 1)), domains)
        return ops.mean(ops.reshape(styles, (count, MEAN_DRAWS, -1)), axis=1)

    def encode_style(self, image, domain):
        """E(x, y): style (B, style_size) of an image (B, S, S, 1) that shows the characters `domain` (B,)."""
        if self.config.references == 1:
            return self.style_encoder(image, domain)
        return self.encode_hand(image[:, None], domain[:, None], ops.ones((ops.shape(domain)[0], 1)), domain)

    def encode_hand(self, images, characters, mask, domain):
        """E({x}, y): style (B, style_size) of the characters `domain` (B,) by who wrote images (B, K, S, S, 1).

        These show characters (B, K); mask (B, K) is 1 where there is one. Only where `references` is more than 1.
        """
        return self.style_encoder(images, characters, mask, domain)

    def as_hand_writer(self) -> HandWriter:
        """The networks as synthesis and evaluation use them."""
        return TranslationWriter(self) if self.config.references == 1 else SetTranslationWriter(self)


class TranslationWriter:
    """StarGAN v2 as a `HandWriter`: a person's samples rewritten as the characters wanted, in a truncated random style.

    A hand code is the samples themselves, one after the other; the noise is the latent of the style. Which sample is
    rewritten goes by the number of the character wanted, so that it does not depend on what else is written.

    Args:
        networks: trained.
    """

    hand_in_noise = True
    within_axes = True
    code_size = -1  # as long as the samples are

    def __init__(self, networks: StarGAN):
        self.networks = networks
        self.characters, self.image_size = networks.characters, networks.image_size
        self.noise_size = networks.config.latent_size

    def encode(self, samples: Tensor, characters: Tensor, mask: Tensor) -> Tensor:
        """The samples (B, K, S, S, 1) as codes (B, K S S); all of them must count."""
        samples = ops.convert_to_tensor(samples)
        return ops.reshape(samples, (ops.shape(samples)[0], -1))

    def write(self, codes: Tensor, characters: Tensor, noise: Tensor) -> Tensor:
        """Glyphs (B, S, S, 1) of characters (B,) from samples as codes (B, K S S), with latents (B, latent_size)."""
        size = self.image_size
        count = ops.shape(codes)[1] // size**2
        samples = ops.reshape(codes, (-1, count, size, size, 1))
        which = ops.reshape(ops.convert_to_tensor(characters) % count, (-1, 1, 1, 1, 1))
        chosen = ops.take_along_axis(samples, which, axis=1)[:, 0]
        style = self.networks.truncate(self.networks.map_latent(noise, characters), characters)
        return self.networks.translate(chosen, style)

    def related_codes(self, samples: Tensor, characters: Tensor, count: int) -> np.ndarray:
        """No hand codes, (0, 0): these networks remember nobody."""
        return np.zeros((0, 0), np.float32)

    def code_axes(self) -> np.ndarray:
        """There are none: a code that is made of pixels is not searched for."""
        raise NotImplementedError("StarGAN v2 rewrites samples as they are; set generation.steps to 0.")

    def random_hand(self, rng: np.random.Generator) -> np.ndarray:
        """There is none: no letter is there to rewrite."""
        raise HandError("This preset rewrites real letters; give it a Hand to start from.")


class SetTranslationWriter(TranslationWriter):
    """StarGAN v2 whose style encoder sees several letters as a `HandWriter`: the style is the person's own.

    A hand code is what each sample tells of its writer, one after the other, and the first sample, which is rewritten.
    The noise says which samples weigh more in a letter than in the next: a person's letters differ as the samples do.
    """

    hand_in_noise = False

    def encode(self, samples: Tensor, characters: Tensor, mask: Tensor) -> Tensor:
        """Codes (B, K C + S S) of samples (B, K, S, S, 1) of characters (B, K); all of them must count."""
        samples = ops.convert_to_tensor(samples)
        found = self.networks.style_encoder.letters(samples, characters)
        people = ops.shape(samples)[0]
        return ops.concatenate([ops.reshape(each, (people, -1)) for each in (found, samples[:, 0])], axis=1)

    def write(self, codes: Tensor, characters: Tensor, noise: Tensor) -> Tensor:
        """Glyphs (B, S, S, 1) of characters (B,) by codes (B, K C + S S), with noise (B, latent_size)."""
        size, encoder = self.image_size, self.networks.style_encoder
        found, first = codes[:, : -(size**2)], codes[:, -(size**2) :]
        count = ops.shape(found)[1] // encoder.letter_size
        found = ops.reshape(found, (-1, count, encoder.letter_size))
        which = ops.arange(count) % self.noise_size
        weights = ops.softmax(SHARPNESS * ops.take(ops.convert_to_tensor(noise), which, axis=1), axis=1)
        style = encoder.weigh(found, weights, characters)
        return self.networks.translate(ops.reshape(first, (-1, size, size, 1)), style)
