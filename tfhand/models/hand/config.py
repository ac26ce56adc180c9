"""The networks that learn a hand."""

from __future__ import annotations

from dataclasses import dataclass

from tfhand.core.charset import CHARACTERS
from tfhand.core.config import setting
from tfhand.models.common.checks import check_halvings, check_letters, check_sizes


@dataclass(frozen=True)
class HandConfig:
    """The networks that learn a hand."""

    characters: str = setting(CHARACTERS, "what can be written, in order")
    image_size: int = setting(32, "side of a glyph in pixels")
    hand_size: int = setting(64, "numbers that say who writes")
    transform_size: int = setting(4, "numbers that say how it was scanned (slant, stretch, rotation, nib)")
    noise_size: int = setting(16, "numbers drawn anew for every letter")
    character_size: int = setting(64, "numbers that stand for a character in the encoder and the mapping network")
    style_size: int = setting(192, "numbers that the mapping network gives the generator")
    mapping_width: int = setting(256, "units of each of the mapping network's layers")
    mapping_depth: int = setting(3, "layers of the mapping network")
    generator_widths: tuple[int, ...] = setting(
        (192, 128, 64, 32), "channels of the generator from 4 x 4 pixels up, one for each doubling"
    )
    encoder_widths: tuple[int, ...] = setting(
        (16, 32, 64, 128), "channels of the hand encoder from full size down, one for each halving"
    )
    encoder_features: int = setting(256, "units of the hand encoder's inner layers")
    encoder_dropout: float = setting(0.1, "share of the hand encoder's features left out in training")
    prior: float = setting(0.5, "weight of the average hand beside the samples")
    discriminator_widths: tuple[int, ...] = setting(
        (24, 64, 96, 160), "channels of the discriminator from full size down, one for each halving"
    )
    discriminator_features: int = setting(256, "features that the discriminator judges by")

    @property
    def code_size(self) -> int:
        """Numbers of a whole hand code."""
        return self.hand_size + self.transform_size

    def __post_init__(self):
        check_sizes(self, ("noise_size",))
        check_letters(self)
        check_halvings(self, "encoder_widths")


@dataclass(frozen=True)
class HandTrainConfig:
    """How the networks that learn a hand are trained."""

    hands: int = setting(16, "people in a batch")
    targets: int = setting(3, "letters of each that are written in a step")
    references: int = setting(8, "samples of each, at most, that the encoder sees")
    shares: tuple[float, ...] = setting((), "how often a person comes from each data set, in the order of --data")
    validation: float = setting(0.15, "share of the writers of each data set that are held out")
    from_table: float = setting(
        0.625, "share of a batch written from the learned writer vectors, the rest from encoded samples"
    )
    table_noise: float = setting(
        0.1, "standard deviation of the noise on a writer's vector, which keeps its neighbourhood writable"
    )
    adversarial: float = setting(0.5, "weight of 'is it this character'")
    same_writer: float = setting(1.0, "weight of 'is it this hand'; 0 switches the same-writer term off")
    pixels: float = setting(2.0, "weight of the blurred difference to a real letter of the person")
    feature_matching: float = setting(1.0, "weight of the difference in the discriminator's inner maps to that letter")
    encoding: float = setting(0.5, "weight of the encoder's distance to the writer's vector and the scan's transform")
    verifier: str = setting(
        "", "preset that says how like a person's the written letters are; none switches that term off"
    )
    likeness: float = setting(
        0.5, "weight of the written letters' likeness to the person's, among the batch's, by that verifier"
    )
    r1: float = setting(0.5, "weight of R1")
    r1_every: int = setting(8, "steps from one R1 to the next")
    learning_rate: float = setting(3e-4, "of generator, mapping network and encoder")
    table_learning_rate: float = setting(1e-2, "of the writers' vectors")
    discriminator_learning_rate: float = setting(4e-4, "of the discriminator")
    ema_decay: float = setting(0.999, "of the moving average of the weights")

    def __post_init__(self):
        check_sizes(self)
        if round(self.hands * self.from_table) >= self.hands:
            raise ValueError("from_table must leave at least one of the hands in a batch to the encoder.")
