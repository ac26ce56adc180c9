"""Photos of pages of running writing with known truth: words of one writer side by side, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests.support.photo import Conditions, photograph_strokes
from tfhand.data.word_pictures import set_line
from tfhand.data.words import WordArchive

SPACE = (0.9, 1.8)  # x-heights between words


@dataclass(frozen=True)
class RunningPhoto:
    """A picture uint8 [H, W, 3] and what it shows.

    Attributes:
        says: line by line.
        letters: float [letters, 4], top, left, bottom and right of each in pixels; nan where that is not known.
        words: float [words, 4], of each word.
    """

    picture: np.ndarray
    says: str
    letters: np.ndarray
    words: np.ndarray


def photograph_words(
    archive: WordArchive, lines: Sequence[Sequence[int]], given: Conditions, seed: int = 0, joins: float = 0.0
) -> RunningPhoto:
    """Writes words of an archive, line by line, and photographs them.

    Args:
        archive: of words.
        lines: for each line the indices of its words.
        given: what stands between the writing and the picture; its `gap` and `space` are not used.
        seed: of everything random.
        joins: share of the words with known letters whose letters are joined by drawn ligatures.
    """
    rng = np.random.default_rng(seed)
    strokes: list[np.ndarray] = []
    letters: list[np.ndarray] = []
    words, known, y = [], [], 0.0
    for line in lines:
        x = 0.0
        for index in line:
            word = set_line(archive, np.array([index]), rng=rng, joins=joins)
            points, places = np.concatenate(word.strokes), np.concatenate(word.letters)
            corner = np.array([x - points[:, 0].min(), y + rng.normal(0, given.jitter)])
            strokes += [stroke + corner for stroke in word.strokes]
            words.append(points + corner)
            own = [points[places == k] for k in range(len(word.text))]
            known += [bool(len(each)) for each in own]
            letters += [(each if len(each) else points[:1]) + corner for each in own]
            x += float(np.ptp(points[:, 0])) + given.nib + rng.uniform(*SPACE)
        y += rng.uniform(*given.pitch)
    says = "\n".join(" ".join(str(archive.texts[index]) for index in line) for line in lines)
    shot = photograph_strokes(strokes, [*letters, *words], says, given, rng)
    boxes = np.where(np.array(known)[:, None], shot.boxes[: len(letters)], np.nan)
    return RunningPhoto(shot.picture, says, boxes, shot.boxes[len(letters) :])
