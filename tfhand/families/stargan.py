"""StarGAN v2."""

from __future__ import annotations

from dataclasses import dataclass

from tfhand.charset import DIGITS
from tfhand.families.sizes import check_characters, check_sizes


@dataclass(frozen=True)
class StarGANSettings:
    """Sizes of the networks.

    characters: the domains, in the order of their numbers
    image_size: side of the images in pixels
    generator_width: channels at full size, doubled with every halving of the image
    generator_limit: most channels of the generator
    down_blocks: halvings of the image in the generator
    bottleneck_blocks: residual blocks at the smallest size, as many with instance norm as with AdaIN
    reader_width: channels at full size of the discriminator and the style encoder
    reader_limit: most channels of the discriminator and the style encoder
    latent_size: length of the random vector z
    style_size: length of the style code s
    mapping_width: units of the mapping network's hidden layers
    mapping_trunk: layers of the mapping network that all characters share
    mapping_branch: hidden layers that each character has for itself
    """

    characters: str = DIGITS
    image_size: int = 32
    generator_width: int = 24
    generator_limit: int = 96
    down_blocks: int = 2
    bottleneck_blocks: int = 1
    reader_width: int = 16
    reader_limit: int = 96
    latent_size: int = 16
    style_size: int = 64
    mapping_width: int = 128
    mapping_trunk: int = 4
    mapping_branch: int = 1

    def __post_init__(self):
        check_sizes(self, ("bottleneck_blocks", "mapping_trunk", "mapping_branch"))
        check_characters(self.characters)
        if self.image_size < 8 or self.image_size % 2**self.down_blocks:
            raise ValueError(
                f"The image size must be 8 or more and a multiple of {2**self.down_blocks} (2^down_blocks)."
            )

    @classmethod
    def small(cls, characters: str = DIGITS, image_size: int = 32) -> StarGANSettings:
        """For 28 or 32 pixels, sized for a CPU of two cores."""
        return cls(characters, image_size)

    @classmethod
    def large(cls, characters: str = DIGITS) -> StarGANSettings:
        """For 64 pixels, with the paper's four bottleneck blocks and longer mapping branches."""
        return cls(
            characters,
            image_size=64,
            generator_width=32,
            generator_limit=256,
            down_blocks=3,
            bottleneck_blocks=2,
            reader_width=32,
            reader_limit=256,
            mapping_width=256,
            mapping_branch=3,
        )


@dataclass(frozen=True)
class LossWeights:
    """What each term counts in the sum; the defaults are those of StarGAN v2 for faces (arXiv 1912.01865, appendix).

    adversarial: weight of the adversarial terms
    r1: weight of the gradient penalty on real images, the paper's gamma (its half stands in the term)
    style: weight of style reconstruction, lambda_sty
    diversity: weight of style diversity at the start, lambda_ds
    cycle: weight of cycle consistency, lambda_cyc
    same_writer: weight of "is it this hand", which is not in the paper; 0 leaves it out
    """

    adversarial: float = 1.0
    r1: float = 1.0
    style: float = 1.0
    diversity: float = 1.0
    cycle: float = 1.0
    same_writer: float = 0.0


@dataclass(frozen=True)
class StarGANTraining(LossWeights):
    """How StarGAN v2 is trained; the defaults are the paper's but for `diversity_steps`, its 100000 for 256 pixels.

    adversarial: weight of the adversarial terms
    r1: weight of the gradient penalty on real images
    style: weight of style reconstruction
    diversity: weight of style diversity at the start
    cycle: weight of cycle consistency
    same_writer: weight of "is it the hand of the letter that was rewritten", for data with writers; 0 switches the
        same-writer term off
    validation: share of the writers that are held out
    diversity_steps: steps over which the weight of style diversity falls to 0
    learning_rate: of the generator, the style encoder and the discriminator
    mapping_rate: learning rate of the mapping network
    beta_1: Adam's decay of the mean gradient
    beta_2: Adam's decay of the mean squared gradient
    average_decay: of the averaged weights, per step
    batch_size: images per step
    """

    validation: float = 0.15
    diversity_steps: int = 20_000
    learning_rate: float = 1e-4
    mapping_rate: float = 1e-6
    beta_1: float = 0.0
    beta_2: float = 0.99
    average_decay: float = 0.999
    batch_size: int = 16

    def __post_init__(self):
        check_sizes(self)
