"""The conditional GAN."""

from __future__ import annotations

from dataclasses import dataclass

from tfhand.core.charset import CHARACTERS
from tfhand.core.config import setting
from tfhand.models.common.checks import check_letters, check_sizes


@dataclass(frozen=True)
class CGANConfig:
    """The networks of the conditional GAN."""

    characters: str = setting(
        CHARACTERS, "what can be written, in order; a single one, without writers, makes it the plain GAN"
    )
    image_size: int = setting(32, "side of a glyph in pixels")
    writers: bool = setting(False, "asks for a person beside the character: a vector for everyone in the data")
    hand_size: int = setting(64, "numbers of a person's vector")
    transform_size: int = setting(
        4, "numbers that say how a letter was scanned (slant, stretch, rotation, nib), beside a person's vector"
    )
    noise_size: int = setting(32, "numbers drawn anew for every letter")
    character_size: int = setting(64, "numbers that stand for a character in the mapping network")
    style_size: int = setting(128, "numbers that the mapping network gives the generator")
    mapping_width: int = setting(192, "units of each of the mapping network's layers")
    mapping_depth: int = setting(3, "layers of the mapping network")
    generator_widths: tuple[int, ...] = setting(
        (128, 96, 64, 32), "channels of the generator from 4 x 4 pixels up, one for each doubling"
    )
    discriminator_widths: tuple[int, ...] = setting(
        (24, 64, 96, 128), "channels of the discriminator from full size down, one for each halving"
    )
    discriminator_features: int = setting(192, "features that the discriminator judges by")
    spatial_style: bool = setting(
        False, "lets the style change the learned form, place by place, as well as the channels of every size"
    )

    @property
    def code_size(self) -> int:
        """Numbers of a whole hand code; none where only the character is asked for."""
        return self.hand_size + self.transform_size if self.writers else 0

    def __post_init__(self):
        check_sizes(self)
        check_letters(self, 2 if self.writers else 1)  # a person is known by other characters than the one asked for


@dataclass(frozen=True)
class CGANTrainConfig:
    """How the conditional GAN is trained."""

    batch_size: int = setting(48, "letters in a step")
    targets: int = setting(3, "letters of each person in a batch, where writers are asked for")
    shares: tuple[float, ...] = setting((), "how often a letter comes from each data set, in the order of --data")
    validation: float = setting(0.15, "share of the writers of each data set that are held out")
    table_noise: float = setting(
        0.1, "standard deviation of the noise on a writer's vector, which keeps its neighbourhood writable"
    )
    adversarial: float = setting(1.0, "weight of 'is it this character'")
    same_writer: float = setting(1.0, "weight of 'is it this person's', where writers are asked for")
    verifier: str = setting(
        "",
        "preset by which a new person's hand is found, beside the pixels, where writers are asked for; "
        "nothing in training goes by it",
    )
    pixels: float = setting(
        2.0,
        "weight of the blurred difference to a real letter, the person's where writers are asked for, else "
        "the one that is reconstructed",
    )
    group: int = setting(
        4,
        "letters of one character in a batch that the discriminator compares, so that it notices one that is "
        "always drawn alike, where no writers are asked for; batch_size is a multiple of it",
    )
    mismatched: bool = setting(True, "counts real letters that are called another character as fakes as well")
    relativistic: bool = setting(
        False, "judges each real letter against a fake one of the same character (RpGAN), and has R1 at both"
    )
    reconstructed: float = setting(
        0.0,
        "share of a batch that is drawn from what an encoder finds in the real letters (CVAE-GAN), so that "
        "rare forms have their place in the noise, where no writers are asked for",
    )
    kl: float = setting(
        0.08, "weight of how far, in nats, what the encoder finds is from plain noise; grows with `pixels`"
    )
    r1: float = setting(0.5, "weight of R1")
    r1_every: int = setting(8, "steps from one R1 to the next")
    augment_target: float = setting(
        0.6,
        "how sure the discriminator may be of real letters before it is shown more altered ones, the mean "
        "sign of its logits; 0 switches augmentation off",
    )
    augment_steps: int = setting(10_000, "steps in which augmentation can go from none to all letters")
    learning_rate: float = setting(3e-4, "of generator and mapping network")
    table_learning_rate: float = setting(1e-2, "of the writers' vectors")
    discriminator_learning_rate: float = setting(4e-4, "of the discriminator")
    ema_decay: float = setting(0.999, "of the moving average of the weights")

    @property
    def hands(self) -> int:
        """People in a batch."""
        return self.batch_size // self.targets

    def __post_init__(self):
        check_sizes(self)
        if self.hands * self.targets != self.batch_size:
            raise ValueError(f"batch_size must be a multiple of targets, {self.targets}, not {self.batch_size}.")
        if self.reconstructed > 1:
            raise ValueError(f"reconstructed is a share, 1 at most, not {self.reconstructed:g}.")
