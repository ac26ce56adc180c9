"""Training of the networks that learn a hand, with the supervision that only writer ids can give.

Every writer has a vector of their own, learned with the generator as in an auto-decoder (Bojanowski et al. 2018, arXiv
1707.05776); the hand encoder learns to find it from a few samples, and some letters are written from what it finds.
The discriminator knows the writers as well, and a real letter of another writer counts as a fake.
"""

from __future__ import annotations

import numpy as np
from keras import ops

from tfhand.core.config import as_json
from tfhand.models.common.trainer import CodeGANTrainer, flat_letters
from tfhand.models.hand.config import HandConfig, HandTrainConfig
from tfhand.models.hand.networks import HandNetworks
from tfhand.models.verifier.networks import SHARPNESS, Verifier
from tfhand.nn.glyph_generator import standardize
from tfhand.training import losses
from tfhand.training.trainer import tile

METRICS = (
    "character", "hand", "pixels", "matching", "encoding", "likeness", "found_pixels",
    "real", "fake", "r1", "hand_real", "hand_fake", "hand_other",
)  # fmt: skip


class HandTrainer(CodeGANTrainer):
    """Trains `HandNetworks` on the batches of a `HandStream`.

    Args:
        settings: of the networks.
        training: weights, rates and shares.
        writers: how many people the stream numbers.
        verifier: a trained `Verifier`, or None without the likeness term. It learns nothing here and is no part of the
            trainer's state. It must not be the one that the result is judged by.
        seed: of all noise drawn in training.
    """

    def __init__(
        self,
        settings: HandConfig,
        training: HandTrainConfig,
        writers: int,
        verifier: Verifier | None = None,
        seed: int = 0,
    ):
        super().__init__(HandNetworks(**as_json(settings)), training, writers, METRICS, seed)
        self.verify = verifier and verifier.__call__  # a bound method: Keras would count a model among the trainer's
        self.table = self.add_weight(
            name="table", shape=(writers, settings.hand_size), initializer="random_normal", trainable=True
        )
        self.add_optimizer("networks", self.networks.trainable_variables, training.learning_rate)
        self.add_optimizer("table", [self.table], training.table_learning_rate)
        self.add_optimizer(
            "discriminator", self.discriminator.trainable_variables, training.discriminator_learning_rate
        )

    def train_step(self, batch):
        """The generator's step, then the discriminator's on the same letters; gives the named terms' means."""
        letters = flat_letters(batch)
        _, terms = self.apply(
            [self.optimizers["networks"], self.optimizers["table"]],
            lambda: self._generator_loss(batch, letters),
            [self.networks.trainable_variables, [self.table]],
        )
        written = ops.stop_gradient(terms.pop("written"))
        _, judged = self.apply(
            self.optimizers["discriminator"],
            lambda: self.discriminator_loss(letters, letters["image"], written),
            self.discriminator.trainable_variables,
        )
        judged.pop("lead")
        self.update_ema()
        self.steps.assign(self.steps + 1)
        return self.record({"loss": terms["pixels"], **terms, **judged})

    def _generator_loss(self, batch, letters):
        weights = self.plan
        hands, own = weights.hands, round(weights.hands * weights.from_table)
        known = ops.take(standardize(self.table), batch["writer"], axis=0)  # (H, hand_size)
        found = self.networks.encode_hand(
            batch["references"], batch["reference_characters"], batch["reference_mask"], training=True
        )
        goal = ops.concatenate([ops.stop_gradient(known), batch["form"]], axis=-1)  # (H, code_size)
        known = known + weights.table_noise * self.normal(hands, self.settings.hand_size)
        exact = ops.concatenate([known, batch["form"]], axis=-1)
        code = ops.concatenate([exact[:own], found[own:]], axis=0)
        code = ops.repeat(code, weights.targets, axis=0)  # (H T, code_size)
        noise = self.normal(hands * weights.targets, self.settings.noise_size)
        written = self.networks.write(code, letters["character"], noise)  # (H T, S, S, 1)
        maps, features = self.discriminator.features(written)
        real_maps, _ = self.discriminator.features(letters["image"])
        judge = self.discriminator
        terms = {
            "character": losses.adversarial_generator(judge.is_character(features, letters["character"])),
            "hand": losses.adversarial_generator(judge.is_hand(features, *self.whose(letters), letters["character"])),
            "pixels": losses.multiscale_l1(written, letters["image"]),
            "matching": losses.feature_matching(maps, [ops.stop_gradient(each) for each in real_maps]),
            "encoding": ops.mean(ops.square(found - goal)),
            "likeness": self._likeness(batch, written),
        }
        total = (
            weights.adversarial * terms["character"]
            + weights.same_writer * terms["hand"]
            + weights.pixels * terms["pixels"]
            + weights.matching * terms["matching"]
            + weights.encoding * terms["encoding"]
            + weights.likeness * terms["likeness"]
        )
        encoded = own * weights.targets
        terms["found_pixels"] = losses.multiscale_l1(written[encoded:], letters["image"][encoded:])
        return total, {**terms, "written": written}

    def _likeness(self, batch, written):
        """How unsurely the verifier finds, by the letters written for each hand, the real letters of that hand."""
        if self.verify is None:
            return ops.zeros(())
        ours = self.verify(
            ops.reshape(written, batch["targets"].shape), batch["characters"], ops.ones(batch["characters"].shape)
        )
        real = [
            ops.concatenate([batch["references"], batch["targets"]], axis=1),
            ops.concatenate([batch["reference_characters"], batch["characters"]], axis=1),
            ops.concatenate([batch["reference_mask"], ops.ones(batch["characters"].shape)], axis=1),
        ]
        theirs = ops.stop_gradient(self.verify(*real))  # (H, D)
        return losses.symmetric_info_nce(SHARPNESS * ours @ ops.transpose(theirs))

    def sample_grid(self, batch) -> np.ndarray:
        """For each hand: its samples, then its real letters, then the same letters written from the samples."""
        characters = np.asarray(batch["characters"])
        hands, targets = characters.shape
        code = self.averaged.encode_hand(batch["references"], batch["reference_characters"], batch["reference_mask"])
        written = self.averaged.write(
            ops.repeat(code, targets, axis=0),
            characters.reshape(-1),
            np.zeros((hands * targets, self.settings.noise_size), np.float32),
        )
        written = ops.reshape(written, batch["targets"].shape)
        return tile(ops.concatenate([batch["references"], batch["targets"], written], axis=1))
