"""The family of the aligner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tfhand.models.aligner.config import AlignerConfig, AlignerTrainConfig
from tfhand.models.aligner.light import LightAligner
from tfhand.models.light import LightForm
from tfhand.models.spec import Capability, ModelSpec, always

if TYPE_CHECKING:
    from tfhand.data.words import WordArchive
    from tfhand.models.aligner.networks import Aligner
    from tfhand.models.serving import Signatures
    from tfhand.training.setup import TrainingSetup


def _networks() -> type[Aligner]:
    from tfhand.models.aligner.networks import Aligner

    return Aligner


def _make_trainer(
    archives: Sequence[WordArchive], config: AlignerConfig, train_config: AlignerTrainConfig, seed: int
) -> TrainingSetup:
    from tfhand.models.aligner.trainer import AlignerTrainer
    from tfhand.training.datasets import word_streams
    from tfhand.training.setup import TrainingSetup

    stream, shown = word_streams(archives, config, train_config, seed)
    trainer = AlignerTrainer(config, train_config, seed)
    trainer.measure(stream.archives)
    return TrainingSetup(trainer, stream, shown, train_config.batch_size)


def _signatures(networks: Any) -> Signatures:
    from tfhand.models.serving import Signature, floats

    pictures = {"images": floats(networks.image_size, None, 1)}
    return {
        "read": Signature(networks.read, pictures, "logits"),
        "find_letters": Signature(networks.find_letters, pictures, "logits"),
    }


def _light_signatures(networks: Any) -> Signatures:
    """Both heads in one, which share all that is seen."""
    from keras import ops

    from tfhand.models.serving import Signature, floats, numbers

    def columns(images: Any) -> Any:
        return ops.concatenate(networks(images), axis=-1)

    def durations(classes: Any) -> Any:
        return ops.take(networks.durations, classes, axis=0)

    return {
        "columns": Signature(columns, {"images": floats(networks.image_size, None, 1)}, "logits"),
        "durations": Signature(durations, {"classes": numbers()}, "durations"),
    }


ALIGNER = ModelSpec(
    name="aligner",
    help="finds the letters of a known text in a line of handwriting",
    config=AlignerConfig,
    train_config=AlignerTrainConfig,
    networks=_networks,
    make_trainer=_make_trainer,
    capabilities=always(Capability.ALIGNS),
    signatures=_signatures,
    light=LightForm(_light_signatures, LightAligner),
    words=True,
    side_by_side=True,
)
