"""Configuration of the verifier."""

from __future__ import annotations

from dataclasses import dataclass

from tfhand.core.charset import CHARACTERS
from tfhand.core.config import setting
from tfhand.models.common.checks import check_sizes


@dataclass(frozen=True)
class VerifierConfig:
    """The network that tells people apart."""

    characters: str = setting(CHARACTERS, "what it knows, in order")
    image_size: int = setting(32, "side of a glyph in pixels")
    widths: tuple[int, ...] = setting((12, 32, 64, 96, 128), "channels from full size down, one for each halving")
    features: int = setting(256, "units of the inner layers")
    character_size: int = setting(64, "numbers that stand for a character")
    embedding_size: int = setting(128, "numbers that a set of glyphs becomes")
    dropout: float = setting(0.2, "share of the features left out in training")
    normalize: bool = setting(True, "instance normalization, which hides how much ink there is")
    residual: bool = setting(True, "blocks of two convolutions beside a shortcut, else of one without")
    weighted: bool = setting(True, "glyphs weigh as precisely as they tell, else all the same")

    def __post_init__(self):
        check_sizes(self)


@dataclass(frozen=True)
class VerifierTrainConfig:
    """How the verifier is trained."""

    people: int = setting(40, "in a batch, each with two sets of glyphs")
    glyphs: int = setting(5, "of a set")
    spread: float = setting(
        0.5, "how far a person's slant, stretch and rotation are moved, as a share of what training a hand does"
    )
    shares: tuple[float, ...] = setting((), "how often a person comes from each data set, in the order of --data")
    validation: float = setting(0.15, "share of the writers of each data set that are held out")
    learning_rate: float = setting(1e-3, "of Adam")
    decay_steps: int = setting(0, "steps over which the learning rate falls to 0 along a cosine; 0 keeps it as it is")
    ema_decay: float = setting(0.998, "of the moving average of the weights")

    def __post_init__(self):
        check_sizes(self, ("decay_steps",))
