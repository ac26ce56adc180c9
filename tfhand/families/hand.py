"""The networks that learn a hand."""

from __future__ import annotations

from dataclasses import dataclass

from tfhand.charset import CHARACTERS
from tfhand.families.sizes import check_halvings, check_letters, check_sizes


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
        check_letters(self)
        check_halvings(self, "encoder_widths")


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
