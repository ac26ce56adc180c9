"""Glyphs of one person at a time: what learning a hand goes by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from keras import ops

from tfhand.data.archive import Archive
from tfhand.data.drawing.bank import GlyphBank, as_images
from tfhand.data.drawing.scan_noise import draw_scans, grain_sheets, scan_glyphs
from tfhand.data.scan_transform import ScanTransform
from tfhand.data.streams.base import Stream
from tfhand.data.streams.groups import Groups, first_of, one_of, shuffled, weighted
from tfhand.errors import ArchiveError
from tfhand.metrics import thickness

_LETTERS_FOR_A_NIB = 40


class HandStream(Stream):
    """k-shot tuples, each of one writer: references to know the hand by, and other characters to write.

    A batch of H hands: `writer` int32 (H,) in 0..len(writers), `transform` float32 (H, TRANSFORM_SIZE), `references`
    float32 (H, K, S, S, 1) with `reference_characters` int32 (H, K) and `reference_mask` float32 (H, K) (1 to K of them
    count), `targets` float32 (H, T, S, S, 1) with `characters` int32 (H, T). References are other characters than the
    targets; all glyphs of a hand share one drawn transform (slant, stretch, rotation, nib).

    Args:
        archives: data sets with writers; their writers are numbered on from one to the next.
        shares: how often a hand comes from each archive.
        characters: what can be written, in order; other classes are left out.
        size: side of the glyphs in pixels.
        hands: H.
        targets: T.
        references: K.
        seed: of the stream.
        vary: draws a new transform for each hand; without it every transform is neutral, with a nib per writer.
    """

    def __init__(
        self,
        archives: Sequence[Archive],
        shares: Sequence[float],
        characters: str,
        size: int = 32,
        hands: int = 16,
        targets: int = 3,
        references: int = 8,
        seed: int = 0,
        vary: bool = True,
    ):
        super().__init__(seed)
        self.archives, self.size, self.hands, self.targets, self.references = archives, size, hands, targets, references
        self.vary = vary
        self._writers = Writers(archives, shares, characters)
        self._bank = GlyphBank(archives, size)
        self.arrays = {**self._bank.arrays, "sheets": grain_sheets(size)}

    @property
    def writer_count(self) -> int:
        """How many people there are in all archives together."""
        return len(self._writers)

    def plan(self, number: int) -> dict[str, np.ndarray]:
        rng = self.rng(number)
        writer = weighted(rng, self._writers.weights, self.hands)
        transform = self._writers.transforms(rng, writer, self.vary)
        known = self._writers.known[writer]
        order, count = shuffled(rng, known), known.sum(axis=1)[:, None]
        kept = np.minimum(self.targets, count - 1)  # one at least to know the hand by
        written = first_of(rng, kept, self.targets)
        shown = kept + one_of(rng, np.broadcast_to(count - kept, (self.hands, self.references)))
        characters = np.take_along_axis(order, np.concatenate([shown, written], axis=1), axis=1)  # (H, K + T)
        shown_count = rng.integers(1, self.references + 1, (self.hands, 1))
        mask = np.arange(self.references) < shown_count
        letters = self._writers.letters(rng, writer[:, None], characters)
        return {
            "writer": writer.astype(np.int32),
            "transform": transform.vector,
            "matrix": transform.matrix.astype(np.float32),
            "nib": transform.nib.astype(np.float32),
            "shown": letters[:, : self.references],
            "written": letters[:, self.references :],
            "reference_characters": (mask * characters[:, : self.references]).astype(np.int32),
            "reference_mask": mask.astype(np.float32),
            "characters": characters[:, self.references :].astype(np.int32),
            **draw_scans(rng, self.hands, self.references),
        }

    def draw(self, arrays: Mapping[str, Any], plan: Mapping[str, Any]) -> Mapping[str, Any]:
        shown, written = (
            draw_hands(self._bank, arrays, plan[name], plan["matrix"], plan["nib"]) for name in ("shown", "written")
        )
        shown = scan_glyphs(shown, plan["scan"], ops.take(arrays["sheets"], plan["sheet"], axis=0))
        told = "writer", "transform", "reference_characters", "reference_mask", "characters"
        return {
            **{name: plan[name] for name in told},
            "references": as_images(shown * plan["reference_mask"][:, :, None, None]),
            "targets": as_images(written),
        }


class Writers:
    """Everyone in some archives who wrote two different characters or more, one archive after the other.

    An archive is drawn as often as its share says; of its writers, those with more characters are drawn more often, in
    proportion.

    Args:
        archives: data sets with writers.
        shares: how often a person comes from each archive.
        characters: that count, in order; other classes are left out.

    Attributes:
        known: bool (W, C), who wrote what.
        weights: (W,), how often each is drawn.
        archive: int (W,), the archive of each.
        nibs: (W,), line width of each in pixels at 32 where the ink is real, nan where it is drawn.

    Raises:
        ArchiveError: an archive has no writers, or none who wrote two characters.
    """

    def __init__(self, archives: Sequence[Archive], shares: Sequence[float], characters: str):
        tables, rows = zip(*(writers_in(archive, characters) for archive in archives), strict=True)
        counts = [len(table) for table in tables]
        self.known, self.archive = np.concatenate(tables), np.repeat(np.arange(len(counts)), counts)
        self.nibs = np.concatenate([_nibs_in(*each) for each in zip(archives, rows, counts, strict=True)])
        written = [table.sum(axis=1) for table in tables]
        self.weights = np.concatenate(
            [share * own / own.sum() for share, own in zip(np.asarray(shares, np.float64), written, strict=True)]
        )
        firsts = np.cumsum([0, *counts])[:-1]
        everyone = [np.where(own < 0, -1, own + first) for own, first in zip(rows, firsts, strict=True)]
        labels, who = (np.concatenate(each) for each in ([one.places_in(characters) for one in archives], everyone))
        self._kinds = len(characters)
        self._samples = Groups(np.where(who < 0, -1, who * self._kinds + labels), self.known.size)

    def __len__(self) -> int:
        return len(self.known)

    def transforms(self, rng: np.random.Generator, writers: np.ndarray, vary: bool) -> ScanTransform:
        """Drawn transforms, or neutral ones, of these writers; the nib is their own where the ink is real."""
        nibs = self.nibs[writers]
        return ScanTransform.draw(rng, writers.shape, nibs) if vary else ScanTransform.neutral(nibs.shape, nibs)

    def letters(self, rng: np.random.Generator, writers: np.ndarray, characters: np.ndarray) -> np.ndarray:
        """A sample of each of these characters by each of these people, who wrote it, as a `GlyphBank` numbers it."""
        return self._samples.draw(rng, writers * self._kinds + characters)


def writers_in(archive: Archive, characters: str) -> tuple[np.ndarray, np.ndarray]:
    """Who in an archive wrote two different characters or more.

    Args:
        archive: with writers.
        characters: that count, in order.

    Returns:
        what each of them wrote, bool (W, C), in the order of their numbers; for each sample its writer's row, int (N,),
        -1 where the writer or the character does not count.

    Raises:
        ArchiveError: there are no writers, or none who wrote so much.
    """
    numbers = archive.need_writers(least=1)  # of those held out there may be just one
    labels, rows = archive.places_in(characters), np.searchsorted(numbers, np.asarray(archive.writers))
    known = np.zeros((len(numbers), len(characters)), bool)
    known[rows[labels >= 0], labels[labels >= 0]] = True
    able = known.sum(axis=1) > 1  # a hand is judged by other characters than it is known by
    if not able.any():
        raise ArchiveError("No writer of the archive wrote two different characters.")
    rows = np.where(able, np.cumsum(able) - 1, -1)[rows]
    return known[able], np.where(labels < 0, -1, rows)


def _nibs_in(archive: Archive, rows: np.ndarray, count: int) -> np.ndarray:
    """The line width of each of `count` writers in pixels at 32, nan for pen strokes, which have none."""
    if archive.images is None:
        return np.full(count, np.nan)
    return np.array([_nib_of(archive, np.flatnonzero(rows == row)) for row in range(count)])


def _nib_of(archive: Archive, indices: np.ndarray) -> float:
    return float(np.median(thickness(archive.render(indices[:_LETTERS_FOR_A_NIB]))))


def draw_hands(bank: GlyphBank, arrays: Mapping[str, Any], letters: Any, matrices: Any, nibs: Any) -> Any:
    """Letters (H, n) of hands with one transform each, matrices (H, 2, 2) and nibs (H,): (H, n, S, S) in [0, 1]."""
    count = letters.shape[1]
    glyphs = bank.draw(
        arrays, ops.reshape(letters, (-1,)), ops.repeat(matrices, count, axis=0), ops.repeat(nibs, count, axis=0)
    )
    return ops.reshape(glyphs, (-1, count, bank.size, bank.size))
