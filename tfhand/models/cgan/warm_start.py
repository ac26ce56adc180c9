"""A conditional GAN begun with a preset: new writers are taken in, and half of each batch the preset writes itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
import numpy as np
from keras import ops

from tfhand.core.config import ConfigError
from tfhand.data.archive import Archive
from tfhand.data.streams.base import Stream
from tfhand.data.streams.glyphs import GlyphStream
from tfhand.data.streams.writers import HandStream, writers_in
from tfhand.errors import ArchiveError
from tfhand.hands.glyph import as_network_input
from tfhand.models import presets
from tfhand.models.cgan.config import CGANTrainConfig
from tfhand.models.cgan.networks import ConditionalGAN
from tfhand.models.cgan.replay import ReplayStream, replayed_glyphs
from tfhand.models.cgan.trainer import CGANTrainer
from tfhand.models.generation import GenerationConfig
from tfhand.models.optimize_code import optimize_code
from tfhand.models.registry import load_verifier
from tfhand.training.datasets import contents, shares_of, split_people
from tfhand.training.setup import TrainingSetup

SAMPLES = 24  # glyphs of a new writer by which their vector is found
SEARCH = GenerationConfig(steps=150)  # for that vector, from the average hand
_WRITERS_AT_ONCE = 8


def is_known(networks: ConditionalGAN, preset: str, archives: Sequence[Archive], train_config: CGANTrainConfig) -> bool:
    """Whether these are the data that the preset was trained on, with the same writers held out."""
    if not networks.writer_count:
        return False
    recorded = presets.read_config(preset)["training"].get("data", ())
    same = len(recorded) == len(archives) and all(
        contents(archive).items() <= each.items() for archive, each in zip(archives, recorded, strict=True)
    )
    return same and _count(_in_training(archives, train_config)) == networks.writer_count


def teach(
    networks: ConditionalGAN, archives: Sequence[Archive], train_config: CGANTrainConfig, seed: int
) -> TrainingSetup:
    """A trainer that begins with the networks; the new writers have the last vectors of the table.

    Raises:
        ArchiveError: the data hold nothing that the networks know.
        ConfigError: batches that cannot be halved.
    """
    config, shares = networks.config, shares_of(archives, train_config)
    seen, weights, count = _in_training(archives, train_config), networks.get_weights(), 0
    if config.writers:
        new = _half_of_hands(seen, shares, networks, train_config, seed)
        verifier = load_verifier(train_config.verifier, config)
        weights = with_writers(networks, find_hands(networks, verifier, seen, seed))
        replay = ReplayStream(networks, new)
        stream: Stream = replay
        count = replay.writer_count
    elif any((archive.places_in(config.characters) >= 0).any() for archive in seen):
        mixed, mixed_shares = [replayed_glyphs(networks, seed), *seen], [sum(shares), *shares]
        shape = config.characters, config.image_size, train_config.batch_size, seed
        stream = GlyphStream(mixed, mixed_shares, *shape, group=train_config.group)
    else:
        raise ArchiveError(f"The data hold none of {config.characters}, which is all that the preset knows.")
    keras.utils.set_random_seed(seed)
    trainer = CGANTrainer(config, train_config, count, seed)
    trainer.init_weights(weights)
    return TrainingSetup(trainer, stream, stream, train_config.batch_size)


def find_hands(
    networks: ConditionalGAN, verifier: Callable | None, archives: Sequence[Archive], seed: int = 0
) -> np.ndarray:
    """The vectors by which the networks, as they are, draw new writers' glyphs best.

    Args:
        networks: with writers.
        verifier: a `Verifier` that guides the search, or None.
        archives: of the new writers' glyphs.
        seed: of the choice of glyphs and of the search.

    Returns:
        float32 array of shape (writers, hand_size), in the order in which a `HandStream` numbers the writers.
    """
    config, rng = networks.config, np.random.default_rng(seed)
    samples, characters = [], []
    for archive in archives:
        labels = archive.places_in(config.characters)
        known, rows = writers_in(archive, config.characters)
        for writer in range(len(known)):
            own = np.flatnonzero(rows == writer)
            chosen = rng.choice(own, SAMPLES, replace=len(own) < SAMPLES)
            samples.append(as_network_input(archive.render(chosen, config.image_size)))
            characters.append(labels[chosen])
    parts = [slice(at, at + _WRITERS_AT_ONCE) for at in range(0, len(samples), _WRITERS_AT_ONCE)]
    codes = [
        optimize_code(networks, verifier, np.stack(samples[part]), np.stack(characters[part]), SEARCH, seed=seed)
        for part in parts
    ]
    return np.concatenate(codes)[:, : config.hand_size]


def with_writers(networks: ConditionalGAN, hands: np.ndarray) -> list[np.ndarray]:
    """The weights of networks that know new writers as well, whose vectors (n, hand_size) come last in the table."""
    values = networks.get_weights()
    table = next(place for place, variable in enumerate(networks.weights) if variable is networks.table)
    values[table] = np.concatenate([ops.convert_to_numpy(networks.hands()), hands])
    return values


def _in_training(archives: Sequence[Archive], train_config: CGANTrainConfig) -> list[Archive]:
    return split_people(archives, train_config.validation)[0]


def _count(archives: Sequence[Archive]) -> int:
    """The writers in all archives."""
    return sum(len(archive.need_writers(least=1)) for archive in archives)


def _half_of_hands(
    archives: Sequence[Archive],
    shares: Sequence[float],
    networks: ConditionalGAN,
    train_config: CGANTrainConfig,
    seed: int,
) -> HandStream:
    """Batches of half as many writers as there are in a step, everyone of the archives among them."""
    config = networks.config
    if train_config.hands % 2:
        raise ConfigError(
            "Half of a batch's writers are the preset's own; make --batch-size a multiple of "
            f"{2 * train_config.targets}."
        )
    shape = config.characters, config.image_size, train_config.hands // 2, train_config.targets, 1
    stream = HandStream(archives, shares, *shape, seed)
    if stream.writer_count != _count(archives):
        raise ArchiveError(f"Someone in the data has not written two different ones of {config.characters}.")
    return stream
