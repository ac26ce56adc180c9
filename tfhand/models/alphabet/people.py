"""People who do not exist, as the networks that complete an alphabet know people."""

from __future__ import annotations

import numpy as np

NIBS = (1.2, 4.0)  # pixels at 32, of random hands


def random_person(rng: np.random.Generator, hand_size: int) -> tuple[np.ndarray, float]:
    """A person's numbers (1, hand_size), standard normal over people, and a nib in pixels at 32."""
    return rng.standard_normal((1, hand_size), np.float32), float(np.exp(rng.uniform(*np.log(NIBS))))
