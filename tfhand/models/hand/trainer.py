"""Training of the networks that learn a hand, with the supervision that only writer ids can give.

Every writer has a vector of their own, learned with the generator as in an auto-decoder (Bojanowski et al. 2018, arXiv
1707.05776); the hand encoder learns to find it from a few samples, and some glyphs are written from what it finds. The
discriminator knows the writers as well, and a real glyph of another writer counts as a fake.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
from keras import ops

from tfhand.core.config import as_json
from tfhand.models.common.trainer import CodeGANTrainer, flat_glyphs
from tfhand.models.hand.config import HandConfig, HandTrainConfig
from tfhand.models.hand.discriminator import HandDiscriminator
from tfhand.models.hand.losses import feature_matching
from tfhand.models.hand.networks import HandNetworks
from tfhand.models.verifier.likeness import known_people, people_found
from tfhand.models.verifier.networks import Verifier
from tfhand.nn.glyph_generator import standardize
from tfhand.training.grid import tile
from tfhand.training.losses import adversarial_generator, multiscale_l1, weighted_sum

METRICS = (
    "character", "hand", "pixels", "feature_matching", "encoding", "likeness", "encoded_pixels",
    "real", "fake", "r1", "hand_real", "hand_fake", "hand_other",
)  # fmt: skip


class HandTrainer(CodeGANTrainer):
    """Trains `HandNetworks` on the batches of a `HandStream`.

    Args:
        config: of the networks.
        train_config: weights, rates and shares.
        writer_count: how many writers the stream numbers.
        verifier: a trained `Verifier`, or None without the likeness term. It learns nothing here and is no part of the
            trainer's state. It must not be the one by which the result is evaluated.
        seed: of all noise drawn in training.
    """

    networks: HandNetworks

    def __init__(
        self,
        config: HandConfig,
        train_config: HandTrainConfig,
        writer_count: int,
        verifier: Verifier | None = None,
        seed: int = 0,
    ):
        super().__init__(
            HandNetworks(**as_json(config)),
            HandDiscriminator(config, writer_count),
            train_config,
            writer_count,
            METRICS,
            seed,
        )
        self.verify = verifier and verifier.__call__  # a bound method: Keras would count a model among the trainer's
        self.table = self.add_weight(
            name="table", shape=(writer_count, config.hand_size), initializer="random_normal", trainable=True
        )
        self.add_optimizer("networks", self.networks.trainable_variables, train_config.learning_rate)
        self.add_optimizer("table", [self.table], train_config.table_learning_rate)
        judging = self.discriminator.trainable_variables
        self.add_optimizer("discriminator", judging, train_config.discriminator_learning_rate)

    def optimize(self, batch: Mapping) -> dict:
        """The generator's step, then the discriminator's on the same glyphs."""
        glyphs = flat_glyphs(batch)
        generated, terms = self.minimize(
            lambda: self._generator_loss(batch, glyphs),
            networks=self.networks.trainable_variables,
            table=[self.table],
        )
        written = ops.stop_gradient(terms.pop("written"))
        judged, more = self.minimize(
            lambda: self.discriminator_loss(glyphs, glyphs["image"], written),
            self.gradient_penalty(glyphs, glyphs["image"]),
            discriminator=self.discriminator.trainable_variables,
        )
        more.pop("margin")
        return {"loss": generated + judged, **terms, **more}

    def _generator_loss(self, batch, glyphs):
        config = self.train_config
        own = round(config.hands * config.from_table)
        codes, encoding = self._codes(batch, own)
        noise = self.normal(config.hands * config.targets, self.config.noise_size)
        written = self.forward(self.networks.write, codes, glyphs["character"], noise)  # (H T, S, S, 1)
        discriminator, characters = self.discriminator, glyphs["character"]
        maps, features = self.features(written)
        real_maps, _ = self.features(glyphs["image"])
        terms = {
            "character": adversarial_generator(discriminator.is_character(features, characters)),
            "hand": adversarial_generator(discriminator.is_hand(features, *self.writer_labels(glyphs), characters)),
            "pixels": multiscale_l1(written, glyphs["image"]),
            "feature_matching": feature_matching(maps, [ops.stop_gradient(each) for each in real_maps]),
            "encoding": encoding,
            "likeness": self._likeness(batch, written),
        }
        weights = {
            "character": config.adversarial,
            "hand": config.same_writer,
            "pixels": config.pixels,
            "feature_matching": config.feature_matching,
            "encoding": config.encoding,
            "likeness": config.likeness,
        }
        total, first = weighted_sum(terms, weights), own * config.targets
        terms["encoded_pixels"] = multiscale_l1(written[first:], glyphs["image"][first:])
        return total, {**terms, "written": written}

    def _codes(self, batch, own: int):
        """Hand codes (H T, code_size), those of the first `own` hands from the table, and the encoder's loss."""
        config = self.train_config
        known = ops.take(standardize(self.table), batch["writer"], axis=0)  # (H, hand_size)
        samples = batch["references"], batch["reference_characters"], batch["reference_mask"]
        found = self.forward(partial(self.networks.encode, training=True), *samples)
        goal = ops.concatenate([ops.stop_gradient(known), batch["transform"]], axis=-1)  # (H, code_size)
        known = known + config.table_noise * self.normal(config.hands, self.config.hand_size)
        exact = ops.concatenate([known, batch["transform"]], axis=-1)
        codes = ops.concatenate([exact[:own], found[own:]], axis=0)
        return ops.repeat(codes, config.targets, axis=0), ops.mean(ops.square(found - goal))

    def _likeness(self, batch, written):
        """InfoNCE of finding, by the glyphs written for each hand, the real glyphs of that hand, with the verifier."""
        if self.verify is None:
            return ops.zeros(())
        known, written = known_people(self.forward, self.verify, batch), ops.reshape(written, batch["targets"].shape)
        return people_found(self.forward, self.verify, written, batch["characters"], known)

    def sample_grid(self, batch: Mapping) -> np.ndarray:
        """For each hand: its samples, then its real glyphs, then the same characters written from the samples."""
        characters = np.asarray(batch["characters"])
        hands, targets = characters.shape
        codes = self.ema.encode(batch["references"], batch["reference_characters"], batch["reference_mask"])
        written = self.ema.write(
            ops.repeat(codes, targets, axis=0),
            characters.reshape(-1),
            np.zeros((hands * targets, self.config.noise_size), np.float32),
        )
        written = ops.reshape(written, batch["targets"].shape)
        return tile(ops.concatenate([batch["references"], batch["targets"], written], axis=1))
