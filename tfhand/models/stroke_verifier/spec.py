"""The family of the verifier that goes by pen strokes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tfhand.models.spec import Capability, ModelSpec, always
from tfhand.models.stroke_verifier.config import StrokeVerifierConfig, StrokeVerifierTrainConfig
from tfhand.models.verifier.spec import signatures

if TYPE_CHECKING:
    from tfhand.data.archive import Archive
    from tfhand.models.stroke_verifier.networks import StrokeVerifier
    from tfhand.training.setup import TrainingSetup


def _networks() -> type[StrokeVerifier]:
    from tfhand.models.stroke_verifier.networks import StrokeVerifier

    return StrokeVerifier


def _make_trainer(
    archives: Sequence[Archive], config: StrokeVerifierConfig, train_config: StrokeVerifierTrainConfig, seed: int
) -> TrainingSetup:
    from tfhand.core.config import as_json
    from tfhand.data.streams.pairs import PairStream
    from tfhand.models.stroke_verifier.networks import StrokeVerifier
    from tfhand.models.stroke_verifier.trainer import StrokeVerifierTrainer
    from tfhand.models.strokes.networks import StrokeNetworks
    from tfhand.training.datasets import split_archives
    from tfhand.training.setup import TrainingSetup

    seen, unseen, shares = split_archives(archives, config, train_config, seed)
    networks = StrokeVerifier(**as_json(config))
    networks.use_strokes_of(StrokeNetworks.like_preset(train_config.strokes, config))
    shape = config.characters, config.image_size, train_config.people, train_config.glyphs
    stream = PairStream(seen, shares, *shape, spread=0.0, mixed=train_config.mixed, seed=seed)
    shown = PairStream(unseen, shares, *shape, spread=0.0, seed=seed)
    images = 2 * train_config.people * train_config.glyphs
    return TrainingSetup(StrokeVerifierTrainer(networks, train_config, seed), stream, shown, images)


STROKE_VERIFIER = ModelSpec(
    name="stroke-verifier",
    help="tells by the strokes of the pen whether one person wrote two sets of letters",
    config=StrokeVerifierConfig,
    train_config=StrokeVerifierTrainConfig,
    networks=_networks,
    make_trainer=_make_trainer,
    capabilities=always(Capability.VERIFIES),
    signatures=signatures,
    batch_field="people",
)
