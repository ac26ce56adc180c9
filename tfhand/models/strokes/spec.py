"""The family of networks between pictures of letters and pen strokes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tfhand.models.spec import Capability, ModelSpec, always
from tfhand.models.strokes.config import StrokesConfig, StrokesTrainConfig

if TYPE_CHECKING:
    from tfhand.data.archive import Archive
    from tfhand.models.serving import Signatures
    from tfhand.models.strokes.networks import StrokeNetworks
    from tfhand.training.setup import TrainingSetup


def _networks() -> type[StrokeNetworks]:
    from tfhand.models.strokes.networks import StrokeNetworks

    return StrokeNetworks


def _make_trainer(
    archives: Sequence[Archive], config: StrokesConfig, train_config: StrokesTrainConfig, seed: int
) -> TrainingSetup:
    from tfhand.data.streams.trajectories import TrajectoryStream
    from tfhand.models.strokes.trainer import StrokesTrainer
    from tfhand.training.datasets import split_archives
    from tfhand.training.setup import TrainingSetup

    seen, unseen, shares = split_archives(archives, config, train_config, seed)
    shape = config.characters, config.image_size, train_config.batch_size, seed
    stream, shown = TrajectoryStream(seen, shares, *shape), TrajectoryStream(unseen, shares, *shape)
    return TrainingSetup(StrokesTrainer(config, train_config, seed), stream, shown, train_config.batch_size)


def _signatures(networks: Any) -> Signatures:
    from tfhand.models.serving import Signature, floats, numbers

    size = networks.image_size
    return {"trace": Signature(networks.trace, {"images": floats(size, size, 1), "characters": numbers()}, "strokes")}


STROKES = ModelSpec(
    name="strokes",
    help="finds the pen strokes that a letter was written with",
    config=StrokesConfig,
    train_config=StrokesTrainConfig,
    networks=_networks,
    make_trainer=_make_trainer,
    capabilities=always(Capability.TRACES),
    signatures=_signatures,
    progress_metrics=("distance", "strokes"),
)
