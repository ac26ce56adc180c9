"""The verifier: did the same person write these two sets of glyphs? A judge of the hand, whatever the nib."""

from __future__ import annotations

import keras
from keras import ops

from tfhand.models.networks import Networks, Parts
from tfhand.models.verifier.config import VerifierConfig
from tfhand.nn.set_encoder import SetEncoder

SHARPNESS = 10.0  # logits for a likeness of 1, where training begins


@keras.saving.register_keras_serializable("tfhand")
class Verifier(Networks):
    """A set of a person's glyphs to a direction in space; sets of one person point the same way.

    Call with glyphs (B, K, S, S, 1) in [-1, 1], characters (B, K) and mask (B, K), 1 where there is a glyph; gives
    unit vectors (B, embedding_size), whose dot product says how like two sets are.

    Args:
        **config: the fields of `VerifierConfig`.
    """

    family = "verifier"
    config_class = VerifierConfig
    config: VerifierConfig

    def __init__(self, **config):
        super().__init__(**config)
        self.encoder = SetEncoder(
            len(self.config.characters),
            self.config.image_size,
            self.config.embedding_size,
            self.config.widths,
            self.config.features,
            self.config.character_size,
            self.config.dropout,
            prior=1e-3,
            normalize=self.config.normalize,
            residual=self.config.residual,
            weighted=self.config.weighted,
        )
        self.encoder.build((None, None, self.config.image_size, self.config.image_size, 1))
        self.built = True

    @property
    def parts(self) -> Parts:
        return {"encoder": (self.encoder, (self.config.embedding_size,))}

    def call(self, glyphs, characters, mask, training=False):
        return ops.normalize(self.encoder(glyphs, characters, mask, training=training), axis=-1)
