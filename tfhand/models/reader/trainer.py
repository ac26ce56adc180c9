"""Training of the reader on real letters alone, in all the forms that a scan can give them."""

from __future__ import annotations

import numpy as np
from keras import ops

from tfhand.core.config import as_json
from tfhand.models.reader.config import ReaderConfig, ReaderTrainConfig
from tfhand.models.reader.networks import Reader
from tfhand.training.trainer import Trainer, tile


class ReaderTrainer(Trainer):
    """Trains a `Reader` by cross-entropy on the letters of a `HandStream`.

    Args:
        settings: of the network.
        training: rates and sizes.
        seed: kept for the record; the only noise in training is the dropout's own.
    """

    def __init__(self, settings: ReaderConfig, training: ReaderTrainConfig, seed: int = 0):
        super().__init__(Reader(**as_json(settings)), ("accuracy",), ema_decay=training.ema_decay, seed=seed)
        self.settings, self.train_config = settings, training
        self.add_optimizer(
            "reader", self.networks.trainable_variables, training.learning_rate, beta_1=0.9, beta_2=0.999
        )

    def train_step(self, batch):
        """One step on the letters of all hands."""
        size = self.settings.image_size
        images = ops.reshape(batch["targets"], (-1, size, size, 1))
        characters = ops.reshape(batch["characters"], (-1,))

        def loss():
            logits = self.networks(images, training=True)
            right = ops.cast(ops.equal(ops.argmax(logits, axis=-1), characters), "float32")
            goal = ops.one_hot(characters, len(self.settings.characters))
            goal = 0.95 * goal + 0.05 / len(self.settings.characters)  # about one label in fifty is wrong
            return -ops.mean(ops.sum(goal * ops.log_softmax(logits), axis=-1)), {"accuracy": ops.mean(right)}

        total, terms = self.apply(self.optimizers["reader"], loss, self.networks.trainable_variables)
        self.update_ema()
        self.steps.assign(self.steps + 1)
        return self.record({"loss": total, **terms})

    def sample_grid(self, batch) -> np.ndarray:
        """The letters of a batch, a row for each hand; those that are read wrongly are shown inverted."""
        images, characters = np.asarray(batch["targets"]), np.asarray(batch["characters"])
        logits = self.averaged(images.reshape(-1, *images.shape[2:]))
        wrong = np.argmax(np.asarray(logits), axis=-1).reshape(characters.shape) != characters
        return tile(np.where(wrong[..., None, None, None], -images, images))
