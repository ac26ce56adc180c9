"""Refinement of hand codes: with the networks frozen, the code moves until it draws the person's own samples.

An encoder that is trained to find a code from a few letters gives its mean over all people who write such letters, and
so a hand nearer to everybody's than the person's. A few dozen steps down the gradient of the likeness take it back.
"""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
from keras import ops

from tfhand.models.hand.networks import VARIATION
from tfhand.training import losses
from tfhand.training.backend import compile_step, value_and_grad

STEPS = 40
SEARCH_STEPS = 150  # where there is no encoder to begin from
RATE = 0.05  # of Adam, along axes in which codes are about standard normal
AT_ONCE = 12  # samples of each person that a step looks at, drawn by lot
OTHERS = 12  # other characters that are written in a step: they have no real letter, but must be like the hand as well
PIXELS = 2.0  # weight of the difference beside the likeness
PRIOR = 0.2  # weight of the mean square of the way from the encoder's code: what the samples do not ask for stays


def refine(
    networks,
    verifier,
    samples,
    characters,
    steps: int | None = None,
    seed: int = 0,
    measure: Callable = losses.multiscale_l1,
) -> np.ndarray:
    """The hand codes that draw people's samples best.

    Args:
        networks: `HandNetworks` or `StyleGAN`, whose encoder says where to begin, or `ConditionalGAN` with writers,
            where the search begins at the average hand.
        verifier: a `Verifier` by which the letters drawn are to be like the samples, or None to go by pixels alone.
        samples: glyphs (H, K, S, S, 1) in [-1, 1] of H people.
        characters: of the samples, (H, K), as networks and verifier number them.
        steps: of Adam; None for as many as it takes.
        seed: of the networks' noise and of the lot.
        measure: how far letters drawn are from the samples, both (B, S, S, 1); its mean counts.

    Returns:
        float32 array of shape (H, code_size).
    """
    characters, mask = np.asarray(characters, np.int32), np.ones(np.shape(characters), np.float32)
    (people, count), lot = characters.shape, np.random.default_rng(seed)
    if hasattr(networks, "encode_hand"):
        found, enough = networks.encode_hand(samples, characters, mask), STEPS
    else:
        found, enough = ops.zeros((people, networks.settings.code_size)), SEARCH_STEPS
    axes = networks.code_axes()  # (n, code_size)
    found = found @ np.linalg.pinv(axes)
    place = keras.Variable(found)  # of the code, (H, n)
    real = None if verifier is None else verifier(samples, characters, mask)  # (H, D)
    optimizer = keras.optimizers.Adam(RATE)
    optimizer.build([place])

    def step(seen, which, noise):
        count, size = ops.shape(seen)[1], ops.shape(seen)[2:]  # seen (H, k, S, S, 1), which (H, k + OTHERS)

        def loss():
            codes = ops.repeat(place.value @ axes, ops.shape(which)[1], axis=0)
            written = networks.write(codes, ops.reshape(which, (-1,)), noise)
            written = ops.reshape(written, (*ops.shape(which), *size))  # (H, k + OTHERS, S, S, 1)
            again = ops.reshape(written[:, :count], (-1, *size))
            total = PIXELS * ops.mean(measure(again, ops.reshape(seen, (-1, *size))))
            total = total + PRIOR * ops.mean(ops.square(place.value - found))
            if verifier is not None:
                alike = ops.sum(verifier(written, which, ops.ones(ops.shape(which))) * real, axis=-1)  # (H,)
                total = total - ops.mean(alike)
            return people * total, {}

        _, _, gradients = value_and_grad(loss, [place])
        optimizer.apply(gradients, [place])

    compiled, known = compile_step(step), len(networks.settings.characters)
    for _ in range(enough if steps is None else steps):
        some = np.sort(lot.permutation(count)[:AT_ONCE])
        others = lot.integers(known, size=(1, OTHERS if verifier is not None else 0), dtype=np.int32)
        which = np.concatenate([characters[:, some], np.repeat(others, people, axis=0)], axis=1)
        noise = lot.standard_normal((which.shape[1], networks.settings.noise_size), np.float32)
        noise = np.tile(VARIATION * noise, (people, 1))  # one lot for all, so that a code does not hang on the others
        compiled(samples[:, some], which, noise)
    return np.asarray(place.value @ axes)
