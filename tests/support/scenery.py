"""Shared by the tests of evaluation: procedural writers, networks too small to write, and an evaluation set of them."""

from __future__ import annotations

from functools import cache

import keras
import numpy as np

from tfhand.core.config import as_json
from tfhand.data import synthetic
from tfhand.data.archive import Archive
from tfhand.evaluation import EvaluationSet
from tfhand.models.hand.config import HandConfig
from tfhand.models.hand.networks import HandNetworks
from tfhand.models.pipeline import GlyphPipeline
from tfhand.models.reader.config import ReaderConfig
from tfhand.models.reader.networks import Reader
from tfhand.models.verifier.config import VerifierConfig
from tfhand.models.verifier.networks import Verifier

CHARACTERS = "0O1aceghknrst23456789"
HELD_OUT = [1, 4, 5, 8]
TINY = HandConfig(
    characters=CHARACTERS, hand_size=6, noise_size=2, character_size=4, style_size=8, mapping_width=8, mapping_depth=1,
    generator_widths=(4, 4, 4, 4), encoder_widths=(4, 4, 4), encoder_features=8,
)  # fmt: skip
READING = ReaderConfig(characters=CHARACTERS, widths=(4, 4, 4), features=8)
VERIFYING = VerifierConfig(
    characters=CHARACTERS[::-1], widths=(4, 4, 4), features=8, character_size=4, embedding_size=6
)


@cache
def archive() -> Archive:
    """Ten writers, each character twice, and a character that is not looked at."""
    return synthetic.archive(writers=10, samples=2, seed=20, characters=CHARACTERS + "Z")


@cache
def networks() -> HandNetworks:
    """Untrained."""
    keras.utils.set_random_seed(0)
    return HandNetworks(**as_json(TINY))


@cache
def pipeline() -> GlyphPipeline:
    """On the untrained networks, without a verifier."""
    return GlyphPipeline(networks())


@cache
def reader() -> Reader:
    """Untrained."""
    keras.utils.set_random_seed(1)
    return Reader(**as_json(READING))


@cache
def verifier() -> Verifier:
    """Untrained; its characters come in another order than those of the others."""
    keras.utils.set_random_seed(2)
    return Verifier(**as_json(VERIFYING))


@cache
def evaluation_set() -> EvaluationSet:
    """Four people with five support letters each."""
    return EvaluationSet(archive(), HELD_OUT, CHARACTERS, samples=5)


def without(whole: Archive, writer: int, character: str, keep: int = 0) -> Archive:
    """The archive after somebody lost all letters of a character but some."""
    lost = np.flatnonzero((whole.writers == writer) & (whole.labels == CHARACTERS.index(character)))
    return whole.select(np.setdiff1d(np.arange(len(whole)), lost[keep:]))
