"""How much a discriminator's images are augmented: as much as it takes to keep it from learning the data by heart."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from tfhand.nn.augment import Strengths, augment

MEMORY = 4  # steps that the running mean goes back, about: the paper looks at four minibatches at a time
_OWN_KEY = 6676  # so that these random numbers are not those of a trainer with the same seed


class Augmentation(keras.layers.Layer):
    """Adaptive augmentation for a trainer to hold: images go through it, and real logits tell it how strong to be.

    A discriminator that overfits calls nearly all training images real, so r_t = E[sign(D(training images))] (Karras
    et al. 2020, arXiv 2006.06676, section 3.1, equation 1) rises towards 1. Where it is above its target the chance p
    of every transformation rises by a fixed amount each step, else it falls. All state is in `variables`, and so in a
    trainer's `state_variables`: p, the running mean of r_t, and the place in the stream of random numbers.

    Every image that the discriminator sees goes through it, real and generated, in both networks' steps.

    Args:
        target: of r_t, from -1 to 1; the paper's is 0.6.
        seed: of the random numbers, which differ from those of a `Trainer` with the same seed.
        steps: in which p could rise from 0 to 1; the paper's 500,000 images are 15,600 steps of 32.
        limit: the largest p. What is done to images does not show in generated ones as long as unaltered images can be
            told from the mixture by being the most frequent: near p = 1 hardly one is left, and a letter that leans or
            has a hole is as good as one that does not. The paper finds p below 0.8 safe in practice (section 2).
        strengths: of the transformations; the usual ones if None.

    Attributes:
        probability: weight of shape (), p.
        overfitting: weight of shape (), the running mean of r_t.

    Raises:
        ValueError: a target, limit or number of steps that cannot be.
    """

    def __init__(
        self,
        target: float = 0.6,
        seed: int = 0,
        steps: int = 10_000,
        limit: float = 0.8,
        strengths: Strengths | None = None,
    ):
        if not -1 <= target <= 1:
            raise ValueError(f"The mean of signs that augmentation aims at lies between -1 and 1; {target} does not.")
        if not 0 <= limit <= 1 or steps < 1:
            raise ValueError(f"Augmentation needs a limit from 0 to 1 and 1 step or more, not {limit} and {steps}.")
        super().__init__(name="augmentation", dtype="float32")
        self.target, self.steps, self.limit, self.strengths = target, steps, limit, strengths or Strengths()
        self.random = keras.random.SeedGenerator(int(np.random.default_rng([seed, _OWN_KEY]).integers(2**31)))
        self.probability = self.add_weight(name="probability", shape=(), initializer="zeros", trainable=False)
        self.overfitting = self.add_weight(name="overfitting", shape=(), initializer="zeros", trainable=False)

    def call(self, images):
        """Floats (B, S, S, 1) in [-1, 1] as the discriminator is to see them; by new random numbers every time."""
        return augment(images, self.probability, self.random, self.strengths)

    def update(self, margin) -> None:
        """Once a step: the margin of the training images that it was shown, `losses.logit_margin` of any shape."""
        surplus = ops.mean(ops.sign(margin)) - self.overfitting
        self.overfitting.assign_add(surplus / MEMORY)
        moved = self.probability + ops.sign(self.overfitting - self.target) / self.steps
        self.probability.assign(ops.clip(moved, 0.0, self.limit))
