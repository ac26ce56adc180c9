"""Configuration of the aligner."""

from __future__ import annotations

from dataclasses import dataclass

from tfhand.core.charset import CHARACTERS
from tfhand.core.config import setting
from tfhand.models.common.checks import check_sizes

_SEEN = 8  # columns to each side that the convolutions over the picture see, and some more
_RECALLED = 24  # columns of paper that a recurrent layer has after the line, as in training


@dataclass(frozen=True)
class AlignerConfig:
    """The network that finds the letters of a text in a line."""

    characters: str = setting(CHARACTERS, "what it knows, in order; words with others are left out")
    image_size: int = setting(48, "height of a line's picture in pixels, 4.5 x-heights; a multiple of 8")
    widths: tuple[int, ...] = setting((16, 24, 48, 64), "channels of the four convolutions over the picture")
    features: int = setting(128, "channels of the convolutions along the line")
    dilations: tuple[int, ...] = setting((1, 2, 4, 8), "columns between the taps of each of these")
    recurrent: int = setting(0, "layers of gated recurrent units along the line, both ways, in place of these; or none")
    dropout: float = setting(0.1, "share of a column's features left out in training")

    def __post_init__(self):
        if self.image_size < 8 or self.image_size % 8:
            raise ValueError(f"image_size must be a multiple of 8, not {self.image_size}.")
        if len(self.widths) != 4 or not self.dilations:
            raise ValueError("widths must be four numbers, and dilations at least one.")
        if self.recurrent and self.features % 2:
            raise ValueError(f"features must be even for recurrent layers, half of them each way, not {self.features}.")
        check_sizes(self, ("recurrent",))

    @property
    def reach(self) -> int:
        """Columns to each side that a column sees; recurrent layers see less and less clearly all of the line."""
        return _SEEN + (_RECALLED if self.recurrent else sum(self.dilations))


@dataclass(frozen=True)
class AlignerTrainConfig:
    """How the aligner is trained."""

    batch_size: int = setting(32, "lines in a batch")
    line_width: int = setting(160, "width of their pictures in pixels; words that are longer are left out")
    line_letters: int = setting(20, "letters of a line, at most")
    reading: float = setting(1.0, "weight of the CTC loss for each letter")
    finding: float = setting(1.0, "weight of the cross-entropy of columns whose letter is known")
    placing: float = setting(0.5, "weight of the likelihood of a text in columns, where its letters are not known")
    label_prior: float = setting(0.4, "how much less a class counts in it that is likely everywhere; 0: not at all")
    shares: tuple[float, ...] = setting((), "how often a line comes from each data set, in the order of --data")
    validation: float = setting(0.15, "share of the writers of each data set that are held out")
    learning_rate: float = setting(2e-3, "of Adam")
    decay_steps: int = setting(0, "steps over which it falls to 0 along a cosine; 0: it does not")
    ema_decay: float = setting(0.998, "of the moving average of the weights")

    def __post_init__(self):
        if self.line_width < 2 or self.line_width % 2:
            raise ValueError(f"line_width must be an even number of pixels, not {self.line_width}.")
        check_sizes(self, ("decay_steps",))
