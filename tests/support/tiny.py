"""Tiny configurations of every family, and what their training and their trainers need, for tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from tfhand.core.config import as_json
from tfhand.models.aligner.config import AlignerConfig, AlignerTrainConfig
from tfhand.models.alphabet.config import AlphabetConfig, AlphabetTrainConfig
from tfhand.models.cgan.config import CGANConfig, CGANTrainConfig
from tfhand.models.hand.config import HandConfig, HandTrainConfig
from tfhand.models.reader.config import ReaderConfig, ReaderTrainConfig
from tfhand.models.stargan.config import StarGANConfig, StarGANTrainConfig
from tfhand.models.stroke_verifier.config import StrokeVerifierConfig, StrokeVerifierTrainConfig
from tfhand.models.strokes.config import StrokesConfig, StrokesTrainConfig
from tfhand.models.stylegan.config import StyleGANConfig, StyleGANTrainConfig
from tfhand.models.verifier.config import VerifierConfig, VerifierTrainConfig

TINY_LETTERS = {
    "hand_size": 6,
    "noise_size": 3,
    "character_size": 5,
    "style_size": 8,
    "mapping_width": 12,
    "mapping_depth": 2,
    "generator_widths": (8, 8, 6, 4),
    "discriminator_widths": (4, 6, 8),
    "discriminator_features": 10,
}
TINY_HAND = HandConfig(**TINY_LETTERS, encoder_widths=(4, 6, 6, 8), encoder_features=12)
SMALL_HAND = replace(
    TINY_HAND,
    characters="0123abcXYZ",
    image_size=8,
    generator_widths=(8, 4),
    encoder_widths=(4, 6),
    discriminator_widths=(4, 6, 8),
)
"""At 8 pixels, to be trained."""

TINY_CGAN = CGANConfig(**TINY_LETTERS)
TINY_STARGAN = StarGANConfig(
    generator_width=4,
    generator_limit=8,
    down_blocks=1,
    discriminator_width=4,
    discriminator_limit=8,
    latent_size=3,
    style_size=5,
    mapping_width=6,
    mapping_trunk=1,
    mapping_branch=1,
)
TINY_STROKES = StrokesConfig(
    form_size=4,
    character_size=3,
    encoder_widths=(3, 4, 4, 5),
    encoder_features=6,
    decoder_width=6,
    decoder_depth=2,
    candidates=2,
)
TINY_STROKE_VERIFIER = StrokeVerifierConfig(**vars(TINY_STROKES), verifier_width=5, embedding_size=3)
TINY_ALPHABET = AlphabetConfig(**vars(TINY_STROKE_VERIFIER), hand_size=3, hand_width=5, known=2)
TINY_READER = ReaderConfig(characters="01", widths=(2, 2, 2), features=3)
TINY_VERIFIER = VerifierConfig(widths=(2, 2, 2), features=3, character_size=2, embedding_size=3)
TINY_ALIGNER = AlignerConfig(image_size=32, widths=(2, 3, 4, 5), features=6, dilations=(1, 2))
"""All at 32 pixels, as large as a Hand's glyphs."""

TINY_STYLEGAN = StyleGANConfig(
    characters="01a",
    image_size=8,
    latent_size=3,
    style_size=5,
    mapping_width=6,
    mapping_depth=2,
    generator_widths=(6, 4),
    discriminator_widths=(4, 6),
    discriminator_features=7,
    encoder_widths=(4, 6),
    encoder_features=8,
    character_size=3,
)

TINY = {
    "hand": TINY_HAND,
    "cgan": TINY_CGAN,
    "stylegan": replace(TINY_STYLEGAN, characters="0123456789"),
    "stargan": TINY_STARGAN,
    "strokes": TINY_STROKES,
    "alphabet": TINY_ALPHABET,
    "reader": TINY_READER,
    "verifier": TINY_VERIFIER,
    "stroke-verifier": TINY_STROKE_VERIFIER,
    "aligner": TINY_ALIGNER,
}
"""The configuration of a preset of each family."""

TINY_TRAINING = {
    "hand": HandTrainConfig(hands=2, targets=2, references=3),
    "cgan": CGANTrainConfig(batch_size=4, targets=2, group=2),
    "stylegan": StyleGANTrainConfig(batch_size=4, group=2, encoder_batch=2),
    "stargan": StarGANTrainConfig(batch_size=2),
    "strokes": StrokesTrainConfig(batch_size=4),
    "alphabet": AlphabetTrainConfig(hands=2, targets=2, references=3),
    "reader": ReaderTrainConfig(hands=2, targets=2),
    "verifier": VerifierTrainConfig(people=2, glyphs=2, validation=0.34),
    "stroke-verifier": StrokeVerifierTrainConfig(people=2, glyphs=2, validation=0.34),
    "aligner": AlignerTrainConfig(batch_size=2, line_width=96, line_letters=8),
}
"""Trainings of these with small batches."""

TINY_PRESETS = {
    "tiny-hand": ("hand", as_json(TINY_HAND)),
    "tiny-cgan": ("cgan", as_json(TINY_CGAN)),
    "tiny-cgan-writers": ("cgan", {"writer_count": 10, **as_json(replace(TINY_CGAN, writers=True))}),
    "tiny-stylegan": ("stylegan", as_json(TINY["stylegan"])),
    "tiny-stargan": ("stargan", as_json(TINY_STARGAN)),
    "tiny-stargan-several": ("stargan", as_json(replace(TINY_STARGAN, references=3))),
    "tiny-strokes": ("strokes", as_json(TINY_STROKES)),
    "tiny-alphabet": ("alphabet", as_json(TINY_ALPHABET)),
    "tiny-reader": ("reader", as_json(TINY_READER)),
    "tiny-verifier": ("verifier", as_json(TINY_VERIFIER)),
    "tiny-stroke-verifier": ("stroke-verifier", as_json(TINY_STROKE_VERIFIER)),
    "tiny-aligner": ("aligner", as_json(TINY_ALIGNER)),
    "tiny-aligner-recurrent": ("aligner", as_json(replace(TINY_ALIGNER, recurrent=1))),
}
"""(family, arguments of its networks) by the name of a preset."""


def snapshot(variables: Iterable[Any]) -> list[np.ndarray]:
    """The values of variables, as they are now."""
    return [np.array(variable) for variable in variables]


def moved(before: Iterable[np.ndarray], variables: Iterable[Any]) -> list[bool]:
    """Which of the variables are no longer what they were at the snapshot."""
    return [not np.array_equal(old, new) for old, new in zip(before, snapshot(variables), strict=True)]


def one_step(trainer: Any, batch: Any) -> dict[str, float]:
    """The metrics of one step alone, run eagerly."""
    trainer.reset_metrics()
    return {name: float(value) for name, value in trainer.train_step(batch).items()}
