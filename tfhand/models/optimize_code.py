"""Optimization of hand codes: with the networks frozen, the code moves until it draws the person's own samples.

An encoder that is trained to find a code from a few letters gives its mean over all people who write such letters, and
so a hand nearer to everybody's than the person's. A few dozen steps down the gradient of the likeness take it back.
"""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from keras import ops

from tfhand.models.generation import GenerationConfig
from tfhand.models.protocol import HandWriter, Tensor
from tfhand.training.backend import compile_step, value_and_grad
from tfhand.training.losses import multiscale_l1

SAMPLES_PER_STEP = 12  # of each person, drawn at random
OTHERS_PER_STEP = 12  # characters without a sample, which must be like the hand as well


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
    generation = generation or GenerationConfig()
    characters, mask = np.asarray(characters, np.int32), np.ones(np.shape(characters), np.float32)
    encoded = networks.encode(samples, characters, mask)  # (H, code_size)
    if not generation.steps or (verifier is None and not generation.pixels):  # nothing to go by
        return np.asarray(ops.convert_to_numpy(encoded), np.float32)
    (people, count), rng = characters.shape, np.random.default_rng(seed)
    axes = networks.code_axes()  # (n, code_size)
    start = encoded @ np.linalg.pinv(axes) @ axes if networks.within_axes else encoded
    moved = keras.Variable(np.zeros((people, len(axes)), np.float32))  # from there along the axes, (H, n)
    real = None if verifier is None else verifier(samples, characters, mask)  # (H, D)
    optimizer = keras.optimizers.Adam(generation.learning_rate)
    optimizer.build([moved])

    def step(shown, which, noise):
        count, size = ops.shape(shown)[1], ops.shape(shown)[2:]  # shown (H, k, S, S, 1), which (H, k + others)

        def loss():
            codes = ops.repeat(start + moved.value @ axes, ops.shape(which)[1], axis=0)
            written = networks.write(codes, ops.reshape(which, (-1,)), noise)
            written = ops.reshape(written, (*ops.shape(which), *size))  # (H, k + others, S, S, 1)
            reconstructed = ops.reshape(written[:, :count], (-1, *size))
            total = generation.pixels * ops.mean(distance(reconstructed, ops.reshape(shown, (-1, *size))))
            total = total + generation.prior * ops.mean(ops.square(moved.value))
            if verifier is not None:
                likeness = ops.sum(verifier(written, which, ops.ones(ops.shape(which))) * real, axis=-1)  # (H,)
                total = total - ops.mean(likeness)
            return people * total, {}

        _, _, gradients = value_and_grad(loss, [moved])
        optimizer.apply(gradients, [moved])

    compiled, known = compile_step(step), len(networks.characters)
    for _ in range(generation.steps):
        some = np.sort(rng.permutation(count)[:SAMPLES_PER_STEP])
        others = rng.integers(known, size=(1, OTHERS_PER_STEP if verifier is not None else 0), dtype=np.int32)
        which = np.concatenate([characters[:, some], np.repeat(others, people, axis=0)], axis=1)
        noise = rng.standard_normal((which.shape[1], networks.noise_size), np.float32)
        noise = np.tile(generation.noise_scale * noise, (people, 1))  # the same for all, so that codes are independent
        compiled(samples[:, some], which, noise)
    return np.asarray(ops.convert_to_numpy(start + moved.value @ axes), np.float32)
