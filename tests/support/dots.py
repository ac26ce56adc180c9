"""A family of a few numbers, to test what surrounds a training."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from tfhand.core.config import as_json, setting
from tfhand.data.streams.base import Stream
from tfhand.models.networks import Networks
from tfhand.models.spec import Capability, ModelSpec, always
from tfhand.training import losses
from tfhand.training.grid import tile
from tfhand.training.setup import TrainingSetup
from tfhand.training.trainer import GAN


@dataclass(frozen=True)
class DotConfig:
    """The networks."""

    characters: str = setting("01", "what it knows")
    image_size: int = setting(8, "side in pixels")
    width: int = setting(4, "units")


@dataclass(frozen=True)
class DotTrainConfig:
    """How they are trained."""

    batch_size: int = setting(4, "images per step")
    learning_rate: float = setting(0.01, "of both")
    validation: float = setting(0.0, "share of the writers that are held out")
    explode_at: int = setting(0, "step from which the loss is infinite, 0 for never")


class Dots(Networks):
    """Noise (B, 2) to pictures (B, S, S, 1)."""

    family = "dot"
    config_class = DotConfig
    config: DotConfig

    def __init__(self, **config):
        super().__init__(**config)
        self.inner = keras.layers.Dense(self.config.width, activation="relu")
        self.outer = keras.layers.Dense(self.config.image_size**2)
        self(np.zeros((1, 2), np.float32))

    def call(self, noise):
        size = self.config.image_size
        return ops.reshape(self.outer(self.inner(noise)), (-1, size, size, 1))


class DotDiscriminator(keras.Model):
    """Pictures (B, S, S, 1) to logits (B, 1)."""

    def __init__(self, size: int):
        super().__init__(name="discriminator")
        self.size, self.to_logit = size, keras.layers.Dense(1)
        self(np.zeros((1, size, size, 1), np.float32))

    def call(self, images):
        return self.to_logit(ops.reshape(images, (-1, self.size * self.size)))

    def get_config(self):
        return {"size": self.size}


class DotStream(Stream):
    """Random pictures."""

    def __init__(self, seed: int, count: int, size: int):
        super().__init__(seed)
        self.shape = count, size, size, 1

    def plan(self, number):
        return {"image": self.rng(number).random(self.shape, np.float32)}


class DotTrainer(GAN):
    """Two steps of a plain GAN, with noise from the trainer's own generator."""

    def __init__(self, config: DotConfig, train_config: DotTrainConfig, seed: int = 0):
        networks, discriminator = Dots(**as_json(config)), DotDiscriminator(config.image_size)
        super().__init__(networks, discriminator, ["discriminator", "generator"], ema_decay=0.9, seed=seed)
        self.config, self.train_config = config, train_config
        for name, network in (("discriminator", discriminator), ("generator", networks)):
            self.add_optimizer(name, network.trainable_variables, train_config.learning_rate)

    def optimize(self, batch):
        noise = self.normal(ops.shape(batch["image"])[0], 2)

        def discriminator_loss():
            fake = self.forward(self.discriminator, self.forward(self.networks, noise))
            real = self.forward(self.discriminator, batch["image"])
            return losses.adversarial_real(real) + losses.adversarial_fake(fake), {}

        def generator_loss():
            fake = self.forward(self.networks, noise)
            return losses.adversarial_generator(self.forward(self.discriminator, fake)), {}

        judged, _ = self.minimize(discriminator_loss, discriminator=self.discriminator.trainable_variables)
        generated, _ = self.minimize(generator_loss, generator=self.networks.trainable_variables)
        first = self.train_config.explode_at
        generated = ops.where(ops.logical_and(first > 0, self.step + 1 >= first), np.inf, generated)
        return {"loss": judged + generated, "discriminator": judged, "generator": generated}

    def sample_grid(self, batch):
        noise = np.linspace(-1, 1, 8, dtype=np.float32).reshape(4, 2)
        return tile(self.ema(noise)[None])


def make_trainer(archives, config: DotConfig, train_config: DotTrainConfig, seed: int) -> TrainingSetup:
    keras.utils.set_random_seed(seed)
    stream = DotStream(seed, train_config.batch_size, config.image_size)
    return TrainingSetup(DotTrainer(config, train_config, seed), stream, stream, train_config.batch_size)


DOT = ModelSpec(
    name="dot",
    help="a GAN of a few numbers",
    config=DotConfig,
    train_config=DotTrainConfig,
    networks=lambda: Dots,
    make_trainer=make_trainer,
    capabilities=always(Capability.WRITES),
    signatures=lambda networks: {},
    progress_metrics=("discriminator", "generator"),
)
