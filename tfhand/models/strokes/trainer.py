"""Training of the networks between pictures of letters and pen strokes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from keras import ops

from tfhand.core.config import as_json
from tfhand.models.strokes.config import StrokesConfig, StrokesTrainConfig
from tfhand.models.strokes.losses import trajectory_likelihood
from tfhand.models.strokes.networks import StrokeNetworks
from tfhand.training.grid import tile
from tfhand.training.losses import kl_to_standard_normal
from tfhand.training.trainer import Trainer, cosine_decay

METRICS = ("likelihood", "divergence", "distance", "strokes")
_SHOWN, _NIB = 16, 2.4  # letters in a row of the sample grid, and their nib in pixels at 32


class StrokesTrainer(Trainer):
    """Trains `StrokeNetworks` on the batches of a `TrajectoryStream`.

    Args:
        config: of the networks.
        train_config: weights, rates and sizes.
        seed: of the noise on forms.
    """

    networks: StrokeNetworks

    def __init__(self, config: StrokesConfig, train_config: StrokesTrainConfig, seed: int = 0):
        super().__init__(StrokeNetworks(**as_json(config)), METRICS, ema_decay=train_config.ema_decay, seed=seed)
        self.config, self.train_config = config, train_config
        rate = cosine_decay(train_config.learning_rate, train_config.decay_steps)
        self.add_optimizer("networks", self.networks.trainable_variables, rate, beta_1=0.9)

    def optimize(self, batch: Mapping) -> dict:
        """One step on a batch of letters."""
        characters, weights = batch["character"], self.train_config

        def loss():
            mean, log_variance = self.forward(self.networks.posterior, batch["image"], characters)
            noise = self.normal(weights.batch_size, self.config.form_size)
            forms = mean + ops.exp(0.5 * log_variance) * noise
            found = self.forward(self.networks.candidates, forms, characters)
            likelihood, distance, strokes = trajectory_likelihood(
                *found, batch["points"], batch["count"], weights.distance
            )
            divergence = kl_to_standard_normal(mean, ops.exp(log_variance))
            terms = {"likelihood": likelihood, "divergence": divergence, "distance": distance, "strokes": strokes}
            return likelihood + weights.divergence * divergence, terms

        total, terms = self.minimize(loss, networks=self.networks.trainable_variables)
        return {"loss": total, **terms}

    def sample_grid(self, batch: Mapping) -> np.ndarray:
        """Rows of letters, each over the row of the strokes that are found in it."""
        glyphs, characters = batch["image"], batch["character"]
        forms = self.ema.forms_of(glyphs, characters)
        drawn = self.ema.draw(forms, characters, ops.full(ops.shape(characters), _NIB))
        rows = [
            np.asarray(ops.convert_to_numpy(each))[start : start + _SHOWN]
            for start in range(0, len(characters) - _SHOWN + 1, _SHOWN)
            for each in (glyphs, drawn)
        ]
        return tile(np.stack(rows or [np.asarray(ops.convert_to_numpy(each)) for each in (glyphs, drawn)]))
