"""Configuration of the networks that complete a person's alphabet."""

from __future__ import annotations

from dataclasses import dataclass

from tfhand.core.config import setting
from tfhand.models.common.checks import check_sizes
from tfhand.models.stroke_verifier.config import StrokeVerifierConfig


@dataclass(frozen=True)
class AlphabetConfig(StrokeVerifierConfig):
    """The networks that complete an alphabet, with those that find strokes, draw them, and know people by them."""

    hand_size: int = setting(48, "numbers that stand for a person")
    hand_width: int = setting(256, "units of the layers between letters and person")
    hand_dropout: float = setting(0.3, "share of these units left out in training")
    emphasis: float = setting(1.5, "how far a form goes from the usual one, over the likeliest for the person")
    known: int = setting(1, "people whose forms are remembered; a training sets it to those whom it learns from")
    resemblance: float = setting(30.0, "by how much more those people count who are more like the person")


@dataclass(frozen=True)
class AlphabetTrainConfig:
    """How the networks that complete an alphabet are trained."""

    verifier: str = setting(
        "stroke-likeness62", "preset that finds strokes, draws them, and knows people by them; it learns nothing here"
    )
    hands: int = setting(24, "people in a batch")
    targets: int = setting(8, "letters of each that are written in a step")
    references: int = setting(10, "samples of each, at most, that the encoder sees")
    shares: tuple[float, ...] = setting((), "how often a person comes from each data set, in the order of --data")
    validation: float = setting(0.15, "share of the writers of each data set that are held out")
    forms: float = setting(1.0, "weight of the squared difference to the forms of the person's own letters")
    likeness: float = setting(0.5, "weight of the likeness to the person by that verifier, among those of the batch")
    reader: str = setting("", "preset that must read the written letters; none for no such term")
    legibility: float = setting(0.1, "weight of the cross-entropy of that reader")
    learning_rate: float = setting(1e-3, "of Adam")
    decay_steps: int = setting(0, "steps over which the learning rate falls to 0 along a cosine; 0 keeps it as it is")
    ema_decay: float = setting(0.99, "of the moving average of the weights")

    def __post_init__(self):
        check_sizes(self, ("decay_steps",))
        if self.hands < 2:
            raise ValueError("hands must be 2 or more; people are told apart within a batch.")
