"""Ways to answer a trial: what a preset writes from the samples, what the person writes, and what copyists do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from tfhand.evaluation.episodes import Episode
from tfhand.evaluation.evaluation_set import LOT, NOISE, PLAIN_NIB, EvaluationSet
from tfhand.hands.glyph import as_glyphs, as_network_input
from tfhand.models.batches import predict_in_batches, predict_on_sets
from tfhand.models.hand.networks import VARIATION
from tfhand.models.optimize_code import refine

_PEOPLE = 40  # whose codes are refined at a time


class Answer(Protocol):
    """Answers trials of a scene; `draw` numbers the attempts, where there is anything by chance."""

    def __call__(self, scene: EvaluationSet, trials: Sequence[Episode], draw: int = 0) -> list[np.ndarray]:
        """For each trial the characters it asks for: uint8 (m, S, S)."""
        ...


def retest_ceiling(scene: EvaluationSet, trials: Sequence[Episode], draw: int = 0) -> list[np.ndarray]:
    """The person is asked again."""
    return [trial.again for trial in trials]


def mean_letter(scene: EvaluationSet, trials: Sequence[Episode], draw: int = 0) -> list[np.ndarray]:
    """One fixed letter for everybody, with the person's nib."""
    return [scene.known.draw(scene.medoids[trial.wanted], trial.nib) for trial in trials]


def another_person(scene: EvaluationSet, trials: Sequence[Episode], draw: int = 0) -> list[np.ndarray]:
    """The letters of a training writer drawn by lot, with the person's nib."""
    answers = []
    for trial in trials:
        order = scene.rng(trial, LOT, draw).permutation(len(scene.known.writers))
        answers.append(scene.known.draw(scene.known.borrow(order, trial.wanted), trial.nib))
    return answers


class NearestWriter:
    """The letters of the training writer whom a verifier takes for the person, with the person's nib.

    What that writer never wrote comes from the next nearest.

    Args:
        verifier: a `Verifier`; it compares the samples with all letters of every training writer.
    """

    def __init__(self, verifier):
        self.verifier = verifier
        self._known: dict[EvaluationSet, np.ndarray] = {}

    def __call__(self, scene: EvaluationSet, trials: Sequence[Episode], draw: int = 0) -> list[np.ndarray]:
        orders = zip(trials, self.order(scene, trials), strict=True)
        return [scene.known.draw(scene.known.borrow(order, trial.wanted), trial.nib) for trial, order in orders]

    def order(self, scene: EvaluationSet, trials: Sequence[Episode]) -> np.ndarray:
        """For each trial the training writers by how like they are, (trials, W), the likest first."""
        numbers = scene.numbers_in(self.verifier.characters)
        if scene not in self._known:
            some = [np.flatnonzero(letters >= 0) for letters in scene.known.letters]
            drawn = [scene.known.draw(row[at], PLAIN_NIB) for row, at in zip(scene.known.letters, some, strict=True)]
            self._known[scene] = predict_on_sets(
                self.verifier, [(numbers[at], g) for at, g in zip(some, drawn, strict=True)]
            )
        samples = [(numbers[characters], glyphs) for characters, glyphs in (trial.samples for trial in trials)]
        return np.argsort(-predict_on_sets(self.verifier, samples) @ self._known[scene].T, axis=1, kind="stable")


class Preset:
    """What a trained preset writes from the samples alone.

    Args:
        networks: `HandNetworks`, `ConditionalGAN` or `StyleGAN`, for which a hand code is made of the samples, or
            `StarGAN`, which rewrites the samples in turn as the wanted characters in one random style of its mapping
            network for each person.
        guide: a `Verifier` by which hand codes are refined, None to refine them by the pixels alone.
        steps: of refinement; None for as many as it takes, 0 for the encoder alone.
    """

    def __init__(self, networks, guide=None, steps: int | None = None):
        self.networks, self.guide, self.steps = networks, guide, steps
        self._codes: dict[tuple, np.ndarray] = {}
        self._write = self._by_hand_code if hasattr(networks, "write") else self._by_translation

    def __call__(self, scene: EvaluationSet, trials: Sequence[Episode], draw: int = 0) -> list[np.ndarray]:
        return self.write(scene, trials, [trial.wanted for trial in trials], draw)

    def write(
        self, scene: EvaluationSet, trials: Sequence[Episode], wanted: Sequence[np.ndarray], draw: int = 0
    ) -> list[np.ndarray]:
        """For each trial the wanted characters (n,): uint8 (n, S, S), the same whatever else is wanted."""
        lengths = [len(characters) for characters in wanted]
        if not sum(lengths):
            return [np.zeros((0, scene.known.size, scene.known.size), np.uint8) for _ in trials]
        rngs = [scene.rng(trial, NOISE, draw) for trial in trials]
        numbers = scene.numbers_in(self.networks.settings.characters)
        images = self._write(trials, wanted, numbers, rngs)
        return np.split(as_glyphs(images), np.cumsum(lengths)[:-1])

    def _by_hand_code(self, trials, wanted, numbers, rngs) -> np.ndarray:
        codes = self._refined(trials, numbers)
        shape = len(numbers), self.networks.settings.noise_size
        noise = [rng.standard_normal(shape, np.float32)[asked] for rng, asked in zip(rngs, wanted, strict=True)]
        return predict_in_batches(
            self.networks.write,
            np.repeat(codes, [len(asked) for asked in wanted], axis=0),
            numbers[np.concatenate(wanted)],
            VARIATION * np.concatenate(noise),
        )

    def _refined(self, trials: Sequence[Episode], numbers: np.ndarray) -> np.ndarray:
        """The hand code of each trial, (trials, code_size), as `Synthesizer.code` finds it; kept, for it takes long."""
        samples = [(numbers[characters], glyphs) for characters, glyphs in (trial.samples for trial in trials)]
        keys = [(characters.tobytes(), glyphs.tobytes()) for characters, glyphs in samples]
        new = [number for number, key in enumerate(keys) if key not in self._codes]
        for at in range(0, len(new), _PEOPLE):
            some = new[at : at + _PEOPLE]
            characters, glyphs = (np.stack(each) for each in zip(*(samples[number] for number in some), strict=True))
            found = refine(self.networks, self.guide, as_network_input(glyphs), characters, self.steps)
            self._codes |= zip((keys[number] for number in some), found, strict=True)
        return np.stack([self._codes[key] for key in keys])

    def _by_translation(self, trials, wanted, numbers, rngs) -> np.ndarray:
        sources = [trial.samples[1][asked % len(trial.given)] for trial, asked in zip(trials, wanted, strict=True)]
        latents = [rng.standard_normal(self.networks.settings.latent_size, np.float32) for rng in rngs]
        domains = numbers[np.concatenate(wanted)]
        latents = np.repeat(np.stack(latents), [len(asked) for asked in wanted], axis=0)
        styles = predict_in_batches(self.networks.map_latent, latents, domains)
        return predict_in_batches(self.networks.translate, as_network_input(np.concatenate(sources)), styles)
