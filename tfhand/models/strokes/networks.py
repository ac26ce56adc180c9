"""The networks between pictures of letters and pen strokes.

A variational autoencoder (Kingma & Welling 2014, arXiv 1312.6114) whose input is a picture and whose output is the path
of the pen. What lies between, the form of a letter, knows nothing of nib, ink and paper. Which way a stroke was drawn
does not show in a picture, so that the decoder proposes several trajectories, each with a probability: a mixture
density (Bishop 1994, section 3) instead of the mean of all.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import keras
from keras import layers, ops

from tfhand.data.trajectories import MOST_STROKES, POINTS
from tfhand.errors import PresetError
from tfhand.models.networks import Networks, Parts
from tfhand.models.strokes.config import StrokesConfig
from tfhand.nn.blocks import SLOPE, PlainBlock, activate, convolution, dense
from tfhand.nn.pen import draw_trajectories, pen_down
from tfhand.nn.precision import as_float32

_FIRST_LOG_VARIANCE = -3.0  # of forms, where training begins
_START = 0.1  # scale of the points where training begins
_LOGITS = 5.0  # scale of logits over that of points
_OUTPUTS = 2 * POINTS + MOST_STROKES + 1  # numbers of a candidate


class FormEncoder(layers.Layer):
    """A picture (B, S, S, 1) of a character (B,) to its form: mean and then log variance, (B, 2 form_size)."""

    def __init__(self, config: StrokesConfig, **kwargs):
        super().__init__(**kwargs)
        self.config = config
        self.character = layers.Embedding(len(config.characters), config.character_size)
        self.stem = convolution(config.encoder_widths[0])
        self.blocks = [PlainBlock(width, downsample=True) for width in config.encoder_widths[1:]]
        self.to_vector, self.with_character = dense(config.encoder_features), dense(config.encoder_features)
        self.to_form = layers.Dense(2 * config.form_size)

    def build(self, glyphs_shape, characters_shape=None):
        config, side = self.config, self.config.image_size
        self.character.build((None,))
        self.stem.build((None, side, side, 1))
        for block, width in zip(self.blocks, config.encoder_widths[:-1], strict=True):
            block.build((None, side, side, width))
            side //= 2
        self.to_vector.build((None, side * side * config.encoder_widths[-1]))
        self.with_character.build((None, config.encoder_features + config.character_size))
        self.to_form.build((None, config.encoder_features))

    def call(self, glyphs, characters):
        x = self.stem(glyphs)
        for block in self.blocks:
            x = block(x)
        x = activate(self.to_vector(activate(ops.reshape(x, (-1, self.to_vector.kernel.shape[0])))))
        x = activate(self.with_character(ops.concatenate([x, self.character(characters)], axis=-1)))
        return self.to_form(x)


class StrokeDecoder(layers.Layer):
    """A form (B, form_size) of a character (B,) to candidates of its trajectory.

    Gives (B, M, 2 POINTS + MOST_STROKES + 1), see `StrokeNetworks.candidates`.
    """

    def __init__(self, config: StrokesConfig, **kwargs):
        super().__init__(**kwargs)
        self.config = config
        characters, width = len(config.characters), config.decoder_width
        outputs = config.candidates * _OUTPUTS
        self.character = layers.Embedding(characters, 2 * config.character_size)
        self.begin = dense(width)
        self.first = [dense(width) for _ in range(config.decoder_depth)]
        self.second = [layers.Dense(width, kernel_initializer="zeros") for _ in range(config.decoder_depth)]
        self.modulation = [
            layers.Embedding(characters, 2 * width, embeddings_initializer="zeros") for _ in range(config.decoder_depth)
        ]
        self.end = layers.Dense(outputs)
        self.usual = layers.Embedding(characters, outputs, embeddings_initializer="zeros")

    def build(self, forms_shape, characters_shape=None):
        config, width = self.config, self.config.decoder_width
        self.begin.build((None, config.form_size + 2 * config.character_size))
        self.end.build((None, width))
        for layer in (*self.first, *self.second):
            layer.build((None, width))
        for table in (self.character, self.usual, *self.modulation):
            table.build((None,))

    def call(self, forms, characters):
        x = self.begin(ops.concatenate([forms, self.character(characters)], axis=-1))
        for first, second, modulation in zip(self.first, self.second, self.modulation, strict=True):
            scale, offset = ops.split(modulation(characters), 2, axis=-1)
            x = x + second(_activate(first(x) * (1 + scale) + offset))
        found = _START * self.end(_activate(x)) + self.usual(characters)
        return ops.reshape(found, (-1, self.config.candidates, _OUTPUTS))


@keras.saving.register_keras_serializable("tfhand")
class StrokeNetworks(Networks):
    """Encoder and decoder of letters.

    Call with glyphs (B, S, S, 1) in [-1, 1] and characters (B,); gives trajectories as `trace` does.

    Args:
        **config: the fields of `StrokesConfig`.
    """

    family = "strokes"
    config_class = StrokesConfig
    config: StrokesConfig

    def __init__(self, **config):
        super().__init__(**config)
        self.encoder, self.decoder = FormEncoder(self.config), StrokeDecoder(self.config)
        self.encoder.build(None)
        self.decoder.build(None)
        self.built = True

    @property
    def parts(self) -> Parts:
        return {
            "encoder": (self.encoder, (2 * self.config.form_size,)),
            "decoder": (self.decoder, (self.config.candidates, _OUTPUTS)),
        }

    @classmethod
    def like_preset(cls, name: str, config: StrokesConfig) -> Any:
        """The networks of a preset, which have the same settings as those of `config` that they share.

        Raises:
            PresetError: unknown, of another family, or with other settings.
        """
        networks = cls.from_preset(name)
        for field in fields(cls.config_class):
            theirs, ours = getattr(networks.config, field.name), getattr(config, field.name)
            if theirs != ours:
                raise PresetError(f"The preset {name} has {field.name} {theirs}, and these networks {ours}.")
        return networks

    def use_strokes_of(self, networks: StrokeNetworks) -> None:
        """Takes over encoder and decoder of trained networks, to be kept as they are by a training of other parts."""
        for own, known in ((self.encoder, networks.encoder), (self.decoder, networks.decoder)):
            own.set_weights(known.get_weights())
            own.trainable = False

    def posterior(self, glyphs, characters):
        """Mean and log variance (B, form_size) of the forms of glyphs (B, S, S, 1) in [-1, 1] of characters (B,)."""
        mean, spread = ops.split(as_float32(self.encoder(glyphs, characters)), 2, axis=-1)
        return mean, spread + _FIRST_LOG_VARIANCE

    def candidates(self, forms, characters):
        """The trajectories that forms (B, form_size) of characters (B,) may stand for.

        Returns:
            points (B, M, POINTS, 2), logits (B, M, MOST_STROKES) of the number of strokes, less one, and logits (B, M)
            of the candidates.
        """
        found = as_float32(self.decoder(forms, characters))
        points, strokes, probability = ops.split(found, [2 * POINTS, 2 * POINTS + MOST_STROKES], axis=-1)
        points = ops.reshape(points, (-1, self.config.candidates, POINTS, 2))
        return points, _LOGITS * strokes, _LOGITS * ops.squeeze(probability, axis=-1)

    def forms_of(self, glyphs, characters):
        """The forms (B, form_size) of glyphs (B, S, S, 1) in [-1, 1] of characters (B,)."""
        return self.posterior(glyphs, characters)[0]

    def decode(self, forms, characters):
        """The likeliest trajectories of forms (B, form_size): points (B, POINTS, 2) and numbers of strokes (B,)."""
        points, counts, candidates = self.candidates(forms, characters)
        chosen = ops.one_hot(_likeliest(candidates), self.config.candidates)  # (B, M)
        counts = 1 + _likeliest(ops.sum(counts * chosen[..., None], axis=1))
        return ops.sum(points * chosen[..., None, None], axis=1), counts

    def draw(self, forms, characters, nibs):
        """Glyphs (B, S, S, 1) in [-1, 1] of forms (B, form_size), drawn with nibs (B,) in pixels at 32."""
        return draw_trajectories(*self.decode(forms, characters), nibs, self.image_size)

    def strokes(self, forms, characters):
        """Trajectories (B, POINTS, 3) of forms: x right, y down, and 1 where the pen is down on the way to the point.

        The box's centre lies about at the origin, and its longest side is about 1.
        """
        points, counts = self.decode(forms, characters)
        down = ops.pad(pen_down(counts), [(0, 0), (1, 0)])  # (B, POINTS), 0 at the first
        return ops.concatenate([points, down[..., None]], axis=-1)

    def trace(self, glyphs, characters):
        """The trajectories (B, POINTS, 3) that glyphs (B, S, S, 1) were written with, as `strokes` gives them."""
        return self.strokes(self.forms_of(glyphs, characters), characters)

    def call(self, glyphs, characters):
        return self.trace(glyphs, characters)


def _activate(x):
    """As `activate`, of operations whose gradients LiteRT knows: forms are found by gradients through the decoder."""
    return ops.maximum(x, SLOPE * x)


def _likeliest(logits):
    """Places (B,) of the largest of logits (B, n); Keras's argmax is made of operations that LiteRT lacks."""
    return ops.top_k(logits, 1)[1][:, 0]
