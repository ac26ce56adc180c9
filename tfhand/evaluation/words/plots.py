"""A picture of words: for each person the real ones above, the written ones below."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfhand.evaluation.words.cutting import on_line
from tfhand.evaluation.words.evaluator import MeasuredWords
from tfhand.evaluation.words.people import WordPerson
from tfhand.hands.glyph import inverted
from tfhand.hands.word_sample import WordSample

WIDE, HIGH = 1500, 90  # pixels of a line of words
_GAP, _LINE = 6, 96  # pixels between lines; grey, as ink


def words_picture(people: Sequence[WordPerson], written: Sequence[MeasuredWords], count: int = 8) -> np.ndarray:
    """The first words asked of some people, as many as fit into a line.

    Args:
        people: in order.
        written: the words written for each of them.
        count: people, evenly chosen by their share of joins, from print to joined writing.

    Returns:
        uint8 array of shape (height, WIDE), black ink on white.
    """
    order = np.argsort([np.concatenate(own.joins).mean() for own in written])
    rows = []
    for place in order[np.linspace(0, len(people) - 1, min(count, len(people))).round().astype(int)].tolist():
        real, answer = people[place].second, written[place].words
        fit = _fitting(real, answer)
        lines = [_line(words[:fit]) for words in (real, answer)]
        rows += [*lines, np.full((1, WIDE), _LINE, np.uint8)]
    return inverted(np.concatenate([np.pad(row, ((0, _GAP), (0, 0))) for row in rows]))


def _fitting(real: Sequence[WordSample], written: Sequence[WordSample]) -> int:
    """How many words fit into a line, real and written ones, at least one."""
    widths = np.cumsum([[on_line(word, HIGH).shape[1] for word in words] for words in (real, written)], axis=1)
    return max(1, int((widths.max(axis=0) <= WIDE).sum()))


def _line(words: Sequence[WordSample]) -> np.ndarray:
    line = np.concatenate([on_line(word, HIGH) for word in words], axis=1)[:, :WIDE]
    return np.pad(line, ((0, 0), (0, WIDE - line.shape[1])))
