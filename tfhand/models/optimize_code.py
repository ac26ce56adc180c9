"""Optimization of hand codes: with the networks frozen, the code moves until it draws the person's own samples.

An encoder that is trained to find a code from a few letters gives its mean over all people who write such letters, and
so a hand nearer to everybody's than the person's. A few dozen steps down the gradient of the likeness take it back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from keras import ops

from tfhand.models.generation import GenerationConfig
from tfhand.models.protocol import HandWriter, Tensor
from tfhand.training.backend import compile_step, input_gradient
from tfhand.training.losses import multiscale_l1

SAMPLES_PER_STEP = 12  # of each person, spread over all of them
OTHERS_PER_STEP = 12  # characters without a sample, drawn at random, which must be like the hand as well
BETAS, EPSILON = (0.9, 0.999), 1e-7  # of Adam


class Sought(NamedTuple):
    """People whose hand codes are sought.

    Attributes:
        samples: glyphs (H, K, S, S, 1) in [-1, 1].
        characters: of the samples, (H, K).
        start: the code from which each is sought, (H, code_size).
        embeddings: the samples as the verifier knows them, (H, D), or None without one.
    """

    samples: Tensor
    characters: Tensor
    start: Tensor
    embeddings: Tensor | None


class State(NamedTuple):
    """How far codes have moved along their axes, and Adam's running means of gradients and squares, all (H, n)."""

    moved: Tensor
    mean: Tensor
    square: Tensor


class Draws(NamedTuple):
    """What is drawn at random: for a step of the search, or with one axis more for all.

    Attributes:
        others: numbers of characters, (OTHERS_PER_STEP,), or none without a verifier.
        noise: of the letters that are written, (SAMPLES_PER_STEP + OTHERS_PER_STEP, noise_size).
    """

    others: Tensor
    noise: Tensor


class CodeSearch:
    """The steps of the optimization, each a pure function of tensors.

    Args:
        networks: whose encoder says where the search begins.
        verifier: a `Verifier` by which the glyphs drawn are to be like the samples, or None to go by pixels alone.
        generation: steps, rate and weights.
        distance: between glyphs drawn and samples, both (B, S, S, 1); its mean counts.

    Attributes:
        steps: how many are to be taken; none where there is nothing to go by.
    """

    def __init__(
        self,
        networks: HandWriter,
        verifier: Callable | None,
        generation: GenerationConfig,
        distance: Callable[[Tensor, Tensor], Tensor] = multiscale_l1,
    ):
        self.networks, self.verifier, self.generation, self.distance = networks, verifier, generation, distance
        self.steps = generation.steps if verifier is not None or generation.pixels else 0
        self.axes = networks.code_axes() if self.steps else np.zeros((0, 0), np.float32)  # (n, code_size)

    def begin(self, samples: Tensor, characters: Tensor) -> tuple[Sought, State]:
        """The search for the hands of people, before its first step."""
        mask = ops.ones_like(ops.convert_to_tensor(characters, "float32"))
        start = self.networks.encode(samples, characters, mask)  # (H, code_size)
        if self.steps and self.networks.within_axes:
            start = start @ np.linalg.pinv(self.axes) @ self.axes
        embeddings = self.verifier(samples, characters, mask) if self.steps and self.verifier is not None else None
        nowhere = ops.zeros((ops.shape(start)[0], len(self.axes)))
        return Sought(samples, characters, start, embeddings), State(nowhere, nowhere, nowhere)

    def draw(self, seed: int) -> Draws:
        """All random numbers of a search, which do not depend on the samples."""
        rng, others = np.random.default_rng(seed), OTHERS_PER_STEP if self.verifier is not None else 0
        which = rng.integers(len(self.networks.characters), size=(self.steps, others), dtype=np.int32)
        shape = self.steps, SAMPLES_PER_STEP + others, self.networks.noise_size
        return Draws(which, self.generation.noise_scale * rng.standard_normal(shape, np.float32))

    def step(self, sought: Sought, state: State, number: Tensor, shown: Tensor, draws: Draws) -> State:
        """A step of Adam (Kingma & Ba 2015, algorithm 1).

        Args:
            sought, state: as `begin` gives them, and the state after the step before.
            number: of the step, from 0.
            shown: places of the samples that it looks at, (k,), see `places`.
            draws: its random numbers.
        """
        _, gradient = input_gradient(lambda moved: self._loss(sought, moved, shown, draws), state.moved)
        taken = ops.cast(number, "float32") + 1
        mean, square = (
            beta * before + (1 - beta) * now
            for beta, before, now in zip(BETAS, state[1:], (gradient, ops.square(gradient)), strict=True)
        )
        first, second = (1 - ops.power(beta, taken) for beta in BETAS)
        rate = self.generation.learning_rate * ops.sqrt(second) / first
        return State(state.moved - rate * mean / (ops.sqrt(square) + EPSILON), mean, square)

    def codes(self, sought: Sought, moved: Tensor) -> Tensor:
        """The hand codes (H, code_size)."""
        return sought.start + moved @ self.axes if self.steps else sought.start

    def _loss(self, sought: Sought, moved: Tensor, shown: Tensor, draws: Draws) -> Tensor:
        """Summed over people, so that none touches another's code."""
        samples, characters = (ops.take(each, shown, axis=1) for each in (sought.samples, sought.characters))
        people, count, size = ops.shape(moved)[0], ops.shape(shown)[0], ops.shape(samples)[2:]
        which = ops.concatenate([characters, ops.repeat(draws.others[None], people, axis=0)], axis=1)
        noise = ops.concatenate([draws.noise[:count], draws.noise[SAMPLES_PER_STEP:]])
        noise = ops.tile(noise, (people, 1))  # the same for all, so that codes are independent
        codes = ops.repeat(self.codes(sought, moved), ops.shape(which)[1], axis=0)
        written = self.networks.write(codes, ops.reshape(which, (-1,)), noise)
        written = ops.reshape(written, (*ops.shape(which), *size))  # (H, k + others, S, S, 1)
        reconstructed, shape = written[:, :count], (-1, *size)
        total = self.distance(ops.reshape(reconstructed, shape), ops.reshape(samples, shape))
        total = self.generation.pixels * ops.mean(total) + self.generation.prior * ops.mean(ops.square(moved))
        if self.verifier is not None:
            found = self.verifier(written, which, ops.ones(ops.shape(which)))  # (H, D)
            total = total - ops.mean(ops.sum(found * sought.embeddings, axis=-1))
        return ops.cast(people, "float32") * total


