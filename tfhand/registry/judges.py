"""How data become the trainer and the streams of a judge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tfhand.families import ReaderSettings, ReaderTraining, VerifierSettings, VerifierTraining
from tfhand.registry.family import Prepared, hand_streams, people

if TYPE_CHECKING:
    from tfhand.data.archive import Archive


def prepare_reader(
    archives: Sequence[Archive], settings: ReaderSettings, training: ReaderTraining, seed: int
) -> Prepared:
    from tfhand.training.reader import ReaderTrainer

    stream, shown = hand_streams(archives, settings, training, 1, seed)
    return Prepared(ReaderTrainer(settings, training, seed=seed), stream, shown, training.hands * training.targets)


def prepare_verifier(
    archives: Sequence[Archive], settings: VerifierSettings, training: VerifierTraining, seed: int
) -> Prepared:
    from tfhand.data.pairs import PairStream
    from tfhand.training.verifier import VerifierTrainer

    seen, unseen, shares = people(archives, settings, training, seed)
    shape = settings.characters, settings.image_size, training.people, training.glyphs, training.spread
    stream, shown = (PairStream(each, shares, *shape, seed=seed) for each in (seen, unseen))
    images = 2 * training.people * training.glyphs
    return Prepared(VerifierTrainer(settings, training, seed=seed), stream, shown, images)
