"""Training StarGAN v2: the paper's four phases in one step (arXiv 1912.01865, section 3 and appendix).

As published, nothing says that a person's 2 rewritten as a 4 must look like that person's 4. With `same_writer` in its
configuration the discriminator is asked that too: a real letter of the person is real, a generated one fake, and so is
a real letter of another person. In all four phases the hand asked for is that of the image that was rewritten: G sees
an image and a style and cannot know whether the style came from noise or from somebody's reference, so both must be
held to the same. The image then carries the hand, thickness included, and the style what freedom the hand leaves.

Where the style encoder sees several letters of a person (`references` in the networks' configuration, beyond the paper
as well), the style carries the hand: that of these letters is asked for when it comes from them, and none when it comes
from noise. Then E learns in the fourth phase too, since in the others it sees one letter at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from tfhand.core.config import as_json
from tfhand.models.stargan.config import StarGANConfig, StarGANTrainConfig
from tfhand.models.stargan.discriminator import Discriminator
from tfhand.models.stargan.losses import translation_loss
from tfhand.models.stargan.networks import StarGAN
from tfhand.training.backend import input_gradient
from tfhand.training.grid import tile
from tfhand.training.losses import discriminator_loss, r1_penalty
from tfhand.training.trainer import GAN

DISCRIMINATOR_TERMS = ("real", "fake", "r1")
GENERATOR_TERMS = ("adversarial", "style", "diversity", "cycle")
HAND_DISCRIMINATOR_TERMS = ("hand_real", "hand_fake", "hand_other")
HAND_GENERATOR_TERMS = ("hand",)
NEVER = -100.0  # the logit of what is no question: it loses nothing by being called a fake


class StarGANTrainer(GAN):
    """Trains StarGAN v2 on batches {image, domain, reference, reference2, reference_domain}.

    image, reference and reference2 are floats in [-1, 1] of shape (B, S, S, 1), the references two images of the same
    character reference_domain; domain and reference_domain are whole numbers of shape (B,). With the same-writer term
    also {writer, nib} of image: whole numbers below `writer_count` and floats, both of shape (B,). With a style encoder
    that sees several letters {samples, sample_characters, sample_mask} of the person who wrote image take the place of
    reference and reference2; see `DomainStream`.

    Args:
        config: sizes of the networks.
        train_config: weights of the losses, rates and decays.
        writer_count: how many writers the batches number; needed for the same-writer term only.
        seed: of the noise drawn in training.

    Raises:
        ValueError: the same-writer term without two writers.
    """

    networks: StarGAN
    discriminator: Discriminator

    def __init__(self, config: StarGANConfig, train_config: StarGANTrainConfig, writer_count: int = 0, seed: int = 0):
        if train_config.same_writer and writer_count < 2:
            raise ValueError(f"same_writer compares people and needs two writers or more, not {writer_count}.")
        super().__init__(
            StarGAN(**as_json(config)),
            Discriminator(config, writer_count if train_config.same_writer else 0),
            _metric_names(train_config, {"reference"} if config.references > 1 else {"latent", "reference"}),
            ema_decay=train_config.ema_decay,
            seed=seed,
        )
        self.config, self.train_config = config, train_config
        self.sees_several = config.references > 1
        self.diversity_ramp = self.add_weight(name="diversity_ramp", shape=(), initializer="ones", trainable=False)
        for name, network, rate in (
            ("discriminator", self.discriminator, train_config.learning_rate),
            ("generator", self.networks.generator, train_config.learning_rate),
            ("mapping_network", self.networks.mapping_network, train_config.mapping_rate),
            ("style_encoder", self.networks.style_encoder, train_config.learning_rate),
        ):
            self.add_optimizer(name, network.trainable_variables, rate, train_config.beta_1, train_config.beta_2)

    @property
    def auxiliary(self) -> dict[str, keras.Model]:
        """The discriminator, where it knows no writers: others would have other numbers."""
        return {} if self.train_config.same_writer else {"discriminator": self.discriminator}

    def optimize(self, batch: Mapping) -> dict:
        """Discriminator with latent, then with reference; generator with latent (with F and E), then with reference."""
        target, networks = batch["reference_domain"], self.networks
        count, latent_size = ops.shape(target)[0], self.config.latent_size
        latent, latent2 = self.normal(count, latent_size), self.normal(count, latent_size)
        values = {"diversity_weight": self.train_config.diversity * self.diversity_ramp}

        def from_latent(noise=latent):
            return self.forward(networks.map_latent, noise, target)

        def from_reference(second=False):
            return self.style_of_reference(batch, second)

        values |= self.train_discriminator("latent", batch, from_latent())
        values |= self.train_discriminator("reference", batch, from_reference())
        moved = ["generator", "mapping_network", "style_encoder"]
        values |= self.train_generator("latent", batch, from_latent, from_latent(latent2), moved)
        moved = ["generator", "style_encoder"] if self.sees_several else ["generator"]
        values |= self.train_generator("reference", batch, from_reference, from_reference(second=True), moved)
        self.update_ramp()
        ways, sides = ("latent", "reference"), ("discriminator", "generator")
        return {"loss": sum(values[f"{way}_{side}"] for way in ways for side in sides), **values}

    def style_of_reference(self, batch: Mapping, second: bool) -> Any:
        """Style (B, style_size) of references for the character wanted, or of second ones, those of somebody else."""
        target = batch["reference_domain"]
        if not self.sees_several:
            reference = batch["reference2" if second else "reference"]
            return self.forward(self.networks.encode_style, reference, target)
        given = [batch[name] for name in ("samples", "sample_characters", "sample_mask")]
        images, characters, mask = (ops.roll(each, 1, axis=0) for each in given) if second else given
        return self.forward(self.networks.encode_hand, images, characters, mask, target)

    def asks_hand(self, way: str) -> bool:
        """Whether generated letters must be in the batch's hand: a style that carries it and is noise is nobody's."""
        return bool(self.train_config.same_writer) and not (self.sees_several and way == "latent")

    def update_ramp(self) -> None:
        """The factor on the weight of style diversity: from 1 straight down to 0 at `diversity_steps`, then 0."""
        passed = ops.cast(self.step + 1, "float32") / self.train_config.diversity_steps
        self.diversity_ramp.assign(ops.maximum(0.0, 1.0 - passed))

    def train_discriminator(self, way: str, batch: Mapping, style: Any) -> dict:
        """One step of D on the real images and on fakes in `style` (B, style_size); gives the terms, named by `way`."""
        fake, own = self.forward(self.networks.translate, batch["image"], style), self.hand_labels(batch)

        def loss():
            real, gradient = self.forward(self.logits_and_gradient, batch["image"], batch["domain"], *own)
            judged = self.forward(self.logits, fake, batch["reference_domain"], *own)
            hand = None
            if self.train_config.same_writer:
                made = judged[:, 1] if self.asks_hand(way) else ops.full_like(judged[:, 1], NEVER)
                hand = real[:, 1], made, self.logits_of_another(batch)
            return discriminator_loss(real[:, 0], judged[:, 0], r1_penalty(gradient), self.train_config, hand=hand)

        total, terms = self.minimize(loss, discriminator=self.discriminator.trainable_variables)
        return {f"{way}_discriminator": total} | {f"{way}_{name}": term for name, term in terms.items()}

    def hand_labels(self, batch: Mapping) -> tuple:
        """The writer and nib that the discriminator is asked about; nothing without the same-writer term."""
        return (batch["writer"], batch["nib"]) if self.train_config.same_writer else ()

    def logits(self, image: Any, domain: Any, *own: Any) -> Any:
        """Logits (B, 1), or (B, 2) with `hand_labels`: a real image of `domain`? by this hand?"""
        features = self.discriminator.features(image)
        logits = [self.discriminator.is_character(features, domain)]
        if own:
            writer, nib = own
            logits.append(self.discriminator.is_hand(features, writer, nib, domain))
        return ops.stack(logits, axis=-1)

    def logits_and_gradient(self, image: Any, domain: Any, *own: Any) -> tuple[Any, Any]:
        """The `logits`, and the gradient (B, S, S, 1) of their sum by the image."""
        return input_gradient(lambda x: self.logits(x, domain, *own), image)

    def logits_of_another(self, batch: Mapping) -> Any:
        """Logits (B,): is it the hand of the batch's next writer? `NEVER` where that is the same one."""
        other = ops.roll(batch["writer"], 1)
        features = self.forward(self.discriminator.features, batch["image"])
        logits = self.discriminator.is_hand(features, other, batch["nib"], batch["domain"])
        return ops.where(ops.equal(other, batch["writer"]), NEVER, logits)

    def train_generator(
        self, way: str, batch: Mapping, first_style: Callable, second_style: Any, moved: Sequence[str]
    ) -> dict:
        """One step of the networks named in `moved`.

        Args:
            way: "latent" or "reference", the front of the terms' names.
            batch: as for `optimize`.
            first_style: gives the style asked for, (B, style_size), inside the gradient.
            second_style: (B, style_size), of the image that the first is to differ from.
            moved: names of networks, which are also those of their optimizers.
        """
        networks, image, target = self.networks, batch["image"], batch["reference_domain"]
        # Only the first image is pushed away from the second: as good as both, and a third cheaper.
        other, own = self.forward(networks.translate, image, second_style), self.hand_labels(batch)

        def loss():
            style = first_style()
            fake = self.forward(networks.translate, image, style)
            restored = self.forward(self.restore, fake, image, batch["domain"])
            judged = self.forward(self.logits, fake, target, *own)
            return translation_loss(
                judged[:, 0],
                self.train_config,
                style=(style, self.forward(networks.encode_style, fake, target)),
                diversity=(fake, other),
                cycle=(image, restored),
                hand=judged[:, 1] if self.asks_hand(way) else None,
                diversity_ramp=self.diversity_ramp,
            )

        total, terms = self.minimize(loss, **{name: getattr(networks, name).trainable_variables for name in moved})
        return {f"{way}_generator": total} | {f"{way}_{name}": term for name, term in terms.items()}

    def restore(self, fake: Any, image: Any, domain: Any) -> Any:
        """Translations of images (B, S, S, 1) of characters (B,), translated back into these and their own style."""
        return self.networks.translate(fake, self.networks.encode_style(image, domain))

    def sample_grid(self, batch: Mapping, columns: int = 10, rows: int = 4) -> np.ndarray:
        """First row: images. Then `rows` references, each followed by the images rewritten in its style and character.

        Then as many rows of the same characters in random hands. Nothing of the training's state is changed.
        """
        images = np.asarray(batch["image"])[:columns]
        columns, rows = len(images), min(rows, len(images))
        references, domain = np.asarray(batch["reference"])[:rows], np.asarray(batch["reference_domain"])[:rows]
        latent = keras.random.normal((rows, self.config.latent_size), seed=self.seed)
        styles = ops.concatenate(
            [
                self.ema.encode_style(references, domain),
                self.ema.map_latent(latent, domain),
            ]
        )  # (2 rows, style_size)
        written = self.ema.translate(np.tile(images, (2 * rows, 1, 1, 1)), ops.repeat(styles, columns, axis=0))
        written = np.asarray(ops.convert_to_numpy(written)).reshape(2 * rows, *images.shape)
        blank = np.full((1, *images.shape[1:]), -1, np.float32)
        first = np.concatenate([blank, references, np.repeat(blank, rows, axis=0)])
        grid = np.concatenate([first[:, None], np.concatenate([images[None], written])], axis=1)
        return tile(grid)


def _metric_names(train_config: StarGANTrainConfig, asked: Collection[str]) -> list[str]:
    """Of all terms; `asked` are the ways in which generated letters must be in a hand."""
    names = []
    for way in ("latent", "reference"):
        terms = ["discriminator", *DISCRIMINATOR_TERMS, "generator", *GENERATOR_TERMS]
        if train_config.same_writer:
            terms += [*HAND_DISCRIMINATOR_TERMS, *(HAND_GENERATOR_TERMS if way in asked else ())]
        names += [f"{way}_{term}" for term in terms]
    return [*names, "diversity_weight"]
