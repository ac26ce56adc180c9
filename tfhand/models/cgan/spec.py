"""The family of the conditional GAN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tfhand.models.cgan.config import CGANConfig, CGANTrainConfig
from tfhand.models.common.checks import check_groups
from tfhand.models.generation import GenerationConfig
from tfhand.models.spec import Capability, ModelSpec
from tfhand.training.family import WarmStart

if TYPE_CHECKING:
    from tfhand.data.archive import Archive
    from tfhand.models.cgan.networks import ConditionalGAN
    from tfhand.models.serving import Signatures
    from tfhand.training.setup import TrainingSetup


def _networks() -> type[ConditionalGAN]:
    from tfhand.models.cgan.networks import ConditionalGAN

    return ConditionalGAN


def _check(config: CGANConfig, train_config: CGANTrainConfig) -> None:
    """With writers the discriminator compares no letters, and batches are not made of groups."""
    if not config.writers:
        check_groups(train_config)


def _make_trainer(
    archives: Sequence[Archive], config: CGANConfig, train_config: CGANTrainConfig, seed: int
) -> TrainingSetup:
    """On glyphs or, where writers are asked for, on the glyphs of one writer at a time."""
    from tfhand.models.cgan.trainer import CGANTrainer
    from tfhand.models.registry import load_verifier
    from tfhand.training.datasets import glyph_streams, hand_streams
    from tfhand.training.setup import TrainingSetup

    if not config.writers:
        stream, shown = glyph_streams(archives, config, train_config, seed)
        return TrainingSetup(CGANTrainer(config, train_config, seed=seed), stream, shown, train_config.batch_size)
    load_verifier(train_config.verifier, config)  # a wrong one is told at once
    hands, shown_hands = hand_streams(archives, config, train_config, 1, seed)
    trainer = CGANTrainer(config, train_config, hands.writer_count, seed)
    return TrainingSetup(trainer, hands, shown_hands, train_config.batch_size)


def _warm_start(
    archives: Sequence[Archive], config: CGANConfig, train_config: CGANTrainConfig, seed: int, preset: str
) -> TrainingSetup:
    """The training just goes on where all writers are the preset's own; else new ones are taken in."""
    from tfhand.models.cgan.networks import ConditionalGAN
    from tfhand.models.cgan.warm_start import is_known, teach

    networks = ConditionalGAN.from_preset(preset)
    if is_known(networks, preset, archives, train_config):
        setup = _make_trainer(archives, config, train_config, seed)
        setup.trainer.init_weights(networks.get_weights())
        return setup
    return teach(networks, archives, train_config, seed)


def _capabilities(config: Mapping[str, Any]) -> Capability:
    if not config.get("writers"):
        return Capability.WRITES
    return Capability.WRITES | Capability.KEEPS_HAND | Capability.HAS_WRITERS


def _signatures(networks: Any) -> Signatures:
    from tfhand.models.serving import Signature, floats, numbers

    config = networks.config
    query = {"characters": numbers(), "noise": floats(config.noise_size)}
    if not config.writers:
        return {"generate": Signature(networks.generate, query, "images")}
    hand = {"writers": numbers(), "transform": floats(config.transform_size)}
    return {
        "write": Signature(networks.write, {"code": floats(config.code_size), **query}, "images"),
        "hand": Signature(networks.hand, hand, "code"),
    }


CGAN = ModelSpec(
    name="cgan",
    help="the conditional GAN: a character, and a writer if wanted, in; a letter out",
    config=CGANConfig,
    train_config=CGANTrainConfig,
    networks=_networks,
    make_trainer=_make_trainer,
    capabilities=_capabilities,
    generation=lambda config: GenerationConfig(steps=150),  # there is no encoder to begin from
    signatures=_signatures,
    warm_start=WarmStart(
        help="teach it the letters of --data; half of each batch it writes itself, so as not to forget others",
        # A person has few letters, and everyone's are learned: minutes, and augmentation that keeps up with them.
        defaults=MappingProxyType({"steps": 600, "validation": 0.0, "augment_steps": 1000, "learning_rate": 1e-4}),
        make_trainer=_warm_start,
    ),
    check=_check,
    progress_metrics=("adversarial", "real", "fake", "augmentation"),
    side_by_side=True,
)
