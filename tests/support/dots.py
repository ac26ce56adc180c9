"""A GAN of a few numbers, to test what surrounds a training."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from tfhand.data.streams.base import Stream
from tfhand.training import losses
from tfhand.training.trainer import GAN, tile


class Dots(keras.Model):
    """Noise to pictures of size x size."""

    def __init__(self, width: int, size: int):
        super().__init__()
        self.width, self.size = width, size
        self.inner, self.outer = keras.layers.Dense(width, activation="relu"), keras.layers.Dense(size * size)
        self(np.zeros((1, 2), np.float32))

    def call(self, noise):
        return ops.reshape(self.outer(self.inner(noise)), (-1, self.size, self.size, 1))

    def get_config(self):
        return {"width": self.width, "size": self.size}


class Judge(keras.Model):
    """Pictures to logits."""

    def __init__(self, size: int):
        super().__init__(name="discriminator")
        self.size, self.judge = size, keras.layers.Dense(1)
        self(np.zeros((1, size, size, 1), np.float32))

    def call(self, images):
        return self.judge(ops.reshape(images, (-1, self.size * self.size)))

    def get_config(self):
        return {"size": self.size}


class DotStream(Stream):
    """Random pictures."""

    def __init__(self, seed: int, count: int, size: int):
        super().__init__(seed)
        self.shape = count, size, size, 1

    def batch(self, number):
        return {"image": self.rng(number).random(self.shape, np.float32)}


class DotTrainer(GAN):
    """Two steps of a plain GAN, with noise from the trainer's own generator."""

    def __init__(self, settings, training, seed):
        size = settings.image_size
        super().__init__(Dots(settings.width, size), Judge(size), ["critic", "generator"], ema_decay=0.9, seed=seed)
        self.settings, self.plan = settings, training
        for name, network in (("critic", self.discriminator), ("generator", self.networks)):
            self.add_optimizer(name, network.trainable_variables, training.learning_rate)

    def train_step(self, batch):
        noise = self.normal(ops.shape(batch["image"])[0], 2)

        def critic():
            real, fake = self.discriminator(batch["image"]), self.discriminator(self.networks(noise))
            return losses.adversarial_real(real) + losses.adversarial_fake(fake), {}

        def generator():
            return losses.adversarial_generator(self.discriminator(self.networks(noise))), {}

        values = {"critic": self.apply(self.optimizers["critic"], critic, self.discriminator.trainable_variables)[0]}
        values["generator"] = self.apply(
            self.optimizers["generator"], generator, self.networks.trainable_variables
        )[0]  # fmt: skip
        self.update_ema()
        self.steps.assign_add(1)
        explode = ops.logical_and(self.plan.explode_at > 0, self.steps >= self.plan.explode_at)
        values["generator"] = ops.where(explode, np.inf, values["generator"])
        return self.record({"loss": values["critic"] + values["generator"], **values})

    def sample_grid(self, batch):
        noise = np.linspace(-1, 1, 8, dtype=np.float32).reshape(4, 2)
        return tile(self.averaged(noise)[None])
