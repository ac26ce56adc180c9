"""What the trainings share whose networks draw a character from a hand code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from keras import ops

from tfhand.models.common.discriminator import GlyphDiscriminator
from tfhand.models.common.networks import CodeNetworks
from tfhand.training.lazy import LazyTerm, Tensor, Terms
from tfhand.training.losses import discriminator_loss, logit_margin
from tfhand.training.trainer import GAN, mismatched_labels


class CodeGANTrainer(GAN):
    """A trainer with a `GlyphDiscriminator`: is a glyph this character, and is it by this writer.

    Args:
        networks: that write, built.
        discriminator: built, for as many writers.
        train_config: weights and rates.
        writer_count: how many writers the discriminator knows; 0 leaves the second question out.
        metric_names: as `GAN`.
        seed: of all noise drawn in training.
    """

    discriminator: GlyphDiscriminator

    def __init__(
        self,
        networks: CodeNetworks,
        discriminator: GlyphDiscriminator,
        train_config: Any,
        writer_count: int,
        metric_names: Iterable[str],
        seed: int = 0,
    ):
        super().__init__(networks, discriminator, metric_names, ema_decay=train_config.ema_decay, seed=seed)
        self.config, self.train_config, self.writer_count = networks.config, train_config, writer_count
        self.group = discriminator.group or 1

    def writer_labels(self, glyphs: Mapping) -> tuple:
        """What the discriminator is asked about the writer: (writer, transform), or nothing where there are none."""
        return (glyphs["writer"], glyphs["transform"]) if self.writer_count else ()

    def features(self, images: Tensor) -> tuple[list[Tensor], Tensor]:
        """What the discriminator judges images (B, S, S, 1) by: `GlyphDiscriminator.features`."""
        return self.forward(self.discriminator.features, images, group=self.group)

    def discriminator_loss(
        self, glyphs: Mapping, real: Tensor, written: Tensor, mismatched: bool = False, relativistic: bool = False
    ) -> tuple[Tensor, Terms]:
        """The discriminator's loss at real glyphs, written ones, and real ones with another writer's label.

        The `gradient_penalty` is not in it.

        Args:
            glyphs: as `flat_glyphs` gives them; writer and transform are needed only where there are writers.
            real, written: (B, S, S, 1) as the discriminator is shown them.
            mismatched: count real glyphs with the label of another character as fakes as well.
            relativistic: compare every real glyph with a fake one. RpGAN, Huang et al. 2024 (arXiv 2501.05441),
                section 2, which keeps the gradient small at both.

        Returns:
            (total, named terms), among the terms "margin" (B,) of the real glyphs, as `logit_margin` has it.
        """
        config, discriminator, characters = self.train_config, self.discriminator, glyphs["character"]
        own = self.writer_labels(glyphs)
        of_real, of_written = (self.features(images)[1] for images in (real, written))  # apart: groups
        hand = None
        if own:
            (writer, transform), is_hand = own, discriminator.is_hand
            another, its_transform = (ops.roll(each, config.targets, axis=0) for each in own)  # the batch's next writer
            hand = (
                is_hand(of_real, writer, transform, characters),
                is_hand(of_written, writer, transform, characters),
                is_hand(of_real, another, its_transform, characters),
            )
        logits, fake = (discriminator.is_character(each, characters) for each in (of_real, of_written))
        real_rival, fake_rival = (fake, logits) if relativistic else (0.0, 0.0)
        wrong = None
        if mismatched:
            labels, mask = mismatched_labels(characters)
            wrong = discriminator.is_character(of_real, labels) - fake_rival, mask
        logits, fake = logits - real_rival, fake - fake_rival
        total, terms = discriminator_loss(logits, fake, None, config, mismatched=wrong, hand=hand)
        return total, {**terms, "margin": logit_margin(logits, None if relativistic else wrong)}  # pairs are even at 0

    def gradient_penalty(self, glyphs: Mapping, *images: Tensor) -> LazyTerm:
        """R1 of the discriminator's answers at images (B, S, S, 1) of these glyphs: real ones, or written ones as well.

        Args:
            glyphs: as for `discriminator_loss`.
            *images: as the discriminator is shown them.
        """
        config, discriminator, characters = self.train_config, self.discriminator, glyphs["character"]
        counted = self.writer_labels(glyphs) if config.same_writer else ()  # what weighs nothing may be steep
        return self.lazy_r1(discriminator, images, config.r1, config.r1_every, (characters, *counted))


def flat_glyphs(batch: Mapping) -> dict:
    """A `HandStream`'s batch glyph by glyph: image (B, S, S, 1), character (B,), writer (B,) and transform (B, 4)."""
    hands, targets = batch["characters"].shape
    return {
        "image": ops.reshape(batch["targets"], (hands * targets, *batch["targets"].shape[2:])),
        "character": ops.reshape(batch["characters"], (-1,)),
        "writer": ops.repeat(batch["writer"], targets, axis=0),
        "transform": ops.repeat(batch["transform"], targets, axis=0),
    }
