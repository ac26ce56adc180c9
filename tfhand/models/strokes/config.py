"""Configuration of the networks between pictures of letters and pen strokes."""

from __future__ import annotations

from dataclasses import dataclass

from tfhand.core.charset import CHARACTERS
from tfhand.core.config import setting
from tfhand.models.common.checks import check_characters, check_halvings, check_sizes


@dataclass(frozen=True)
class StrokesConfig:
    """The networks that find the strokes of a letter, and draw them."""

    characters: str = setting(CHARACTERS, "what can be drawn, in order")
    image_size: int = setting(32, "side of a glyph in pixels")
    form_size: int = setting(48, "numbers that the form of a letter becomes")
    character_size: int = setting(64, "numbers that stand for a character")
    encoder_widths: tuple[int, ...] = setting(
        (24, 48, 96, 128), "channels of the encoder from full size down, one for each halving"
    )
    encoder_features: int = setting(256, "units of the encoder's inner layers")
    decoder_width: int = setting(384, "units of the decoder's layers")
    decoder_depth: int = setting(3, "residual layers of the decoder")
    candidates: int = setting(3, "trajectories that the decoder proposes, of which it chooses one")

    def __post_init__(self):
        check_sizes(self)
        check_characters(self.characters)
        check_halvings(self, "encoder_widths")


@dataclass(frozen=True)
class StrokesTrainConfig:
    """How they are trained."""

    batch_size: int = setting(192, "letters in a step")
    shares: tuple[float, ...] = setting((), "how often a letter comes from each data set, in the order of --data")
    validation: float = setting(0.15, "share of the writers of each data set that are held out")
    distance: float = setting(60.0, "weight of the distance between trajectories, in sides of the letter")
    divergence: float = setting(2e-3, "weight of the divergence of forms from the standard normal")
    learning_rate: float = setting(1.5e-3, "of Adam")
    decay_steps: int = setting(0, "steps over which the learning rate falls to 0 along a cosine; 0 keeps it as it is")
    ema_decay: float = setting(0.998, "of the moving average of the weights")

    def __post_init__(self):
        check_sizes(self, ("decay_steps",))
