"""Recombination: letters that a StyleGAN writes in styles projected from a person's samples, by offsets or naively."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from typing import TYPE_CHECKING

import numpy as np

from tfhand.evaluation.episodes import Episode
from tfhand.evaluation.evaluation_set import EvaluationSet
from tfhand.evaluation.hand_evaluator import legibility
from tfhand.hands.glyph import as_glyphs, as_network_input
from tfhand.models.batches import predict_in_batches
from tfhand.models.stylegan.projection import Projection, distance, project

if TYPE_CHECKING:
    from tfhand.models.reader.networks import Reader
    from tfhand.models.stylegan.networks import StyleGAN

PEOPLE = 10  # whose samples are projected at a time


class Recombined:
    """A method that recombines the projected styles of the samples; see `tfhand.evaluation.methods`.

    By offsets: the mean difference between the samples' styles and the mean styles of their characters is added to the
    mean styles of the query characters. Naively, as style mixing is often used: the coarse layers of the mean style of
    the query character, and the fine layers of the samples' styles unchanged, one sample for each letter in turn; see
    `naively`.

    Args:
        networks: that draw from styles.
        space: into which the samples are projected, one of `tfhand.models.stylegan.projection.SPACES`.
        measure: distance of the projection, see `tfhand.models.stylegan.projection.distance`; the mean square if None.
        steps: of the projection; the default of the space if None.
    """

    def __init__(self, networks: StyleGAN, space: str, measure: Callable | None = None, *, steps: int | None = None):
        self.networks, self.space, self.measure, self.steps = networks, space, measure, steps
        self._naive = False
        self._known: dict[tuple, Projection] = {}

    def naively(self) -> Recombined:
        """The naive method, which shares its projections with this one."""
        other = copy(self)
        other._naive = True
        return other

    def __call__(self, evaluation_set: EvaluationSet, episodes: Sequence[Episode], draw: int = 0) -> list[np.ndarray]:
        support, numbers = self._support(evaluation_set, episodes), evaluation_set.numbers_in(self.networks.characters)
        found, means = self.projection(evaluation_set, episodes).styles, np.asarray(self.networks.means(numbers))
        queries, styles = [numbers[episode.query_characters] for episode in episodes], []
        for own, which, episode in zip(found, support, episodes, strict=True):
            base = means[episode.query_characters]  # (m, style_size)
            if self._naive:
                turns = np.arange(len(base)) % len(own)
                styles.append(self.networks.mix(base, own[turns], self.networks.layer_count // 2))
            else:
                offset = (own - np.asarray(self.networks.means(which))[:, None]).mean(axis=0)  # (layers, style_size)
                styles.append(base[:, None] + offset)
        images = predict_in_batches(self.networks.synthesize, np.concatenate(styles), np.concatenate(queries))
        return np.split(as_glyphs(images), np.cumsum([len(each) for each in queries])[:-1])

    def projection(self, evaluation_set: EvaluationSet, episodes: Sequence[Episode]) -> Projection:
        """The projected samples of all episodes; kept, because it takes long."""
        key = evaluation_set, tuple((episode.writer, len(episode.support)) for episode in episodes)
        if key not in self._known:
            characters = self._support(evaluation_set, episodes)
            glyphs = as_network_input(np.stack([episode.samples[1] for episode in episodes]))
            cuts = [slice(at, at + PEOPLE) for at in range(0, len(episodes), PEOPLE)]
            parts = [
                project(self.networks, glyphs[cut], characters[cut], self.space, self.measure, steps=self.steps)
                for cut in cuts
            ]
            styles, images = ([getattr(part, name) for part in parts] for name in ("styles", "images"))
            self._known[key] = Projection(np.concatenate(styles), np.concatenate(images))
        return self._known[key]

    def reconstruction(
        self, evaluation_set: EvaluationSet, episodes: Sequence[Episode], reader: Reader
    ) -> dict[str, float]:
        """How well the samples themselves are reconstructed: "mse" and "perceptual" distance, and legibility.

        Args:
            evaluation_set, episodes: as for a call.
            reader: for legibility, and for the features of the perceptual distance.
        """
        images = np.concatenate(self.projection(evaluation_set, episodes).images)  # (P K, S, S, 1)
        real = as_network_input(np.concatenate([episode.samples[1] for episode in episodes]))
        metrics = {
            name: float(predict_in_batches(distance(name, reader), images, real).mean())
            for name in ("mse", "perceptual")
        }
        texts = ["".join(evaluation_set.characters[index] for index in episode.samples[0]) for episode in episodes]
        letters = np.split(as_glyphs(images), len(episodes))
        return {**metrics, "read": float(legibility(reader, letters, texts).mean())}

    def _support(self, evaluation_set: EvaluationSet, episodes: Sequence[Episode]) -> np.ndarray:
        """The numbers of the samples' characters, (episodes, K)."""
        numbers = evaluation_set.numbers_in(self.networks.characters)
        return numbers[np.stack([episode.samples[0] for episode in episodes])]
