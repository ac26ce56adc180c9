"""Training StyleGAN2 with a character to each image, and an encoder that follows it.

Karras et al. 2020 (arXiv 1912.04958): non-saturating loss, lazy R1 and lazy path length regularization, style mixing
(arXiv 1812.04948, section 3.1) and, as the first of them did, growing from small images to large ones if asked. Not in
the papers: letters of one z can be held against letters of one person, real ones of two people counting as fakes.
"""

from __future__ import annotations

from collections.abc import Mapping

import keras
import numpy as np
from keras import ops

from tfhand.core.config import as_json
from tfhand.models.stylegan.config import TRUNCATION, StyleGANConfig, StyleGANTrainConfig
from tfhand.models.stylegan.discriminator import SameWriterDiscriminator, StyleDiscriminator
from tfhand.models.stylegan.losses import path_length_penalty, path_lengths, style_error
from tfhand.models.stylegan.networks import StyleGAN
from tfhand.nn.precision import as_float32
from tfhand.nn.resampling import downsample2x, upsample2x
from tfhand.training.augmentation import Augmentation
from tfhand.training.backend import input_gradient
from tfhand.training.grid import tile
from tfhand.training.lazy import LazyTerm
from tfhand.training.losses import discriminator_loss, generator_loss, logit_margin, multiscale_l1
from tfhand.training.trainer import GAN, mismatched_labels

METRICS = ("adversarial", "real", "fake", "mismatched", "r1", "augmentation", "style", "pixels")
PATH_METRICS = ("path", "path_mean")
HAND_METRICS = ("hand", "hand_real", "hand_fake", "hand_other")
MEAN_DRAWS = 4  # latents a step, the same for all characters, that the mean styles follow
ROWS = 8  # hands in them


