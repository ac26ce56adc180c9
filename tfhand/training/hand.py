"""Training of the networks that learn a hand, with the supervision that only writer ids can give.

Every writer has a vector of their own, learned with the generator as in an auto-decoder (Bojanowski et al. 2018, arXiv
1707.05776); the hand encoder learns to find it from a few samples, and some letters are written from what it finds.
The discriminator knows the writers as well, and a real letter of another writer counts as a fake.
"""

from __future__ import annotations

import numpy as np
from keras import ops

from tfhand import losses
from tfhand.families import HandSettings, HandTraining
from tfhand.models.hand import HandDiscriminator, HandNetworks
from tfhand.models.verifier import SHARPNESS, Verifier
from tfhand.settings import plain
from tfhand.training.gan import GAN, tile
from tfhand.training.gradients import input_gradient

METRICS = (
    "character", "hand", "pixels", "matching", "encoding", "likeness",
    "real", "fake", "other_hand", "r1", "found_pixels",
)  # fmt: skip


class HandTrainer(GAN):
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
        settings: HandSettings,
        training: HandTraining,
        writers: int,
        verifier: Verifier | None = None,
        seed: int = 0,
    ):
        super().__init__(
            HandNetworks(**plain(settings)),
            HandDiscriminator(settings, writers),
            METRICS,
            average_decay=training.average_decay,
            seed=seed,
        )
        self.settings, self.training_settings = settings, training
        self.verify = verifier and verifier.__call__  # a bound method: Keras would count a model among the trainer's
        self.table = self.add_weight(
            name="table", shape=(writers, settings.hand_size), initializer="random_normal", trainable=True
        )
        self.add_optimizer("networks", self.networks.trainable_variables, training.learning_rate)
        self.add_optimizer("table", [self.table], training.table_learning_rate)
        self.add_optimizer(
            "discriminator", self.discriminator.trainable_variables, training.discriminator_learning_rate
        )

    def vectors(self):
        """The writers' vectors (W, hand_size): each entry has mean 0 and variance 1 over the writers.

        So a random person is standard normal noise, and no scale can be hidden in the table.
        """
        table = ops.convert_to_tensor(self.table)  # ops.moments takes no variable under JAX
        mean, variance = ops.moments(table, axes=0, keepdims=True)
        return (table - mean) * ops.rsqrt(variance + 1e-6)

    def train_step(self, batch):
        """The generator's step, then the discriminator's on the same letters; gives the named terms' means."""
        repeat = self.training_settings.targets
        flat = {
            "images": _flatten(batch["targets"]),
            "characters": _flatten(batch["characters"]),
            "writers": ops.repeat(batch["writer"], repeat, axis=0),
            "form": ops.repeat(batch["form"], repeat, axis=0),
        }
        _, terms = self.apply(
            [self.optimizers["networks"], self.optimizers["table"]],
            lambda: self._generator_loss(batch, flat),
            [self.networks.trainable_variables, [self.table]],
        )
        written = ops.stop_gradient(terms.pop("written"))
        _, judged = self.apply(
            self.optimizers["discriminator"],
            lambda: self._discriminator_loss(flat, written),
            self.discriminator.trainable_variables,
        )
        self.update_average()
        self.steps.assign(self.steps + 1)
        return self.record({"loss": terms["pixels"], **terms, **judged})

    def _generator_loss(self, batch, flat):
        weights = self.training_settings
        hands, own = weights.hands, round(weights.hands * weights.from_table)
        known = ops.take(self.vectors(), batch["writer"], axis=0)  # (H, hand_size)
        found = self.networks.encode_hand(
            batch["references"], batch["reference_characters"], batch["reference_mask"], training=True
        )
        goal = ops.concatenate([ops.stop_gradient(known), batch["form"]], axis=-1)  # (H, code_size)
        known = known + weights.table_noise * self.normal(hands, self.settings.hand_size)
        exact = ops.concatenate([known, batch["form"]], axis=-1)
        code = ops.concatenate([exact[:own], found[own:]], axis=0)
        code = ops.repeat(code, weights.targets, axis=0)  # (H T, code_size)
        noise = self.normal(hands * weights.targets, self.settings.noise_size)
        written = self.networks.write(code, flat["characters"], noise)  # (H T, S, S, 1)
        maps, features = self.discriminator.features(written)
        real_maps, _ = self.discriminator.features(flat["images"])
        judge = self.discriminator
        terms = {
            "character": losses.adversarial_generator(judge.is_character(features, flat["characters"])),
            "hand": losses.adversarial_generator(
                judge.is_hand(features, flat["writers"], flat["form"], flat["characters"])
            ),
            "pixels": losses.blurred_difference(written, flat["images"]),
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
        terms["found_pixels"] = losses.blurred_difference(written[encoded:], flat["images"][encoded:])
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
        return losses.contrastive(SHARPNESS * ours @ ops.transpose(theirs))

    def _discriminator_loss(self, flat, written):
        weights, judge = self.training_settings, self.discriminator
        count = weights.hands * weights.targets
        _, features = judge.features(ops.concatenate([flat["images"], written], axis=0))
        real, fake = features[:count], features[count:]
        asked = (flat["writers"], flat["form"], flat["characters"])
        other = [ops.roll(each, weights.targets, axis=0) for each in asked[:2]]  # the next person of the batch
        hand_real, hand_fake = judge.is_hand(real, *asked), judge.is_hand(fake, *asked)
        hand_other = judge.is_hand(real, *other, flat["characters"])
        character_real = judge.is_character(real, flat["characters"])
        character_fake = judge.is_character(fake, flat["characters"])
        terms = {
            "real": losses.adversarial_real(hand_real),
            "fake": losses.adversarial_fake(hand_fake),
            "other_hand": losses.adversarial_fake(hand_other),
            "r1": self._lazy_r1(flat["images"], asked),
        }
        character = losses.adversarial_real(character_real) + losses.adversarial_fake(character_fake)
        hand = terms["real"] + 0.5 * (terms["fake"] + terms["other_hand"])
        total = weights.adversarial * character + weights.same_writer * hand + weights.r1 * terms["r1"]
        return total, terms

    def _lazy_r1(self, images, asked):
        """R1 at each `r1_every`-th step, so many times stronger (Karras et al. 2020, arXiv 1912.04958, section 3.1)."""
        every, same_writer = self.training_settings.r1_every, self.training_settings.same_writer

        def judged(x):
            is_character, is_hand = self.discriminator(x, *asked)
            return is_character + is_hand if same_writer else is_character

        def penalty():
            _, gradient = input_gradient(judged, images)
            return every * losses.r1_penalty(gradient)

        return ops.cond(ops.equal(self.steps % every, 0), penalty, lambda: ops.zeros(()))

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


def _flatten(array):
    """(H, T, ...) to (H T, ...)."""
    return ops.reshape(array, (-1, *array.shape[2:]))
