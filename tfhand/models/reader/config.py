"""Configuration of the reader."""

from __future__ import annotations

from dataclasses import dataclass

from tfhand.core.charset import CHARACTERS
from tfhand.core.config import setting


@dataclass(frozen=True)
class ReaderConfig:
    """The network that reads characters."""

    characters: str = setting(CHARACTERS, "what it can read, in order")
    image_size: int = setting(32, "side of a glyph in pixels")
    widths: tuple[int, ...] = setting((16, 32, 64, 96), "channels from full size down, one for each halving")
    features: int = setting(192, "units of the inner layer")
    dropout: float = setting(0.3, "share of them left out in training")


@dataclass(frozen=True)
class ReaderTrainConfig:
    """How the reader is trained."""

    hands: int = setting(16, "people in a batch")
    targets: int = setting(8, "letters of each")
    shares: tuple[float, ...] = setting((), "how often a person comes from each data set, in the order of --data")
    validation: float = setting(0.15, "share of the writers of each data set that are held out")
    learning_rate: float = setting(1e-3, "of Adam")
    ema_decay: float = setting(0.998, "of the moving average of the weights")
