"""Methods that write the query characters of episodes: presets, the person's second writing, and baselines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np

from tfhand.evaluation.episodes import Episode
from tfhand.evaluation.evaluation_set import NOISE, PLAIN_NIB, WRITER, EvaluationSet
from tfhand.models.batches import predict_on_sets

if TYPE_CHECKING:
    from tfhand.models.pipeline import GlyphPipeline
    from tfhand.models.verifier.networks import Verifier

_PEOPLE = 40  # whose hand codes are found at a time


class Method(Protocol):
    """Writes the query characters of episodes; `draw` numbers the attempts of a method that draws at random."""

    def __call__(self, evaluation_set: EvaluationSet, episodes: Sequence[Episode], draw: int = 0) -> list[np.ndarray]:
        """For each episode its query characters, uint8 (m, S, S)."""
        ...


def retest_ceiling(evaluation_set: EvaluationSet, episodes: Sequence[Episode], draw: int = 0) -> list[np.ndarray]:
    """The person's second writing, the best that any method can be expected to reach."""
    return [episode.retest for episode in episodes]


def mean_letter(evaluation_set: EvaluationSet, episodes: Sequence[Episode], draw: int = 0) -> list[np.ndarray]:
    """One fixed letter of each character for everybody, with the person's nib."""
    known, medoids = evaluation_set.known, evaluation_set.medoids
    return [known.draw(medoids[episode.query_characters], episode.nib) for episode in episodes]


def another_person(evaluation_set: EvaluationSet, episodes: Sequence[Episode], draw: int = 0) -> list[np.ndarray]:
    """The letters of a random training writer, with the person's nib."""
    known, letters = evaluation_set.known, []
    for episode in episodes:
        order = evaluation_set.rng(episode, WRITER, draw).permutation(len(known.writers))
        letters.append(known.draw(known.borrow(order, episode.query_characters), episode.nib))
    return letters


class NearestWriter:
    """The letters of the training writer whom a verifier finds most like the person, with the person's nib.

    A character that this writer never wrote comes from the next nearest.

    Args:
        verifier: compares the samples with all letters of every training writer.
    """

    def __init__(self, verifier: Verifier):
        self.verifier = verifier
        self._known: dict[EvaluationSet, np.ndarray] = {}

    def __call__(self, evaluation_set: EvaluationSet, episodes: Sequence[Episode], draw: int = 0) -> list[np.ndarray]:
        known, orders = evaluation_set.known, self.order(evaluation_set, episodes)
        return [
            known.draw(known.borrow(order, episode.query_characters), episode.nib)
            for episode, order in zip(episodes, orders, strict=True)
        ]

    def order(self, evaluation_set: EvaluationSet, episodes: Sequence[Episode]) -> np.ndarray:
        """For each episode the training writers by likeness, (episodes, W), the most similar first."""
        numbers = evaluation_set.numbers_in(self.verifier.characters)
        samples = [(numbers[characters], glyphs) for characters, glyphs in (episode.samples for episode in episodes)]
        likeness = predict_on_sets(self.verifier, samples) @ self._embedded(evaluation_set).T
        return np.argsort(-likeness, axis=1, kind="stable")

    def _embedded(self, evaluation_set: EvaluationSet) -> np.ndarray:
        """The verifier's vectors of all training writers, (W, D)."""
        if evaluation_set not in self._known:
            known, numbers = evaluation_set.known, evaluation_set.numbers_in(self.verifier.characters)
            written = [np.flatnonzero(letters >= 0) for letters in known.letters]
            glyphs = [known.draw(row[at], PLAIN_NIB) for row, at in zip(known.letters, written, strict=True)]
            sets = [(numbers[at], drawn) for at, drawn in zip(written, glyphs, strict=True)]
            self._known[evaluation_set] = predict_on_sets(self.verifier, sets)
        return self._known[evaluation_set]


class PresetMethod:
    """A preset that writes from the support letters alone.

    Args:
        pipeline: of a preset that keeps a person's hand.
    """

    def __init__(self, pipeline: GlyphPipeline):
        self.pipeline = pipeline
        self._codes: dict[tuple[bytes, bytes], np.ndarray] = {}

    def __call__(self, evaluation_set: EvaluationSet, episodes: Sequence[Episode], draw: int = 0) -> list[np.ndarray]:
        return self.write(evaluation_set, episodes, [episode.query_characters for episode in episodes], draw)

    def write(
        self,
        evaluation_set: EvaluationSet,
        episodes: Sequence[Episode],
        characters: Sequence[np.ndarray],
        draw: int = 0,
    ) -> list[np.ndarray]:
        """For each episode these characters (n,), uint8 (n, S, S); a letter does not depend on the others asked for."""
        lengths = [len(each) for each in characters]
        if not sum(lengths):
            return [np.zeros((0, evaluation_set.known.size, evaluation_set.known.size), np.uint8) for _ in episodes]
        numbers = evaluation_set.numbers_in(self.pipeline.characters)
        noise = [
            self.pipeline.draw_noise(evaluation_set.rng(episode, NOISE, draw), len(numbers))[each]
            for episode, each in zip(episodes, characters, strict=True)
        ]
        codes = np.repeat(self._codes_of(episodes, numbers), lengths, axis=0)
        glyphs = self.pipeline.write(codes, numbers[np.concatenate(characters)], np.concatenate(noise))
        return np.split(glyphs, np.cumsum(lengths)[:-1])

    def _codes_of(self, episodes: Sequence[Episode], numbers: np.ndarray) -> np.ndarray:
        """The hand code of each episode, (episodes, code_size); kept, because it takes long to find."""
        samples = [(numbers[characters], glyphs) for characters, glyphs in (episode.samples for episode in episodes)]
        keys = [(characters.tobytes(), glyphs.tobytes()) for characters, glyphs in samples]
        new = [at for at, key in enumerate(keys) if key not in self._codes]
        for length in sorted({len(samples[at][0]) for at in new}):
            alike = [at for at in new if len(samples[at][0]) == length]
            for start in range(0, len(alike), _PEOPLE):
                some = alike[start : start + _PEOPLE]
                characters, glyphs = (np.stack(each) for each in zip(*(samples[at] for at in some), strict=True))
                codes = self.pipeline.codes(glyphs, characters)
                self._codes |= zip((keys[at] for at in some), codes, strict=True)
        return np.stack([self._codes[key] for key in keys])


class Redraw(PresetMethod):
    """A preset that was given every letter that it is asked for: how much of a hand its networks can hold at all."""

    def __call__(self, evaluation_set: EvaluationSet, episodes: Sequence[Episode], draw: int = 0) -> list[np.ndarray]:
        return super().__call__(evaluation_set, [episode.all_given() for episode in episodes], draw)
