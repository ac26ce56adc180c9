"""StyleGAN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tfhand.core.charset import CHARACTERS
from tfhand.core.config import setting
from tfhand.models.common.checks import check_characters, check_doublings, check_groups, check_halvings, check_sizes

TRUNCATION = 0.7  # of styles that are to be looked at: rare ones are not well learned
SPACES, DISTANCES, STARTS = ("w", "w+", "hand"), ("mse", "perceptual", "both"), ("encoder", "mean")  # of projection


@dataclass(frozen=True)
class StyleGANConfig:
    """Sizes of StyleGAN's networks."""

    characters: str = setting(CHARACTERS, "what can be written, in order")
    image_size: int = setting(32, "side of a glyph in pixels")
    latent_size: int = setting(64, "length of the random vector z")
    style_size: int = setting(128, "length of the style w")
    mapping_width: int = setting(192, "units of each of the mapping network's hidden layers")
    mapping_depth: int = setting(4, "layers of the mapping network")
    mapping: Literal["joint", "sum"] = setting(
        "joint",
        "how the character comes into w: jointly with z, as published, or added to a style that is z's alone,"
        " so that a style means the same for all characters",
    )
    constants: Literal["shared", "by_character"] = setting(
        "shared",
        "what the picture begins with: one learned 4 x 4 map for all characters, as published, or one for each",
    )
    adapter_depth: int = setting(
        0,
        "layers of the network by which the generator bends a style to the character that it draws, so that a hand can"
        " change each of them differently; 0 for none, as published",
    )
    generator_widths: tuple[int, ...] = setting(
        (160, 96, 64, 32), "channels of the generator from 4 x 4 pixels up, one for each doubling"
    )
    discriminator_widths: tuple[int, ...] = setting(
        (24, 64, 96, 160), "channels of the discriminator from full size down to 4 x 4"
    )
    discriminator_features: int = setting(192, "features that the discriminator judges by")
    encoder_widths: tuple[int, ...] = setting(
        (16, 32, 64, 128), "channels of the encoder from full size down, one for each halving"
    )
    encoder_features: int = setting(192, "units of the encoder's inner layers")
    character_size: int = setting(64, "numbers that stand for a character in the encoder and the adapter")

    def __post_init__(self):
        check_sizes(self, ("adapter_depth",))
        check_doublings(self, "generator_widths")
        check_doublings(self, "discriminator_widths")
        check_halvings(self, "encoder_widths")
        check_characters(self.characters)

    @property
    def layer_count(self) -> int:
        """Styles that a picture is drawn with: two for each size from 4 x 4 up."""
        return 2 * len(self.generator_widths)

    @property
    def code_size(self) -> int:
        """Numbers of a hand code, which is how far a style is from its character's mean style."""
        return self.style_size

    @property
    def noise_sides(self) -> tuple[int, ...]:
        """Side of each noise map in pixels: one at 4 x 4, two at each size above."""
        return (4, *(4 * 2**level for level in range(1, len(self.generator_widths)) for _ in range(2)))

    @property
    def noise_size(self) -> int:
        """Numbers in all noise maps together."""
        return sum(side * side for side in self.noise_sides)

    @classmethod
    def medium(cls, characters: str = CHARACTERS) -> StyleGANConfig:
        """For 64 pixels."""
        return cls(
            characters,
            image_size=64,
            generator_widths=(160, 128, 96, 64, 32),
            discriminator_widths=(24, 48, 96, 128, 160),
            encoder_widths=(16, 32, 64, 96, 128),
        )

    @classmethod
    def large(cls, characters: str = CHARACTERS) -> StyleGANConfig:
        """For 128 pixels, with the published widths of w and z."""
        return cls(
            characters,
            image_size=128,
            latent_size=512,
            style_size=512,
            mapping_width=512,
            mapping_depth=8,
            generator_widths=(512, 512, 256, 128, 64, 32),
            discriminator_widths=(32, 64, 128, 256, 512, 512),
            discriminator_features=512,
            encoder_widths=(16, 32, 64, 96, 128, 192),
        )


