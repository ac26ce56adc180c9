"""Training of the aligner on lines of words, all with their texts and some with the places of their letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from keras import ops

from tfhand.core.config import as_json
from tfhand.data.streams.words import GAP
from tfhand.data.words import WordArchive
from tfhand.hands.glyph import as_glyphs
from tfhand.models.aligner.alignment import align, in_text
from tfhand.models.aligner.config import AlignerConfig, AlignerTrainConfig
from tfhand.models.aligner.durations import measure_durations
from tfhand.models.aligner.losses import column_loss, placing_loss, reading_loss
from tfhand.models.aligner.networks import Aligner
from tfhand.training.grid import tile
from tfhand.training.losses import weighted_sum
from tfhand.training.trainer import Trainer, cosine_decay

_SHOWN = 12  # lines of a sample grid
_BAR = 4  # pixels, of the letters found under a line


class AlignerTrainer(Trainer):
    """Trains an `Aligner` on the batches of a `WordStream`.

    Args:
        config: of the network.
        train_config: weights, rates and sizes.
        seed: kept for the record; the only noise in training is the dropout's own.
    """

    networks: Aligner

    def __init__(self, config: AlignerConfig, train_config: AlignerTrainConfig, seed: int = 0):
        metrics = "reading", "finding", "found", "placing"
        super().__init__(Aligner(**as_json(config)), metrics, ema_decay=train_config.ema_decay, seed=seed)
        self.config, self.train_config = config, train_config
        rate = cosine_decay(train_config.learning_rate, train_config.decay_steps)
        self.add_optimizer("aligner", self.networks.trainable_variables, rate, beta_1=0.9, beta_2=0.99)

    def measure(self, archives: Sequence[WordArchive]) -> None:
        """Sets the usual widths of letters to those of these archives' words."""
        found = measure_durations(archives, self.config.characters)
        for networks in (self.networks, self.ema):
            networks.durations.assign(found)

    def optimize(self, batch: Mapping) -> dict:
        """One step on a batch of lines."""
        weights = {name: getattr(self.train_config, name) for name in ("reading", "finding", "placing")}
        text = batch["text"], batch["length"]

        def loss():
            reading, letters = self.forward(partial(self.networks, training=True), batch["image"])
            finding, found = column_loss(letters, batch["columns"])
            unknown = ops.cast(ops.all(batch["columns"] <= GAP, axis=1), letters.dtype)  # (B,)
            placing = placing_loss(letters, *text, unknown, self.train_config.label_prior)
            terms = {"reading": reading_loss(reading, *text), "finding": finding, "placing": placing}
            return weighted_sum(terms, weights), {**terms, "found": found}

        total, terms = self.minimize(loss, aligner=self.networks.trainable_variables)
        return {"loss": total, **terms}

    def sample_grid(self, batch: Mapping) -> np.ndarray:
        """Lines of a batch, and under each where its letters are found, one letter brighter and the next one darker."""
        pictures = as_glyphs(np.asarray(batch["image"])[:_SHOWN])  # (lines, H, W)
        texts = [in_text(numbers, self.config.characters) for numbers in np.asarray(batch["text"])[:_SHOWN]]
        bars = np.zeros((len(pictures), _BAR, pictures.shape[2]), np.uint8)
        for bar, letters in zip(bars, align(self.ema, list(pictures), texts), strict=True):
            for number, letter in enumerate(letters):
                bar[:, int(letter.left) : int(letter.right)] = 140 if number % 2 else 255
        shown = np.concatenate([pictures, bars], axis=1)[:, None, ..., None]  # (lines, 1, H + bar, W, 1)
        return tile(shown.astype(np.float32) / 127.5 - 1)
