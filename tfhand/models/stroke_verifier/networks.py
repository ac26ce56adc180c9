"""The verifier that goes by pen strokes: cheap where strokes are known, and blind to nib, ink and paper by design."""

from __future__ import annotations

import keras
from keras import layers, ops

from tfhand.data.trajectories import MOST_STROKES, POINTS
from tfhand.models.networks import Parts
from tfhand.models.stroke_verifier.config import StrokeVerifierConfig
from tfhand.models.strokes.networks import StrokeNetworks
from tfhand.nn.dropout import Dropout

_SCALE = 3.0  # of points, so that they count as much as the embedded character


class TrajectorySetEncoder(layers.Layer):
    """A person's trajectories, their characters known, to one vector (B, embedding_size): the mean over letters.

    Call with points (B, K, POINTS, 2), numbers of strokes (B, K), characters (B, K) and mask (B, K), 1 where there is a
    letter. Where a letter lies and how large it is does not count.

    Args:
        config: of the networks.
    """

    def __init__(self, config: StrokeVerifierConfig, **kwargs):
        super().__init__(**kwargs)
        self.config = config
        characters, width = len(config.characters), config.verifier_width
        self.character = layers.Embedding(characters, config.character_size)
        self.gate = layers.Embedding(characters, width, embeddings_initializer="ones")
        self.first = layers.Dense(width)
        self.second, self.third = layers.Dense(width, activation="gelu"), layers.Dense(width, activation="gelu")
        self.of_set = layers.Dense(width, activation="gelu")
        self.to_embedding = layers.Dense(config.embedding_size)
        self.dropout = Dropout(config.dropout, seed=0)

    def build(self, points_shape, counts_shape=None, characters_shape=None, mask_shape=None):
        width = self.config.verifier_width
        self.character.build((None, None))
        self.gate.build((None, None))
        self.first.build((None, None, 2 * POINTS + MOST_STROKES + self.config.character_size))
        self.second.build((None, None, width))
        self.third.build((None, None, width))
        self.of_set.build((None, width))
        self.to_embedding.build((None, width))

    def call(self, points, counts, characters, mask, training=False):
        low, high = ops.min(points, axis=2, keepdims=True), ops.max(points, axis=2, keepdims=True)
        longest = ops.maximum(ops.max(high - low, axis=3, keepdims=True), 1e-3)
        placed = _SCALE * (points - (low + high) / 2) / longest
        flat = ops.reshape(placed, (*ops.shape(characters), 2 * POINTS))
        x = ops.concatenate([flat, ops.one_hot(counts - 1, MOST_STROKES), self.character(characters)], axis=-1)
        x = self.dropout(ops.gelu(self.first(x) * self.gate(characters)), training=training)
        x = x + self.second(x)
        x = x + self.dropout(self.third(x), training=training)
        x = ops.sum(x * mask[..., None], axis=1) / ops.maximum(ops.sum(mask, axis=1), 1.0)[:, None]
        return self.to_embedding(x + self.of_set(x))


@keras.saving.register_keras_serializable("tfhand")
class StrokeVerifier(StrokeNetworks):
    """A set of a person's glyphs, by the strokes that are found in them, to a direction in space, as `Verifier` does.

    Call with glyphs (B, K, S, S, 1) in [-1, 1], characters (B, K) and mask (B, K), 1 where there is a glyph; gives
    unit vectors (B, embedding_size), whose dot product says how like two sets are.

    Args:
        **config: the fields of `StrokeVerifierConfig`.
    """

    family = "stroke-verifier"
    config_class = StrokeVerifierConfig
    config: StrokeVerifierConfig

    def __init__(self, **config):
        super().__init__(**config)
        self.set_encoder = TrajectorySetEncoder(self.config)
        self.set_encoder.build(None)
        self.built = True

    @property
    def parts(self) -> Parts:
        return {**super().parts, "set_encoder": (self.set_encoder, (self.config.embedding_size,))}

    def use_weights_of(self, verifier: StrokeVerifier) -> None:
        """Takes over what finds strokes and knows people by them, to be kept as it is by a training of other parts."""
        self.use_strokes_of(verifier)
        self.set_encoder.set_weights(verifier.set_encoder.get_weights())
        self.set_encoder.trainable = False

    def find_strokes(self, glyphs, characters):
        """Points (B, K, POINTS, 2) and numbers of strokes (B, K) of glyphs (B, K, S, S, 1) of characters (B, K)."""
        flat, size = ops.reshape(characters, (-1,)), self.image_size
        points, counts = self.decode(self.forms_of(ops.reshape(glyphs, (-1, size, size, 1)), flat), flat)
        shape = ops.shape(characters)
        return ops.reshape(points, (*shape, POINTS, 2)), ops.reshape(counts, shape)

    def embed(self, points, counts, characters, mask, training=False):
        """Unit vectors (B, embedding_size) of points (B, K, POINTS, 2) and numbers of strokes (B, K)."""
        return ops.normalize(self.set_encoder(points, counts, characters, mask, training=training), axis=-1)

    def call(self, glyphs, characters, mask, training=False):
        return self.embed(*self.find_strokes(glyphs, characters), characters, mask, training=training)
