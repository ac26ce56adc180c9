"""Evaluation of letters that a preset makes of noise alone, by classifiers that are trained here.

There is no hand to compare with. The questions are whether a letter is the one asked for, and whether the letters vary
as much as people's: then a classifier that has seen nothing else reads people's letters too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING

import keras
import numpy as np

from tfhand.core.charset import reading
from tfhand.data.archive import Archive
from tfhand.data.scan_transform import draw_nib
from tfhand.errors import ArchiveError
from tfhand.evaluation.comparison import distances
from tfhand.evaluation.episodes import among_writers
from tfhand.evaluation.letter_classifier import features_of, train_classifier
from tfhand.evaluation.two_sample import Letters
from tfhand.hands.glyph import as_network_input
from tfhand.models.batches import predict_in_batches
from tfhand.visualization.grids import alphabets

if TYPE_CHECKING:
    from tfhand.models.pipeline import GlyphPipeline

REAL, GENERATED = "real letters", "generated letters"
CONDITIONAL_ACCURACY, CAS = "conditional accuracy %", "CAS %"
MOST_COMPARED = 5000  # letters: the kernel distance looks at all pairs of them at once, which takes 200 MB
_HELD_OUT, _TRAINED_ON, _READ, _CAS, _BATCHES, _COMPARED, _PICTURE = range(7)  # streams of random numbers


class UnconditionalEvaluator:
    """Letters that a preset makes of noise and a character, beside those of people it was not trained on.

    Args:
        pipeline: of a preset that knows characters and no hands.
        archive: that it was trained on, with writers.
        held_out: writers that it was not trained on.
        seed: of all random choices, and of the classifiers. Their training sets Keras' global seed.
        tell: is called with the progress now and then.

    Raises:
        ArchiveError: none of these people is in the archive, or they or the others never wrote one of the characters.
    """

    def __init__(
        self,
        pipeline: GlyphPipeline,
        archive: Archive,
        held_out: Iterable[int],
        seed: int = 0,
        tell: Callable[[str], None] = lambda what: None,
    ):
        self.pipeline, self.characters, self.archive = pipeline, pipeline.characters, archive
        self.seed, self.tell = seed, tell
        people = among_writers(archive, held_out)
        self._numbers, unseen = archive.places_in(self.characters), np.isin(np.asarray(archive.writers), people)
        self._held_out, self._trained_on = (np.flatnonzero(who & (self._numbers >= 0)) for who in (unseen, ~unseen))
        for whose, indices in (("held-out", self._held_out), ("other", self._trained_on)):
            absent = np.setdiff1d(np.arange(len(self.characters)), self._numbers[indices])
            if len(absent):
                missing = " ".join(self.characters[number] for number in absent)
                raise ArchiveError(
                    f"The {whose} writers of the archive never wrote {missing}; name the data trained on."
                )

    @cached_property
    def held_out(self) -> Letters:
        """All real letters of the held-out people."""
        return self._real(self._held_out, _HELD_OUT)

    @cached_property
    def trained_on(self) -> Letters:
        """All real letters of the others."""
        return self._real(self._trained_on, _TRAINED_ON)

    @cached_property
    def classifier(self) -> keras.Sequential:
        """Trained on the real letters of the people whom the preset was trained on."""
        return self._train(self.trained_on, REAL)

    def metrics(self, count: int = 10_000, cas: bool = True) -> dict[str, dict[str, float]]:
        """All metrics of `REAL` and of `GENERATED` letters, by name.

        Args:
            count: letters generated to be read, and compared, if there are so many real ones.
            cas: whether to compute the classification accuracy score, which takes as long as all the rest; else nan.

        Returns:
            For both kinds `conditional_accuracy` and `classification_accuracy_score` in percent, and the `distances`
            of `N` letters.
        """
        read, apart = self.conditional_accuracy(count), self.distances(count)
        score = {REAL: read[REAL], GENERATED: self.classification_accuracy_score() if cas else math.nan}
        shares = {kind: {CONDITIONAL_ACCURACY: 100 * read[kind], CAS: 100 * score[kind]} for kind in read}
        return {kind: {**shares[kind], **apart[kind], "N": self.compared(count)} for kind in read}

    def conditional_accuracy(self, count: int = 10_000) -> dict[str, float]:
        """Share of letters that the classifier reads as the character asked for, or a look-alike of it.

        Args:
            count: number of generated letters, all characters equally often.

        Returns:
            By kind: `REAL` letters, of the held-out people, and `GENERATED` ones.
        """
        asked = np.arange(count) % len(self.characters)
        kinds = {REAL: self.held_out, GENERATED: self._generated(asked, _READ)}
        return {kind: self._read(self.classifier, letters) for kind, letters in kinds.items()}

    def classification_accuracy_score(self) -> float:
        """Share of the held-out people's letters that a classifier reads which was trained on generated ones alone.

        Ravuri & Vinyals 2019 (arXiv 1905.10887). There are as many generated letters as real ones for `classifier`,
        drawn once, all characters equally often. The same score of real letters is `conditional_accuracy()[REAL]`.
        """
        asked = np.arange(len(self.trained_on.glyphs)) % len(self.characters)
        return self._read(self._train(self._generated(asked, _CAS), GENERATED), self.held_out)

    def compared(self, count: int = MOST_COMPARED) -> int:
        """The number of letters of each kind that `distances` compares, if it is asked for so many."""
        return int(np.clip(count, 2, min(MOST_COMPARED, len(self._held_out))))

    def distances(self, count: int = MOST_COMPARED) -> dict[str, dict[str, float]]:
        """Fréchet and kernel distance of the classifier's features from those of the held-out people's letters.

        Args:
            count: letters of each kind, see `compared`; all kinds hold the same characters.

        Returns:
            By kind, `REAL` letters of the people trained on and `GENERATED` ones, `FID` and `KID x 1000`.
        """
        rng = self._rng(_COMPARED)
        truth = _some(self.held_out, rng.permutation(len(self._held_out))[: self.compared(count)])
        counts = np.bincount(truth.characters, minlength=len(self.characters))
        like = np.concatenate([_draw(rng, self.trained_on, *pair) for pair in enumerate(counts)])
        kinds = {REAL: _some(self.trained_on, like), GENERATED: self._generated(truth.characters, _COMPARED)}
        features = self._features(truth)
        return {kind: distances(features, self._features(letters)) for kind, letters in kinds.items()}

    def picture(self, draws: int = 20) -> np.ndarray:
        """A column for each character: real letters of held-out people, and generated ones below.

        Args:
            draws: number of generated letters; there is one real one for every five.

        Returns:
            uint8 array of shape (height, width), black ink on white.
        """
        rng, count = self._rng(_PICTURE), len(self.characters)
        above = math.ceil(draws / 5)
        real = [self.held_out.glyphs[_draw(rng, self.held_out, number, above)] for number in range(count)]
        generated = self._generated(np.repeat(np.arange(count), draws), _PICTURE).glyphs
        generated = generated.reshape(count, draws, *generated.shape[1:])
        cells = np.concatenate([real, generated], axis=1).swapaxes(0, 1)  # (rows, characters, S, S)
        beside = ["real", *[""] * (above - 1), "generated", *[""] * (draws - 1)]
        return alphabets(cells, self.characters, beside, sources=(above, 0))

    def _real(self, indices: np.ndarray, purpose: int) -> Letters:
        """Letters of the archive, each drawn once; pen strokes with random nibs."""
        rng, size = self._rng(purpose), self.pipeline.image_size
        glyphs = [self.archive.draw(int(index), size, draw_nib(rng)) for index in indices]
        return Letters(np.stack(glyphs), self._numbers[indices])

    def _generated(self, characters: np.ndarray, purpose: int) -> Letters:
        noise = self._rng(purpose).standard_normal((len(characters), self.pipeline.writer.noise_size), np.float32)
        no_hand = np.zeros((len(characters), 0), np.float32)
        return Letters(self.pipeline.write(no_hand, characters.astype(np.int32), noise), characters)

    def _train(self, letters: Letters, kind: str) -> keras.Sequential:
        """A new classifier that has learned from these letters alone."""

        def tell(progress: str) -> None:
            self.tell(f"classifier of {kind}, {progress}")

        return train_classifier(letters, len(self.characters), self.seed, self._rng(_BATCHES), tell)

    def _read(self, classifier: keras.Sequential, letters: Letters) -> float:
        """The share that is read as the character or its look-alike."""
        read = predict_in_batches(classifier, as_network_input(letters.glyphs)).argmax(axis=-1)
        alike = np.array([reading(character) for character in self.characters])
        return float(np.mean(alike[read] == alike[letters.characters]))

    def _features(self, letters: Letters) -> np.ndarray:
        """The classifier's features, (n, features)."""
        return predict_in_batches(features_of(self.classifier), as_network_input(letters.glyphs))

    def _rng(self, purpose: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, purpose])


def _some(letters: Letters, indices: np.ndarray) -> Letters:
    return Letters(letters.glyphs[indices], letters.characters[indices])


def _draw(rng: np.random.Generator, letters: Letters, character: int, count: int) -> np.ndarray:
    """Indices of `count` letters of a character, none twice as long as there are enough."""
    own = np.flatnonzero(letters.characters == character)
    return rng.choice(own, count, replace=len(own) < count)
