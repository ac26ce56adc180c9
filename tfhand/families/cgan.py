"""The conditional GAN."""

from __future__ import annotations

from dataclasses import dataclass

from tfhand.charset import CHARACTERS
from tfhand.families.sizes import check_groups, check_letters, check_sizes


@dataclass(frozen=True)
class CGANSettings:
    """The networks of the conditional GAN.

    Attributes:
        characters: what can be written, in order; a single one, without writers, makes it the plain GAN
        image_size: side of a glyph in pixels
        writers: asks for a person beside the character: a vector for everyone in the data
        hand_size: numbers of a person's vector
        form_size: numbers that say how a letter was scanned (slant, stretch, rotation, nib), beside a person's vector
        noise_size: numbers drawn anew for every letter
        character_size: numbers that stand for a character in the mapping network
        style_size: numbers that the mapping network gives the generator
        mapping_width: units of each of the mapping network's layers
        mapping_depth: layers of the mapping network
        generator_widths: channels of the generator from 4 x 4 pixels up, one for each doubling
        shaped: lets the style change the learned form, place by place, as well as the channels of every size
        discriminator_widths: channels of the discriminator from full size down, one for each halving
        judge_size: features that the discriminator judges by
    """

    characters: str = CHARACTERS
    image_size: int = 32
    writers: bool = False
    hand_size: int = 64
    form_size: int = 4
    noise_size: int = 32
    character_size: int = 64
    style_size: int = 128
    mapping_width: int = 192
    mapping_depth: int = 3
    generator_widths: tuple[int, ...] = (128, 96, 64, 32)
    discriminator_widths: tuple[int, ...] = (24, 64, 96, 128)
    judge_size: int = 192
    shaped: bool = False

    @property
    def code_size(self) -> int:
        """Numbers of a whole hand code; none where only the character is asked for."""
        return self.hand_size + self.form_size if self.writers else 0

    def __post_init__(self):
        check_sizes(self)
        check_letters(self, 2 if self.writers else 1)  # a person is known by other characters than the one asked for


@dataclass(frozen=True)
class CGANTraining:
    """How the conditional GAN is trained.

    Attributes:
        batch_size: letters in a step
        targets: letters of each person in a batch, where writers are asked for
        shares: how often a letter comes from each data set, in the order of --data
        validation: share of the writers of each data set that are held out
        table_noise: standard deviation of the noise on a writer's vector, which keeps its neighbourhood writable
        adversarial: weight of "is it this character"
        same_writer: weight of "is it this person's", where writers are asked for
        verifier: preset by which a new person's hand is found, beside the pixels, where writers are asked for; nothing
            in training goes by it
        pixels: weight of the blurred difference to a real letter, the person's where writers are asked for, else that
            which is redrawn
        group: letters of one character in a batch that the discriminator compares, so that it notices one that is
            always drawn alike, where no writers are asked for; batch_size is a multiple of it
        mismatched: counts real letters that are called another character as fakes as well
        relativistic: judges each real letter against a fake one of the same character (RpGAN), and has R1 at both
        redrawn: share of a batch that is drawn from what an encoder finds in the real letters (CVAE-GAN), so that rare
            forms have their place in the noise, where no writers are asked for
        divergence: weight of how far, in nats, what the encoder finds is from plain noise; grows with `pixels`
        r1: weight of R1
        r1_every: steps from one R1 to the next
        augment_target: how sure the discriminator may be of real letters before it is shown more altered ones, the mean
            sign of its logits; 0 switches augmentation off
        augment_steps: steps in which augmentation can go from none to all letters
        learning_rate: of generator and mapping network
        table_learning_rate: of the writers' vectors
        discriminator_learning_rate: of the discriminator
        average_decay: of the moving average of the weights
    """

    batch_size: int = 48
    targets: int = 3
    shares: tuple[float, ...] = ()
    validation: float = 0.15
    table_noise: float = 0.1
    adversarial: float = 1.0
    same_writer: float = 1.0
    verifier: str = ""
    pixels: float = 2.0
    group: int = 4
    mismatched: bool = True
    relativistic: bool = False
    redrawn: float = 0.0
    divergence: float = 0.08
    r1: float = 0.5
    r1_every: int = 8
    augment_target: float = 0.6
    augment_steps: int = 10_000
    learning_rate: float = 3e-4
    table_learning_rate: float = 1e-2
    discriminator_learning_rate: float = 4e-4
    average_decay: float = 0.999

    @property
    def hands(self) -> int:
        """People in a batch."""
        return self.batch_size // self.targets

    def __post_init__(self):
        check_sizes(self)
        if self.hands * self.targets != self.batch_size:
            raise ValueError(f"batch_size must be a multiple of targets, {self.targets}, not {self.batch_size}.")
        if self.redrawn > 1:
            raise ValueError(f"redrawn is a share, 1 at most, not {self.redrawn:g}.")
        check_groups(self)
