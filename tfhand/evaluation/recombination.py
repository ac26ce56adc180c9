"""Letters that a StyleGAN writes in styles projected from a person's samples: recombination, careful and naive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy

import numpy as np

from tfhand.evaluation.episodes import Episode
from tfhand.evaluation.evaluation_set import EvaluationSet
from tfhand.evaluation.hand_evaluator import legibility
from tfhand.hands.glyph import as_glyphs, as_network_input
from tfhand.models.batches import predict_in_batches
from tfhand.models.stylegan.projection import Projection, distance, project

PARTS = 10  # people whose samples are projected at a time


class Recombined:
    """Answers trials by recombining the styles of the samples; see `tfhand.evaluation.methods`.

    Careful: how far the samples' styles are from their characters' mean styles, averaged, is added to the mean styles
    of the characters wanted. Naive, as style mixing is often used: the fine layers of the samples' styles, as they are,
    beside the coarse layers of the mean style of the character wanted, one sample for each letter in turn; see
    `naively`.

    Args:
        networks: a `StyleGAN`.
        space: that the samples are projected into, one of `tfhand.models.stylegan.projection.SPACES`.
        measure: of projection, see `tfhand.models.stylegan.projection.distance`; None takes the mean square.
        steps: of projection; None for as many as it takes by default.
    """

    def __init__(self, networks, space: str, measure: Callable | None = None, *, steps: int | None = None):
        self.networks, self.space, self.measure, self.steps = networks, space, measure, steps
        self._naive = False
        self._known: dict[tuple, Projection] = {}

    def naively(self) -> Recombined:
        """The naive way with the same projections: what one of the two has found, the other need not look for."""
        other = copy(self)
        other._naive = True
        return other

    def __call__(self, scene: EvaluationSet, trials: Sequence[Episode], draw: int = 0) -> list[np.ndarray]:
        given, numbers = self._given(scene, trials), scene.numbers_in(self.networks.settings.characters)
        found, means = self.projection(scene, trials).styles, np.asarray(self.networks.means(numbers))
        wanted, styles = [numbers[trial.wanted] for trial in trials], []
        for own, which, trial in zip(found, given, trials, strict=True):
            base = means[trial.wanted]  # (m, style_size)
            if self._naive:
                turns = np.arange(len(base)) % len(own)
                styles.append(self.networks.mix(base, own[turns], self.networks.layer_count // 2))
            else:
                offset = (own - np.asarray(self.networks.means(which))[:, None]).mean(axis=0)  # (layers, style_size)
                styles.append(base[:, None] + offset)
        images = predict_in_batches(self.networks.synthesize, np.concatenate(styles), np.concatenate(wanted))
        return np.split(as_glyphs(images), np.cumsum([len(each) for each in wanted])[:-1])

    def projection(self, scene: EvaluationSet, trials: Sequence[Episode]) -> Projection:
        """The samples of all trials as they are projected; kept, for it takes long."""
        key = scene, tuple((trial.writer, len(trial.given)) for trial in trials)
        if key not in self._known:
            characters = self._given(scene, trials)
            glyphs = as_network_input(np.stack([trial.samples[1] for trial in trials]))
            cuts = [slice(at, at + PARTS) for at in range(0, len(trials), PARTS)]
            parts = [
                project(self.networks, glyphs[cut], characters[cut], self.space, self.measure, steps=self.steps)
                for cut in cuts
            ]
            styles, images = ([getattr(part, name) for part in parts] for name in ("styles", "images"))
            self._known[key] = Projection(np.concatenate(styles), np.concatenate(images))
        return self._known[key]

    def redrawn(self, scene: EvaluationSet, trials: Sequence[Episode], reader) -> dict[str, float]:
        """How well the samples themselves are drawn: their distances by "mse" and "perceptual", and legibility.

        Args:
            scene, trials: as for a call.
            reader: a `Reader` that judges legibility, and gives the features of the perceptual distance.
        """
        images = np.concatenate(self.projection(scene, trials).images)  # (P K, S, S, 1)
        real = as_network_input(np.concatenate([trial.samples[1] for trial in trials]))
        figures = {
            name: float(predict_in_batches(distance(name, reader), images, real).mean())
            for name in ("mse", "perceptual")
        }
        texts = ["".join(scene.characters[index] for index in trial.samples[0]) for trial in trials]
        letters = np.split(as_glyphs(images), len(trials))
        return {**figures, "read": float(legibility(reader, letters, texts).mean())}

    def _given(self, scene: EvaluationSet, trials: Sequence[Episode]) -> np.ndarray:
        """The samples' characters as the networks number them, (trials, K)."""
        numbers = scene.numbers_in(self.networks.settings.characters)
        return numbers[np.stack([trial.samples[0] for trial in trials])]
