"""The family of StarGAN v2."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tfhand.errors import ArchiveError
from tfhand.models.generation import GenerationConfig
from tfhand.models.spec import Capability, ModelSpec, always, go_on
from tfhand.models.stargan.config import StarGANConfig, StarGANTrainConfig
from tfhand.training.family import WarmStart

if TYPE_CHECKING:
    from tfhand.data.archive import Archive
    from tfhand.models.serving import Signature, Signatures
    from tfhand.models.stargan.networks import StarGAN
    from tfhand.training.setup import TrainingSetup


def _networks() -> type[StarGAN]:
    from tfhand.models.stargan.networks import StarGAN

    return StarGAN


def _make_trainer(
    archives: Sequence[Archive], config: StarGANConfig, train_config: StarGANTrainConfig, seed: int
) -> TrainingSetup:
    import keras

    from tfhand.data.streams.domains import DomainStream
    from tfhand.models.stargan.trainer import StarGANTrainer
    from tfhand.training.datasets import split_people
    from tfhand.training.setup import TrainingSetup

    if len(archives) != 1:
        raise ArchiveError("StarGAN v2 learns from one data set; give --data once.")
    (seen,), (unseen,) = split_people(archives, train_config.validation)
    if train_config.same_writer or config.references > 1:
        seen.need_writers()
    samples = config.references if config.references > 1 else 0
    stream, shown = (
        DomainStream(each, config.characters, config.image_size, train_config.batch_size, seed, samples)
        for each in (seen, unseen)
    )
    keras.utils.set_random_seed(seed)
    trainer = StarGANTrainer(config, train_config, stream.writer_count, seed)
    return TrainingSetup(trainer, stream, shown, train_config.batch_size)


def _encode_hand(networks: Any) -> Signature:
    from tfhand.models.serving import Signature, floats, numbers

    size = networks.image_size
    letters = {"images": floats(None, size, size, 1), "characters": numbers(None), "mask": floats(None)}
    return Signature(networks.encode_hand, {**letters, "domain": numbers()}, "style")


def _signatures(networks: Any) -> Signatures:
    from tfhand.models.serving import Signature, floats, numbers

    config, size = networks.config, networks.image_size
    image = floats(size, size, 1)
    return {
        "translate": Signature(networks.translate, {"image": image, "style": floats(config.style_size)}, "images"),
        "encode_style": Signature(networks.encode_style, {"image": image, "domain": numbers()}, "style"),
        "map_latent": Signature(
            networks.map_latent, {"latent": floats(config.latent_size), "domain": numbers()}, "style"
        ),
        **({"encode_hand": _encode_hand(networks)} if config.references > 1 else {}),
    }


def _generation(config: StarGANConfig) -> GenerationConfig:
    """The samples are the code. Published, one random style is a hand; from several letters, each has its own."""
    return GenerationConfig(steps=0, noise_scale=0.0 if config.references == 1 else 1.0)


STARGAN = ModelSpec(
    name="stargan",
    help="StarGAN v2 as published: a character rewritten as another, in a hand",
    config=StarGANConfig,
    train_config=StarGANTrainConfig,
    networks=_networks,
    make_trainer=_make_trainer,
    capabilities=always(Capability.WRITES, Capability.KEEPS_HAND, Capability.TRANSLATES),
    generation=_generation,
    signatures=_signatures,
    warm_start=WarmStart(
        help="train it on the letters of --data",
        defaults=MappingProxyType({"steps": 2000, "diversity_steps": 2000}),
        make_trainer=go_on(_make_trainer, _networks),
    ),
    progress_metrics=("latent_discriminator", "latent_generator", "latent_style", "latent_cycle"),
    side_by_side=True,
)
