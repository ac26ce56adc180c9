"""The family of networks that complete an alphabet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tfhand.models.alphabet.config import AlphabetConfig, AlphabetTrainConfig
from tfhand.models.alphabet.light import AT_ONCE, LightAlphabet
from tfhand.models.generation import GenerationConfig
from tfhand.models.light import LightForm
from tfhand.models.spec import Capability, ModelSpec, always

if TYPE_CHECKING:
    from tfhand.data.archive import Archive
    from tfhand.models.alphabet.networks import AlphabetNetworks
    from tfhand.models.serving import Signatures
    from tfhand.training.setup import TrainingSetup


def _networks() -> type[AlphabetNetworks]:
    from tfhand.models.alphabet.networks import AlphabetNetworks

    return AlphabetNetworks


def _make_trainer(
    archives: Sequence[Archive], config: AlphabetConfig, train_config: AlphabetTrainConfig, seed: int
) -> TrainingSetup:
    from tfhand.models.alphabet.trainer import AlphabetTrainer
    from tfhand.models.registry import load_reader
    from tfhand.models.stroke_verifier.networks import StrokeVerifier
    from tfhand.training.datasets import hand_streams
    from tfhand.training.setup import TrainingSetup

    stream, shown = hand_streams(archives, config, train_config, train_config.references, seed)
    reader = load_reader(train_config.reader, config)
    verifier = StrokeVerifier.like_preset(train_config.verifier, config)
    known = sum(len(archive.need_writers(least=1)) for archive in stream.archives)
    trainer = AlphabetTrainer(replace(config, known=known), train_config, verifier, reader, seed)
    trainer.measure(stream.archives)
    return TrainingSetup(trainer, stream, shown, train_config.hands * train_config.targets)


def _signatures(networks: Any) -> Signatures:
    from tfhand.models.serving import Signature, floats, numbers

    size = networks.image_size
    samples = {"samples": floats(None, size, size, 1), "characters": numbers(None), "mask": floats(None)}
    query = {"code": floats(networks.code_size), "characters": numbers(), "noise": floats(networks.noise_size)}
    return {
        "encode_hand": Signature(networks.encode, samples, "code"),
        "write": Signature(networks.write, query, "images"),
        "write_strokes": Signature(networks.write_strokes, query, "strokes"),
    }


def _light_signatures(networks: Any) -> Signatures:
    """What remembered people have beside what is imagined of them is computed here, once for all hands."""
    from keras import ops

    from tfhand.models.serving import Signature, floats, numbers

    usual, size, form_size = _signatures(networks), networks.image_size, networks.config.form_size
    residuals = ops.convert_to_numpy(networks.residuals())
    inputs = {**usual["encode_hand"].inputs, "own": floats(None, form_size)}
    some = {"samples": floats(AT_ONCE, size, size, 1), "characters": numbers(AT_ONCE)}
    mean, factor = networks.known_people()

    def encode(samples: Any, characters: Any, mask: Any, own: Any) -> Any:
        return networks.encode(samples, characters, mask, residuals, own)

    def imagine(people: Any) -> Any:
        forms = networks.imagined_alphabets(mean + ops.matmul(people, factor.T))
        return ops.reshape(forms, (-1, networks.code_size - 1))

    return {
        "own_forms": Signature(networks.own_forms, some, "forms", rows=1),
        "encode_hand": Signature(encode, inputs, "code", rows=1),
        "write": usual["write"],
        "imagine": Signature(imagine, {"people": floats(networks.config.hand_size)}, "forms"),
    }


ALPHABET = ModelSpec(
    name="alphabet",
    help="completes a person's alphabet, as strokes of the pen: a few letters in, all others out",
    config=AlphabetConfig,
    train_config=AlphabetTrainConfig,
    networks=_networks,
    make_trainer=_make_trainer,
    capabilities=always(Capability.WRITES, Capability.KEEPS_HAND, Capability.RATES_SAMPLES),
    generation=lambda config: GenerationConfig(
        steps=0, learning_rate=0.1, prior=0.02, pixels=0.0, noise_scale=0.6, reader="reader62"
    ),
    signatures=_signatures,
    light=LightForm(_light_signatures, LightAlphabet),
    batch_field="hands",
)
