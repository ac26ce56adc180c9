"""The table of a comparison: a row of metrics for each method."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tfhand.metrics import TRAITS, frechet_distance, kernel_distance

REAL = "real letters"
WRITTEN = "written letters"
NEAREST = "nearest writer"
REDRAWN = "redrawn"
SAMPLES = "the samples"
TWO_SAMPLE = "two-sample accuracy"

METRIC_GROUPS = (
    ("legibility", "legibility over real", "strict legibility"),
    ("hand top-1", "hand top-5", "hand MRR", "least MRR", "greatest MRR", "hand MRR over real"),
    (*TRAITS, "traits", "traits over real"),
    (TWO_SAMPLE, "FID", "KID x 1000", "diversity"),
)
METRICS = tuple(name for group in METRIC_GROUPS for name in group)
"""All metrics of a row, in order.

`legibility`: share of the letters that the reader reads correctly, averaged over people; look-alikes count as one.
`strict legibility`: the same, but read as the very character; o cannot be told from O, so real letters miss 1 too.
`hand ...`: rank of the right person among all held-out people by the verifier, letters of one half of the characters
against real ones of the other half: the share ranked first, the share among the first five, and the mean of 1/rank.
With several verifiers these are means; `least MRR` and `greatest MRR` are those of the sternest and the mildest one.
Each trait: its correlation over people with the first writings of the same characters; `traits`: their mean.
`two-sample accuracy`: test accuracy of a classifier that learned on training writers to distinguish the letters from
real ones (Lopez-Paz & Oquab 2017, arXiv 1610.06545); 0.5 is best.
`FID`, `KID x 1000`: distance of the reader's features from those of the first writings, without resizing. Both sets are
of the same people and characters and not independent, so letters as good as real ones come out a little below zero.
`diversity`: mean difference, strokes softened, of two draws of one character, over that of two real writings.
`... over real`: over the same metric of the second writings, the retest ceiling.
The row `SAMPLES` has no letters of the characters asked for: it compares the samples, other characters, with these.
"""


@dataclass(frozen=True, eq=False)
class Row:
    """One method.

    Attributes:
        name: of the row.
        metrics: by name; nan where one makes no sense.
        traits: of each person, (people, traits).
    """

    name: str
    metrics: dict[str, float]
    traits: np.ndarray = field(repr=False)


@dataclass(frozen=True, eq=False)
class Comparison:
    """The table for one number of samples.

    Attributes:
        samples: support letters of each person.
        rows: one for each method.
        truth: the traits of the first writings, (people, traits).
    """

    samples: int
    rows: list[Row]
    truth: np.ndarray = field(repr=False)

    def __getitem__(self, name: str) -> Row:
        return next(row for row in self.rows if row.name == name)


def distances(real: np.ndarray, other: np.ndarray) -> dict[str, float]:
    """`FID` and `KID x 1000` of features (m, F) of letters from those of real ones (n, F)."""
    return {"FID": frechet_distance(real, other), "KID x 1000": 1000 * kernel_distance(real, other)}


def averaged(comparisons: Sequence[Comparison]) -> Comparison:
    """The mean of comparisons with different seeds; the people's traits are those of the first one."""
    return _over(comparisons, np.mean)


def spread(comparisons: Sequence[Comparison]) -> Comparison:
    """The standard deviation of metrics over two or more comparisons with different seeds."""
    return _over(comparisons, lambda values: np.std(values, ddof=1))


def _over(comparisons: Sequence[Comparison], statistic: Callable[[Sequence[float]], Any]) -> Comparison:
    first, rows = comparisons[0], []
    for row in first.rows:
        each = [comparison[row.name].metrics for comparison in comparisons]
        metrics = {name: float(statistic([one[name] for one in each])) for name in row.metrics}
        rows.append(replace(row, metrics=metrics))
    return replace(first, rows=rows)
