"""The judges: who reads characters, and who tells people apart."""

from __future__ import annotations

from dataclasses import dataclass

from tfhand.charset import CHARACTERS
from tfhand.families.sizes import check_sizes


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
