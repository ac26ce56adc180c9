"""What tests of StyleGAN share: a batch, inputs of the networks, and networks that show what they should."""

from __future__ import annotations

import keras
import numpy as np

from tests.support.tiny import TINY_STYLEGAN
from tfhand.core.config import as_json
from tfhand.models.stylegan.networks import StyleGAN

CHARACTERS = np.array([0, 1, 2, 0, 1, 2, 2, 0], np.int32)
rng = np.random.default_rng(0)
BATCH = {"image": rng.uniform(-1, 1, (8, 8, 8, 1)).astype("float32"), "character": CHARACTERS}
LATENT = rng.normal(size=(8, 3)).astype("float32")
NOISE = rng.normal(size=(8, TINY_STYLEGAN.noise_size)).astype("float32")


def shown_networks() -> StyleGAN:
    """Networks with mean styles, and noise that can be seen."""
    keras.utils.set_random_seed(1)
    networks = StyleGAN(**as_json(TINY_STYLEGAN))
    networks.mean_styles.assign(np.random.default_rng(1).normal(size=(3, 5)))
    for layer in networks.generator.styled:
        layer.strength.assign(0.5)
    return networks
