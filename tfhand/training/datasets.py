"""Data sets for a training: loaded by name, split by writers, as streams."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfhand.data import sources
from tfhand.data.archive import Archive
from tfhand.data.streams.base import Stream
from tfhand.data.streams.glyphs import GlyphStream
from tfhand.data.streams.parallel_writers import ParallelWritersStream
from tfhand.data.streams.words import WordStream
from tfhand.data.streams.writers import HandStream
from tfhand.data.words import WordArchive
from tfhand.data.written import Own, Written
from tfhand.errors import ArchiveError


def load_archives(names: Sequence[str], words: bool = False) -> Sequence[Written]:
    """The data sets by name or path: of characters, or of words.

    Raises:
        ArchiveError: unknown or not such an archive.
    """
    return [sources.load_words(name) if words else sources.load(name) for name in names]


def contents(archive: Written) -> dict[str, Any]:
    """How much a data set holds, for the record and to know it again."""
    writers = 0 if archive.writers is None else len(set(archive.writers.tolist()))
    return {archive.unit: len(archive), "writers": writers, "characters": archive.characters}


def held_out_writers(names: Sequence[str], archives: Sequence[Written], train_config: Any) -> dict[str, list[int]]:
    """The writers that a training never sees: for each data set with writers, by its name without folder and ending."""
    share = train_config.validation
    _, unseen = split_people(archives, share)
    return {
        Path(name).stem: sorted(set(validation.writers.tolist())) if share else []
        for name, validation in zip(names, unseen, strict=True)
        if validation.writers is not None
    }


def last_rows(names: Sequence[str], archives: Sequence[Written], train_config: Any, count: int) -> dict[str, list[int]]:
    """The table rows of the writers in training, by data set, where they are the last of `count` rows."""
    unseen = held_out_writers(names, archives, train_config)
    rows, last = {}, count
    for name, archive in reversed([*zip((Path(name).stem for name in names), archives, strict=True)]):
        first = last - (len(archive.need_writers(least=1)) - len(unseen[name]))
        rows[name], last = list(range(first, last)), first
    return dict(reversed(rows.items()))


def split_people(archives: Sequence[Own], share: float) -> tuple[list[Own], list[Own]]:
    """(training, validation) of each archive: different writers where they are known, else all of it twice.

    Writers with the same number in several archives may be the same people, so they are on one side in all of them.

    Args:
        archives: data sets.
        share: of each one's writers, that goes to validation; 0 holds nobody out.

    Raises:
        ArchiveError: one of them has nobody left on one side.
    """
    seen: list[Own] = []
    unseen: list[Own] = []
    sides: dict[int, bool] = {}  # of a writer so far: whether held out
    for archive in archives:
        if archive.writers is None or not share:
            seen, unseen = [*seen, archive], [*unseen, archive]
            continue
        training, validation = archive.split_writers(share)
        sides = {**dict.fromkeys(training.tolist(), False), **dict.fromkeys(validation.tolist(), True)} | sides
        held_out = np.array([sides[writer] for writer in archive.writers.tolist()])
        if held_out.all() or not held_out.any():
            raise ArchiveError("A data set's writers are all in another one too, and all on one side; name fewer.")
        seen.append(archive.select(np.flatnonzero(~held_out)))
        unseen.append(archive.select(np.flatnonzero(held_out)))
    return seen, unseen


def shares_of(archives: Sequence[Written], train_config: Any) -> tuple[float, ...]:
    """How often each data set is drawn from.

    Raises:
        ArchiveError: not one share for each.
    """
    shares = train_config.shares or (1.0,) * len(archives)
    if len(shares) != len(archives) or min(shares) < 0 or sum(shares) == 0:
        raise ArchiveError(f"--shares must be {len(archives)} numbers, one for each data set, not all 0.")
    return shares


def split_archives(
    archives: Sequence[Own], config: Any, train_config: Any, seed: int
) -> tuple[Sequence[Own], Sequence[Own], Sequence[float]]:
    """(training, validation) archives, of different writers where these are known, and how often each is drawn from.

    Sets the seed of the initial weights.

    Raises:
        ArchiveError: a character is in none of the archives, or an archive has one writer only.
    """
    absent = set(config.characters).difference(*(archive.characters for archive in archives))
    if absent:
        some = " ".join(sorted(absent)[:10])
        raise ArchiveError(f"The data hold no {some}; name other data sets or fewer --characters.")
    shares = shares_of(archives, train_config)
    for archive in archives:
        if archive.writers is not None:
            archive.need_writers()
    seen, unseen = split_people(archives, train_config.validation)
    keras.utils.set_random_seed(seed)
    return seen, unseen, shares


def glyph_streams(
    archives: Sequence[Archive], config: Any, train_config: Any, seed: int, vary: bool = False
) -> tuple[Stream, Stream]:
    """(training, validation): streams of glyphs whose characters alone count."""
    seen, unseen, shares = split_archives(archives, config, train_config, seed)
    shape = config.characters, config.image_size, train_config.batch_size, seed, vary
    return GlyphStream(seen, shares, *shape, train_config.group), GlyphStream(unseen, shares, *shape)


def parallel_streams(archives: Sequence[Archive], config: Any, train_config: Any, seed: int) -> tuple[Stream, Stream]:
    """(training, validation): several writers who write the same characters, and glyphs of other writers."""
    seen, unseen, shares = split_archives(archives, config, train_config, seed)
    shape = config.characters, config.image_size, train_config.batch_size, seed, train_config.vary
    references = train_config.references if train_config.encoded else 0
    stream = ParallelWritersStream(seen, shares, *shape, train_config.group, train_config.targets, references)
    return stream, GlyphStream(unseen, shares, *shape)


def word_streams(
    archives: Sequence[WordArchive], config: Any, train_config: Any, seed: int
) -> tuple[WordStream, WordStream]:
    """(training, validation): streams of lines of words, by different people."""
    seen, unseen, shares = split_archives(archives, config, train_config, seed)
    sizes = config.image_size, train_config.line_width, train_config.batch_size, train_config.line_letters
    known = shares, config.characters, *sizes, seed
    return WordStream(seen, *known), WordStream(unseen, *known)


def hand_streams(
    archives: Sequence[Archive], config: Any, train_config: Any, references: int, seed: int
) -> tuple[HandStream, HandStream]:
    """(training, validation): streams of the glyphs of one person at a time, of different people."""
    seen, unseen, shares = split_archives(archives, config, train_config, seed)
    shape = config.characters, config.image_size, train_config.hands, train_config.targets, references
    return HandStream(seen, shares, *shape, seed=seed), HandStream(unseen, shares, *shape, seed=seed)
