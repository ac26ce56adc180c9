"""How good the letters are that a preset makes of a character and noise alone, as classifiers trained here see them.

There is no hand to be like. What is asked is whether a letter is the one that was asked for, and whether all together
are as various as people's: who has seen nothing else should then know people's letters as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

import keras
import numpy as np
from keras import layers
from numpy.lib.stride_tricks import sliding_window_view

from tfhand.core.charset import reading
from tfhand.data.archive import Archive
from tfhand.data.scan_transform import draw_nib
from tfhand.errors import ArchiveError
from tfhand.evaluation.episodes import among_writers
from tfhand.evaluation.two_sample import Letters
from tfhand.hands.glyph import as_glyphs, as_network_input
from tfhand.metrics import frechet_distance, kernel_distance
from tfhand.models.batches import predict_in_batches
from tfhand.nn.blocks import kaiming
from tfhand.visualization.grids import alphabets

REAL, GENERATED = "real letters", "generated letters"
STEPS = 6000  # of a classifier's training: three minutes on a free core
MOST_COMPARED = 5000  # letters: the kernel distance looks at all pairs of them at once, which takes 200 MB
_LAYERS = (32, 5, 2), (64, 3, 2), (64, 3, 1), (96, 3, 2)  # channels, side of the kernels and stride
_FEATURES, _DROPOUT, _MOMENTUM = 192, 0.3, 0.98
_BATCH, _LEARNING_RATE, _WEIGHT_DECAY, _SMOOTHING = 64, 3e-3, 1e-2, 0.1
_SHIFT = 1  # pixels that a letter is moved at most in training, each way
_HELD_OUT, _TRAINED_ON, _READ, _LESSON, _BATCHES, _COMPARED, _SHOWN = range(7)  # streams of random numbers of their own


class Generations:
    """Letters that networks make of noise and a character, beside those of people never trained on.

    Args:
        networks: `ConditionalGAN` without writers, trained.
        archive: that they were trained on, with writers.
        held_out: the writers that the networks never saw.
        seed: of everything drawn, and of the classifiers. Their training sets Keras' global seed.
        tell: is called with what is being done, now and then.

    Raises:
        ArchiveError: none of these people is in the archive, or they or the others never wrote one of the characters.
    """

    def __init__(
        self,
        networks,
        archive: Archive,
        held_out: Iterable[int],
        seed: int = 0,
        tell: Callable[[str], None] = lambda what: None,
    ):
        self.networks, self.settings, self.archive = networks, networks.settings, archive
        self.seed, self.tell = seed, tell
        people = among_writers(archive, held_out)
        self._numbers, unseen = archive.places_in(self.settings.characters), np.isin(archive.writers, people)
        self._held_out, self._trained_on = (np.flatnonzero(who & (self._numbers >= 0)) for who in (unseen, ~unseen))
        for whose, places in (("held-out", self._held_out), ("other", self._trained_on)):
            absent = np.setdiff1d(np.arange(len(self.settings.characters)), self._numbers[places])
            if len(absent):
                missing = " ".join(self.settings.characters[number] for number in absent)
                raise ArchiveError(
                    f"The {whose} writers of the archive never wrote {missing}; name the data trained on."
                )

    @cached_property
    def held_out(self) -> Letters:
        """All real letters of the people never trained on."""
        return self._real(self._held_out, _HELD_OUT)

    @cached_property
    def trained_on(self) -> Letters:
        """All real letters of the others."""
        return self._real(self._trained_on, _TRAINED_ON)

    @cached_property
    def judge(self) -> keras.Sequential:
        """The classifier that has learned from the real letters of the people trained on."""
        return self._taught(self.trained_on, REAL)

    def figures(self, count: int = 10_000, teach: bool = True) -> dict[str, dict[str, float]]:
        """All figures of `REAL` and of `GENERATED` letters, by name.

        Args:
            count: how many letters are generated to be read, and compared, if there are so many real ones.
            teach: whether generated letters are to teach a classifier, which takes as long as all the rest; else nan.

        Returns:
            `read as asked %` is `agreement`, `teaches %` is `lessons`, `FID` and `KID x 1000` are `distances` of `N`.
        """
        read, apart = self.agreement(count), self.distances(count)
        taught = {REAL: read[REAL], GENERATED: self.lessons() if teach else math.nan}
        shares = {kind: {"read as asked %": 100 * read[kind], "teaches %": 100 * taught[kind]} for kind in read}
        return {kind: {**shares[kind], **apart[kind], "N": self.compared(count)} for kind in read}

    def agreement(self, count: int = 10_000) -> dict[str, float]:
        """Share of letters that the judge takes for the character asked for, or a look-alike of it.

        Args:
            count: how many are generated, all characters equally often.

        Returns:
            By kind, `REAL`, which are those of people never trained on, and `GENERATED`.
        """
        wanted = np.arange(count) % len(self.settings.characters)
        kinds = {REAL: self.held_out, GENERATED: self._written(wanted, _READ)}
        return {kind: self._read(self.judge, letters) for kind, letters in kinds.items()}

    def lessons(self) -> float:
        """Share of the real letters of people never trained on that one reads who learned from generated ones alone.

        These are as many as the real ones that the judge has learned from, drawn once, all characters equally often.
        The judge's own share is `agreement()[REAL]`.
        """
        wanted = np.arange(len(self.trained_on.glyphs)) % len(self.settings.characters)
        return self._read(self._taught(self._written(wanted, _LESSON), GENERATED), self.held_out)

    def compared(self, count: int = MOST_COMPARED) -> int:
        """How many letters of each kind `distances` compares, if it is asked for so many."""
        return int(np.clip(count, 2, min(MOST_COMPARED, len(self._held_out))))

    def distances(self, count: int = MOST_COMPARED) -> dict[str, dict[str, float]]:
        """How far the judge's features lie from those of people never trained on: Fréchet and kernel distance.

        Args:
            count: how many letters of each kind, see `compared`; all kinds hold the same characters.

        Returns:
            By kind, `REAL`, which are those of the people trained on, and `GENERATED`, `FID` and `KID x 1000`.
        """
        rng = self._rng(_COMPARED)
        truth = _some(self.held_out, rng.permutation(len(self._held_out))[: self.compared(count)])
        wanted = np.bincount(truth.characters, minlength=len(self.settings.characters))
        like = np.concatenate([_draw(rng, self.trained_on, *pair) for pair in enumerate(wanted)])
        kinds = {REAL: _some(self.trained_on, like), GENERATED: self._written(truth.characters, _COMPARED)}
        features, result = self._features(truth), {}
        for kind, letters in kinds.items():
            pair = features, self._features(letters)
            result[kind] = {"FID": frechet_distance(*pair), "KID x 1000": 1000 * kernel_distance(*pair)}
        return result

    def picture(self, draws: int = 20) -> np.ndarray:
        """A column for each character: real letters of people never trained on, and generated ones below.

        Args:
            draws: how many generated ones; there is one real one for every five.

        Returns:
            uint8 array of shape (height, width), black ink on white.
        """
        rng, characters = self._rng(_SHOWN), self.settings.characters
        count, above = len(characters), math.ceil(draws / 5)
        real = [self.held_out.glyphs[_draw(rng, self.held_out, number, above)] for number in range(count)]
        written = self._written(np.repeat(np.arange(count), draws), _SHOWN).glyphs
        written = written.reshape(count, draws, *written.shape[1:])
        cells = np.concatenate([real, written], axis=1).swapaxes(0, 1)  # (rows, characters, S, S)
        beside = ["real", *[""] * (above - 1), "generated", *[""] * (draws - 1)]
        return alphabets(cells, characters, beside, sources=(above, 0))

    def _real(self, places: np.ndarray, purpose: int) -> Letters:
        """Letters of the archive, each drawn once, pen strokes with a nib of their own."""
        rng, size = self._rng(purpose), self.settings.image_size
        glyphs = [self.archive.draw(int(place), size, draw_nib(rng)) for place in places]
        return Letters(np.stack(glyphs), self._numbers[places])

    def _written(self, characters: np.ndarray, purpose: int) -> Letters:
        noise = self._rng(purpose).standard_normal((len(characters), self.settings.noise_size), np.float32)

        def write(*parts: np.ndarray) -> np.ndarray:
            return as_glyphs(np.asarray(self.networks.generate(*parts)))

        return Letters(predict_in_batches(write, characters.astype(np.int32), noise), characters)

    def _taught(self, letters: Letters, what: str) -> keras.Sequential:
        """A new classifier that has learned from these letters alone."""
        keras.utils.set_random_seed(self.seed)
        goals = np.eye(len(self.settings.characters), dtype=np.float32)
        classifier = _classifier(self.settings.image_size, len(goals))
        for images, characters in self._batches(letters, f"classifier of {what}"):
            classifier.train_on_batch(images, goals[characters])
        return classifier

    def _batches(self, letters: Letters, what: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """For each step letters (B, S, S, 1), moved a little, and their characters (B,), all equally often."""
        rng, size = self._rng(_BATCHES), letters.glyphs.shape[-1]
        chances = 1 / np.bincount(letters.characters)[letters.characters]
        some = rng.choice(len(chances), (STEPS, _BATCH), p=chances / chances.sum())
        padded = np.pad(letters.glyphs, ((0, 0), (_SHIFT, _SHIFT), (_SHIFT, _SHIFT)))
        moved = sliding_window_view(padded, (size, size), axis=(1, 2))  # (n, down, right, S, S)
        for number, places in enumerate(some):
            if number % max(1, STEPS // 10) == 0:
                self.tell(f"{what}, step {number} of {STEPS}")
            images = moved[places, *rng.integers(2 * _SHIFT + 1, size=(2, _BATCH))]
            yield as_network_input(images), letters.characters[places]

    def _read(self, classifier: keras.Sequential, letters: Letters) -> float:
        """The share that is read as what it is, or as its look-alike."""
        read = predict_in_batches(classifier, as_network_input(letters.glyphs)).argmax(axis=-1)
        alike = np.array([reading(character) for character in self.settings.characters])
        return float(np.mean(alike[read] == alike[letters.characters]))

    def _features(self, letters: Letters) -> np.ndarray:
        """What the judge sees before it decides, (n, features)."""
        return predict_in_batches(keras.Sequential(self.judge.layers[:-2]), as_network_input(letters.glyphs))

    def _rng(self, purpose: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, purpose])


def _classifier(size: int, characters: int) -> keras.Sequential:
    """Glyphs (B, S, S, 1) in [-1, 1] to logits (B, characters); compiled.

    Strides instead of pooling and batch normalization, which a network that is shipped does without, make the most of a
    short training on a CPU: 99.3 % of the MNIST digits of people held out.
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


def _some(letters: Letters, places: np.ndarray) -> Letters:
    return Letters(letters.glyphs[places], letters.characters[places])


def _draw(rng: np.random.Generator, letters: Letters, character: int, count: int) -> np.ndarray:
    """Places of so many letters of a character, none twice as long as there are enough."""
    own = np.flatnonzero(letters.characters == character)
    return rng.choice(own, count, replace=len(own) < count)
