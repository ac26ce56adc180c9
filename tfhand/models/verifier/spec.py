"""The family of the verifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tfhand.models.spec import Capability, ModelSpec, always
from tfhand.models.verifier.config import VerifierConfig, VerifierTrainConfig

if TYPE_CHECKING:
    from tfhand.data.archive import Archive
    from tfhand.models.serving import Signatures
    from tfhand.models.verifier.networks import Verifier
    from tfhand.training.setup import TrainingSetup


def _networks() -> type[Verifier]:
    from tfhand.models.verifier.networks import Verifier

    return Verifier


def _make_trainer(
    archives: Sequence[Archive], config: VerifierConfig, train_config: VerifierTrainConfig, seed: int
) -> TrainingSetup:
    from tfhand.core.config import as_json
    from tfhand.data.streams.pairs import PairStream
    from tfhand.models.verifier.networks import Verifier
    from tfhand.models.verifier.trainer import VerifierTrainer
    from tfhand.training.datasets import split_archives
    from tfhand.training.setup import TrainingSetup

    seen, unseen, shares = split_archives(archives, config, train_config, seed)
    shape = config.characters, config.image_size, train_config.people, train_config.glyphs, train_config.spread
    stream, shown = (PairStream(each, shares, *shape, seed=seed) for each in (seen, unseen))
    images = 2 * train_config.people * train_config.glyphs
    trainer = VerifierTrainer(Verifier(**as_json(config)), train_config, seed)
    return TrainingSetup(trainer, stream, shown, images)


def signatures(networks: Any) -> Signatures:
    """Of a network of sets of glyphs."""
    from tfhand.models.serving import Signature, floats, numbers

    size = networks.image_size
    sets = {"glyphs": floats(None, size, size, 1), "characters": numbers(None), "mask": floats(None)}
    return {"embed": Signature(networks, sets, "embeddings")}


VERIFIER = ModelSpec(
    name="verifier",
    help="tells whether one person wrote two sets of letters: the measure of the hand",
    config=VerifierConfig,
    train_config=VerifierTrainConfig,
    networks=_networks,
    make_trainer=_make_trainer,
    capabilities=always(Capability.VERIFIES),
    signatures=signatures,
    batch_field="people",
)
