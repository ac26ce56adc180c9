"""Classifier two-sample test of written and real letters; an accuracy of one half is the best for written ones.

Lopez-Paz & Oquab 2017 (arXiv 1610.06545).
"""

from __future__ import annotations

from typing import NamedTuple

import keras
import numpy as np
from keras import layers

from tfhand.data.drawing.bank import as_images
from tfhand.data.drawing.scan_noise import draw_scans, grain_sheets, scan_glyphs
from tfhand.nn.blocks import ResidualBlock, activate, convolution, kaiming

STEPS = 500  # a minute or so on two cores; longer training learns the 16,000 letters by heart
_BATCH = 128  # letters, half of them real
_WIDTHS = (16, 32, 64)  # channels from full size down; narrow, so that it sees what all people's letters have in common
_FEATURES, _CHARACTER_SIZE, _DROPOUT = 64, 16, 0.2
_LEARNING_RATE, _WEIGHT_DECAY = 2e-3, 1e-3


class Letters(NamedTuple):
    """Glyphs, uint8 (n, S, S), and which character each is, int (n,), 0 and up."""

    glyphs: np.ndarray
    characters: np.ndarray


def two_sample_accuracy(
    training_real: Letters,
    training_written: Letters,
    real: Letters,
    written: Letters,
    *,
    steps: int = STEPS,
    seed: int = 0,
) -> float:
    """Test accuracy of a classifier of written and real letters, on people whom it was not trained on.

    All letters, real and written, go through the noise of a scan (`data.drawing.scan_noise`), drawn anew for
    every batch in training and once in the test. The question is whether letters look handwritten on paper; the noise
    hides differences in the last grey levels of an edge, which every network leaves behind. The classifier is given the
    character, so that it need not learn to read. Both kinds should hold the same characters equally often, or their
    frequencies give them away.

    The same letters and seed give the same result on one machine. Sets Keras' global seed.

    Args:
        training_real: letters of some people.
        training_written: letters written in the hands of the same people.
        real: letters of other people.
        written: letters written in the hands of those other people.
        steps: of training, on batches that are half real and half written.
        seed: of weights, batches and noise.

    Returns:
        The mean of the accuracies on real and on written letters, 0 to 1; 0.5 is chance.

    Raises:
        ValueError: an empty set, or glyphs and characters that do not belong together.
    """
    sets = [training_real, training_written, real, written]
    for letters in sets:
        if len(letters.glyphs) == 0 or len(letters.glyphs) != len(letters.characters):
            raise ValueError(f"{len(letters.glyphs)} glyphs for {len(letters.characters)} characters; one for each.")
    keras.utils.set_random_seed(seed)
    characters = 1 + max(int(np.max(letters.characters)) for letters in sets)
    classifier = _classifier(real.glyphs.shape[-1], characters, steps)
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        batch = [_some(each, rng.integers(len(each.glyphs), size=_BATCH // 2)) for each in sets[:2]]
        classifier.train_on_batch(*_scanned(rng, *batch))
    return _accuracy(classifier, rng, real, written)


def _classifier(size: int, characters: int, steps: int) -> keras.Model:
    """Glyphs (B, S, S, 1) in [-1, 1] and characters (B,) to a logit (B, 1), above 0 for written; compiled."""
    glyphs, which = keras.Input((size, size, 1)), keras.Input((), dtype="int32")
    x = convolution(_WIDTHS[0])(glyphs)
    for width in _WIDTHS[1:]:
        x = ResidualBlock(width, downsample=True)(x)
    x = ResidualBlock(_WIDTHS[-1], downsample=True)(x)
    x = layers.Flatten()(activate(x))
    x = layers.Concatenate()([x, layers.Embedding(characters, _CHARACTER_SIZE)(which)])
    x = activate(layers.Dense(_FEATURES, kernel_initializer=kaiming())(x))
    x = layers.Dropout(_DROPOUT, seed=0)(x)
    model = keras.Model([glyphs, which], layers.Dense(1)(x))
    rate = keras.optimizers.schedules.CosineDecay(_LEARNING_RATE, steps)  # ends at zero: the last weights are settled
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=_WEIGHT_DECAY),
        keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1),
        jit_compile=False,  # for a minute of training, XLA takes longer to compile than it saves
    )
    return model


def _scanned(
    rng: np.random.Generator, real: Letters, written: Letters
) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Letters of both kinds under one scanner as ((images, characters), kinds), kinds being 1 for written, (n, 1)."""
    glyphs, characters = (np.concatenate(parts) for parts in zip(real, written, strict=True))
    kinds = np.repeat([0.0, 1.0], [len(real.glyphs), len(written.glyphs)]).astype(np.float32)[:, None]
    scan = draw_scans(rng, 1, len(glyphs))
    seen = scan_glyphs(glyphs[None] / np.float32(255), scan["scan"], grain_sheets(glyphs.shape[1])[scan["sheet"]])
    return (np.asarray(as_images(seen[0])), characters.astype(np.int32)), kinds


def _some(letters: Letters, places) -> Letters:
    return Letters(letters.glyphs[places], letters.characters[places])


def _accuracy(classifier: keras.Model, rng: np.random.Generator, real: Letters, written: Letters) -> float:
    """The mean of the accuracies on both kinds, in parts with scan noise of their own."""
    count = -(-max(len(real.glyphs), len(written.glyphs)) // (_BATCH // 2))
    right = np.zeros(2)
    for part in range(count):
        every = slice(part, None, count)
        inputs, kinds = _scanned(rng, _some(real, every), _some(written, every))
        told = (np.asarray(classifier.predict_on_batch(inputs)) > 0) == (kinds > 0)
        right += told[kinds == 0].sum(), told[kinds == 1].sum()
    return float(np.mean(right / (len(real.glyphs), len(written.glyphs))))
