"""Training of the conditional GAN: non-saturating loss, projection discriminator, lazy R1, adaptive augmentation.

With writers everyone has a vector of their own, learned with the generator as in an auto-decoder (Bojanowski et al.
2018, arXiv 1707.05776). The discriminator is asked about the writer as well, and real glyphs of another are fakes too.

Without writers, on request, an encoder finds the noise that draws a real glyph, and a share of the glyphs is drawn from
that and held to the real one: CVAE-GAN (Bao et al. 2017, arXiv 1703.10155, section 3) without its classifier. So every
form that people write has a place in the noise, which a discriminator alone does not ask for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import keras
import numpy as np
from keras import ops

from tfhand.core.config import as_json
from tfhand.models.cgan.config import CGANConfig, CGANTrainConfig
from tfhand.models.cgan.discriminator import CGANDiscriminator
from tfhand.models.cgan.networks import ConditionalGAN
from tfhand.models.common.trainer import CodeGANTrainer, flat_glyphs
from tfhand.nn.augment import Strengths
from tfhand.nn.set_encoder import SetEncoder
from tfhand.training.augmentation import Augmentation
from tfhand.training.grid import tile
from tfhand.training.losses import generator_loss, kl_to_standard_normal, multiscale_l1

METRICS = ("adversarial", "real", "fake", "mismatched", "r1", "augmentation")
HAND_STRENGTHS = Strengths(rotation=0.0, slant=0.0, stretch=0.0, ink=0.0)  # what is part of a hand stays
RECONSTRUCTION_METRICS = ("pixels", "kl")
HAND_METRICS = ("hand", "pixels", "hand_real", "hand_fake", "hand_other")


class CGANTrainer(CodeGANTrainer):
    """Trains `ConditionalGAN`: without writers on the batches of a `GlyphStream`, with them on a `HandStream`'s.

    Args:
        config: of the networks.
        train_config: weights and rates.
        writer_count: how many writers the stream numbers; 0 without writers.
        seed: of all noise drawn in training.
    """

    networks: ConditionalGAN

    def __init__(self, config: CGANConfig, train_config: CGANTrainConfig, writer_count: int = 0, seed: int = 0):
        reconstructs = bool(train_config.reconstructed) and not writer_count
        group = 0 if writer_count else train_config.group  # a writer's letter differs little, and pixels hold it
        super().__init__(
            ConditionalGAN(writer_count, **as_json(config)),
            CGANDiscriminator(config, writer_count, group),
            train_config,
            writer_count,
            METRICS + (HAND_METRICS if writer_count else RECONSTRUCTION_METRICS if reconstructs else ()),
            seed,
        )
        self.encoder = _encoder(config) if reconstructs else None
        strengths = HAND_STRENGTHS if writer_count else None
        self.augmentation = Augmentation(
            train_config.augment_target, seed, train_config.augment_steps, strengths=strengths
        )
        self._add_optimizers()

    def _add_optimizers(self) -> None:
        table = [self.networks.table] if self.writer_count else []
        others = [each for each in self.networks.trainable_variables if not any(each is one for one in table)]
        others += self.encoder.trainable_variables if self.encoder else []
        self.generator_groups = {"networks": others}
        self.add_optimizer("networks", others, self.train_config.learning_rate)
        if table:
            self.generator_groups["table"] = table
            self.add_optimizer("table", table, self.train_config.table_learning_rate)
        judging = self.discriminator.trainable_variables
        self.add_optimizer("discriminator", judging, self.train_config.discriminator_learning_rate)

    def optimize(self, batch: Mapping) -> dict:
        """The generator's step, then the discriminator's on the same glyphs."""
        if self.writer_count:
            batch = flat_glyphs(batch)
        generated, terms = self.minimize(lambda: self._generator_loss(batch), None, **self.generator_groups)
        written = ops.stop_gradient(terms.pop("written"))
        shown = self._shown(batch["image"]), self._shown(written)
        judged, more = self.minimize(
            lambda: self._discriminator_loss(batch, *shown),
            self.gradient_penalty(batch, *(shown if self.train_config.relativistic else shown[:1])),
            discriminator=self.discriminator.trainable_variables,
        )
        margin = more.pop("margin")
        if self.train_config.augment_target:
            self.augmentation.update(margin)
        return {"loss": generated + judged, **terms, **more, "augmentation": self.augmentation.probability}

    def _discriminator_loss(self, batch, real, written):
        config = self.train_config
        several = len(self.config.characters) > 1  # or there is no other label
        return self.discriminator_loss(batch, real, written, config.mismatched and several, config.relativistic)

    def _generator_loss(self, batch):
        config, count = self.train_config, batch["character"].shape[0]
        last = count if self.writer_count else math.ceil(count * config.reconstructed)  # held to the real glyphs
        noise = self.normal(count, self.config.noise_size)
        if self.encoder:
            seen = batch["image"][-last:, None], batch["character"][-last:, None]
            mean, variance = self.forward(self.encoder.posterior, *seen, ops.ones((last, 1)))
            noise = ops.concatenate([noise[:-last], mean + ops.sqrt(variance) * noise[-last:]], axis=0)
        written = self.forward(self.networks.write, self._codes(batch), batch["character"], noise)
        logits = self._logits(written, batch["character"], *self.writer_labels(batch))
        hand = logits[:, 1] if self.writer_count else None
        total, terms = generator_loss(logits[:, 0] - self._rivals(batch), config, hand=hand)
        if last:
            terms["pixels"] = multiscale_l1(written[-last:], batch["image"][-last:])
            total = total + config.pixels * terms["pixels"]
        if self.encoder:
            terms["kl"] = kl_to_standard_normal(mean, variance)
            total = total + config.kl * terms["kl"]
        return total, {**terms, "written": written}

    def _rivals(self, batch):
        """Logits (B,) of the real glyphs, with which relativistic training compares written ones; else nothing."""
        if not self.train_config.relativistic:
            return 0.0
        return self._logits(batch["image"], batch["character"])[:, 0]

    def _logits(self, images, *labels):
        """The discriminator's logits (B, questions) of images as they are shown."""
        return self.forward(self.discriminator, self._shown(images), *labels, group=self.group)

    def _codes(self, batch):
        """Hand codes (B, code_size) of the batch's writers, their vectors a little blurred."""
        if not self.writer_count:
            return ops.zeros((batch["character"].shape[0], 0))
        known = ops.take(self.networks.hands(), batch["writer"], axis=0)
        known = known + self.train_config.table_noise * self.normal(known.shape[0], self.config.hand_size)
        return ops.concatenate([known, batch["transform"]], axis=-1)

    def _shown(self, images):
        """Images on their way to the discriminator: augmented, real and written ones alike."""
        return self.augmentation(images) if self.train_config.augment_target else images

    def sample_grid(self, batch: Mapping, columns: int = 20, rows: int = 8) -> np.ndarray:
        """A row for each of some writers, from the first to the last, or for draws of noise; a column a character."""
        asked = np.asarray(batch["characters" if self.writer_count else "character"]).reshape(-1)
        asked = np.unique(asked)[:columns].astype(np.int32)
        noise = ops.repeat(keras.random.normal((rows, self.config.noise_size), seed=self.seed), len(asked), axis=0)
        codes = np.zeros((rows, self.config.code_size), np.float32)
        if self.writer_count:
            shown = np.linspace(0, self.writer_count - 1, rows).round().astype(int)  # new ones of `--from` come last
            codes[:, : self.config.hand_size] = ops.convert_to_numpy(self.ema.hands())[shown]
        written = self.ema.write(np.repeat(codes, len(asked), axis=0), np.tile(asked, rows), noise)
        return tile(ops.reshape(written, (rows, len(asked), *written.shape[1:])))


def _encoder(config: CGANConfig) -> SetEncoder:
    """As large as the discriminator; finds the noise that draws a glyph."""
    encoder = SetEncoder(
        len(config.characters),
        config.image_size,
        config.noise_size,
        config.discriminator_widths,
        config.discriminator_features,
        config.character_size,
        dropout=0.0,
        prior=1.0,
    )
    encoder.build((None, None, config.image_size, config.image_size, 1))
    return encoder
