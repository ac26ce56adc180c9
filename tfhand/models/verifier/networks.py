"""The verifier: did the same person write these two sets of glyphs? A judge of the hand, whatever the nib."""

from __future__ import annotations

import keras
from keras import ops

from tfhand.core.config import as_json, config_from
from tfhand.models.verifier.config import VerifierConfig
from tfhand.nn.set_encoder import SetEncoder

SHARPNESS = 10.0  # logits for a likeness of 1, where training begins


@keras.saving.register_keras_serializable("tfhand")
class Verifier(keras.Model):
    """A set of a person's glyphs to a direction in space; sets of one person point the same way.

    Call with glyphs (B, K, S, S, 1) in [-1, 1], characters (B, K) and mask (B, K), 1 where there is a glyph; gives
    unit vectors (B, embedding_size), whose dot product says how like two sets are.

    Args:
        **settings: the fields of `VerifierConfig`.
    """

    def __init__(self, **settings):
        super().__init__()
        self.settings = config_from(VerifierConfig, settings)
        self.encoder = SetEncoder(
            len(self.settings.characters),
            self.settings.image_size,
            self.settings.embedding_size,
            self.settings.widths,
            self.settings.features,
            self.settings.character_size,
            self.settings.dropout,
            prior=1e-3,
            normalize=self.settings.normalize,
        )
        self.encoder.config_from((None, None, self.settings.image_size, self.settings.image_size, 1))
        self.built = True

    def get_config(self):
        return as_json(self.settings)

    @property
    def characters(self) -> str:
        """All it knows, in the order of their numbers."""
        return self.settings.characters

    def call(self, glyphs, characters, mask, training=False):
        return ops.normalize(self.encoder(glyphs, characters, mask, training=training), axis=-1)
