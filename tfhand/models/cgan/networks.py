"""The conditional GAN's generator: noise and one-hot vectors of a character, and of a person, to a glyph.

Mirza & Osindero 2014 (arXiv 1411.1784, section 3.2) give generator and discriminator the one-hot vector of what is
asked for. A one-hot vector times a matrix is a row of it, so that the rows are looked up here by number. Content and
style come in apart: the character chooses the form that is drawn, and the character, the person and the noise together
choose the style in which it is drawn (AdaIN), so that a person's vector may go with any character.
"""

from __future__ import annotations

import keras
from keras import ops

from tfhand.models.cgan.config import CGANConfig
from tfhand.models.common.networks import CodeNetworks
from tfhand.models.networks import Parts
from tfhand.nn.glyph_generator import GlyphGenerator, StyleMapping, standardize


@keras.saving.register_keras_serializable("tfhand")
class ConditionalGAN(CodeNetworks):
    """What is shipped of a conditional GAN: people's vectors, mapping network and generator.

    A hand code is a person's vector and the transform of the scan, as in `HandNetworks`, or nothing at all where only
    the character is asked for. There is no encoder: a new person's code is searched for
    (`tfhand.models.optimize_code`).

    Args:
        writer_count: how many writers have a vector; 0 without `writers` in the configuration.
        **config: the fields of `CGANConfig`.

    Raises:
        ValueError: writers without `writers`, or fewer than two with it.
    """

    family = "cgan"
    config_class = CGANConfig
    config: CGANConfig

    def __init__(self, writer_count: int = 0, **config):
        super().__init__(**config)
        self.writer_count = writer_count
        if writer_count < 2 if self.config.writers else writer_count:
            raise ValueError(f"writers asks for two people or more, and is off without any; here are {writer_count}.")
        self.mapping_network = StyleMapping(self.config)
        self.generator = GlyphGenerator(self.config, self.config.spatial_style)
        self.mapping_network.build((None, self.config.code_size))
        self.generator.build((None,))
        if writer_count:
            shape = writer_count, self.config.hand_size
            self.table = self.add_weight(name="table", shape=shape, initializer="random_normal")
        self.built = True

    def get_config(self):
        return {"writer_count": self.writer_count, **super().get_config()}

    @property
    def parts(self) -> Parts:
        table: Parts = {"table": (self.table, (self.config.hand_size,))} if self.writer_count else {}
        return {**table, **super().parts}

    @property
    def hand_in_noise(self) -> bool:
        return not self.writer_count

    def hands(self):
        """The writers' vectors (writer_count, hand_size), each entry of mean 0 and variance 1 over the writers."""
        return standardize(self.table)

    def hand(self, writers, transform):
        """Hand codes (B, code_size) of writers (B,), whose letters a scan transforms so (B, transform_size)."""
        return ops.concatenate([ops.take(self.hands(), writers, axis=0), transform], axis=-1)

    def generate(self, characters, noise):
        """The same as `write` where only the character is asked for, and there is no hand code."""
        return self.write(noise[:, :0], characters, noise)

    def call(self, code, characters, noise):
        """The same as `write`."""
        return self.write(code, characters, noise)
