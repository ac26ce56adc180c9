"""Training of the verifier: two sets of glyphs of each of many people, and the question who belongs to whom."""

from __future__ import annotations

import numpy as np
from keras import ops

from tfhand.core.config import as_json
from tfhand.models.verifier.config import VerifierConfig, VerifierTrainConfig
from tfhand.models.verifier.networks import SHARPNESS, Verifier
from tfhand.training import losses
from tfhand.training.trainer import Trainer, tile


class VerifierTrainer(Trainer):
    """Trains a `Verifier` contrastively on the batches of a `PairStream`.

    Args:
        settings: of the network.
        training: rates and sizes.
        seed: kept for the record; the only noise in training is the dropout's own.
    """

    def __init__(self, settings: VerifierConfig, training: VerifierTrainConfig, seed: int = 0):
        super().__init__(Verifier(**as_json(settings)), ("accuracy",), ema_decay=training.ema_decay, seed=seed)
        self.settings, self.train_config = settings, training
        self.sharpness = self.add_weight(name="sharpness", shape=(), initializer="zeros", trainable=True)
        self.add_optimizer("verifier", self._moved, training.learning_rate, beta_1=0.9, beta_2=0.999)

    @property
    def _moved(self) -> list:
        return [*self.networks.trainable_variables, self.sharpness]

    def train_step(self, batch):
        """One step on all pairs of sets."""

        def loss():
            sets = [batch[name] for name in ("glyphs", "characters")]
            flat = [ops.reshape(each, (-1, *each.shape[2:])) for each in sets]  # (W 2, N, ...)
            found = self.networks(*flat, ops.ones(flat[1].shape), training=True)
            found = ops.reshape(found, (-1, 2, found.shape[-1]))  # (W, 2, D)
            likeness = SHARPNESS * ops.exp(self.sharpness) * found[:, 0] @ ops.transpose(found[:, 1])  # (W, W)
            return losses.symmetric_info_nce(likeness), {"accuracy": losses.top_one(likeness)}

        total, terms = self.apply(self.optimizers["verifier"], loss, self._moved)
        self.update_ema()
        self.steps.assign(self.steps + 1)
        return self.record({"loss": total, **terms})

    def sample_grid(self, batch) -> np.ndarray:
        """A row for each person: the first set, then that of whoever is thought to be the same, wrong ones inverted."""
        glyphs, characters = np.asarray(batch["glyphs"]), np.asarray(batch["characters"])
        mask = np.ones(characters.shape[::2], np.float32)
        first, second = (np.asarray(self.averaged(glyphs[:, at], characters[:, at], mask)) for at in (0, 1))
        chosen = np.argmax(first @ second.T, axis=1)
        wrong = (chosen != np.arange(len(chosen)))[:, None, None, None, None]
        answers = glyphs[chosen, 1]
        return tile(np.concatenate([glyphs[:, 0], np.where(wrong, -answers, answers)], axis=1))
