"""The configuration of an evaluation."""

from __future__ import annotations

from dataclasses import dataclass

from tfhand.core.config import setting
from tfhand.models.presets import DEFAULT


@dataclass(frozen=True)
class EvaluationConfig:
    """What is evaluated, on whose letters, and by which networks.

    Either `data` names archives whose held-out people are written for, or `hand` the folder of one person's Hand.
    """

    preset: str = setting(DEFAULT, "a preset's name or folder")
    data: tuple[str, ...] = setting((), "archives that the preset was trained on, or other ones with unseen")
    unseen: float = setting(0.0, "share of the writers to be compared, of data that the preset never saw at all")
    hand: str | None = setting(None, "folder of one person's Hand, for a report on it")
    samples: tuple[int, ...] = setting(
        (10,), "letters given of each person, with --words words; several numbers make a curve"
    )
    words: bool = setting(False, "joined writing is evaluated, on archives of words")
    aligner: str = setting("aligner62", "preset that cuts words into letters, with --words")
    beside: tuple[str, ...] = setting((), "other presets that write, each with a row of its own")
    reader: str = setting("reader62", "preset that measures legibility")
    verifier: tuple[str, ...] = setting(
        ("judge62", "stroke-judge62"), "presets that measure likeness of hands; of several the mean counts"
    )
    count: int = setting(
        10_000,
        "letters generated for a preset that writes in no hand, or rewrites letters; words that an aligner reads",
    )
    projections: bool = setting(
        False, "with a StyleGAN also letters recombined from projected samples, by space and distance; takes long"
    )
    redraw: bool = setting(False, "also the letters when every one of them is given: what the networks can hold")
    controls: bool = setting(
        False,
        "also letters that are wrong in a known way (shuffled, blurred, broken, the mean letter slanted), and what the "
        "samples alone tell",
    )
    features: str = setting("features62", "reader of the perceptual distance, with --projections")
    marks: str | None = setting(
        None, "JSON of joined words of the first data set whose letters were marked by hand, for an aligner"
    )
    repeats: int = setting(1, "random repetitions; metrics are means over them")
    quick: bool = setting(
        False, "leaves out what takes longest: the two-sample test, or the classification accuracy score"
    )
    seed: int = setting(0, "seed of all random choices")
    picture_writers: int = setting(20, "people in letters.png, draws of each character, or words; 0 for no pictures")

    def __post_init__(self):
        if bool(self.data) == bool(self.hand):
            raise ValueError("Give either data or hand.")
        if not 0 <= self.unseen < 1:
            raise ValueError(f"unseen is a share of the writers, less than 1, not {self.unseen}.")
        if not self.verifier:
            raise ValueError("verifier must name a preset.")
        if not self.samples or min(*self.samples, self.count, self.repeats) < 1:
            raise ValueError("samples, count and repeats must be 1 or more.")
        if min(self.seed, self.picture_writers) < 0:
            raise ValueError("seed and picture_writers cannot be negative.")