@dataclass(frozen=True)
class StyleGANTrainConfig:
    """How StyleGAN is trained."""

    batch_size: int = setting(32, "images in a step")
    validation: float = setting(0.15, "share of the writers of each data set that are held out")
    shares: tuple[float, ...] = setting((), "how often a letter comes from each data set, in the order of --data")
    vary: bool = setting(
        True, "draw every letter anew in slant, stretch, rotation and nib, where the data are pen strokes"
    )
    adversarial: float = setting(1.0, "weight of the adversarial terms")
    group: int = setting(
        4,
        "images of one character in a batch that the discriminator compares, so that it notices one that is "
        "always drawn alike; batch_size is a multiple of it",
    )
    same_writer: float = setting(
        0.0,
        "weight of 'did one person write these': letters of a z are held against letters of a person, so that"
        " a style means the same hand in all characters; 0 leaves it out, and the data need no writers",
    )
    targets: int = setting(
        4, "letters of each person in a batch, where that is asked; batch_size is a multiple of group * targets"
    )
    encoded: float = setting(
        0.0,
        "share of the hands in a batch that are not random but the encoder's, found in a person's letters: what is"
        " drawn in them is held against other letters of that person; goes with same_writer, and 0 leaves it out",
    )
    references: int = setting(8, "letters of a person, at most, in which the encoder finds an encoded hand")
    reconstruction: float = setting(
        2.0, "weight of the blurred difference between letters drawn in encoded hands and the person's"
    )
    population: float = setting(
        0.3, "weight of the distance between encoded hands and random ones, so that both are of one population"
    )
    likeness: float = setting(
        2.0, "weight of finding the person by the letters drawn in an encoded hand, where there is a verifier"
    )
    recognition: float = setting(
        3.0, "weight of telling by an encoded hand's code how the verifier knows the person, where there is one"
    )
    verifier: str = setting(
        "",
        "preset by which a new person's hand is found, beside the pixels; training goes by it as well where hands are"
        " encoded",
    )
    mismatched: bool = setting(True, "counts real images that are called another character as fakes as well")
    r1: float = setting(0.3, "weight of R1, the paper's gamma")
    r1_every: int = setting(16, "steps from one R1 to the next")
    path_length: float = setting(2.0, "weight of path length regularization; 0 switches it off")
    path_every: int = setting(8, "steps from one path length to the next")
    path_decay: float = setting(0.01, "how fast the mean length that is aimed at follows the lengths found")
    mixing: float = setting(0.9, "share of the images that are drawn with two styles")
    encoder_batch: int = setting(8, "images, real and generated each, that the encoder learns from in a step")
    pixels: float = setting(
        1.0, "weight of the encoder's blurred difference to real letters, beside finding the styles of generated ones"
    )
    augment_target: float = setting(
        0.6,
        "how sure the discriminator may be of real images before it is shown more altered ones, the mean sign"
        " of its logits; 0 switches augmentation off",
    )
    augment_steps: int = setting(10_000, "steps in which augmentation can go from none to all images")
    grow_steps: int = setting(
        0, "progressive growing: steps in which each size is faded in, after as many at rest; 0 switches it off"
    )
    learning_rate: float = setting(2e-3, "of the mapping network and the generator")
    discriminator_learning_rate: float = setting(2e-3, "of the discriminator")
    encoder_learning_rate: float = setting(1e-3, "of the encoder")
    ema_decay: float = setting(0.999, "of the moving average of the weights")
    mean_decay: float = setting(0.998, "of the moving average of the characters' mean styles")

    def __post_init__(self):
        check_sizes(self, ("grow_steps",))
        for name in ("validation", "path_decay", "mixing", "encoded", "augment_target", "ema_decay", "mean_decay"):
            if getattr(self, name) > 1:
                raise ValueError(f"{name} is a share, at most 1, not {getattr(self, name)}.")
        check_groups(self)
        if self.same_writer and (self.targets < 2 or self.batch_size % (self.group * self.targets)):
            raise ValueError(
                f"With same_writer targets must be 2 or more and batch_size a multiple of group * targets, not "
                f"{self.targets} and {self.batch_size}."
            )
        if self.encoded and not self.same_writer:
            raise ValueError("encoded hands are those of people; they need same_writer.")
        if self.encoded and self.encoded_hands < 2:
            raise ValueError(
                f"encoded must give two hands or more of the {self.batch_size // self.targets} in a batch."
            )
        if self.encoder_batch > self.batch_size:
            raise ValueError(f"encoder_batch must be at most batch_size, {self.batch_size}, not {self.encoder_batch}.")

    @property
    def encoded_hands(self) -> int:
        """Hands of a batch that the encoder finds, where `encoded` asks for any."""
        return round(self.encoded * self.batch_size / self.targets)
