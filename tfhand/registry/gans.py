"""How data become the trainer and the streams of a GAN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tfhand.errors import ArchiveError, PresetError
from tfhand.families import (
    CGANSettings,
    CGANTraining,
    HandSettings,
    HandTraining,
    StarGANSettings,
    StarGANTraining,
    StyleGANSettings,
    StyleGANTraining,
)
from tfhand.registry.family import Prepared, hand_streams, letter_streams, split

if TYPE_CHECKING:
    from tfhand.data.archive import Archive


def prepare_stargan(
    archives: Sequence[Archive], settings: StarGANSettings, training: StarGANTraining, seed: int
) -> Prepared:
    import keras

    from tfhand.data.domains import StarGANStream
    from tfhand.training.stargan import StarGANTrainer

    if len(archives) != 1:
        raise ArchiveError("StarGAN v2 learns from one data set; give --data once.")
    seen, unseen = split(archives[0], training.validation)
    if training.same_writer:
        seen.need_writers()
    shape = settings.characters, settings.image_size, training.batch_size
    stream, shown = StarGANStream(seen, *shape, seed=seed), StarGANStream(unseen, *shape, seed=seed)
    keras.utils.set_random_seed(seed)
    trainer = StarGANTrainer(settings, training, writers=stream.writer_count, seed=seed)
    return Prepared(trainer, stream, shown, training.batch_size)


def prepare_cgan(archives: Sequence[Archive], settings: CGANSettings, training: CGANTraining, seed: int) -> Prepared:
    """The conditional GAN, on letters or, where writers are asked for, on people's letters."""
    from tfhand.training.cgan import CGANTrainer

    if settings.writers:
        stream, shown = hand_streams(archives, settings, training, 1, seed)
        trainer = CGANTrainer(settings, training, stream.writer_count, seed)
    else:
        stream, shown = letter_streams(archives, settings, training, seed)
        trainer = CGANTrainer(settings, training, seed=seed)
    return Prepared(trainer, stream, shown, training.batch_size)


def prepare_stylegan(
    archives: Sequence[Archive], settings: StyleGANSettings, training: StyleGANTraining, seed: int
) -> Prepared:
    """StyleGAN, on letters."""
    from tfhand.training.stylegan import StyleGANTrainer

    stream, shown = letter_streams(archives, settings, training, seed, training.vary)
    return Prepared(StyleGANTrainer(settings, training, seed), stream, shown, training.batch_size)


def prepare_hand(archives: Sequence[Archive], settings: HandSettings, training: HandTraining, seed: int) -> Prepared:
    from tfhand.training.hand import HandTrainer

    verifier = _verifier(training.verifier, settings) if training.verifier else None
    stream, shown = hand_streams(archives, settings, training, training.references, seed)
    trainer = HandTrainer(settings, training, stream.writer_count, verifier, seed)
    return Prepared(trainer, stream, shown, training.hands * training.targets)


def _verifier(name: str, settings: HandSettings) -> Any:
    """The verifier that a hand's training asks, if it knows these characters at this size.

    Raises:
        PresetError: it does not.
    """
    from tfhand import presets

    verifier = presets.load(name)
    if presets.config(name)["class"] != "Verifier":
        raise PresetError(f"The preset {name} is no verifier; choose another for --verifier.")
    if (verifier.characters, verifier.settings.image_size) != (settings.characters, settings.image_size):
        raise PresetError(f"The verifier {name} knows other characters, or glyphs of another size, than this training.")
    return verifier
