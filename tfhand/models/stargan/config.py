"""StarGAN v2."""

from __future__ import annotations

from dataclasses import dataclass

from tfhand.core.charset import DIGITS
from tfhand.core.config import setting
from tfhand.models.common.checks import check_characters, check_sizes

TRUNCATION = 0.85  # of random styles that are to be looked at: rare ones are not well learned, and some break a digit


@dataclass(frozen=True)
class StarGANConfig:
    """Sizes of the networks."""

    characters: str = setting(DIGITS, "the domains, in the order of their numbers")
    image_size: int = setting(32, "side of the images in pixels")
    generator_width: int = setting(24, "channels at full size, doubled with every halving of the image")
    generator_limit: int = setting(96, "most channels of the generator")
    down_blocks: int = setting(
        3,
        "halvings of the image in the generator; with 8 x 8 places left, the old strokes show through the new",
    )
    bottleneck_blocks: int = setting(
        1, "residual blocks at the smallest size, as many with instance norm as with AdaIN"
    )
    discriminator_width: int = setting(16, "channels at full size of the discriminator and the style encoder")
    discriminator_limit: int = setting(96, "most channels of the discriminator and the style encoder")
    references: int = setting(
        1, "letters of a person, at most, that the style encoder sees; 1 for one of the character wanted, as published"
    )
    latent_size: int = setting(16, "length of the random vector z")
    style_size: int = setting(64, "length of the style code s")
    mapping_width: int = setting(128, "units of the mapping network's hidden layers")
    mapping_trunk: int = setting(4, "layers of the mapping network that all characters share")
    mapping_branch: int = setting(1, "hidden layers that each character has for itself")

    def __post_init__(self):
        check_sizes(self, ("bottleneck_blocks", "mapping_trunk", "mapping_branch"))
        check_characters(self.characters)
        if self.image_size < 8 or self.image_size % 2**self.down_blocks:
            raise ValueError(
                f"The image size must be 8 or more and a multiple of {2**self.down_blocks} (2^down_blocks)."
            )

    @classmethod
    def small(cls, characters: str = DIGITS, image_size: int = 32) -> StarGANConfig:
        """For 28 or 32 pixels, sized for a CPU of two cores."""
        return cls(characters, image_size, down_blocks=2 if image_size % 8 else 3)

    @classmethod
    def large(cls, characters: str = DIGITS) -> StarGANConfig:
        """For 64 pixels, with the paper's four bottleneck blocks and longer mapping branches."""
        return cls(
            characters,
            image_size=64,
            generator_width=32,
            generator_limit=256,
            down_blocks=4,
            bottleneck_blocks=2,
            discriminator_width=32,
            discriminator_limit=256,
            mapping_width=256,
            mapping_branch=3,
        )


@dataclass(frozen=True)
class StarGANTrainConfig:
    """How StarGAN v2 is trained; the defaults are the paper's but for `diversity_steps`, its 100000 for 256
    pixels."""

    adversarial: float = setting(1.0, "weight of the adversarial terms")
    r1: float = setting(
        1.0, "weight of the gradient penalty on real images, the paper's gamma (its half stands in the term)"
    )
    style: float = setting(1.0, "weight of style reconstruction, lambda_sty")
    diversity: float = setting(1.0, "weight of style diversity at the start, lambda_ds")
    cycle: float = setting(1.0, "weight of cycle consistency, lambda_cyc")
    same_writer: float = setting(
        0.0,
        "weight of 'is it the hand of the letter that was rewritten', for data with writers; 0 switches the "
        "same-writer term off",
    )
    validation: float = setting(0.15, "share of the writers that are held out")
    diversity_steps: int = setting(20_000, "steps over which the weight of style diversity falls to 0")
    learning_rate: float = setting(1e-4, "of the generator, the style encoder and the discriminator")
    mapping_rate: float = setting(1e-6, "learning rate of the mapping network")
    beta_1: float = setting(0.0, "Adam's decay of the mean gradient")
    beta_2: float = setting(0.99, "Adam's decay of the mean squared gradient")
    ema_decay: float = setting(0.999, "of the averaged weights, per step")
    batch_size: int = setting(16, "images per step")

    def __post_init__(self):
        check_sizes(self)
