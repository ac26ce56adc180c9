"""The settings of every family: what its networks are made of, and how they are trained.

They stand apart from the models so that a command line can show them as flags without waking TensorFlow.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from tfhand.charset import CHARACTERS

DIGITS = "0123456789"
LARGEST_IMAGE = 512  # pixels; a slip of the finger should not ask for terabytes


def check_sizes(settings: object, may_be_zero: tuple[str, ...] = ()) -> None:
    """No weight is negative, and no size less than 1 but those that may be zero.

    Raises:
        ValueError: otherwise, with a sentence.
    """
    for name in (field.name for field in fields(settings)):
        value = getattr(settings, name)
        for number in value if isinstance(value, tuple) else (value,):
            least = 0 if isinstance(number, float) or name in may_be_zero else 1
            if not isinstance(number, (str, bool)) and number < least:
                raise ValueError(f"{name} must be {least} or more, not {number}.")
    if getattr(settings, "image_size", 0) > LARGEST_IMAGE:
        raise ValueError(f"image_size is at most {LARGEST_IMAGE} pixels, not {settings.image_size}.")


@dataclass(frozen=True)
class HandSettings:
    """The networks that learn a hand.

    Attributes:
        characters: what can be written, in order
        image_size: side of a glyph in pixels
        hand_size: numbers that say who writes
        form_size: numbers that say how it was scanned (slant, stretch, rotation, nib)
        noise_size: numbers drawn anew for every letter
        character_size: numbers that stand for a character in the encoder and the mapping network
        style_size: numbers that the mapping network gives the generator
        mapping_width: units of each of the mapping network's layers
        mapping_depth: layers of the mapping network
        generator_widths: channels of the generator from 4 x 4 pixels up, one for each doubling
        encoder_widths: channels of the hand encoder from full size down, one for each halving
        encoder_features: units of the hand encoder's inner layers
        encoder_dropout: share of the hand encoder's features left out in training
        prior: weight of the average hand beside the samples
        discriminator_widths: channels of the discriminator from full size down, one for each halving
        judge_size: features that the discriminator judges by
    """

    characters: str = CHARACTERS
    image_size: int = 32
    hand_size: int = 64
    form_size: int = 4
    noise_size: int = 16
    character_size: int = 64
    style_size: int = 192
    mapping_width: int = 256
    mapping_depth: int = 3
    generator_widths: tuple[int, ...] = (192, 128, 64, 32)
    encoder_widths: tuple[int, ...] = (16, 32, 64, 128)
    encoder_features: int = 256
    encoder_dropout: float = 0.1
    prior: float = 0.5
    discriminator_widths: tuple[int, ...] = (24, 64, 96, 160)
    judge_size: int = 256

    @property
    def code_size(self) -> int:
        """Numbers of a whole hand code."""
        return self.hand_size + self.form_size

    def __post_init__(self):
        check_sizes(self, ("noise_size",))
        if self.image_size != 4 * 2 ** (len(self.generator_widths) - 1):
            raise ValueError(
                f"generator_widths has {len(self.generator_widths)} entries and draws "
                f"{4 * 2 ** (len(self.generator_widths) - 1)} pixels, but image_size is {self.image_size}."
            )
        for name in ("encoder_widths", "discriminator_widths"):
            if self.image_size < 2 ** (len(getattr(self, name)) - 1):
                raise ValueError(f"{name} halves {self.image_size} pixels more often than can be.")
        if len(self.discriminator_widths) < 3:
            raise ValueError("discriminator_widths must have three entries or more; matching looks at inner maps.")
        if len(set(self.characters)) != len(self.characters) or len(self.characters) < 2:
            raise ValueError("characters must be two or more, each once.")


@dataclass(frozen=True)
class HandTraining:
    """How the networks that learn a hand are trained.

    Attributes:
        hands: people in a batch
        targets: letters of each that are written in a step
        references: samples of each, at most, that the encoder sees
        shares: how often a person comes from each data set, in the order of --data
        validation: share of the writers of each data set that are held out
        from_table: share of a batch written from the learned writer vectors, the rest from encoded samples
        table_noise: standard deviation of the noise on a writer's vector, which keeps its neighbourhood writable
        adversarial: weight of "is it this character"
        same_writer: weight of "is it this hand"; 0 switches the same-writer term off
        pixels: weight of the blurred difference to a real letter of the person
        matching: weight of the difference in the discriminator's inner maps to that letter
        encoding: weight of the encoder's distance to the writer's vector and the scan's form
        verifier: preset that says how like a person's the written letters are; none switches that term off
        likeness: weight of the written letters' likeness to the person's, among the batch's, by that verifier
        r1: weight of R1
        r1_every: steps from one R1 to the next
        learning_rate: of generator, mapping network and encoder
        table_learning_rate: of the writers' vectors
        discriminator_learning_rate: of the discriminator
        average_decay: of the moving average of the weights
    """

    hands: int = 16
    targets: int = 3
    references: int = 8
    shares: tuple[float, ...] = ()
    validation: float = 0.15
    from_table: float = 0.625
    table_noise: float = 0.1
    adversarial: float = 0.5
    same_writer: float = 1.0
    pixels: float = 2.0
    matching: float = 1.0
    encoding: float = 0.5
    verifier: str = ""
    likeness: float = 0.5
    r1: float = 0.5
    r1_every: int = 8
    learning_rate: float = 3e-4
    table_learning_rate: float = 1e-2
    discriminator_learning_rate: float = 4e-4
    average_decay: float = 0.999

    def __post_init__(self):
        check_sizes(self)
        if round(self.hands * self.from_table) >= self.hands:
            raise ValueError("from_table must leave at least one of the hands in a batch to the encoder.")


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
        if not self.characters or len(set(self.characters)) < len(self.characters):
            raise ValueError("The characters must be at least one, each named once.")
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


@dataclass(frozen=True)
class ReaderSettings:
    """The network that reads characters.

    Attributes:
        characters: what it can read, in order
        image_size: side of a glyph in pixels
        widths: channels from full size down, one for each halving
        features: units of the inner layer
        dropout: share of them left out in training
    """

    characters: str = CHARACTERS
    image_size: int = 32
    widths: tuple[int, ...] = (16, 32, 64, 96)
    features: int = 192
    dropout: float = 0.3


@dataclass(frozen=True)
class ReaderTraining:
    """How the reader is trained.

    Attributes:
        hands: people in a batch
        targets: letters of each
        shares: how often a person comes from each data set, in the order of --data
        validation: share of the writers of each data set that are held out
        learning_rate: of Adam
        average_decay: of the moving average of the weights
    """

    hands: int = 16
    targets: int = 8
    shares: tuple[float, ...] = ()
    validation: float = 0.15
    learning_rate: float = 1e-3
    average_decay: float = 0.998


@dataclass(frozen=True)
class VerifierSettings:
    """The network that tells people apart.

    Attributes:
        characters: what it knows, in order
        image_size: side of a glyph in pixels
        widths: channels from full size down, one for each halving
        features: units of the inner layers
        character_size: numbers that stand for a character
        embedding_size: numbers that a set of glyphs becomes
        dropout: share of the features left out in training
        normalize: instance normalization, which hides how much ink there is
    """

    characters: str = CHARACTERS
    image_size: int = 32
    widths: tuple[int, ...] = (12, 32, 64, 96, 128)
    features: int = 256
    character_size: int = 64
    embedding_size: int = 128
    dropout: float = 0.2
    normalize: bool = True

    def __post_init__(self):
        check_sizes(self)


@dataclass(frozen=True)
class VerifierTraining:
    """How the verifier is trained.

    Attributes:
        people: in a batch, each with two sets of glyphs
        glyphs: of a set
        spread: how far a person's slant, stretch and rotation are moved, as a share of what training a hand does
        shares: how often a person comes from each data set, in the order of --data
        validation: share of the writers of each data set that are held out
        learning_rate: of Adam
        average_decay: of the moving average of the weights
    """

    people: int = 40
    glyphs: int = 5
    spread: float = 0.5
    shares: tuple[float, ...] = ()
    validation: float = 0.15
    learning_rate: float = 1e-3
    average_decay: float = 0.998

    def __post_init__(self):
        check_sizes(self)
