"""Training of the networks that complete an alphabet, on forms and on the letters that they draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from keras import ops

from tfhand.core.config import as_json
from tfhand.data.archive import Archive
from tfhand.data.scan_transform import nibs_of
from tfhand.models.alphabet.config import AlphabetConfig, AlphabetTrainConfig
from tfhand.models.alphabet.networks import AlphabetNetworks
from tfhand.models.alphabet.statistics import form_statistics
from tfhand.models.reader.networks import Reader
from tfhand.models.stroke_verifier.networks import StrokeVerifier
from tfhand.models.verifier.losses import top_one_accuracy
from tfhand.models.verifier.networks import SHARPNESS
from tfhand.nn.pen import draw_trajectories
from tfhand.training.grid import tile
from tfhand.training.losses import Tensor, symmetric_info_nce, weighted_sum
from tfhand.training.trainer import Trainer, cosine_decay

_MOMENTUM = 0.99  # of the statistics of people's vectors


class AlphabetTrainer(Trainer):
    """Trains `AlphabetNetworks` on the batches of a `HandStream`.

    Args:
        config: of the networks.
        train_config: weights, rates and sizes.
        verifier: a trained network, whose weights are taken and stay as they are; not one that is to judge the result.
        reader: a trained `Reader`, or None without the legibility term; likewise.
        seed: of the dropout.
    """

    networks: AlphabetNetworks

    def __init__(
        self,
        config: AlphabetConfig,
        train_config: AlphabetTrainConfig,
        verifier: StrokeVerifier,
        reader: Reader | None = None,
        seed: int = 0,
    ):
        networks = AlphabetNetworks(**as_json(config))
        networks.use_weights_of(verifier)
        metrics = ["forms", "likeness", "found", *(["legibility"] if reader else [])]
        super().__init__(networks, metrics, ema_decay=train_config.ema_decay, seed=seed)
        self.config, self.train_config = config, train_config
        self.read = reader and reader.__call__  # a bound method: Keras would count a model among the trainer's
        rate = cosine_decay(train_config.learning_rate, train_config.decay_steps)
        self.moved = [*networks.hand_encoder.trainable_variables, *networks.form_generator.trainable_variables]
        self.add_optimizer("networks", self.moved, rate, beta_1=0.9, beta_2=0.999)

    def measure(self, archives: Sequence[Archive]) -> None:
        """Sets the statistics of forms to those of these archives' letters, and remembers their people."""
        found = form_statistics(self.networks, archives)
        for networks in (self.networks, self.ema):
            for name, values in found.items():
                getattr(networks, name).assign(values)

    def optimize(self, batch: Mapping) -> dict:
        """One step on the letters of a batch's people."""
        characters, references = batch["characters"], batch["reference_characters"]
        networks, weights = self.networks, self.train_config
        known = self.forward(networks.normalized_forms, batch["references"], references)
        truth = self.forward(networks.normalized_forms, batch["targets"], characters)
        mask = batch["reference_mask"]
        nibs = nibs_of(batch["transform"])

        def loss():
            hand, offsets = self.forward(self._imagined, known, references, mask, characters)
            terms = {"forms": ops.mean(ops.square(offsets - truth))}
            forms = ops.take(networks.usual, characters, axis=0)
            forms = forms + self.config.emphasis * offsets * ops.take(networks.spread, characters, axis=0)
            terms |= self._judged(forms, characters, nibs, batch)
            total = weighted_sum(terms, {name: getattr(weights, name) for name in terms if name != "found"})
            return total, {**terms, "hand": hand}

        total, terms = self.minimize(loss, networks=self.moved)
        self._meet(terms.pop("hand"))
        return {"loss": total, **terms}

    def _imagined(self, forms: Tensor, references: Tensor, mask: Tensor, characters: Tensor) -> tuple[Tensor, Tensor]:
        """People's vectors (H, hand_size) by forms of theirs, and the normalized forms of the characters (H, T)."""
        hand = self.networks.hand_encoder(forms, references, mask, training=True)
        return hand, self.networks.form_generator(hand, characters, training=True)

    def _meet(self, hands: Tensor) -> None:
        """Moves mean and covariance of people's vectors towards those of a batch (H, hand_size)."""
        people = self.networks.people
        away = hands - people[:1]
        covariance = ops.matmul(ops.transpose(away), away) / hands.shape[0]
        found = ops.concatenate([ops.mean(hands, axis=0)[None], covariance])
        people.assign(people + (1 - _MOMENTUM) * (found - people))

    def _judged(self, forms: Tensor, characters: Tensor, nibs: Tensor, batch: Mapping) -> dict:
        """The terms of verifier and reader on the letters (H, T) that these forms (H, T, form_size) draw."""
        networks, shape, flat = self.networks, ops.shape(characters), ops.reshape(characters, (-1,))
        points, counts = self.forward(networks.decode, ops.reshape(forms, (shape[0] * shape[1], -1)), flat)
        strokes = ops.reshape(points, (*shape, *points.shape[1:])), ops.reshape(counts, shape)
        found = self.forward(networks.embed, *strokes, characters, ops.ones(shape))
        references = batch["reference_characters"]
        real_strokes = self.forward(networks.find_strokes, batch["references"], references)
        real = self.forward(networks.embed, *real_strokes, references, batch["reference_mask"])
        likeness = SHARPNESS * ops.matmul(found, ops.transpose(ops.stop_gradient(real)))
        terms = {"likeness": symmetric_info_nce(likeness), "found": top_one_accuracy(likeness)}
        if self.read is not None:
            draw = partial(draw_trajectories, size=self.config.image_size)
            written = self.forward(draw, points, counts, ops.repeat(nibs, shape[1]))
            scores = ops.log_softmax(self.forward(self.read, written), axis=-1)
            terms["legibility"] = -ops.mean(ops.sum(scores * ops.one_hot(flat, scores.shape[-1]), axis=-1))
        return terms

    def sample_grid(self, batch: Mapping) -> np.ndarray:
        """Two rows for each person: letters that were not among the samples, real and as they are imagined."""
        characters = batch["characters"]
        codes = self.ema.encode(batch["references"], batch["reference_characters"], batch["reference_mask"])
        people, count = ops.shape(characters)
        flat, noise = ops.reshape(characters, (-1,)), ops.zeros((people * count, self.ema.noise_size))
        written = self.ema.write(ops.repeat(codes, count, axis=0), flat, noise)
        real = np.asarray(ops.convert_to_numpy(batch["targets"]))
        written = np.asarray(ops.convert_to_numpy(written)).reshape(real.shape)
        return tile(np.stack([real, written], axis=1).reshape(2 * people, *real.shape[1:]))
