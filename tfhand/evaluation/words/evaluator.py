"""How like a person's own words other words are, and how well they are read.

All words, real ones too, are measured on their ink alone: an aligner cuts them anew, where they were cut before does
not count. Every answer is compared with the person's first half of words, which say other things.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tfhand.evaluation.alignment_evaluator import edit_distance
from tfhand.evaluation.words.cutting import cut_words, small_line
from tfhand.evaluation.words.people import WordPerson
from tfhand.hands.word_sample import WordSample
from tfhand.metrics.contour_hinge import contour_hinge
from tfhand.metrics.joins import PAIRS, joins, pair_classes
from tfhand.metrics.word_shape import advance, ascent, descent, slant
from tfhand.models.aligner.alignment import read

if TYPE_CHECKING:
    from tfhand.models.aligner.networks import Aligner

CER, JOINS, JOINS_R, JOINS_OFF = "character error %", "joins", "joins r", "joins difference"
SHAPES = SLANT_R, *_ = "slant r", "advance r", "ascent r", "descent r"
COUNTS = (3, 5, 10, 15)  # words by which a writer is to be known again
TOP = {count: f"top-1, {count} words" for count in COUNTS}
HINGE, PEOPLE, WORDS = "hinge distance", "people", "words"
METRIC_GROUPS = (
    (CER, JOINS, JOINS_R, JOINS_OFF, *SHAPES),
    tuple(f"{name} {pair}" for pair in PAIRS for name in (JOINS, JOINS_R, JOINS_OFF)),
    (*TOP.values(), HINGE, WORDS),
)
"""All metrics of a row, in groups.

