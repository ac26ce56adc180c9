"""The layers between the letters of a person and the forms of others: letters to a person, a person to forms."""

from __future__ import annotations

import keras
from keras import layers, ops

from tfhand.models.alphabet.config import AlphabetConfig
from tfhand.nn.dropout import Dropout
from tfhand.nn.precision import as_float32


class HandEncoder(layers.Layer):
    """Normalized forms (B, K, form_size) of characters (B, K), those with mask (B, K) of 1, to a person (B, hand_size).

    Args:
        config: of the networks.
    """

    def __init__(self, config: AlphabetConfig, **kwargs):
        super().__init__(**kwargs)
        self.config = config
        characters, width = len(config.characters), config.hand_width
        self.character = layers.Embedding(characters, config.character_size)
        self.gate = layers.Embedding(characters, width, embeddings_initializer="ones")
        self.first, self.second = layers.Dense(width), layers.Dense(width, activation="gelu")
        self.to_hand = layers.Dense(config.hand_size)
        self.dropout = Dropout(config.hand_dropout, seed=0)

    def build(self, forms_shape, characters_shape=None, mask_shape=None):
        self.character.build((None, None))
        self.gate.build((None, None))
        self.first.build((None, None, self.config.form_size + self.config.character_size))
        self.second.build((None, None, self.config.hand_width))
        self.to_hand.build((None, self.config.hand_width))

    def call(self, forms, characters, mask, training=False):
        x = self.first(ops.concatenate([forms, self.character(characters)], axis=-1))
        x = self.dropout(ops.gelu(x * self.gate(characters)), training=training)
        x = self.dropout(self.second(x), training=training) * mask[..., None]
        return self.to_hand(ops.sum(x, axis=1) / ops.maximum(ops.sum(mask, axis=1), 1.0)[:, None])


class FormGenerator(layers.Layer):
    """A person (B, hand_size) and characters (B, Q) to normalized forms (B, Q, form_size).

    What of a hand is linear, such as slant and width, each character follows in a way of its own; the rest is learned
    for all characters together.

    Args:
        config: of the networks.
    """

    def __init__(self, config: AlphabetConfig, **kwargs):
        super().__init__(**kwargs)
        self.config = config
        characters, width = len(config.characters), config.hand_width
        small = keras.initializers.RandomNormal(stddev=0.02)
        self.linear = layers.Embedding(characters, config.form_size * config.hand_size, embeddings_initializer=small)
        self.character = layers.Embedding(characters, config.character_size)
        self.first, self.second = layers.Dense(width, activation="gelu"), layers.Dense(width, activation="gelu")
        self.to_form = layers.Dense(config.form_size, kernel_initializer=small)
        self.dropout = Dropout(config.hand_dropout, seed=0)

    def build(self, hand_shape, characters_shape=None):
        self.linear.build((None, None))
        self.character.build((None, None))
        self.first.build((None, None, self.config.hand_size + self.config.character_size))
        self.second.build((None, None, self.config.hand_width))
        self.to_form.build((None, None, self.config.hand_width))

    def call(self, hand, characters, training=False):
        batch, count = ops.shape(characters)
        matrices = ops.reshape(self.linear(characters), (batch, count, self.config.form_size, self.config.hand_size))
        straight = ops.squeeze(ops.matmul(matrices, hand[:, None, :, None]), axis=-1)
        return straight + self._bent(hand, self.character(characters), training)

    def alphabets(self, hand):
        """The same for all characters, (B, C, form_size), in less memory."""
        shape = len(self.config.characters), self.config.form_size, self.config.hand_size
        straight = ops.einsum("cfh,bh->bcf", ops.reshape(self.linear.embeddings, shape), hand)
        bent = self._bent(hand, ops.repeat(self.character.embeddings[None], ops.shape(hand)[0], axis=0))
        return straight + as_float32(bent)

    def _bent(self, hand, embedded, training=False):
        every = ops.repeat(hand[:, None], ops.shape(embedded)[1], axis=1)
        x = self.first(ops.concatenate([every, embedded], axis=-1))
        x = self.second(self.dropout(x, training=training))
        return self.to_form(self.dropout(x, training=training))
