"""Metrics of letters beside a person's own, and the networks that measure them.

One metric alone says little: a fixed letter is perfectly legible, whoever copies the nib has the person's thickness,
and another person's letters look as real as anybody's. So every method stands beside the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tfhand.core.charset import reading
from tfhand.evaluation.comparison import METRICS, REAL, SAMPLES, TWO_SAMPLE, Comparison, Row, distances
from tfhand.evaluation.episodes import Episode
from tfhand.evaluation.evaluation_set import HALVES, PLAIN_NIB, EvaluationSet, difference
from tfhand.evaluation.methods import Method, PresetMethod, retest_ceiling
from tfhand.evaluation.two_sample import Letters, two_sample_accuracy
from tfhand.hands.glyph import as_network_input
from tfhand.metrics import TRAITS
from tfhand.models.batches import predict_in_batches, predict_on_sets

if TYPE_CHECKING:
    from tfhand.models.reader.networks import Reader
    from tfhand.models.verifier.networks import Verifier


class HandEvaluator:
    """Measures methods; whatever concerns the real letters is computed once for all of them.

    Args:
        evaluation_sets: one for each archive.
        reader: knows all characters of the sets.
        *verifiers: judges of the hand, one or more; each knows all characters of the sets. The metrics of the hand are
            means over them.
        two_sample: whether to train classifiers of written and real letters, which takes longest.
        seed: of these.
    """

    def __init__(
        self,
        evaluation_sets: Sequence[EvaluationSet],
        reader: Reader,
        *verifiers: Verifier,
        two_sample: bool = True,
        seed: int = 0,
    ):
        self.evaluation_sets, self.reader, self.verifiers = evaluation_sets, reader, verifiers
        self.two_sample, self.seed = two_sample, seed
        self._one_by_one = [(each, episode) for each in evaluation_sets for episode in each.episodes]

    @property
    def people(self) -> int:
        """How many there are in all sets together."""
        return len(self._one_by_one)

    def compare(
        self, methods: Mapping[str, Method], samples: int, tell: Callable[[str], None] = lambda name: None
    ) -> Comparison:
        """The row of the real letters, and one for each method.

        Args:
            methods: by the name of their row.
            samples: support letters of each person, at most those of the sets.
            tell: is called with the name of a row before it is made.
        """
        if "real" not in self.__dict__:
            tell(REAL)
        rows = [self.real]
        for name, method in methods.items():
            tell(name)
            rows.append(self.row(name, method, samples))
        return Comparison(samples, rows, self.truth)

    @cached_property
    def real(self) -> Row:
        """The second writings, the ceiling."""
        return self.row(REAL, retest_ceiling, max(each.samples for each in self.evaluation_sets))

    @cached_property
    def truth(self) -> np.ndarray:
        """People's traits by their first writings, (people, traits)."""
        return self._traits(self._firsts)

    def chance(self) -> dict[str, float]:
        """The metrics of the hand for a method that picks one of the people at random."""
        counts = np.array([len(each.episodes) for each in self.evaluation_sets])
        by_set = {
            "hand top-1": 1 / counts,
            "hand top-5": np.minimum(5, counts) / counts,
            "hand MRR": np.array([np.mean(1 / np.arange(1, count + 1)) for count in counts]),
        }
        return {name: float(np.average(values, weights=counts)) for name, values in by_set.items()}

    def row(self, name: str, method: Method, samples: int) -> Row:
        """All metrics of one method."""
        per_set = [method(each, _fewer(each.episodes, samples)) for each in self.evaluation_sets]
        letters = [glyphs for people in per_set for glyphs in people]
        traits, from_preset = self._traits(letters), isinstance(method, PresetMethod)
        metrics = dict.fromkeys(METRICS, float("nan"))
        metrics["legibility"], metrics["strict legibility"] = self._legibility(letters)
        metrics |= self._hand(per_set) | self._agreement(traits)
        if self.two_sample and (from_preset or method is retest_ceiling):
            metrics[TWO_SAMPLE] = self._two_sample_accuracy(method, letters, samples)
        metrics |= distances(self._real_features, self._features(letters))
        if from_preset:
            second = [
                glyphs for each in self.evaluation_sets for glyphs in method(each, _fewer(each.episodes, samples), 1)
            ]
            metrics["diversity"] = _differences(letters, second) / self._own_difference
        elif method is retest_ceiling:
            metrics["diversity"] = 1.0
        ceiling = metrics if method is retest_ceiling else self.real.metrics
        return Row(name, metrics | _over(metrics, ceiling, ("legibility", "hand MRR", "traits")), traits)

    def samples_row(self, samples: int) -> Row:
        """What the samples tell of other characters, those asked for: metrics of the hand alone.

        A method that gave each letter what the samples have on average would have these traits.
        """
        sets = [(own, episode.fewer(samples)) for own, episode in self._one_by_one]
        traits = np.stack([own.traits(*episode.samples) for own, episode in sets])
        metrics = dict.fromkeys(METRICS, float("nan")) | self._agreement(traits)
        metrics |= _ranking([self._ranks_of_samples(verifier, samples) for verifier in self.verifiers])
        return Row(SAMPLES, metrics | _over(metrics, self.real.metrics, ("hand MRR", "traits")), traits)

    def _agreement(self, traits: np.ndarray) -> dict[str, float]:
        """Correlation of people's traits (people, traits) with the true ones, and the mean over them."""
        each = {trait: correlation(traits[:, at], self.truth[:, at]) for at, trait in enumerate(TRAITS)}
        return each | {"traits": float(np.mean(list(each.values())))}

    @cached_property
    def _firsts(self) -> list[np.ndarray]:
        return [episode.query_glyphs for _, episode in self._one_by_one]

    @cached_property
    def _own_difference(self) -> float:
        return _differences(self._firsts, [episode.retest for _, episode in self._one_by_one])

    def _traits(self, letters: Sequence[np.ndarray]) -> np.ndarray:
        each = zip(self._one_by_one, letters, strict=True)
        return np.stack([own.traits(episode.query_characters, glyphs) for (own, episode), glyphs in each])

    def _legibility(self, letters: Sequence[np.ndarray]) -> tuple[float, float]:
        """Look-alikes counted as one, and to the very character."""
        texts = ["".join(own.characters[at] for at in episode.query_characters) for own, episode in self._one_by_one]
        shares = (legibility(self.reader, letters, texts, strict=strict) for strict in (False, True))
        lenient, strict = (float(np.mean(each)) for each in shares)
        return lenient, strict

    @cached_property
    def _real_features(self) -> np.ndarray:
        return self._features(self._firsts)

    def _features(self, letters: Sequence[np.ndarray]) -> np.ndarray:
        return predict_in_batches(self.reader.features, as_network_input(np.concatenate(letters)))

    def _two_sample_accuracy(self, method: Method, letters: Sequence[np.ndarray], samples: int) -> float:
        training = [(each, _fewer(each.training_episodes, samples)) for each in self.evaluation_sets]
        written = [glyphs for own, episodes in training for glyphs in method(own, episodes)]
        one_by_one = [(own, episode) for own, episodes in training for episode in episodes]
        real = [episode.query_glyphs for _, episode in one_by_one]
        return two_sample_accuracy(
            self._labelled(one_by_one, real),
            self._labelled(one_by_one, written),
            self._labelled(self._one_by_one, self._firsts),
            self._labelled(self._one_by_one, letters),
            seed=self.seed,
        )

    def _labelled(self, pairs: Sequence[tuple[EvaluationSet, Episode]], letters: Sequence[np.ndarray]) -> Letters:
        numbers = [own.numbers_in(self.reader.characters)[episode.query_characters] for own, episode in pairs]
        return Letters(np.concatenate(letters), np.concatenate(numbers))

    def _hand(self, per_set: Sequence[Sequence[np.ndarray]]) -> dict[str, float]:
        return _ranking([self._ranks_of(verifier, per_set) for verifier in self.verifiers])

    def _ranks_of(self, verifier: Verifier, per_set: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
        each = zip(self.evaluation_sets, per_set, self._galleries[verifier], strict=True)
        return np.concatenate([self._ranks(verifier, *one) for one in each], axis=1)

    def _ranks(
        self,
        verifier: Verifier,
        own: EvaluationSet,
        letters: Sequence[np.ndarray],
        galleries: Sequence[np.ndarray],
    ) -> np.ndarray:
        """The rank of the right person among all of the set, (2, people): each half against the other one."""
        halves = enumerate(reversed(galleries))
        return np.stack([_place(self._embed(verifier, own, letters, half), gallery) for half, gallery in halves])

    def _ranks_of_samples(self, verifier: Verifier, samples: int) -> np.ndarray:
        """The rank of the right person by the samples, (2, people): all of them against each half of the letters."""
        ranks = []
        for own, galleries in zip(self.evaluation_sets, self._galleries[verifier], strict=True):
            numbers = own.numbers_in(verifier.characters)
            given = [episode.samples for episode in _fewer(own.episodes, samples)]
            found = predict_on_sets(verifier, [(numbers[characters], glyphs) for characters, glyphs in given])
            ranks.append(np.stack([_place(found, gallery) for gallery in galleries]))
        return np.concatenate(ranks, axis=1)

    @cached_property
    def _galleries(self) -> dict[Verifier, list[list[np.ndarray]]]:
        """By verifier, for each set and half of the characters its vectors of people's real letters, (people, D).

        All letters have one nib, so that it gives nobody away.
        """
        galleries: dict[Verifier, list[list[np.ndarray]]] = {verifier: [] for verifier in self.verifiers}
        for own in self.evaluation_sets:
            letters = [own.known.draw(episode.letters[episode.query], PLAIN_NIB) for episode in own.episodes]
            for verifier, known in galleries.items():
                known.append([self._embed(verifier, own, letters, half) for half in range(2)])
        return galleries

    def _embed(self, verifier: Verifier, own: EvaluationSet, letters: Sequence[np.ndarray], half: int) -> np.ndarray:
        numbers, sets = own.numbers_in(verifier.characters), []
        for episode, glyphs in zip(own.episodes, letters, strict=True):
            some = np.array_split(own.rng(episode, HALVES).permutation(len(glyphs)), 2)[half]
            sets.append((numbers[episode.query_characters[some]], glyphs[some]))
        return predict_on_sets(verifier, sets)


def _place(found: np.ndarray, gallery: np.ndarray) -> np.ndarray:
    """The rank of each person of a gallery (people, D) by what was found of them, (people,)."""
    likeness = found @ gallery.T
    return np.sum(likeness >= np.diagonal(likeness)[:, None], axis=1)  # equals count as better


def _ranking(ranks: Sequence[np.ndarray]) -> dict[str, float]:
    """The metrics of the hand from each verifier's ranks, (2, people) each."""
    reciprocal = [float(np.mean(1 / each)) for each in ranks]
    return {
        "hand top-1": float(np.mean([each <= 1 for each in ranks])),
        "hand top-5": float(np.mean([each <= 5 for each in ranks])),
        "hand MRR": float(np.mean(reciprocal)),
        "least MRR": min(reciprocal),
        "greatest MRR": max(reciprocal),
    }


def _over(metrics: Mapping[str, float], ceiling: Mapping[str, float], parts: Sequence[str]) -> dict[str, float]:
    """Metrics over those of the ceiling, where this is not 0."""
    return {f"{part} over real": metrics[part] / ceiling[part] if ceiling[part] else float("nan") for part in parts}


def _fewer(episodes: Sequence[Episode], samples: int) -> list[Episode]:
    return [episode.fewer(samples) for episode in episodes]


def _differences(first: Sequence[np.ndarray], second: Sequence[np.ndarray]) -> float:
    """Mean absolute difference of letters (n, S, S) of each person, softened, averaged over people."""
    return float(np.mean([difference(*each) for each in zip(first, second, strict=True)]))


def legibility(
    reader: Reader, letters: Sequence[np.ndarray], texts: Sequence[Sequence[str]], *, strict: bool = False
) -> np.ndarray:
    """The share of each person's letters (n, S, S) that are read as their character or its look-alike, (people,).

    Strictly read, no look-alike is pardoned; then real letters of one size do not reach 1 either.
    """
    logits = predict_in_batches(reader, as_network_input(np.concatenate(letters)))
    read = [reader.characters[index] for index in logits.argmax(axis=-1)]
    says = [character for text in texts for character in text]
    if not strict:
        read, says = [reading(one) for one in read], [reading(one) for one in says]
    right = np.array(read) == np.array(says)
    return np.array([part.mean() for part in np.split(right, np.cumsum([len(text) for text in texts])[:-1])])


def correlation(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Pearson's correlation over people; nan for fewer than three, or where nobody differs."""
    spread = np.std(ours) * np.std(theirs)
    if len(ours) < 3 or spread < 1e-12:
        return float("nan")
    return float(np.mean((ours - np.mean(ours)) * (theirs - np.mean(theirs))) / spread)
