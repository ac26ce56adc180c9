"""Letters that are wrong in a known way: what the instruments say of them shows what the instruments can see.

All but the last are made of the person's second writings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import cv2
import numpy as np

from tfhand.data.rasterize import draw_image, shape_matrix
from tfhand.evaluation.episodes import Episode
from tfhand.evaluation.evaluation_set import WRITER, EvaluationSet
from tfhand.evaluation.methods import Method, mean_letter
from tfhand.metrics import slant

_BLUR = 2.0  # pixels, standard deviation
_GAP = 5  # pixels that are missing of a broken letter


def shuffled(evaluation_set: EvaluationSet, episodes: Sequence[Episode], draw: int = 0) -> list[np.ndarray]:
    """The person's letters, but each stands for another character."""
    return [
        episode.retest[evaluation_set.rng(episode, WRITER, draw).permutation(len(episode.retest))]
        for episode in episodes
    ]


def blurred(evaluation_set: EvaluationSet, episodes: Sequence[Episode], draw: int = 0) -> list[np.ndarray]:
    """The person's letters out of focus."""
    return [np.stack([cv2.GaussianBlur(glyph, (0, 0), _BLUR) for glyph in episode.retest]) for episode in episodes]


def broken(evaluation_set: EvaluationSet, episodes: Sequence[Episode], draw: int = 0) -> list[np.ndarray]:
    """The person's letters with a bar missing across the middle."""
    size = evaluation_set.known.size
    kept = np.ones((size, 1), np.uint8)
    kept[(size - _GAP) // 2 : (size + _GAP) // 2] = 0
    return [episode.retest * kept for episode in episodes]


def mean_at_slant(evaluation_set: EvaluationSet, episodes: Sequence[Episode], draw: int = 0) -> list[np.ndarray]:
    """One letter for everybody with the person's nib, leaning as the person's samples do beside that letter."""
    found = []
    for episode, glyphs in zip(episodes, mean_letter(evaluation_set, episodes), strict=True):
        characters, samples = episode.samples
        usual = evaluation_set.known.draw(evaluation_set.medoids[characters], episode.nib)
        matrix = shape_matrix(slant=float(np.mean(slant(samples) - slant(usual))))
        found.append(np.stack([draw_image(glyph, evaluation_set.known.size, matrix) for glyph in glyphs]))
    return found


CONTROLS: Mapping[str, Method] = MappingProxyType(
    {"shuffled": shuffled, "blurred": blurred, "broken": broken, "mean letter, slanted": mean_at_slant}
)
