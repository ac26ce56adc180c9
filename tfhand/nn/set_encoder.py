"""From a set of glyphs to one vector, whatever the number of glyphs."""

from __future__ import annotations

from collections.abc import Sequence

from keras import layers, ops

from tfhand.nn.blocks import PlainBlock, ResidualBlock, activate, convolution, kaiming
from tfhand.nn.dropout import Dropout
from tfhand.nn.precision import as_float32


class SetEncoder(layers.Layer):
    """A person's glyphs, their characters known, to one vector.

    Each glyph gives an estimate of every entry of the vector, and the precision of that estimate; the estimates are
    averaged with the precisions as weights beside a prior of zero, so that more glyphs mean a more precise vector.

    Call with glyphs (B, K, S, S, 1) in [-1, 1], characters (B, K) and mask (B, K), 1 where there is a glyph; gives
    (B, size).

    Args:
        characters: how many there are.
        image_size: S.
        size: entries of the vector.
        widths: channels from full size down, one for each halving.
        features: units of the inner layers.
        character_size: numbers that stand for a character.
        dropout: share of the features left out in training.
        prior: weight of zero beside the glyphs.
        normalize: instance normalization in the blocks, which hides how much ink there is.
        residual: blocks of two convolutions beside a shortcut, else of one without.
        weighted: glyphs weigh as precisely as they tell, else all the same.
    """

    def __init__(
        self,
        characters: int,
        image_size: int,
        size: int,
        widths: Sequence[int],
        features: int,
        character_size: int,
        dropout: float,
        prior: float,
        normalize: bool = False,
        residual: bool = True,
        weighted: bool = True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.image_size, self.size, self.prior, self.widths = image_size, size, prior, tuple(widths)
        self.weighted = weighted
        self.character = layers.Embedding(characters, character_size)
        self.stem = convolution(widths[0])
        block = ResidualBlock if residual else PlainBlock
        self.blocks = [block(width, normalize, downsample=True) for width in widths[1:]]
        self.to_vector = layers.Dense(features, kernel_initializer=kaiming())
        self.with_character = layers.Dense(features, kernel_initializer=kaiming())
        self.dropout = Dropout(dropout, seed=0)
        self.estimate = layers.Dense((1 + weighted) * size)

    def build(self, glyphs_shape, characters_shape=None, mask_shape=None):
        side, features = self.image_size, self.to_vector.units
        self.character.build((None,))
        self.stem.build((None, side, side, 1))
        for block, width in zip(self.blocks, self.widths[:-1], strict=True):
            block.build((None, side, side, width))
            side //= 2
        self.to_vector.build((None, side * side * self.widths[-1]))
        self.with_character.build((None, features + self.character.output_dim))
        self.estimate.build((None, features))

    def estimates(self, glyphs, characters, training=False):
        """The estimate that each glyph gives of every entry, and its precision, 0 or more: (B, K, size) each."""
        batch, count = ops.shape(characters)
        x = self.stem(ops.reshape(glyphs, (-1, self.image_size, self.image_size, 1)))  # (B K, S, S, C)
        for block in self.blocks:
            x = block(x)
        x = activate(self.to_vector(activate(ops.reshape(x, (batch * count, self.to_vector.kernel.shape[0])))))
        which = self.character(ops.reshape(characters, (-1,)))
        x = activate(self.with_character(ops.concatenate([x, which], axis=-1)))  # (B K, features)
        x = ops.reshape(self.estimate(self.dropout(x, training=training)), (batch, count, 1 + self.weighted, self.size))
        values = x[:, :, 0]
        return values, ops.softplus(x[:, :, 1]) if self.weighted else ops.ones_like(values)

    def posterior(self, glyphs, characters, mask, training=False):
        """Mean and variance (B, size) of each entry: a product of Gaussian experts.

        Each glyph is an expert with an estimate and its precision, the inverse of a variance; so is the prior, whose
        estimate is zero (Hinton 2002, Neural Computation 14, section 1).
        """
        values, precisions = map(as_float32, self.estimates(glyphs, characters, training))
        precisions = precisions * as_float32(mask)[:, :, None]
        precision = self.prior + ops.sum(precisions, axis=1)
        return ops.sum(precisions * values, axis=1) / precision, 1 / precision

    def call(self, glyphs, characters, mask, training=False):
        return self.posterior(glyphs, characters, mask, training)[0]
