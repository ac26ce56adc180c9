"""Configuration of the verifier that goes by pen strokes."""

from __future__ import annotations

from dataclasses import dataclass

from tfhand.core.config import setting
from tfhand.models.common.checks import check_sizes
from tfhand.models.strokes.config import StrokesConfig


@dataclass(frozen=True)
class StrokeVerifierConfig(StrokesConfig):
    """The network that tells people apart by their strokes, with those that find the strokes."""

    verifier_width: int = setting(256, "units of the layers between strokes and person")
    embedding_size: int = setting(128, "numbers that a set of glyphs becomes")
    dropout: float = setting(0.2, "share of these units left out in training")


@dataclass(frozen=True)
class StrokeVerifierTrainConfig:
    """How it is trained."""

    strokes: str = setting("strokes62", "preset that finds strokes; it learns nothing here")
    people: int = setting(64, "in a batch, each with two sets of glyphs")
    glyphs: int = setting(5, "of a set")
    mixed: float = setting(0.5, "share of the people in a batch who are made of two, strokes between theirs")
    shares: tuple[float, ...] = setting((), "how often a person comes from each data set, in the order of --data")
    validation: float = setting(0.15, "share of the writers of each data set that are held out; 0 for a judge of all")
    learning_rate: float = setting(1.5e-3, "of Adam")
    decay_steps: int = setting(0, "steps over which the learning rate falls to 0 along a cosine; 0 keeps it as it is")
    ema_decay: float = setting(0.998, "of the moving average of the weights")

    def __post_init__(self):
        check_sizes(self, ("decay_steps",))
        if self.mixed > 1:
            raise ValueError(f"mixed is a share, at most 1, not {self.mixed}.")
