"""Figures of letters beside a person's own, and the judges who take them.

A figure says little alone: a fixed letter is as legible as can be, whoever copies the nib has the person's thickness,
and another person's letters look as real as anybody's. So every row stands beside the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from tfhand.core.charset import reading
from tfhand.evaluation.episodes import Episode
from tfhand.evaluation.evaluation_set import HALVES, PLAIN_NIB, EvaluationSet, blurred
from tfhand.evaluation.methods import Answer, Preset, retest_ceiling
from tfhand.evaluation.two_sample import Letters, detect
from tfhand.hands.glyph import as_network_input
from tfhand.metrics import TRAITS, frechet_distance, kernel_distance
from tfhand.models.batches import predict_in_batches, predict_on_sets

REAL = "real letters"
WRITTEN = "written letters"
NEAREST = "nearest writer"

GROUPS = (
    ("legibility", "legibility over real"),
    ("hand top-1", "hand top-5", "hand MRR", "hand MRR over real"),
    (*TRAITS, "traits", "traits over real"),
    ("told apart", "FID", "KID x 1000", "diversity"),
)
FIGURES = tuple(name for group in GROUPS for name in group)
"""All figures of a row, in order.

`legibility`: the share that the reader reads, averaged over people, look-alikes counting as one.
`hand ...`: how the right person ranks among all held-out people by the verifier, letters of one half of the characters
against the real ones of the other half; the share who come first, who are among the first five, and the mean of 1/rank.
Each trait: its correlation over people with the first writings of the same characters; `traits`: their mean.
`told apart`: accuracy of a classifier that learned on training writers to tell the letters from real ones; 0.5 is best.
`FID`, `KID x 1000`: distance of the reader's features from those of the first writings, nothing resized. The sets are
of the same people and characters, not drawn apart, so that letters as good as real ones come out a little below zero.
`diversity`: the mean difference, strokes softened, of two answers for one character, over that of two real writings.
`... over real`: over the same figure of the second writings, the ceiling.
"""


@dataclass(frozen=True, eq=False)
class Row:
    """One way to answer: its figures by name, nan where one makes no sense, and people's traits (people, traits)."""

    name: str
    figures: dict[str, float]
    traits: np.ndarray = field(repr=False)


@dataclass(frozen=True, eq=False)
class Comparison:
    """The table for one number of samples: its rows, and the traits of the first writings, (people, traits)."""

    samples: int
    rows: list[Row]
    truth: np.ndarray = field(repr=False)

    def __getitem__(self, name: str) -> Row:
        return next(row for row in self.rows if row.name == name)


def averaged(comparisons: Sequence[Comparison]) -> Comparison:
    """The mean of comparisons that differ in what was drawn by lot alone; the traits shown are those of the first."""
    first, rows = comparisons[0], []
    for row in first.rows:
        each = [comparison[row.name].figures for comparison in comparisons]
        rows.append(replace(row, figures={name: float(np.mean([one[name] for one in each])) for name in row.figures}))
    return replace(first, rows=rows)


