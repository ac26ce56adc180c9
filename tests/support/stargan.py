"""What tests of StarGAN v2 share: configurations of 8 pixels, batches and trainers."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import tensorflow as tf

from tfhand.models.stargan.config import StarGANConfig, StarGANTrainConfig
from tfhand.models.stargan.trainer import StarGANTrainer

TINY = StarGANConfig(
    characters="01",
    image_size=8,
    generator_width=4,
    generator_limit=8,
    down_blocks=1,
    bottleneck_blocks=0,
    discriminator_width=4,
    discriminator_limit=8,
    latent_size=3,
    style_size=5,
    mapping_width=6,
    mapping_trunk=1,
    mapping_branch=1,
)
TRAINING = StarGANTrainConfig(diversity_steps=4, ema_decay=0.9, batch_size=4)
SAME_WRITER = dataclasses.replace(TRAINING, same_writer=2.0)
SEVERAL = dataclasses.replace(TINY, references=3)
NETWORKS = ("generator", "mapping_network", "style_encoder")


def batch(count: int = 4, size: int = 8, seed: int = 0) -> dict:
    rng = np.random.default_rng(seed)
    images = {name: rng.uniform(-1, 1, (count, size, size, 1)) for name in ("image", "reference", "reference2")}
    domains = {name: rng.integers(0, 2, count).astype("int32") for name in ("domain", "reference_domain")}
    hands = {"writer": np.arange(count) % 3, "nib": np.linspace(-1, 1, count, dtype="float32")}
    samples = {
        "samples": tf.constant(rng.uniform(-1, 1, (count, 3, size, size, 1)), tf.float32),
        "sample_characters": rng.integers(0, 2, (count, 3)).astype("int32"),
        "sample_mask": (np.arange(3) < rng.integers(1, 4, (count, 1))).astype("float32"),
    }
    return {name: tf.constant(image, tf.float32) for name, image in images.items()} | domains | hands | samples


def as_made(trainer: StarGANTrainer, values: list[np.ndarray]) -> StarGANTrainer:
    """The trainer with the state that it had when it was made; making one takes a second."""
    restore(trainer, values)
    trainer.reset_metrics()
    return trainer


def restore(trainer: StarGANTrainer, values: list[np.ndarray]) -> None:
    for variable, value in zip(trainer.state_variables, values, strict=True):
        variable.assign(value)


def parameters(network: keras.Model) -> int:
    return sum(int(np.prod(weight.shape)) for weight in network.trainable_variables)


def fresh_trainer(
    train_config: StarGANTrainConfig = TRAINING, writer_count: int = 0, config: StarGANConfig = TINY
) -> StarGANTrainer:
    """A trainer as it is made."""
    keras.utils.set_random_seed(0)
    return StarGANTrainer(config, train_config, writer_count, seed=5)
