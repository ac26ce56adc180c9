"""The conditional GAN's generator: noise and one-hot vectors of a character, and of a person, to a glyph.

Mirza & Osindero 2014 (arXiv 1411.1784, section 3.2) give generator and discriminator the one-hot vector of what is
asked for. A one-hot vector times a matrix is a row of it, so that the rows are looked up here by number. Content and
style come in apart: the character chooses the form that is drawn, and the character, the person and the noise together
choose the style in which it is drawn (AdaIN), so that a person's vector may go with any character.
"""

from __future__ import annotations

import keras
from keras import ops

from tfhand.core.config import as_json, config_from
from tfhand.models.cgan.config import CGANConfig
from tfhand.models.common.networks import CodeNetworks
from tfhand.nn.glyph_generator import GlyphGenerator, StyleMapping, standardize


@keras.saving.register_keras_serializable("tfhand")
class ConditionalGAN(CodeNetworks):
    """What is shipped of a conditional GAN: people's vectors, mapping network and generator.

    A hand code is a person's vector and the form of the scan, as in `HandNetworks`, or nothing at all where only the
    character is asked for. There is no encoder: a new person's code is searched for (`tfhand.models.optimize_code`).

    Args:
        people: how many have a vector; 0 without `writers` in the settings.
        **settings: the fields of `CGANConfig`.

    Raises:
        ValueError: people without writers, or fewer than two with them.
    """

    def __init__(self, people: int = 0, **settings):
        super().__init__()
        self.settings, self.people = config_from(CGANConfig, settings), people
        if people < 2 if self.settings.writers else people:
            raise ValueError(f"writers asks for two people or more, and is off without any; here are {people}.")
        self.mapping_network = StyleMapping(self.settings)
        self.generator = GlyphGenerator(self.settings, self.settings.shaped)
        self.mapping_network.config_from((None, self.settings.code_size))
        self.generator.config_from((None,))
        if people:
            shape = people, self.settings.hand_size
            self.table = self.add_weight(name="table", shape=shape, initializer="random_normal")
        self.built = True

    def get_config(self):
        return {"people": self.people, **as_json(self.settings)}

    def hands(self):
        """The people's vectors (people, hand_size), each entry of mean 0 and variance 1 over the people."""
        return standardize(self.table)

    def hand(self, writers, form):
        """Hand codes (B, code_size) of the people (B,), whose letters are scanned in the form (B, form_size)."""
        return ops.concatenate([ops.take(self.hands(), writers, axis=0), form], axis=-1)

    def generate(self, characters, noise):
        """The same as `write` where only the character is asked for, and there is no hand code."""
        return self.write(noise[:, :0], characters, noise)

    def call(self, code, characters, noise):
        """The same as `write`."""
        return self.write(code, characters, noise)
