"""The family of StyleGAN."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tfhand.models.generation import GenerationConfig
from tfhand.models.spec import Capability, ModelSpec, always, go_on
from tfhand.models.stylegan.config import StyleGANConfig, StyleGANTrainConfig
from tfhand.training.family import WarmStart

if TYPE_CHECKING:
    from tfhand.data.archive import Archive
    from tfhand.models.serving import Signatures
    from tfhand.models.stylegan.networks import StyleGAN
    from tfhand.training.setup import TrainingSetup


def _networks() -> type[StyleGAN]:
    from tfhand.models.stylegan.networks import StyleGAN

    return StyleGAN


def _make_trainer(
    archives: Sequence[Archive], config: StyleGANConfig, train_config: StyleGANTrainConfig, seed: int
) -> TrainingSetup:
    """On glyphs or, where it is asked who wrote them, on characters that several writers write."""
    from tfhand.models.registry import load_verifier
    from tfhand.models.stylegan.people_trainer import PeopleTrainer
    from tfhand.models.stylegan.trainer import StyleGANTrainer
    from tfhand.training.datasets import glyph_streams, parallel_streams
    from tfhand.training.setup import TrainingSetup

    verifier = load_verifier(train_config.verifier, config)
    if train_config.same_writer:
        stream, shown = parallel_streams(archives, config, train_config, seed)
    else:
        stream, shown = glyph_streams(archives, config, train_config, seed, train_config.vary)
    if train_config.encoded:
        trainer: StyleGANTrainer = PeopleTrainer(config, train_config, verifier, seed)
    else:
        trainer = StyleGANTrainer(config, train_config, seed)
    return TrainingSetup(trainer, stream, shown, train_config.batch_size)


def _signatures(networks: Any) -> Signatures:
    from tfhand.models.serving import Signature, floats, numbers

    config, size = networks.config, networks.config.style_size
    styles = {
        "styles": floats(config.layer_count, size),
        "characters": numbers(),
        "noise": floats(config.noise_size),
    }
    latent = {"latent": floats(config.latent_size), "characters": numbers()}
    pair = {"first": floats(size), "second": floats(size), "crossover": numbers()}
    return {
        "map": Signature(networks.map, latent, "styles"),
        "synthesize": Signature(networks.synthesize, styles, "images"),
        "mix": Signature(networks.mix, pair, "styles"),
    }


STYLEGAN = ModelSpec(
    name="stylegan",
    help="StyleGAN2 with characters: letters in random hands, to be mixed and truncated",
    config=StyleGANConfig,
    train_config=StyleGANTrainConfig,
    networks=_networks,
    make_trainer=_make_trainer,
    capabilities=always(Capability.WRITES, Capability.KEEPS_HAND, Capability.HAS_STYLES),
    generation=lambda config: GenerationConfig(reader="reader62"),
    signatures=_signatures,
    warm_start=WarmStart(
        help="train it on the letters of --data",
        # Networks that draw letters already need fewer steps; at a tenth of the usual rates they hardly move.
        defaults=MappingProxyType({"steps": 2000}),
        make_trainer=go_on(_make_trainer, _networks),
        additions=("adapter_depth",),
    ),
    side_by_side=True,
)