class HandEvaluator:
    """All that is asked about a row; what they make of real letters is found once, whatever is compared with them.

    Args:
        scenes: of one archive each.
        reader: a `Reader` of all their characters.
        verifier: a `Verifier` of all their characters.
        detect: whether to train classifiers that tell written letters from real ones, which takes the longest.
        seed: of these.
    """

    def __init__(self, scenes: Sequence[EvaluationSet], reader, verifier, *, detect: bool = True, seed: int = 0):
        self.scenes, self.reader, self.verifier, self.detect, self.seed = scenes, reader, verifier, detect, seed
        self._one_by_one = [(scene, trial) for scene in scenes for trial in scene.trials]

    def compare(
        self, answers: Mapping[str, Answer], samples: int, tell: Callable[[str], None] = lambda name: None
    ) -> Comparison:
        """The real row and one for each way to answer.

        Args:
            answers: by the name of their row.
            samples: how many letters are given, at most those of the scenes.
            tell: is called with the name of a row before it is made.
        """
        if "real" not in self.__dict__:
            tell(REAL)
        rows = [self.real]
        for name, answer in answers.items():
            tell(name)
            rows.append(self.row(name, answer, samples))
        return Comparison(samples, rows, self.truth)

    @cached_property
    def real(self) -> Row:
        """The person is asked again: the ceiling."""
        return self.row(REAL, retest_ceiling, max(scene.samples for scene in self.scenes))

    @cached_property
    def truth(self) -> np.ndarray:
        """People's traits by their first writings, (people, traits)."""
        return self._traits(self._firsts)

    def chance(self) -> dict[str, float]:
        """The figures of the hand for somebody who draws lots among the people."""
        counts = np.array([len(scene.trials) for scene in self.scenes])
        of_one = {
            "hand top-1": 1 / counts,
            "hand top-5": np.minimum(5, counts) / counts,
            "hand MRR": np.array([np.mean(1 / np.arange(1, count + 1)) for count in counts]),
        }
        return {name: float(np.average(values, weights=counts)) for name, values in of_one.items()}

    def row(self, name: str, answer: Answer, samples: int) -> Row:
        """Asks the judges about one way to answer."""
        per_scene = [answer(scene, _fewer(scene.trials, samples)) for scene in self.scenes]
        letters = [glyphs for answers in per_scene for glyphs in answers]
        traits, written = self._traits(letters), isinstance(answer, Preset)
        figures = dict.fromkeys(FIGURES, float("nan"))
        figures["legibility"] = self._legibility(letters)
        figures |= self._hand(per_scene)
        figures |= {trait: correlation(traits[:, at], self.truth[:, at]) for at, trait in enumerate(TRAITS)}
        figures["traits"] = float(np.mean([figures[trait] for trait in TRAITS]))
        if self.detect and (written or answer is retest_ceiling):
            figures["told apart"] = self._told_apart(answer, letters, samples)
        figures |= self._distances(letters)
        if written:
            again = [glyphs for scene in self.scenes for glyphs in answer(scene, _fewer(scene.trials, samples), 1)]
            figures["diversity"] = _difference(letters, again) / self._own_difference
        elif answer is retest_ceiling:
            figures["diversity"] = 1.0
        for part in ("legibility", "hand MRR", "traits"):
            best = figures[part] if answer is retest_ceiling else self.real.figures[part]
            figures[f"{part} over real"] = figures[part] / best if best else float("nan")
        return Row(name, figures, traits)

    @cached_property
    def _firsts(self) -> list[np.ndarray]:
        return [trial.real for _, trial in self._one_by_one]

    @cached_property
    def _own_difference(self) -> float:
        return _difference(self._firsts, [trial.again for _, trial in self._one_by_one])

    def _traits(self, letters: Sequence[np.ndarray]) -> np.ndarray:
        each = zip(self._one_by_one, letters, strict=True)
        return np.stack([scene.traits(trial.wanted, glyphs) for (scene, trial), glyphs in each])

    def _legibility(self, letters: Sequence[np.ndarray]) -> float:
        texts = ["".join(scene.characters[index] for index in trial.wanted) for scene, trial in self._one_by_one]
        return float(np.mean(legibility(self.reader, letters, texts)))

    def _distances(self, letters: Sequence[np.ndarray]) -> dict[str, float]:
        pair = self._real_features, self._features(letters)
        return {"FID": frechet_distance(*pair), "KID x 1000": 1000 * kernel_distance(*pair)}

    @cached_property
    def _real_features(self) -> np.ndarray:
        return self._features(self._firsts)

    def _features(self, letters: Sequence[np.ndarray]) -> np.ndarray:
        return predict_in_batches(self.reader.features, as_network_input(np.concatenate(letters)))

    def _told_apart(self, answer: Answer, letters: Sequence[np.ndarray], samples: int) -> float:
        practice = [(scene, _fewer(scene.practice, samples)) for scene in self.scenes]
        written = [glyphs for each in practice for glyphs in answer(*each)]
        asked = [(scene, trial) for scene, trials in practice for trial in trials]
        real = [trial.real for _, trial in asked]
        sets = [self._named(asked, real), self._named(asked, written)]
        sets += [self._named(self._one_by_one, each) for each in (self._firsts, letters)]
        return detect(*sets, seed=self.seed)

    def _named(self, asked: Sequence[tuple[EvaluationSet, Episode]], letters: Sequence[np.ndarray]) -> Letters:
        names = [scene.numbers_in(self.reader.characters)[trial.wanted] for scene, trial in asked]
        return Letters(np.concatenate(letters), np.concatenate(names))

    def _hand(self, per_scene: Sequence[Sequence[np.ndarray]]) -> dict[str, float]:
        each = zip(self.scenes, per_scene, self._galleries, strict=True)
        ranks = np.concatenate([self._ranks(*one) for one in each], axis=1)  # (2, people)
        return {
            "hand top-1": float(np.mean(ranks <= 1)),
            "hand top-5": float(np.mean(ranks <= 5)),
            "hand MRR": float(np.mean(1 / ranks)),
        }

    def _ranks(
        self, scene: EvaluationSet, letters: Sequence[np.ndarray], galleries: Sequence[np.ndarray]
    ) -> np.ndarray:
        """The rank of the right person among all of the scene, (2, people): each half against the other one."""
        ranks = []
        for half, gallery in enumerate(reversed(galleries)):
            likeness = self._embed(scene, letters, half) @ gallery.T
            ranks.append(np.sum(likeness >= np.diagonal(likeness)[:, None], axis=1))  # of equals the last
        return np.stack(ranks)

    @cached_property
    def _galleries(self) -> list[list[np.ndarray]]:
        """For each scene and half of the characters what the verifier makes of people's real letters, (people, D).

        All have one nib, so that it tells nothing.
        """
        galleries = []
        for scene in self.scenes:
            plain = [scene.known.draw(trial.letters[trial.asked], PLAIN_NIB) for trial in scene.trials]
            galleries.append([self._embed(scene, plain, half) for half in range(2)])
        return galleries

    def _embed(self, scene: EvaluationSet, letters: Sequence[np.ndarray], half: int) -> np.ndarray:
        numbers, sets = scene.numbers_in(self.verifier.characters), []
        for trial, glyphs in zip(scene.trials, letters, strict=True):
            some = np.array_split(scene.rng(trial, HALVES).permutation(len(glyphs)), 2)[half]
            sets.append((numbers[trial.wanted[some]], glyphs[some]))
        return predict_on_sets(self.verifier, sets)


