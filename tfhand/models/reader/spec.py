"""The family of the reader."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tfhand.models.light import LightForm
from tfhand.models.reader.config import ReaderConfig, ReaderTrainConfig
from tfhand.models.reader.light import LightReader
from tfhand.models.spec import Capability, ModelSpec, always

if TYPE_CHECKING:
    from tfhand.data.archive import Archive
    from tfhand.models.reader.networks import Reader
    from tfhand.models.serving import Signatures
    from tfhand.training.setup import TrainingSetup


def _networks() -> type[Reader]:
    from tfhand.models.reader.networks import Reader

    return Reader


def _make_trainer(
    archives: Sequence[Archive], config: ReaderConfig, train_config: ReaderTrainConfig, seed: int
) -> TrainingSetup:
    from tfhand.models.reader.trainer import ReaderTrainer
    from tfhand.training.datasets import hand_streams
    from tfhand.training.setup import TrainingSetup

    stream, shown = hand_streams(archives, config, train_config, 1, seed)
    trainer = ReaderTrainer(config, train_config, seed=seed)
    return TrainingSetup(trainer, stream, shown, train_config.hands * train_config.targets)


def _signatures(networks: Any) -> Signatures:
    from tfhand.models.serving import Signature, floats

    size = networks.image_size
    return {"read": Signature(networks, {"images": floats(size, size, 1)}, "logits")}


READER = ModelSpec(
    name="reader",
    help="reads characters: the measure of legibility",
    config=ReaderConfig,
    train_config=ReaderTrainConfig,
    networks=_networks,
    make_trainer=_make_trainer,
    capabilities=always(Capability.READS),
    signatures=_signatures,
    light=LightForm(_signatures, LightReader),
    batch_field="hands",
)