`character error %`: insertions, deletions and substitutions for each letter, as a reader reads.
`joins`: the share of neighbouring letters between which ink runs on, mean over people; `r`: its correlation over people
with the first half; `difference`: the mean absolute difference. All of them by classes of pairs as well.
`slant r`, `advance r`, `ascent r`, `descent r`: correlation over people with the first half, see `metrics.word_shape`.
`top-1`: share of random handfuls of so many words whose writer has the nearest contour hinge of all, first halves.
`hinge distance`: of all words from the person's first half, chi-square, mean over people.
"""
_DRAWS = 20  # handfuls of words of each person
_PAIRS = 4  # of a class, from which on a person's share of joins counts


@dataclass(frozen=True, eq=False)
class MeasuredWords:
    """Words of one hand, and what the measures say of each.

    Attributes:
        words: cut where the aligner finds the letters.
        joins: of each word, bool (letters - 1,).
        hinges: (words, directions, directions).
        errors: of each word, edits from what is read to what it says.
        slant: of all of them.
    """

    words: list[WordSample]
    joins: list[np.ndarray]
    hinges: np.ndarray
    errors: np.ndarray
    slant: float

    def every_pair(self) -> list[np.ndarray]:
        """All of them, as `share` takes them."""
        return [np.ones(len(own), bool) for own in self.joins]

    def share(self, chosen: Sequence[np.ndarray]) -> float:
        """The share of joins among some of the pairs, bool (letters - 1,) for each word; nan for too few."""
        found = np.concatenate([own[mask] for own, mask in zip(self.joins, chosen, strict=True)])
        return float(found.mean()) if len(found) >= _PAIRS else float("nan")

    def only(self, members: np.ndarray) -> MeasuredWords:
        """Some of the words, by number."""
        chosen = members.tolist()
        words, joined = ([own[at] for at in chosen] for own in (self.words, self.joins))
        return MeasuredWords(words, joined, self.hinges[members], self.errors[members], slant(words))


class WordsEvaluator:
    """Compares words with people's own.

    Args:
        people: with their words.
        aligner: cuts words into letters.
        reader: an `Aligner` that reads them; not the one that cuts, nor known to whoever chooses pieces.
        seed: of the handfuls of words.
    """

    def __init__(self, people: Sequence[WordPerson], aligner: Aligner, reader: Aligner, seed: int = 0):
        self.people, self._aligner, self._reader, self._seed = people, aligner, reader, seed
        first = [self.measure(person.first) for person in people]
        hinges = np.stack([one.hinges.sum(axis=0).ravel() for one in first])
        self._references = hinges / hinges.sum(axis=1, keepdims=True)  # (people, pairs of directions)
        self._shapes = np.array([shape_of(one) for one in first])  # (people, measures)
        self._shares = np.array([one.share(one.every_pair()) for one in first])  # (people,)
        self._by_class = np.array([_class_shares(one) for one in first])  # (people, classes)

    def measure(self, words: Sequence[WordSample]) -> MeasuredWords:
        """What the measures say of words of one hand."""
        cut = cut_words(self._aligner, words)
        said = read(self._reader, [small_line(word, self._reader.image_size) for word in cut])
        errors = np.array([edit_distance(own, word.text) for own, word in zip(said, cut, strict=True)])
        hinges = np.stack([contour_hinge([word]) for word in cut]).astype(np.float32)
        return MeasuredWords(cut, [joins(word) for word in cut], hinges, errors, cut[0].slant)

    def metrics(self, answers: Sequence[MeasuredWords]) -> dict[str, float]:
        """The metrics of all words, an answer for each person in order."""
        shares = np.array([_class_shares(answer) for answer in answers])
        by_class = {
            f"{name} {pair}": value
            for number, pair in enumerate(PAIRS)
            for name, value in _joins(shares[:, number], self._by_class[:, number]).items()
        }
        every = [answer.every_pair() for answer in answers]
        return self._metrics(answers, range(len(answers)), every) | by_class

    def metrics_of_absent(self, answers: Sequence[MeasuredWords]) -> dict[str, float]:
        """The same of the words with letters that were not given, and of joins those to and from such letters."""
        chosen, places, pairs = [], [], []
        for place, (person, answer) in enumerate(zip(self.people, answers, strict=True)):
            marked = [[letter in person.absent for letter in word.text] for word in answer.words]
            members = np.flatnonzero([any(own) for own in marked])
            if len(members):
                chosen.append(answer.only(members))
                places.append(place)
                pairs.append([np.array(marked[at][:-1]) | np.array(marked[at][1:]) for at in members.tolist()])
        nothing = {name: float("nan") for name in METRIC_GROUPS[1]}
        return self._metrics(chosen, places, pairs) | nothing

    def _metrics(
        self, answers: Sequence[MeasuredWords], places: Sequence[int], pairs: Sequence[list[np.ndarray]]
    ) -> dict[str, float]:
        places = list(places)
        letters = sum(len(word.text) for answer in answers for word in answer.words)
        metrics = {CER: 100 * sum(float(answer.errors.sum()) for answer in answers) / max(letters, 1)}
        shares = [answer.share(chosen) for answer, chosen in zip(answers, pairs, strict=True)]
        metrics |= _joins(np.array(shares), self._shares[places])
        shapes = np.array([shape_of(answer) for answer in answers]).reshape(-1, len(SHAPES))
        metrics |= {name: correlation(shapes[:, at], self._shapes[places, at]) for at, name in enumerate(SHAPES)}
        metrics |= {name: self._top(answers, places, count) for count, name in TOP.items()}
        own = [
            float(_chi_square(answer.hinges.sum(axis=0).ravel()[None], self._references[place][None]).sum())
            for answer, place in zip(answers, places, strict=True)
        ]
        counts = {PEOPLE: float(len(answers)), WORDS: float(sum(len(answer.words) for answer in answers))}
        return metrics | {HINGE: float(np.mean(own)) if own else float("nan")} | counts

    def _top(self, answers: Sequence[MeasuredWords], places: Sequence[int], count: int) -> float:
        """The share of handfuls of so many words whose writer is the nearest; nan where nobody has so many."""
        hits = []
        for answer, place in zip(answers, places, strict=True):
            rng = np.random.default_rng([self._seed, count, place])
            if len(answer.words) >= count:
                handfuls = [rng.permutation(len(answer.words))[:count] for _ in range(_DRAWS)]
                hinges = np.stack([answer.hinges[own].sum(axis=0).ravel() for own in handfuls])
                hits.append(np.mean(_chi_square(hinges, self._references).argmin(axis=1) == place))
        return float(np.mean(hits)) if hits else float("nan")


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Pearson's r of two series, over the places where both are known; nan where one of them is constant."""
    known = np.isfinite(one) & np.isfinite(other)
    if known.sum() < 3 or np.ptp(one[known]) < 1e-9 or np.ptp(other[known]) < 1e-9:
        return float("nan")
    return float(np.corrcoef(one[known], other[known])[0, 1])


def _joins(shares: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    known = np.isfinite(shares) & np.isfinite(truth)
    if not known.any():
        return dict.fromkeys((JOINS, JOINS_R, JOINS_OFF), float("nan"))
    off = float(np.abs(shares - truth)[known].mean())
    return {JOINS: float(shares[known].mean()), JOINS_R: correlation(shares, truth), JOINS_OFF: off}


def _class_shares(measured: MeasuredWords) -> list[float]:
    """The share of joins in each class of pairs."""
    classes = [pair_classes(word.text) for word in measured.words]
    return [measured.share([own == number for own in classes]) for number in range(len(PAIRS))]


def shape_of(measured: MeasuredWords) -> list[float]:
    """Slant, advance, ascent and descent of one hand's words, nan where no word shows it."""
    shape = [measured.slant]
    for measure in (advance, ascent, descent):
        values = np.array([measure(word) for word in measured.words])
        shape.append(float(np.nanmean(values)) if np.isfinite(values).any() else float("nan"))
    return shape


def _chi_square(counts: np.ndarray, references: np.ndarray) -> np.ndarray:
    """`hinge_distance` of histograms (n, bins) from references (m, bins) of sum 1, (n, m)."""
    shares = (counts / np.maximum(counts.sum(axis=1, keepdims=True), 1e-9))[:, None]
    both = shares + references
    return (np.square(shares - references) / np.where(both > 0, both, 1.0)).sum(axis=-1)
