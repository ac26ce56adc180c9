"""The families that can be trained, each one entry: its settings, and how data become a trainer and its streams.

Light: TensorFlow is first imported by `Family.prepare`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tfhand.errors import ArchiveError, PresetError
from tfhand.families import (
    HandSettings,
    HandTraining,
    ReaderSettings,
    ReaderTraining,
    StarGANSettings,
    StarGANTraining,
    VerifierSettings,
    VerifierTraining,
)

if TYPE_CHECKING:
    from tfhand.data.archive import Archive
    from tfhand.data.streams import Stream
    from tfhand.training.gan import Trainer

_VALIDATION = 0.15  # share of the writers that are held out, where the training has no setting for it


@dataclass(frozen=True)
class Prepared:
    """What a training needs: the trainer, its batches, and batches of people it never sees, to show what it can do."""

    trainer: Trainer
    stream: Stream
    shown: Stream
    images_per_step: int


@dataclass(frozen=True)
class Family:
    """One family of GAN.

    Attributes:
        name: the subcommand.
        help: one line.
        settings: dataclass of the networks.
        training: dataclass of the training.
        batch: the field of `training` that --batch-size sets.
        prepare: from (archives, settings, training, seed); raises ArchiveError where the data do not serve.
        watched: the metrics to show while it runs; none for the first few.
    """

    name: str
    help: str
    settings: type
    training: type
    batch: str
    prepare: Callable[[Sequence[Archive], Any, Any, int], Prepared]
    watched: tuple[str, ...] = ()


def load_archives(names: Sequence[str]) -> list[Archive]:
    """The data sets by name or path.

    Raises:
        ArchiveError: unknown or not an archive.
    """
    from tfhand.data import sources

    return [sources.load(name) for name in names]


def use_xla(choice: str) -> bool:
    """Whether to compile with XLA: "on", "off", or "auto", on an accelerator only; on a CPU plain graphs are faster.

    JAX knows nothing but XLA, whatever this says.
    """
    if choice != "auto":
        return choice == "on"
    from tfhand.training.machine import has_accelerator

    return has_accelerator()


def held_out_writers(names: Sequence[str], archives: Sequence[Archive], training: Any) -> dict[str, list[int]]:
    """The writers that a training never sees: for each data set with writers, by its name without folder and ending."""
    share = getattr(training, "validation", _VALIDATION)
    known = {Path(name).stem: archive for name, archive in zip(names, archives, strict=True)}
    return {
        name: archive.split_writers(share)[1].tolist() for name, archive in known.items() if archive.writers is not None
    }


def _split(archive: Archive, share: float) -> tuple[Archive, Archive]:
    """(training, validation): different people where the people are known, else the same data twice."""
    if archive.writers is None:
        return archive, archive
    training, validation = archive.split_writers(share)
    return archive.of_writers(training), archive.of_writers(validation)


def _prepare_stargan(
    archives: Sequence[Archive], settings: StarGANSettings, training: StarGANTraining, seed: int
) -> Prepared:
    import keras

    from tfhand.data.streams import StarGANStream
    from tfhand.training.stargan import StarGANTrainer

    if len(archives) != 1:
        raise ArchiveError("StarGAN v2 learns from one data set; give --data once.")
    seen, unseen = _split(archives[0], training.validation)
    if training.same_writer:
        seen.need_writers()
    shape = settings.characters, settings.image_size, training.batch_size
    stream, shown = StarGANStream(seen, *shape, seed=seed), StarGANStream(unseen, *shape, seed=seed)
    keras.utils.set_random_seed(seed)
    trainer = StarGANTrainer(settings, training, writers=stream.writer_count, seed=seed)
    return Prepared(trainer, stream, shown, training.batch_size)


def _prepare_hand(archives: Sequence[Archive], settings: HandSettings, training: HandTraining, seed: int) -> Prepared:
    from tfhand.training.hand import HandTrainer

    verifier = _verifier(training.verifier, settings) if training.verifier else None
    stream, shown = _hand_streams(archives, settings, training, training.references, seed)
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


def _prepare_reader(
    archives: Sequence[Archive], settings: ReaderSettings, training: ReaderTraining, seed: int
) -> Prepared:
    from tfhand.training.reader import ReaderTrainer

    stream, shown = _hand_streams(archives, settings, training, 1, seed)
    return Prepared(ReaderTrainer(settings, training, seed=seed), stream, shown, training.hands * training.targets)


def _hand_streams(
    archives: Sequence[Archive],
    settings: HandSettings | ReaderSettings,
    training: HandTraining | ReaderTraining,
    references: int,
    seed: int,
) -> tuple[Stream, Stream]:
    """(training, validation): streams of people's letters, of different people."""
    from tfhand.data.streams import HandStream

    seen, unseen, shares = _people(archives, settings, training, seed)
    shape = settings.characters, settings.image_size, training.hands, training.targets, references
    return HandStream(seen, shares, *shape, seed=seed), HandStream(unseen, shares, *shape, seed=seed)


def _prepare_verifier(
    archives: Sequence[Archive], settings: VerifierSettings, training: VerifierTraining, seed: int
) -> Prepared:
    from tfhand.data.pairs import PairStream
    from tfhand.training.verifier import VerifierTrainer

    seen, unseen, shares = _people(archives, settings, training, seed)
    shape = settings.characters, settings.image_size, training.people, training.glyphs, training.spread
    stream, shown = (PairStream(each, shares, *shape, seed=seed) for each in (seen, unseen))
    images = 2 * training.people * training.glyphs
    return Prepared(VerifierTrainer(settings, training, seed=seed), stream, shown, images)


def _people(
    archives: Sequence[Archive], settings: Any, training: Any, seed: int
) -> tuple[Sequence[Archive], Sequence[Archive], Sequence[float]]:
    """(training, validation) archives of different people, and how often each serves; the weights' seed is set."""
    import keras

    absent = set(settings.characters).difference(*(archive.characters for archive in archives))
    if absent:
        some = " ".join(sorted(absent)[:10])
        raise ArchiveError(f"The data hold no {some}; name other data sets or fewer --characters.")
    shares = training.shares or (1.0,) * len(archives)
    if len(shares) != len(archives) or min(shares) < 0 or sum(shares) == 0:
        raise ArchiveError(f"--shares must be {len(archives)} numbers, one for each data set, not all 0.")
    for archive in archives:
        archive.need_writers()
    seen, unseen = zip(*(_split(archive, training.validation) for archive in archives), strict=True)
    keras.utils.set_random_seed(seed)
    return seen, unseen, shares


FAMILIES = MappingProxyType(
    {
        family.name: family
        for family in (
            Family(
                "hand",
                "learns hands: a few of a person's letters in, any letter out",
                HandSettings,
                HandTraining,
                "hands",
                _prepare_hand,
                ("pixels", "found_pixels", "hand", "fake"),
            ),
            Family(
                "stargan",
                "StarGAN v2 as published: a character rewritten as another, in a hand",
                StarGANSettings,
                StarGANTraining,
                "batch_size",
                _prepare_stargan,
                ("latent_critic", "latent_generator", "latent_style", "latent_cycle"),
            ),
            Family(
                "reader",
                "reads characters: the judge of legibility",
                ReaderSettings,
                ReaderTraining,
                "hands",
                _prepare_reader,
            ),
            Family(
                "verifier",
                "tells whether one person wrote two sets of letters: the judge of the hand",
                VerifierSettings,
                VerifierTraining,
                "people",
                _prepare_verifier,
            ),
        )
    }
)
