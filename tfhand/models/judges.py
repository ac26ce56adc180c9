"""How data become the trainer and the streams of a judge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tfhand.models.reader.config import ReaderConfig, ReaderTrainConfig
from tfhand.models.setup import Prepared, hand_streams, people
from tfhand.models.verifier.config import VerifierConfig, VerifierTrainConfig

if TYPE_CHECKING:
    from tfhand.data.archive import Archive


def prepare_reader(
    archives: Sequence[Archive], settings: ReaderConfig, training: ReaderTrainConfig, seed: int
) -> Prepared:
    from tfhand.models.reader.trainer import ReaderTrainer

    stream, shown = hand_streams(archives, settings, training, 1, seed)
    return Prepared(ReaderTrainer(settings, training, seed=seed), stream, shown, training.hands * training.targets)


def prepare_verifier(
    archives: Sequence[Archive], settings: VerifierConfig, training: VerifierTrainConfig, seed: int
) -> Prepared:
    from tfhand.data.streams.pairs import PairStream
    from tfhand.models.verifier.trainer import VerifierTrainer

    seen, unseen, shares = people(archives, settings, training, seed)
    shape = settings.characters, settings.image_size, training.people, training.glyphs, training.spread
    stream, shown = (PairStream(each, shares, *shape, seed=seed) for each in (seen, unseen))
    images = 2 * training.people * training.glyphs
    return Prepared(VerifierTrainer(settings, training, seed=seed), stream, shown, images)
