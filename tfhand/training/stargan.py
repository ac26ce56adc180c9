"""Training StarGAN v2: the paper's four phases in one step (arXiv 1912.01865, section 3 and appendix)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import keras
import numpy as np
from keras import ops

from tfhand.families import StarGANSettings, StarGANTraining
from tfhand.losses import discriminator_loss, generator_loss
from tfhand.models.stargan import Discriminator, StarGAN
from tfhand.training.gan import GAN, tile
from tfhand.training.gradients import input_gradient

CRITIC_TERMS = ("real", "fake", "r1")
GENERATOR_TERMS = ("adversarial", "style", "diversity", "cycle")


class StarGANTrainer(GAN):
    """Trains StarGAN v2 on batches {image, domain, reference, reference2, reference_domain}.

    image, reference and reference2 are floats in [-1, 1] of shape (B, S, S, 1), the references two images of the same
    character reference_domain; domain and reference_domain are whole numbers of shape (B,).

    Args:
        settings: sizes of the networks.
        training: weights of the losses, rates and decays.
        seed: of the noise drawn in training.
    """

    def __init__(self, settings: StarGANSettings, training: StarGANTraining | None = None, seed: int = 0, **kwargs):
        training = training or StarGANTraining()
        names = [f"{way}_{term}" for way in ("latent", "reference") for term in ("critic", *CRITIC_TERMS)]
        names += [f"{way}_{term}" for way in ("latent", "reference") for term in ("generator", *GENERATOR_TERMS)]
        super().__init__(
            StarGAN(settings),
            Discriminator(settings),
            metric_names=[*names, "diversity_weight"],
            average_decay=training.average_decay,
            seed=seed,
            **kwargs,
        )
        self.settings, self.plan = settings, training
        self.diversity_ramp = self.add_weight(name="diversity_ramp", shape=(), initializer="ones", trainable=False)
        for name, network, rate in (
            ("discriminator", self.discriminator, training.learning_rate),
            ("generator", self.networks.generator, training.learning_rate),
            ("mapping_network", self.networks.mapping_network, training.mapping_rate),
            ("style_encoder", self.networks.style_encoder, training.learning_rate),
        ):
            self.add_optimizer(name, network.trainable_variables, rate, training.beta_1, training.beta_2)

    def train_step(self, batch: Mapping) -> dict:
        """Discriminator with latent, then with reference; generator with latent (with F and E), then with reference."""
        target, networks = batch["reference_domain"], self.networks
        count, latent_size = ops.shape(target)[0], self.settings.latent_size
        latent, latent2 = self.normal(count, latent_size), self.normal(count, latent_size)
        values = {"diversity_weight": self.plan.diversity * self.diversity_ramp}

        def from_latent(noise=latent):
            return networks.map_latent(noise, target)

        def from_reference(reference=batch["reference"]):
            return networks.encode_style(reference, target)

        values |= self.train_discriminator("latent", batch, from_latent())
        values |= self.train_discriminator("reference", batch, from_reference())
        moved = ["generator", "mapping_network", "style_encoder"]
        values |= self.train_generator("latent", batch, from_latent, from_latent(latent2), moved)
        second = from_reference(batch["reference2"])
        values |= self.train_generator("reference", batch, from_reference, second, ["generator"])

        self.update_average()
        self.steps.assign_add(1)
        self.update_ramp()
        values["loss"] = sum(
            values[f"{way}_{side}"] for way in ("latent", "reference") for side in ("critic", "generator")
        )
        return self.record(values)

    def update_ramp(self) -> None:
        """The factor on the weight of style diversity: from 1 straight down to 0 at `diversity_steps`, then 0."""
        passed = ops.cast(self.steps, "float32") / self.plan.diversity_steps
        self.diversity_ramp.assign(ops.maximum(0.0, 1.0 - passed))

    def train_discriminator(self, way: str, batch: Mapping, style) -> dict:
        """One step of D on the real images and on fakes in `style` (B, style_size); gives the terms, named by `way`."""
        fake = self.networks.translate(batch["image"], style)

        def loss():
            real_logits, gradient = input_gradient(lambda x: self.discriminator(x, batch["domain"]), batch["image"])
            fake_logits = self.discriminator(fake, batch["reference_domain"])
            return discriminator_loss(real_logits, fake_logits, gradient, self.plan)

        total, terms = self.apply(self.optimizers["discriminator"], loss, self.discriminator.trainable_variables)
        return {f"{way}_critic": total} | {f"{way}_{name}": term for name, term in terms.items()}

    def train_generator(self, way: str, batch: Mapping, first_style, second_style, moved: list[str]) -> dict:
        """One step of the networks named in `moved`.

        Args:
            way: "latent" or "reference", the front of the terms' names.
            batch: as for train_step.
            first_style: gives the style asked for, (B, style_size), inside the gradient.
            second_style: (B, style_size), of the image that the first is to differ from.
            moved: names of networks, which are also those of their optimizers.
        """
        networks, image, target = self.networks, batch["image"], batch["reference_domain"]
        # Only the first image is pushed away from the second: as good as both, and a third cheaper.
        other = networks.translate(image, second_style)

        def loss():
            style = first_style()
            fake = networks.translate(image, style)
            restored = networks.translate(fake, networks.encode_style(image, batch["domain"]))
            return generator_loss(
                self.discriminator(fake, target),
                self.plan,
                style=(style, networks.encode_style(fake, target)),
                diversity=(fake, other),
                cycle=(image, restored),
                diversity_ramp=self.diversity_ramp,
            )

        groups = [getattr(networks, name).trainable_variables for name in moved]
        total, terms = self.apply([self.optimizers[name] for name in moved], loss, groups)
        return {f"{way}_generator": total} | {f"{way}_{name}": term for name, term in terms.items()}

    def sample_grid(self, batch: Mapping, columns: int = 10, rows: int = 4) -> np.ndarray:
        """First row: images. Then `rows` references, each followed by the images rewritten in its style and character.

        Then as many rows of the same characters in random hands. Nothing of the training's state is changed.
        """
        images = np.asarray(batch["image"])[:columns]
        columns, rows = len(images), min(rows, len(images))
        references, domain = np.asarray(batch["reference"])[:rows], np.asarray(batch["reference_domain"])[:rows]
        latent = keras.random.normal((rows, self.settings.latent_size), seed=self.seed)
        styles = ops.concatenate(
            [
                self.averaged.encode_style(references, domain),
                self.averaged.map_latent(latent, domain),
            ]
        )  # (2 rows, style_size)
        written = self.averaged.translate(np.tile(images, (2 * rows, 1, 1, 1)), ops.repeat(styles, columns, axis=0))
        written = np.asarray(ops.convert_to_numpy(written)).reshape(2 * rows, *images.shape)
        blank = np.full((1, *images.shape[1:]), -1, np.float32)
        first = np.concatenate([blank, references, np.repeat(blank, rows, axis=0)])
        grid = np.concatenate([first[:, None], np.concatenate([images[None], written])], axis=1)
        return tile(grid)

    def get_config(self):
        return {"settings": asdict(self.settings), "training": asdict(self.plan), "seed": self.seed}

    @classmethod
    def from_config(cls, config):
        return cls(StarGANSettings(**config["settings"]), StarGANTraining(**config["training"]), config["seed"])