def places(number: Tensor, count: Tensor) -> Tensor:
    """Which of `count` samples step `number` looks at, (k,): up to SAMPLES_PER_STEP spread over all, all in turn."""
    least = ops.minimum(count, SAMPLES_PER_STEP)
    turns = (count + SAMPLES_PER_STEP - 1) // SAMPLES_PER_STEP
    return (number % turns + ops.arange(least) * count // least) % count


def optimize_code(
    networks: HandWriter,
    verifier: Callable | None,
    samples: np.ndarray,
    characters: np.ndarray,
    generation: GenerationConfig | None = None,
    *,
    seed: int = 0,
    distance: Callable[[Tensor, Tensor], Tensor] = multiscale_l1,
) -> np.ndarray:
    """The hand codes that draw people's samples best.

    Args:
        networks: whose encoder says where the search begins.
        verifier: a `Verifier` by which the glyphs drawn are to be like the samples, or None to go by pixels alone.
        samples: glyphs (H, K, S, S, 1) in [-1, 1] of H people.
        characters: of the samples, (H, K), as networks and verifier number them.
        generation: steps, rate and weights; the defaults if None.
        seed: of the networks' noise and of what is drawn at random.
        distance: between glyphs drawn and samples, both (B, S, S, 1); its mean counts.

    Returns:
        float32 array of shape (H, code_size).
    """
    search = CodeSearch(networks, verifier, generation or GenerationConfig(), distance)
    sought, state = search.begin(samples, np.asarray(characters, np.int32))
    step, (others, noise) = compile_step(search.step), search.draw(seed)
    for number in range(search.steps):
        shown = np.asarray(places(number, sought.characters.shape[1]), np.int32)
        state = step(sought, state, np.array(number), shown, Draws(others[number], noise[number]))
    return np.asarray(ops.convert_to_numpy(search.codes(sought, state.moved)), np.float32)
