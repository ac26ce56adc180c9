"""The networks that complete a person's alphabet: a few letters in, the form of every character out.

What a letter looks like is its form, some numbers from which `StrokeNetworks` draw its strokes. A hand code holds one
for each character: where a sample was given the one that draws it best, and where none was, the one that goes with the
others.

What goes with them is found in two ways that add up. A person becomes some numbers, of which each character's form is a
learned function; it is the same for everybody, and so it keeps what many share. What it leaves out of the forms of
people whom the networks remember is taken from those who are most like the person: a kernel regression on residuals
(Nadaraya 1964). How much a person's writings of one character differ is known from people who wrote it several times.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import keras
import numpy as np
from keras import ops

from tfhand.core.charset import MEASURED, geometry
from tfhand.data.archive import EXTENTS
from tfhand.models.alphabet.config import AlphabetConfig
from tfhand.models.alphabet.layers import FormGenerator, HandEncoder
from tfhand.models.alphabet.people import random_person
from tfhand.models.networks import Parts
from tfhand.models.protocol import HandWriter, Tensor
from tfhand.models.stroke_verifier.networks import StrokeVerifier
from tfhand.models.strokes.refinement import refined


@keras.saving.register_keras_serializable("tfhand")
class AlphabetNetworks(StrokeVerifier):
    """Networks that complete an alphabet; they are a `HandWriter` themselves.

    Args:
        **config: the fields of `AlphabetConfig`.

    Attributes:
        usual: (C, form_size), the mean form of each character over people.
        spread: (C, form_size), standard deviations of forms over people and writings.
        variation: (C, form_size, form_size), Cholesky factors of the covariance of one person's writings.
        people: (1 + hand_size, hand_size), mean and covariance of people's vectors.
        known_forms: (known, C, form_size), normalized forms of people who are remembered, 0 where there is none.
        known_letters: (known, C), 1 where there is one.
        known_embeddings: (known, embedding_size), these people as the verifier knows them.
    """

    family = "alphabet"
    config_class = AlphabetConfig
    config: AlphabetConfig

    def __init__(self, **config):
        super().__init__(**config)
        self.hand_encoder, self.form_generator = HandEncoder(self.config), FormGenerator(self.config)
        self.hand_encoder.build(None)
        self.form_generator.build(None)
        characters, size = len(self.config.characters), self.config.form_size
        self.usual = self._statistic("usual", (characters, size), "zeros")
        self.spread = self._statistic("spread", (characters, size), "ones")
        self.variation = self._statistic("variation", (characters, size, size), "zeros")
        self.people = self._statistic("people", (1 + self.config.hand_size, self.config.hand_size), "zeros")
        known = self.config.known
        self.known_forms = self._statistic("known_forms", (known, characters, size), "zeros")
        self.known_letters = self._statistic("known_letters", (known, characters), "zeros")
        self.known_embeddings = self._statistic("known_embeddings", (known, self.config.embedding_size), "zeros")
        self.built = True

    def _statistic(self, name: str, shape: tuple[int, ...], initializer: str):
        return self.add_weight(name=name, shape=shape, initializer=initializer, trainable=False)

    @property
    def parts(self) -> Parts:
        config = self.config
        names = "usual", "spread", "variation", "people", "known_forms", "known_letters", "known_embeddings"
        statistics = {name: getattr(self, name) for name in names}
        return {
            **super().parts,
            "hand_encoder": (self.hand_encoder, (config.hand_size,)),
            "form_generator": (self.form_generator, (len(config.characters), config.form_size)),
            **{name: (weight, tuple(weight.shape[1:])) for name, weight in statistics.items()},
        }

    @property
    def code_size(self) -> int:
        """Length of a hand code: the form of every character, and the nib."""
        return len(self.config.characters) * self.config.form_size + 1

    @property
    def noise_size(self) -> int:
        """Length of the noise that makes the letters of one person differ."""
        return self.config.form_size

    @property
    def hand_in_noise(self) -> bool:
        """Whether what the letters of a random hand have in common is a part of the noise."""
        return False

    @property
    def within_axes(self) -> bool:
        """Whether hands lie within their axes: the forms of given letters and the nib do not."""
        return False

    def as_hand_writer(self) -> HandWriter:
        """The networks as synthesis and evaluation use them."""
        return self

    def normalized_forms(self, samples, characters):
        """Forms (B, K, form_size) of samples (B, K, S, S, 1), in standard deviations from the usual ones."""
        flat, size = ops.reshape(characters, (-1,)), self.image_size
        forms = self.forms_of(ops.reshape(samples, (-1, size, size, 1)), flat)
        normalized = (forms - ops.take(self.usual, flat, axis=0)) / ops.take(self.spread, flat, axis=0)
        return ops.reshape(normalized, (*ops.shape(characters), self.config.form_size))

    def own_forms(self, samples, characters):
        """Forms (B, K, form_size) that draw samples (B, K, S, S, 1) of characters (B, K) as truly as can be."""
        flat, size = ops.reshape(characters, (-1,)), self.image_size
        glyphs, nibs = ops.reshape(samples, (-1, size, size, 1)), ops.reshape(thickness(samples), (-1,))
        spread = ops.take(self.spread, flat, axis=0)
        forms = refined(self, self.forms_of(glyphs, flat), glyphs, flat, nibs, spread)
        return ops.reshape(forms, (*ops.shape(characters), self.config.form_size))

    def imagined_alphabets(self, hand):
        """Forms (B, C, form_size) of all characters as people (B, hand_size) would write them."""
        return self.usual + self.config.emphasis * self.form_generator.alphabets(hand) * self.spread

    def left_out(self, embeddings, residuals=None):
        """What people (B, embedding_size) like the remembered ones are likely to have beside what is imagined of them.

        The mean over the people who are remembered of what their own forms have, with weights that grow exponentially
        with likeness; normalized forms (B, C, form_size). `residuals` are what `residuals` gives, where they are known.
        """
        likeness = ops.matmul(embeddings, ops.transpose(self.known_embeddings))  # (B, known)
        nearness = ops.exp(self.config.resemblance * (likeness - ops.max(likeness, axis=1, keepdims=True)))
        weights = nearness[..., None] * self._letters()  # (B, known, C)
        weights = weights / ops.maximum(ops.sum(weights, axis=1, keepdims=True), 1e-30)
        return ops.einsum("bkc,kcf->bcf", weights, self.residuals() if residuals is None else residuals)

    def residuals(self):
        """What forms of remembered people have beside what is imagined of them, normalized (known, C, form_size)."""
        hands = self.hand_encoder(self.known_forms, self._everything(self.config.known), self._letters())
        return self.known_forms - self.form_generator.alphabets(hands)

    def _letters(self):
        """1 for the letters of remembered people that are known, else 0, (known, C)."""
        return ops.cast(self.known_letters > 0.5, "float32")

    def encode(self, samples, characters, mask, residuals=None, own=None):
        """Hand codes (B, code_size) of samples (B, K, S, S, 1) of characters (B, K), those with mask (B, K) of 1.

        `residuals` and `own` are what `residuals` and `own_forms` of the samples give, where they are known.
        """
        own = self.own_forms(samples, characters) if own is None else own
        return self._completed(samples, characters, mask, own, partial(self.left_out, residuals=residuals))

    def related_codes(self, samples: Tensor, characters: Tensor, count: int) -> np.ndarray:
        """Hand codes (n, code_size) of samples (K, S, S, 1) of characters (K,), by one like person's habits each."""

        def habits(embeddings):
            likest = ops.argsort(-ops.matmul(self.known_embeddings, embeddings[0]))[:count]
            return ops.take(self.residuals(), likest, axis=0)

        mask = ops.ones((1, len(characters)))
        own = self.own_forms(samples[None], characters[None])
        codes = self._completed(samples[None], characters[None], mask, own, habits)
        return np.asarray(ops.convert_to_numpy(codes), np.float32)

    def _completed(self, samples, characters, mask, own, left_out: Callable):
        """Hand codes of samples with their own forms (B, K, form_size).

        What `left_out` gives of embeddings (B, embedding_size) is added to what is imagined of people: normalized forms
        (B, C, form_size), or those of several codes of one person, (n, C, form_size).
        """
        normalized = self.normalized_forms(samples, characters)
        hand = self.hand_encoder(normalized, characters, mask)
        points, counts = self.find_strokes(samples, characters)
        others = self.imagined_alphabets(hand)
        others = others + left_out(self.embed(points, counts, characters, mask)) * self.spread
        which = ops.one_hot(characters, len(self.config.characters)) * mask[..., None]  # (B, K, C)
        count = ops.sum(which, axis=1)[..., None]  # (B, C, 1)
        own = ops.matmul(ops.transpose(which, (0, 2, 1)), own) / ops.maximum(count, 1.0)
        forms = ops.reshape(ops.where(count > 0, own, others), (-1, self.code_size - 1))
        nibs = thickness(samples) * ops.take(self._extents(), characters)
        nib = ops.sum(nibs * mask, axis=1) / ops.maximum(ops.sum(mask, axis=1), 1.0)
        return ops.concatenate([forms, nib[:, None] + ops.zeros_like(forms[:, :1])], axis=-1)

    def write(self, codes: Tensor, characters: Tensor, noise: Tensor) -> Tensor:
        """Glyphs (B, S, S, 1) in [-1, 1] of characters (B,) by codes (B, code_size), with noise (B, noise_size)."""
        nibs = codes[:, -1] / ops.take(self._extents(), characters)
        return self.draw(self._varied(codes, characters, noise), characters, nibs)

    def write_strokes(self, codes: Tensor, characters: Tensor, noise: Tensor) -> Tensor:
        """The same as trajectories (B, POINTS, 3), as `strokes` gives them."""
        return self.strokes(self._varied(codes, characters, noise), characters)

    def _varied(self, codes, characters, noise):
        forms = ops.reshape(codes[:, :-1], (-1, len(self.config.characters), self.config.form_size))
        chosen = ops.one_hot(characters, len(self.config.characters))[:, None]  # (B, 1, C)
        own = ops.squeeze(ops.matmul(chosen, forms), axis=1)
        return own + ops.squeeze(ops.matmul(ops.take(self.variation, characters, axis=0), noise[..., None]), axis=-1)

    def _everything(self, people):
        every = np.arange(len(self.config.characters), dtype=np.int32)
        return ops.repeat(ops.convert_to_tensor(every)[None], people, axis=0)

    def _extents(self):
        return ops.convert_to_tensor(extents(self.config.characters))

    def code_axes(self) -> np.ndarray:
        """Axes (hand_size, code_size) along which hand codes are about standard normal, to first order."""
        mean, factor = self.known_people()
        forms = self._alphabets(np.concatenate([mean[None], mean + factor.T]))
        return np.pad(forms[1:] - forms[:1], ((0, 0), (0, 1)))

    def random_hand(self, rng: np.random.Generator) -> np.ndarray:
        """The code (code_size,) of a person who does not exist."""
        return self.population(*random_person(rng, self.config.hand_size))[0]

    def population(self, people: np.ndarray, nib: float) -> np.ndarray:
        """Hand codes (n, code_size) of people (n, hand_size), 0 being the average one, with a nib in pixels at 32."""
        mean, factor = self.known_people()
        forms = self._alphabets(mean + people @ factor.T)
        return np.pad(forms, ((0, 0), (0, 1)), constant_values=nib).astype(np.float32)

    def precisions(self, glyphs, characters):
        """How much glyphs (n, S, S, 1) of characters (n,) tell of each number of their writer, (n, hand_size).

        A form is about linear in these numbers, and what else is in it is about as large as forms differ over people.
        So it does not depend on the glyph.
        """
        shape = self.config.hand_size, len(self.config.characters), self.config.form_size
        slopes = self.code_axes()[:, :-1].reshape(shape) / ops.convert_to_numpy(self.spread)
        return ops.take(np.square(slopes).sum(axis=2).T.astype(np.float32), characters, axis=0)

    def known_people(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean (hand_size,) and Cholesky factor (hand_size, hand_size) of people's vectors."""
        people = np.asarray(ops.convert_to_numpy(self.people))
        return people[0], np.linalg.cholesky(people[1:] + 1e-6 * np.eye(people.shape[1], dtype=np.float32))

    def _alphabets(self, people: np.ndarray) -> np.ndarray:
        """The forms of all characters by people (n, hand_size), (n, C form_size)."""
        forms = self.imagined_alphabets(people)
        return np.asarray(ops.convert_to_numpy(forms)).reshape(len(people), -1)

    def call(self, samples, characters, mask, queries, noise):
        """Glyphs (B, S, S, 1) of the queried characters (B,), in the hands of samples as for `encode`."""
        return self.write(self.encode(samples, characters, mask), queries, noise)


def extents(characters: str) -> np.ndarray:
    """The longest side of each character's ink box over the median of all, float32 (C,).

    A small letter that is scaled up to fill its glyph has a line as much thicker.
    """
    measured = MEASURED["height"]
    sides = [max(measured.get(one, geometry(one).height), geometry(one).width) for one in characters]
    return np.clip(np.array(sides) / np.median(sides), *EXTENTS).astype(np.float32)


def thickness(glyphs: Tensor) -> Tensor:
    """Mean width of the line of glyphs (B, K, S, S, 1) in [-1, 1], in pixels at 32, (B, K).

    Twice the ink's area over the length of its outline, as `tfhand.metrics.thickness`.
    """
    ink = ops.pad((glyphs[..., 0] + 1) / 2, [(0, 0), (0, 0), (1, 1), (1, 1)])
    down = ink[:, :, 1:, :-1] - ink[:, :, :-1, :-1]
    right = ink[:, :, :-1, 1:] - ink[:, :, :-1, :-1]
    outline = ops.sum(ops.sqrt(ops.square(down) + ops.square(right)), axis=(2, 3))
    return 2 * ops.sum(ink, axis=(2, 3)) / ops.maximum(outline, 1e-6) * 32 / glyphs.shape[2]
