"""Training of the reader on real letters alone, in all the forms that a scan can give them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
from keras import ops

from tfhand.core.config import as_json
from tfhand.models.reader.config import ReaderConfig, ReaderTrainConfig
from tfhand.models.reader.networks import Reader
from tfhand.training.grid import tile
from tfhand.training.trainer import Trainer


class ReaderTrainer(Trainer):
    """Trains a `Reader` by cross-entropy on the letters of a `HandStream`.

    Args:
        config: of the network.
        train_config: rates and sizes.
        seed: kept for the record; the only noise in training is the dropout's own.
    """

    def __init__(self, config: ReaderConfig, train_config: ReaderTrainConfig, seed: int = 0):
        super().__init__(Reader(**as_json(config)), ("accuracy",), ema_decay=train_config.ema_decay, seed=seed)
        self.config, self.train_config = config, train_config
        self.add_optimizer(
            "reader", self.networks.trainable_variables, train_config.learning_rate, beta_1=0.9, beta_2=0.999
        )

    def optimize(self, batch: Mapping) -> dict:
        """One step on the glyphs of all hands."""
        size = self.config.image_size
        images = ops.reshape(batch["targets"], (-1, size, size, 1))
        characters = ops.reshape(batch["characters"], (-1,))

        def loss():
            logits = self.forward(partial(self.networks, training=True), images)
            right = ops.cast(ops.equal(ops.argmax(logits, axis=-1), characters), "float32")
            goal = ops.one_hot(characters, len(self.config.characters))
            goal = 0.95 * goal + 0.05 / len(self.config.characters)  # about one label in fifty is wrong
            return -ops.mean(ops.sum(goal * ops.log_softmax(logits), axis=-1)), {"accuracy": ops.mean(right)}

        total, terms = self.minimize(loss, reader=self.networks.trainable_variables)
        return {"loss": total, **terms}

    def sample_grid(self, batch: Mapping) -> np.ndarray:
        """The letters of a batch, a row for each hand; those that are read wrongly are shown inverted."""
        images, characters = np.asarray(batch["targets"]), np.asarray(batch["characters"])
        logits = self.ema(images.reshape(-1, *images.shape[2:]))
        wrong = np.argmax(np.asarray(logits), axis=-1).reshape(characters.shape) != characters
        return tile(np.where(wrong[..., None, None, None], -images, images))
