"""Trainings of every family that compile quickly: small images of few characters.

Lazy terms are due at the first step, but not at the second.
"""

from __future__ import annotations

import tempfile
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.tiny import TINY_CGAN, TINY_HAND, TINY_STARGAN, TINY_STROKES, TINY_STYLEGAN
from tfhand.data.archive import Archive
from tfhand.data.spelling import spell
from tfhand.models.aligner.config import AlignerConfig, AlignerTrainConfig
from tfhand.models.alphabet.config import AlphabetConfig, AlphabetTrainConfig
from tfhand.models.cgan.config import CGANTrainConfig
from tfhand.models.hand.config import HandTrainConfig
from tfhand.models.reader.config import ReaderConfig, ReaderTrainConfig
from tfhand.models.registry import SPECS
from tfhand.models.spec import ModelSpec
from tfhand.models.stargan.config import StarGANTrainConfig
from tfhand.models.stroke_verifier.config import StrokeVerifierConfig, StrokeVerifierTrainConfig
from tfhand.models.strokes.config import StrokesTrainConfig
from tfhand.models.stylegan.config import StyleGANTrainConfig
from tfhand.models.verifier.config import VerifierConfig, VerifierTrainConfig
from tfhand.training.setup import TrainingSetup

EPSILON = 1e-2  # of Adam here: with its own 1e-8 it takes whole steps where a gradient is nothing but rounding
CHARACTERS = "01ab"
LETTERS = {"characters": CHARACTERS, "image_size": 8}
HAND = replace(
    TINY_HAND,
    **LETTERS,
    generator_widths=(6, 4),
    encoder_widths=(4, 6),
    discriminator_widths=(4, 6, 8),
    encoder_dropout=0.0,
)
SMALL = {"hands": 4, "targets": 2}
LETTER_GAN = replace(TINY_CGAN, **LETTERS, generator_widths=(6, 4), discriminator_widths=(4, 6, 8))
STROKES = replace(TINY_STROKES, **LETTERS, encoder_widths=(3, 4))
VERIFYING = StrokeVerifierConfig(**vars(STROKES), verifier_width=8, embedding_size=6, dropout=0.0)
TRAININGS = {
    "hand": (HAND, HandTrainConfig(**SMALL, references=3, r1_every=3)),
    "cgan": (
        replace(LETTER_GAN, writers=True),
        CGANTrainConfig(batch_size=8, targets=2, relativistic=True, r1_every=3, augment_target=0.0),
    ),
    "cgan-reconstructed": (
        replace(LETTER_GAN, spatial_style=True),
        CGANTrainConfig(batch_size=8, targets=2, reconstructed=0.5, r1_every=3, augment_target=0.0),
    ),
    "stylegan": (
        replace(TINY_STYLEGAN, characters=CHARACTERS),
        StyleGANTrainConfig(
            batch_size=4,
            encoder_batch=2,
            same_writer=1.0,
            group=2,
            targets=2,
            r1_every=3,
            mixing=0.0,
            augment_target=0.0,
        ),
    ),
    "stargan": (
        replace(TINY_STARGAN, **LETTERS, bottleneck_blocks=0),
        StarGANTrainConfig(batch_size=4),
    ),
    "stargan-several": (
        replace(TINY_STARGAN, **LETTERS, bottleneck_blocks=0, references=3),
        StarGANTrainConfig(batch_size=4, same_writer=1.0),
    ),
    "strokes": (STROKES, StrokesTrainConfig(batch_size=8)),
    "alphabet": (
        AlphabetConfig(**vars(VERIFYING), hand_size=3, hand_width=5, hand_dropout=0.0),
        AlphabetTrainConfig(**SMALL, references=3),
    ),
    "reader": (
        ReaderConfig(**LETTERS, widths=(4, 6), features=8, dropout=0.0),
        ReaderTrainConfig(**SMALL),
    ),
    "verifier": (
        VerifierConfig(**LETTERS, widths=(4, 6), features=8, embedding_size=6, character_size=3, dropout=0.0),
        VerifierTrainConfig(people=4, glyphs=2),
    ),
    "stroke-verifier": (
        VERIFYING,
        StrokeVerifierTrainConfig(people=4, glyphs=2),
    ),
    "aligner": (
        AlignerConfig(**LETTERS, widths=(4, 4, 6, 6), features=8, dilations=(1, 2), dropout=0.0),
        AlignerTrainConfig(batch_size=4, line_width=32, line_letters=8),
    ),
}
"""(config, train_config) of every family, and of some of its ways to be trained."""

_SLOW = "stargan-several", "cgan", "hand"  # compile what stargan and cgan-reconstructed hold, or take long
FAMILIES = [pytest.param(name, marks=pytest.mark.slow) if name in _SLOW else name for name in TRAININGS]


def spec_of(family: str) -> ModelSpec:
    """The family of one of these trainings, which may be named after one of its ways besides."""
    return SPECS.get(family) or SPECS[family.partition("-")[0]]


def prepare(family: str, archive: Archive) -> TrainingSetup:
    """One of these trainings, untouched."""
    config, train_config = TRAININGS[family]
    train_config = with_presets(family, config, train_config)
    setup = make_setup(spec_of(family), archive, config, train_config)
    for optimizer in setup.trainer.optimizers.values():
        optimizer.epsilon = EPSILON
    return setup


def make_setup(spec: ModelSpec, archive: Archive, config: Any, train_config: Any) -> TrainingSetup:
    """A training of a family on these letters, or on words set from them, as `fit` does."""
    return spec.make_trainer([spell(archive) if spec.words else archive], config, train_config, 0)


def with_presets(family: str, config: Any, train_config: Any) -> Any:
    """The same training; the preset that it takes, if it does, is of untrained networks with the same settings."""
    taken = {"alphabet": ("verifier", "stroke-verifier"), "stroke-verifier": ("strokes", "strokes")}
    if family not in taken:
        return train_config
    field, other = taken[family]
    return replace(train_config, **{field: saved_like(other, config)})


def saved_like(family: str, config: Any) -> str:
    """The folder of a preset of untrained networks, with those settings of another family's that theirs has as well."""
    known = {field.name: getattr(config, field.name) for field in fields(SPECS[family].config)}
    folder = Path(tempfile.mkdtemp()) / family
    SPECS[family].networks()(**known).save_to_preset(folder)
    return str(folder)


def take_steps(setup: TrainingSetup, steps: int, jit: bool = False) -> list[dict[str, float]]:
    """The running means after each step.

    The noise is NumPy's: from one seed TensorFlow, XLA and JAX draw different numbers.
    """
    import keras
    from keras import ops

    from tfhand.training.backend import compile_step

    trainer = setup.trainer

    def step(batch, noise):
        rows = iter(ops.unstack(noise))

        def normal(count, size):
            keras.random.normal((), seed=trainer.random)  # the generator moves on as it does in earnest
            return ops.reshape(next(rows)[: count * size], (count, size))

        trainer.normal = normal
        return trainer.train_step(batch)

    compiled, rng = compile_step(step, jit), np.random.default_rng(1)
    return [
        {name: float(value) for name, value in compiled(batch, rng.standard_normal((10, 1024), np.float32)).items()}
        for batch in setup.stream.batches(0, steps)
    ]
