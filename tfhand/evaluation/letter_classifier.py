"""A small classifier of letters that an evaluation trains for itself, on real letters or on generated ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import keras
import numpy as np
from keras import layers
from numpy.lib.stride_tricks import sliding_window_view

from tfhand.evaluation.two_sample import Letters
from tfhand.hands.glyph import as_network_input
from tfhand.nn.blocks import kaiming

STEPS = 6000  # of training: three minutes on a free core
_LAYERS = (32, 5, 2), (64, 3, 2), (64, 3, 1), (96, 3, 2)  # channels, side of the kernels and stride
_FEATURES, _DROPOUT, _MOMENTUM = 192, 0.3, 0.98
_BATCH, _LEARNING_RATE, _WEIGHT_DECAY, _SMOOTHING = 64, 3e-3, 1e-2, 0.1
_SHIFT = 1  # pixels by which a letter is moved in training, at most


def train_classifier(
    letters: Letters,
    characters: int,
    seed: int,
    rng: np.random.Generator,
    tell: Callable[[str], None] = lambda what: None,
) -> keras.Sequential:
    """A new classifier that has learned from these letters alone. Sets Keras' global seed.

    Args:
        letters: to learn from.
        characters: number of classes.
        seed: of weights and dropout.
        rng: of the batches.
        tell: is called with the progress now and then.
    """
    keras.utils.set_random_seed(seed)
    targets = np.eye(characters, dtype=np.float32)
    classifier = _classifier(letters.glyphs.shape[-1], characters)
    for images, numbers in batches(letters, rng, tell):
        classifier.train_on_batch(images, targets[numbers])
    return classifier


def batches(
    letters: Letters, rng: np.random.Generator, tell: Callable[[str], None]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """For each step letters (B, S, S, 1), shifted a little, and their characters (B,), all equally often."""
    size = letters.glyphs.shape[-1]
    chances = 1 / np.bincount(letters.characters)[letters.characters]
    drawn = rng.choice(len(chances), (STEPS, _BATCH), p=chances / chances.sum())
    padded = np.pad(letters.glyphs, ((0, 0), (_SHIFT, _SHIFT), (_SHIFT, _SHIFT)))
    shifted = sliding_window_view(padded, (size, size), axis=(1, 2))  # (n, down, right, S, S)
    for step, indices in enumerate(drawn):
        if step % max(1, STEPS // 10) == 0:
            tell(f"step {step} of {STEPS}")
        images = shifted[indices, *rng.integers(2 * _SHIFT + 1, size=(2, _BATCH))]
        yield as_network_input(images), letters.characters[indices]


def features_of(classifier: keras.Sequential) -> keras.Sequential:
    """The classifier without its last layers: glyphs (B, S, S, 1) to features (B, n)."""
    return keras.Sequential(classifier.layers[:-2])


def _classifier(size: int, characters: int) -> keras.Sequential:
    """Glyphs (B, S, S, 1) in [-1, 1] to logits (B, characters); compiled.

    Strides in place of pooling, and batch normalization, which the shipped networks do without, make the most of a
    short training on a CPU: 99.3 % of the MNIST digits of held-out people are read.
    """
    stack = [keras.Input((size, size, 1))]
    for width, kernel, stride in _LAYERS:
        shape = {"padding": "same", "use_bias": False, "kernel_initializer": kaiming()}
        stack += [layers.Conv2D(width, kernel, stride, **shape), layers.BatchNormalization(momentum=_MOMENTUM)]
        stack += [layers.ReLU()]
    stack += [layers.Flatten(), layers.Dense(_FEATURES, "relu", kernel_initializer=kaiming())]
    model = keras.Sequential([*stack, layers.Dropout(_DROPOUT, seed=0), layers.Dense(characters)])
    rate = keras.optimizers.schedules.CosineDecay(_LEARNING_RATE, STEPS)  # ends at zero: the last weights are settled
    model.compile(
        keras.optimizers.AdamW(rate, weight_decay=_WEIGHT_DECAY),
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=_SMOOTHING),
        jit_compile=False,  # for some minutes of training, XLA takes longer to compile than it saves
    )
    return model
