"""How a preset generates: what inference needs to know beside the networks, the `generation` block of config.json."""

from __future__ import annotations

from dataclasses import dataclass

from tfhand.core.config import setting


@dataclass(frozen=True)
class GenerationConfig:
    """How a person's hand code is found, and how much the letters of one text differ."""

    verifier: str = setting("", "preset that says how like the person's the written glyphs are; empty for pixels alone")
    steps: int = setting(40, "Adam steps of a hand code's optimization; 0 takes what the encoder finds")
    learning_rate: float = setting(0.05, "of these steps, along axes in which codes are about standard normal")
    prior: float = setting(0.2, "weight of the mean squared distance from the encoder's code")
    pixels: float = setting(2.0, "weight of the difference to the person's samples, beside the verifier's likeness")
    noise_scale: float = setting(0.5, "standard deviation of the noise by which letters of one person differ")
    reader: str = setting("", "preset that must read what is written, or it is written anew; empty for none")

    def __post_init__(self):
        if min(self.steps, self.learning_rate, self.prior, self.pixels, self.noise_scale) < 0:
            raise ValueError("steps, learning_rate, prior, pixels and noise_scale cannot be negative.")
