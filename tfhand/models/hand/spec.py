"""The family of networks that learn a hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tfhand.models.generation import GenerationConfig
from tfhand.models.hand.config import HandConfig, HandTrainConfig
from tfhand.models.spec import Capability, ModelSpec, always

if TYPE_CHECKING:
    from tfhand.data.archive import Archive
    from tfhand.models.hand.networks import HandNetworks
    from tfhand.models.serving import Signatures
    from tfhand.training.setup import TrainingSetup


def _networks() -> type[HandNetworks]:
    from tfhand.models.hand.networks import HandNetworks

    return HandNetworks


def _make_trainer(
    archives: Sequence[Archive], config: HandConfig, train_config: HandTrainConfig, seed: int
) -> TrainingSetup:
    from tfhand.models.hand.trainer import HandTrainer
    from tfhand.models.registry import load_verifier
    from tfhand.training.datasets import hand_streams
    from tfhand.training.setup import TrainingSetup

    verifier = load_verifier(train_config.verifier, config)
    stream, shown = hand_streams(archives, config, train_config, train_config.references, seed)
    trainer = HandTrainer(config, train_config, stream.writer_count, verifier, seed)
    return TrainingSetup(trainer, stream, shown, train_config.hands * train_config.targets)


def _signatures(networks: Any) -> Signatures:
    from tfhand.models.serving import Signature, floats, numbers

    config, size = networks.config, networks.image_size
    samples = {"samples": floats(None, size, size, 1), "characters": numbers(None), "mask": floats(None)}
    query = {"code": floats(config.code_size), "characters": numbers(), "noise": floats(config.noise_size)}
    return {
        "encode_hand": Signature(networks.encode, samples, "code"),
        "write": Signature(networks.write, query, "images"),
    }


HAND = ModelSpec(
    name="hand",
    help="learns hands: a few of a person's letters in, any letter out",
    config=HandConfig,
    train_config=HandTrainConfig,
    networks=_networks,
    make_trainer=_make_trainer,
    capabilities=always(Capability.WRITES, Capability.KEEPS_HAND, Capability.RATES_SAMPLES),
    generation=lambda config: GenerationConfig(reader="reader62"),
    signatures=_signatures,
    batch_field="hands",
    progress_metrics=("pixels", "encoded_pixels", "hand", "hand_fake"),
    side_by_side=True,
)
