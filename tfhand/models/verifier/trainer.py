"""Training of the verifier: two sets of glyphs of each of many people, and the question who belongs to whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from keras import ops

from tfhand.models.verifier.losses import top_one_accuracy
from tfhand.models.verifier.networks import SHARPNESS, Verifier
from tfhand.training.grid import tile
from tfhand.training.losses import Tensor, symmetric_info_nce
from tfhand.training.trainer import Trainer, cosine_decay

if TYPE_CHECKING:
    from tfhand.models.stroke_verifier.networks import StrokeVerifier


class VerifierTrainer(Trainer):
    """Trains a `Verifier`, or another network of sets, contrastively on the batches of a `PairStream`.

    Args:
        networks: built; what of them is not trainable stays as it is.
        train_config: rates and sizes.
        seed: of what is drawn beside the networks' own dropout.
    """

    networks: Verifier | StrokeVerifier

    def __init__(self, networks: Verifier | StrokeVerifier, train_config: Any, seed: int = 0):
        super().__init__(networks, ("accuracy",), ema_decay=train_config.ema_decay, seed=seed)
        self.config, self.train_config = networks.config, train_config
        self.sharpness = self.add_weight(name="sharpness", shape=(), initializer="zeros", trainable=True)
        self.moved = [*self.networks.trainable_variables, self.sharpness]
        rate = cosine_decay(train_config.learning_rate, train_config.decay_steps)
        self.add_optimizer("verifier", self.moved, rate, beta_1=0.9, beta_2=0.999)

    def embed(self, batch: Mapping) -> Tensor:
        """The vectors (2 W, D) of a batch's sets, the two of each person one after the other."""
        sets = [batch[name] for name in ("glyphs", "characters")]
        flat = [ops.reshape(each, (-1, *each.shape[2:])) for each in sets]  # (W 2, N, ...)
        return self.forward(lambda *sets: self.networks(*sets, training=True), *flat, ops.ones(flat[1].shape))

    def optimize(self, batch: Mapping) -> dict:
        """One step on all pairs of sets."""

        def loss():
            found = self.embed(batch)
            found = ops.reshape(found, (-1, 2, found.shape[-1]))  # (W, 2, D)
            likeness = SHARPNESS * ops.exp(self.sharpness) * found[:, 0] @ ops.transpose(found[:, 1])  # (W, W)
            return symmetric_info_nce(likeness), {"accuracy": top_one_accuracy(likeness)}

        total, terms = self.minimize(loss, verifier=self.moved)
        return {"loss": total, **terms}

    def sample_grid(self, batch: Mapping) -> np.ndarray:
        """A row for each person: the first set, then that of whoever is thought to be the same, wrong ones inverted."""
        glyphs, characters = np.asarray(batch["glyphs"]), np.asarray(batch["characters"])
        mask = np.ones(characters.shape[::2], np.float32)
        first, second = (np.asarray(self.ema(glyphs[:, at], characters[:, at], mask)) for at in (0, 1))
        chosen = np.argmax(first @ second.T, axis=1)
        wrong = (chosen != np.arange(len(chosen)))[:, None, None, None, None]
        answers = glyphs[chosen, 1]
        return tile(np.concatenate([glyphs[:, 0], np.where(wrong, -answers, answers)], axis=1))