def _fewer(trials: Sequence[Episode], samples: int) -> list[Episode]:
    return [trial.fewer(samples) for trial in trials]


def _difference(first: Sequence[np.ndarray], second: Sequence[np.ndarray]) -> float:
    """Mean absolute difference of letters (n, S, S) of each person, softened, averaged over people."""
    return float(np.mean([np.abs(blurred(a) - blurred(b)).mean() for a, b in zip(first, second, strict=True)]))


def legibility(reader, letters: Sequence[np.ndarray], texts: Sequence[Sequence[str]]) -> np.ndarray:
    """The share of each person's letters (n, S, S) that are read as what they are, or as its look-alike; (people,)."""
    logits = predict_in_batches(reader, as_network_input(np.concatenate(letters)))
    read = [reading(reader.characters[index]) for index in logits.argmax(axis=-1)]
    says = [reading(character) for text in texts for character in text]
    right = np.array(read) == np.array(says)
    return np.array([part.mean() for part in np.split(right, np.cumsum([len(text) for text in texts])[:-1])])


def correlation(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Pearson's correlation over people; nan for fewer than three, or where nobody differs."""
    spread = np.std(ours) * np.std(theirs)
    if len(ours) < 3 or spread < 1e-12:
        return float("nan")
    return float(np.mean((ours - np.mean(ours)) * (theirs - np.mean(theirs))) / spread)
