"""What a family is, and what its preparation shares with others: data sets, and who of them is held out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfhand.errors import ArchiveError

if TYPE_CHECKING:
    from tfhand.data.archive import Archive
    from tfhand.data.streams.base import Stream
    from tfhand.training.trainer import Trainer

_VALIDATION = 0.15  # share of the writers that are held out, where the training has no setting for it


@dataclass(frozen=True)
class Prepared:
    """What a training needs: the trainer, its batches, and batches of people it never sees, to show what it can do."""

    trainer: Trainer
    stream: Stream
    shown: Stream
    images_per_step: int


@dataclass(frozen=True)
class Beginning:
    """How a family's training begins with a preset in place of random weights.

    Attributes:
        help: what is done with the preset, in a few words.
        networks: class of the presets; their arguments hold the family's settings.
        defaults: options and settings of the training that are usual then.
        prepare: as `Family.prepare`, with the preset's name or path besides; raises PresetError too.
    """

    help: str
    networks: str
    defaults: Mapping[str, Any]
    prepare: Callable[[Sequence[Archive], Any, Any, int, str], Prepared]


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
        beginning: with a preset; None where that cannot be.
    """

    name: str
    help: str
    settings: type
    training: type
    batch: str
    prepare: Callable[[Sequence[Archive], Any, Any, int], Prepared]
    watched: tuple[str, ...] = ()
    beginning: Beginning | None = None


def load_archives(names: Sequence[str]) -> list[Archive]:
    """The data sets by name or path.

    Raises:
        ArchiveError: unknown or not an archive.
    """
    from tfhand.data import sources

    return [sources.load(name) for name in names]


def contents(archive: Archive) -> dict[str, Any]:
    """What a data set holds, for the record and to know it again."""
    writers = 0 if archive.writers is None else len(set(archive.writers.tolist()))
    return {"glyphs": len(archive), "writers": writers, "characters": archive.characters}


def use_xla(choice: str) -> bool:
    """Whether to compile with XLA: "on", "off", or "auto", on an accelerator only; on a CPU plain graphs are faster.

    JAX knows nothing but XLA, whatever this says.
    """
    if choice != "auto":
        return choice == "on"
    from tfhand.training.backend.runtime import has_accelerator

    return has_accelerator()


def held_out_writers(names: Sequence[str], archives: Sequence[Archive], training: Any) -> dict[str, list[int]]:
    """The writers that a training never sees: for each data set with writers, by its name without folder and ending."""
    share = getattr(training, "validation", _VALIDATION)
    known = {Path(name).stem: archive for name, archive in zip(names, archives, strict=True)}
    return {
        name: archive.split_writers(share)[1].tolist() if share else []
        for name, archive in known.items()
        if archive.writers is not None
    }


def last_rows(names: Sequence[str], archives: Sequence[Archive], training: Any, people: int) -> dict[str, list[int]]:
    """The numbers of the writers in training, by data set, where they are the last of so many numbered people."""
    unseen = held_out_writers(names, archives, training)
    rows, last = {}, people
    for name, archive in reversed([*zip((Path(name).stem for name in names), archives, strict=True)]):
        first = last - (len(archive.need_writers(least=1)) - len(unseen[name]))
        rows[name], last = list(range(first, last)), first
    return dict(reversed(rows.items()))


def split(archive: Archive, share: float) -> tuple[Archive, Archive]:
    """(training, validation): different people where the people are known and a share is held out, else all twice."""
    if archive.writers is None or not share:
        return archive, archive
    training, validation = archive.split_writers(share)
    return archive.of_writers(training), archive.of_writers(validation)


def shares_of(archives: Sequence[Archive], training: Any) -> tuple[float, ...]:
    """How often each data set serves."""
    shares = training.shares or (1.0,) * len(archives)
    if len(shares) != len(archives) or min(shares) < 0 or sum(shares) == 0:
        raise ArchiveError(f"--shares must be {len(archives)} numbers, one for each data set, not all 0.")
    return shares


def people(
    archives: Sequence[Archive], settings: Any, training: Any, seed: int
) -> tuple[Sequence[Archive], Sequence[Archive], Sequence[float]]:
    """(training, validation) archives, of different people where these are known, and how often each serves.

    The weights' seed is set.
    """
    import keras

    absent = set(settings.characters).difference(*(archive.characters for archive in archives))
    if absent:
        some = " ".join(sorted(absent)[:10])
        raise ArchiveError(f"The data hold no {some}; name other data sets or fewer --characters.")
    shares = shares_of(archives, training)
    for archive in archives:
        if archive.writers is not None:
            archive.need_writers()
    seen, unseen = zip(*(split(archive, training.validation) for archive in archives), strict=True)
    keras.utils.set_random_seed(seed)
    return seen, unseen, shares


def letter_streams(
    archives: Sequence[Archive], settings: Any, training: Any, seed: int, vary: bool = False
) -> tuple[Stream, Stream]:
    """(training, validation): streams of letters whose characters alone count."""
    from tfhand.data.streams.glyphs import GlyphStream

    seen, unseen, shares = people(archives, settings, training, seed)
    shape = settings.characters, settings.image_size, training.batch_size
    options = seed, vary
    return GlyphStream(seen, shares, *shape, *options, training.group), GlyphStream(unseen, shares, *shape, *options)


def dictation_streams(archives: Sequence[Archive], settings: Any, training: Any, seed: int) -> tuple[Stream, Stream]:
    """(training, validation): people who write the same characters, and letters of other people."""
    from tfhand.data.streams.glyphs import GlyphStream
    from tfhand.data.streams.parallel_writers import ParallelWritersStream

    seen, unseen, shares = people(archives, settings, training, seed)
    shape = settings.characters, settings.image_size, training.batch_size, seed, training.vary
    stream = ParallelWritersStream(seen, shares, *shape, training.group, training.targets)
    return stream, GlyphStream(unseen, shares, *shape)


def hand_streams(
    archives: Sequence[Archive], settings: Any, training: Any, references: int, seed: int
) -> tuple[Stream, Stream]:
    """(training, validation): streams of people's letters, of different people."""
    from tfhand.data.streams.writers import HandStream

    seen, unseen, shares = people(archives, settings, training, seed)
    shape = settings.characters, settings.image_size, training.hands, training.targets, references
    return HandStream(seen, shares, *shape, seed=seed), HandStream(unseen, shares, *shape, seed=seed)