class StyleGANTrainer(GAN):
    """Trains a `StyleGAN` on batches {"image": (B, S, S, 1) in [-1, 1], "character": (B,)}.

    Where `train_config.same_writer` is not 0 they are those of a `ParallelWritersStream`.

    Args:
        config: of the networks.
        train_config: weights, rates and shares.
        seed: of all noise drawn in training.
    """

    more_metrics: tuple[str, ...] = ()  # of a subclass

    def __init__(self, config: StyleGANConfig, train_config: StyleGANTrainConfig, seed: int = 0):
        super().__init__(
            StyleGAN(**as_json(config)),
            StyleDiscriminator(config, train_config.grow_steps > 0, train_config.group),
            METRICS
            + (PATH_METRICS if train_config.path_length else ())
            + (HAND_METRICS if train_config.same_writer else ())
            + self.more_metrics,
            ema_decay=train_config.ema_decay,
            seed=seed,
        )
        self.config, self.train_config, self.group = config, train_config, train_config.group
        self.same_writer_discriminator = (
            SameWriterDiscriminator(config, train_config.targets) if train_config.same_writer else None
        )
        self.targets = (
            train_config.targets if train_config.same_writer else 1
        )  # letters of one hand, next to each other
        self.neighbours = self.targets
        self.augmentation = Augmentation(train_config.augment_target, seed, train_config.augment_steps)
        self.path_mean = self.add_weight(name="path_mean", shape=(), initializer="zeros", trainable=False)
        networks = self.networks
        self.drawing = networks.mapping_network.trainable_variables + networks.generator.trainable_variables
        self._add_lazy("networks", self.drawing, train_config.learning_rate, train_config.path_every)
        self.judging = [each for network in self.auxiliary.values() for each in network.trainable_variables]
        self._add_lazy("discriminator", self.judging, train_config.discriminator_learning_rate, train_config.r1_every)
        self.add_optimizer(
            "encoder", networks.encoder.trainable_variables, train_config.encoder_learning_rate, beta_1=0.9
        )

    @property
    def auxiliary(self) -> dict[str, keras.Model]:
        own = {"discriminator": self.discriminator}
        if self.same_writer_discriminator:
            own["same_writer_discriminator"] = self.same_writer_discriminator
        return own

    def _add_lazy(self, name: str, variables: list, learning_rate: float, every: int) -> None:
        """An Adam slowed as if lazy regularization were steps of its own (Karras et al. 2020, appendix B)."""
        share = every / (every + 1)
        self.add_optimizer(name, variables, learning_rate * share, beta_1=0.0, beta_2=0.99**share)

    def optimize(self, batch: Mapping) -> dict:
        """The generator's step, the discriminators' on the same images, then the encoder's."""
        images, characters = batch["image"], batch["character"]
        mixture, noise = self._draw_mixture(characters), self.normal(characters.shape[0], self.config.noise_size)
        generated, terms = self.minimize(
            lambda: self._generator_loss(batch, mixture, noise),
            self._lazy_path_length(characters, mixture),
            **self._generating(),
        )
        if self.train_config.path_length:
            self.path_mean.assign(terms["path_mean"])
        real, drawn = self._shown(self._at_size(images)), self._shown(ops.stop_gradient(terms.pop("drawn")))
        judged, more = self.minimize(
            lambda: self._discriminator_loss(real, drawn, batch),
            self._lazy_r1(real, characters),
            discriminator=self.judging,
        )
        encoded, found = self.minimize(
            lambda: self._encoder_loss(images, characters), encoder=self.networks.encoder.trainable_variables
        )
        margin = more.pop("margin")
        if self.train_config.augment_target:
            self.augmentation.update(margin)
        self._update_means()
        total = generated + judged + encoded
        return {"loss": total, **terms, **more, **found, "augmentation": self.augmentation.probability}

    def _generating(self) -> dict[str, list]:
        """What the generator's loss moves, by the name of an optimizer."""
        return {"networks": self.drawing}

    def _generator_loss(self, batch, mixture, noise):
        characters = batch["character"]
        drawn = self._synthesize(self._mixed_styles(characters, *mixture), characters, noise)
        total, terms = self._judged(drawn, batch)
        return total, {**terms, "drawn": drawn}

    def _judged(self, drawn, batch):
        """What the discriminators make of drawn images, as the generator's loss and its named terms."""
        features, hand = self._features(self._shown(drawn)), None
        if self.same_writer_discriminator:
            hand = self._is_drawn_hand(self.same_writer_discriminator(features, batch["character"]), batch)
        judged = self.discriminator.is_character(features, batch["character"])
        return generator_loss(judged, self.train_config, hand=hand)

    def _is_drawn_hand(self, drawn, batch, real=None):
        """Logits (B,): are drawn letters in the hand that they were drawn in? They are held against each other.

        Args:
            drawn: their embeddings.
            batch: of the people's letters.
            real: the embeddings of these, where they are known.
        """
        return self.same_writer_discriminator.is_hand(drawn)

    def _synthesize(self, *known):
        """Images (B, S, S, 1) as far as the generator has grown, by styles, characters and, if given, noise."""
        fade = self._fade()
        return self.forward(lambda *known: self.networks.synthesize(*known, fade=fade), *known)

    def _features(self, images):
        """What the discriminators judge images (B, S, S, 1) by."""
        fade = self._fade()
        return self.forward(lambda images: self.discriminator.features(images, fade), images, group=self.group)

    def _draw_mixture(self, characters):
        """Two latents (B, latent_size) for each letter, and the layer (B,) at which a share of the hands change."""
        count, size, layers = characters.shape[0] // self.targets, self.config.latent_size, self.networks.layer_count
        latents = [ops.repeat(self.normal(count, size), self.targets, axis=0) for _ in range(2)]
        crossover = keras.random.randint((count,), 1, layers, seed=self.random)
        mixes = keras.random.uniform((count,), seed=self.random) < self.train_config.mixing
        return *latents, ops.repeat(ops.where(mixes, crossover, layers), self.targets, axis=0)

    def _mixed_styles(self, characters, first, second, crossover):
        """Styles (B, layers, style_size) of the first latents, and of the second ones from layer `crossover` on."""
        first, second = (self.networks.map(latent, characters) for latent in (first, second))
        return self.networks.mix(first, second, crossover)

    def _fade(self):
        """How much of each size is to be seen by now, (sizes,) in [0, 1]; None if everything always is.

        Rest and growth take turns: after `grow_steps` at 4 x 4 pixels, 8 x 8 are faded in for as many, and so on.
        """
        if not self.train_config.grow_steps:
            return None
        turns = ops.cast(self.step, "float32") / self.train_config.grow_steps
        return ops.clip(turns + 1 - 2 * ops.arange(len(self.config.generator_widths), dtype="float32"), 0.0, 1.0)

    def _shown(self, images):
        """What the discriminator is shown of images, real and drawn alike: augmented ones."""
        return self.augmentation(images) if self.train_config.augment_target else images

    def _is_hand(self, features, characters):
        """Logits (B,): did one person write these letters, hand by hand? None where that is not asked."""
        if not self.same_writer_discriminator:
            return None
        return self.same_writer_discriminator.is_hand(self.same_writer_discriminator(features, characters))

    def _all_logits(self, images, characters):
        """The logits of all questions at images as they are shown, added up, (B,)."""
        features = self.discriminator.features(images, self._fade())
        logits, hand = self.discriminator.is_character(features, characters), self._is_hand(features, characters)
        return logits if hand is None else logits + hand

    def _lazy_path_length(self, characters, mixture) -> LazyTerm | None:
        """Path length regularization of half a batch, which also moves the running mean; None if it weighs nothing."""
        train_config, mean = self.train_config, ops.convert_to_tensor(self.path_mean)
        if not train_config.path_length:
            return None
        half, count, fade = -(-characters.shape[0] // 2), self.config.image_size**2, self._fade()
        networks = self.networks
        characters, mixture = characters[:half], [each[:half] for each in mixture]
        noise = self.normal(half, self.config.noise_size)
        random = self.normal(half, count) / count**0.5  # y; lengths do not depend on the size

        def gradient(styles, characters, noise, random):
            def projected(styles):
                drawn = as_float32(networks.synthesize(styles, characters, noise, fade))
                return ops.sum(ops.reshape(drawn, random.shape) * random, axis=1)

            return input_gradient(projected, styles)[1]

        def loss():
            styles = self._mixed_styles(characters, *mixture)
            lengths = path_lengths(self.forward(gradient, styles, characters, noise, random))
            decay = ops.where(mean > 0, train_config.path_decay, 1.0)  # the first mean is the first lengths'
            moved = mean + decay * (ops.stop_gradient(ops.mean(lengths)) - mean)
            penalty = train_config.path_every * path_length_penalty(lengths, moved)
            return train_config.path_length * penalty, {"path": penalty, "path_mean": moved}

        return LazyTerm(loss, {"path": ops.zeros(()), "path_mean": mean}, train_config.path_every)

    def _lazy_r1(self, images, characters) -> LazyTerm:
        """R1 of all questions at real images as they are shown."""
        config = self.train_config
        return self.lazy_r1(self._all_logits, [images], config.r1, config.r1_every, [characters])

    def _discriminator_loss(self, images, drawn, batch):
        """Of the batch's images, and drawn ones, as they are shown; R1 is not in it."""
        judge, characters = self.discriminator, batch["character"]
        right, other = (self._features(each) for each in (images, drawn))
        real, wrong = judge.is_character(right, characters), None
        if self.train_config.mismatched:
            labels, mask = mismatched_labels(characters)
            wrong = judge.is_character(right, labels), mask
        fake, hand = judge.is_character(other, characters), None
        if self.same_writer_discriminator:
            is_hand = self.same_writer_discriminator.is_hand
            embeddings, of_drawn = (self.same_writer_discriminator(each, characters) for each in (right, other))
            of_next = ops.roll(
                embeddings, embeddings.shape[0] // self.train_config.group, axis=0
            )  # writer of the same characters
            of_own = self._is_drawn_hand(of_drawn, batch, embeddings)
            hand = is_hand(embeddings), of_own, is_hand(embeddings, of_next)
        total, terms = discriminator_loss(real, fake, None, self.train_config, mismatched=wrong, hand=hand)
        return total, {**terms, "margin": logit_margin(real, wrong)}

    def _at_size(self, images):
        """Real images as coarse as those that are drawn by now (Karras et al. 2018, arXiv 1710.10196, figure 2)."""
        fade = self._fade()
        if fade is None:
            return images
        pyramid = [images]
        for _ in range(len(self.config.generator_widths) - 1):
            pyramid.append(downsample2x(pyramid[-1]))
        coarse = pyramid.pop()
        for size, fine in enumerate(reversed(pyramid), 1):
            coarse = upsample2x(coarse) + fade[size] * (fine - upsample2x(coarse))
        return coarse

    def _encoder_loss(self, images, characters):
        """The encoder finds the styles of drawn images, and redraws real ones; nothing else learns from it."""
        networks, count = self.networks, self.train_config.encoder_batch
        images, characters = images[:count], characters[:count]
        styles = networks.map(self.normal(count, self.config.latent_size), characters)
        drawn = self._synthesize(styles, characters, self.normal(count, self.config.noise_size))
        both = ops.concatenate([drawn, self._at_size(images)], axis=0)
        found = self.forward(networks.encode_styles, both, ops.concatenate([characters, characters], axis=0))
        reconstructed = self._synthesize(found[count:], characters)
        terms = {
            "style": style_error(found[:count], styles, networks.means(characters)),
            "pixels": multiscale_l1(reconstructed, images),
        }
        return terms["style"] + self.train_config.pixels * terms["pixels"], terms

    def _update_means(self) -> None:
        """The mean styles follow those of a few latents, the same for all characters, so that they differ alike."""
        means = self.networks.mean_styles
        count = means.shape[0]
        latent = ops.repeat(self.normal(MEAN_DRAWS, self.config.latent_size), count, axis=0)
        styles = self.networks.map(latent, ops.tile(ops.arange(count), [MEAN_DRAWS]))
        found = ops.mean(ops.reshape(styles, (MEAN_DRAWS, *means.shape)), axis=0)
        step = ops.cast(self.step, "float32")
        decay = ops.minimum(self.train_config.mean_decay, (1 + step) / (10 + step))
        means.assign(found + decay * (means - found))

    def sample_grid(self, batch: Mapping) -> np.ndarray:
        """Rows of random hands, the same at every call, that write the characters of the batch in columns.

        A row shares its z, and is drawn a little towards the means.
        """
        characters = np.unique(np.asarray(batch["character"]))
        rng = np.random.default_rng(self.seed)
        latent = rng.standard_normal((ROWS, self.config.latent_size)).astype(np.float32)
        latent, each = np.repeat(latent, len(characters), axis=0), np.tile(characters, ROWS)
        styles = self.ema.truncate(self.ema.map(latent, each), each, TRUNCATION)
        images = self.ema.synthesize(styles, each, fade=self._fade())
        return tile(ops.reshape(images, (ROWS, len(characters), *images.shape[1:])))
