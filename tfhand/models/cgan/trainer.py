"""Training of the conditional GAN: non-saturating loss, projection discriminator, lazy R1, adaptive augmentation.

With writers every person has a vector of their own, learned with the generator as in an auto-decoder (Bojanowski et al.
2018, arXiv 1707.05776). The discriminator is asked about the person as well, and real letters of another are fakes too.

Without writers, on request, an encoder finds the noise that draws a real letter, and a share of the letters is drawn
from that and held to the real one: CVAE-GAN (Bao et al. 2017, arXiv 1703.10155, section 3) without its classifier. So
every form that people write has a place in the noise, which a discriminator alone does not ask for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import keras
import numpy as np
from keras import ops

from tfhand.core.config import as_json
from tfhand.models.cgan.config import CGANConfig, CGANTrainConfig
from tfhand.models.cgan.networks import ConditionalGAN
from tfhand.models.common.trainer import CodeGANTrainer, flat_letters
from tfhand.nn.augment import Strengths
from tfhand.nn.set_encoder import SetEncoder
from tfhand.training import losses
from tfhand.training.augmentation import Augmentation
from tfhand.training.trainer import tile

METRICS = ("adversarial", "real", "fake", "wrong", "r1", "augmentation")
HAND_STRENGTHS = Strengths(rotation=0.0, slant=0.0, stretch=0.0, ink=0.0)  # what is part of a hand stays
REDRAWN_METRICS = ("pixels", "divergence")
HAND_METRICS = ("hand", "pixels", "hand_real", "hand_fake", "hand_other")


class CGANTrainer(CodeGANTrainer):
    """Trains `ConditionalGAN`: without writers on the batches of a `GlyphStream`, with them on a `HandStream`'s.

    Args:
        settings: of the networks.
        training: weights and rates.
        people: how many the stream numbers; 0 without writers.
        seed: of all noise drawn in training.
    """

    def __init__(self, settings: CGANConfig, training: CGANTrainConfig, people: int = 0, seed: int = 0):
        metrics = METRICS + (HAND_METRICS if people else REDRAWN_METRICS if training.redrawn else ())
        group = 0 if people else training.group  # a person's letter differs little, and pixels hold it to the real one
        super().__init__(ConditionalGAN(people, **as_json(settings)), training, people, metrics, seed, group)
        self.encoder = _encoder(settings) if training.redrawn and not people else None
        strengths = HAND_STRENGTHS if people else None
        self.augmentation = Augmentation(training.augment_target, seed, training.augment_steps, strengths=strengths)
        table = [self.networks.table] if people else []
        others = [each for each in self.networks.trainable_variables if not any(each is one for one in table)]
        others += self.encoder.trainable_variables if self.encoder else []
        self.groups = [others, table] if people else [others]
        self.add_optimizer("networks", others, training.learning_rate)
        if people:
            self.add_optimizer("table", table, training.table_learning_rate)
        self.add_optimizer(
            "discriminator", self.discriminator.trainable_variables, training.discriminator_learning_rate
        )

    def train_step(self, batch: Mapping) -> dict:
        """The generator's step, then the discriminator's on the same letters; gives the named terms' means."""
        if self.people:
            batch = flat_letters(batch)
        names = ("networks", "table") if self.people else ("networks",)
        _, terms = self.apply(
            [self.optimizers[name] for name in names], lambda: self._generator_loss(batch), self.groups
        )
        written = ops.stop_gradient(terms.pop("written"))
        total, judged = self.apply(
            self.optimizers["discriminator"],
            lambda: self._discriminator_loss(batch, written),
            self.discriminator.trainable_variables,
        )
        lead = judged.pop("lead")
        if self.plan.augment_target:
            self.augmentation.update(lead)
        self.update_ema()
        self.steps.assign_add(1)
        return self.record({"loss": total, **terms, **judged, "augmentation": self.augmentation.probability})

    def _discriminator_loss(self, batch, written):
        shown = self._seen(batch["image"]), self._seen(written)
        several = len(self.settings.characters) > 1  # or nothing can be called by another's name
        return self.discriminator_loss(batch, *shown, self.plan.mismatched and several, self.plan.relativistic)

    def _generator_loss(self, batch):
        count = batch["character"].shape[0]
        last = count if self.people else math.ceil(count * self.plan.redrawn)  # letters that are held to the real ones
        noise = self.normal(count, self.settings.noise_size)
        if self.encoder:
            seen = batch["image"][-last:, None], batch["character"][-last:, None]
            mean, variance = self.encoder.posterior(*seen, mask=ops.ones((last, 1)))
            noise = ops.concatenate([noise[:-last], mean + ops.sqrt(variance) * noise[-last:]], axis=0)
        written = self.networks.write(self._code(batch), batch["character"], noise)
        logits = self.discriminator(self._seen(written), batch["character"], *self.whose(batch))
        hand = logits[:, 1] if self.people else None
        total, terms = losses.generator_loss(logits[:, 0] - self._rivals(batch), self.plan, hand=hand)
        if last:
            terms["pixels"] = losses.multiscale_l1(written[-last:], batch["image"][-last:])
            total = total + self.plan.pixels * terms["pixels"]
        if self.encoder:
            terms["divergence"] = losses.divergence(mean, variance)
            total = total + self.plan.divergence * terms["divergence"]
        return total, {**terms, "written": written}

    def _rivals(self, batch):
        """What written letters are judged against: the logits (B,) of the real ones, or nothing."""
        if not self.plan.relativistic:
            return 0.0
        return self.discriminator(self._seen(batch["image"]), batch["character"])[:, 0]

    def _code(self, batch):
        """Hand codes (B, code_size) of the batch's people, their vectors a little blurred."""
        if not self.people:
            return ops.zeros((batch["character"].shape[0], 0))
        known = ops.take(self.networks.hands(), batch["writer"], axis=0)
        known = known + self.plan.table_noise * self.normal(known.shape[0], self.settings.hand_size)
        return ops.concatenate([known, batch["form"]], axis=-1)

    def _seen(self, images):
        """Images on their way to the discriminator: augmented, real and written ones alike."""
        return self.augmentation(images) if self.plan.augment_target else images

    def sample_grid(self, batch: Mapping, columns: int = 20, rows: int = 8) -> np.ndarray:
        """A row for each of some people, from the first to the last, or draws of noise; a column for each character."""
        asked = np.asarray(batch["characters" if self.people else "character"]).reshape(-1)
        asked = np.unique(asked)[:columns].astype(np.int32)
        noise = ops.repeat(keras.random.normal((rows, self.settings.noise_size), seed=self.seed), len(asked), axis=0)
        code = np.zeros((rows, self.settings.code_size), np.float32)
        if self.people:
            shown = np.linspace(0, self.people - 1, rows).round().astype(int)  # whom `--from` takes in comes last
            code[:, : self.settings.hand_size] = ops.convert_to_numpy(self.averaged.hands())[shown]
        written = self.averaged.write(np.repeat(code, len(asked), axis=0), np.tile(asked, rows), noise)
        return tile(ops.reshape(written, (rows, len(asked), *written.shape[1:])))


def _encoder(settings: CGANConfig) -> SetEncoder:
    """As large as the discriminator; finds the noise that draws a letter."""
    encoder = SetEncoder(
        len(settings.characters),
        settings.image_size,
        settings.noise_size,
        settings.discriminator_widths,
        settings.discriminator_features,
        settings.character_size,
        dropout=0.0,
        prior=1.0,
    )
    encoder.build((None, None, settings.image_size, settings.image_size, 1))
    return encoder
