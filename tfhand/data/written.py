"""What archives of characters and of words share: pen strokes of one entry after the other, and who wrote each."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import fields
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar, TypeVar, cast

import numpy as np

from tfhand.core.files import atomic_write
from tfhand.errors import ArchiveError

Own = TypeVar("Own", bound="Written")


class Written(ABC):
    """Entries by writers: characters or words, as pen strokes unless there are images.

    Attributes:
        unit: what an entry is, in the plural.
        writers: int (N,), who wrote each entry; None if that is not known.
        points: int (P, 2) of all strokes, x right and y down; None for images, as the next two.
        stroke_len: int (S,), points of each stroke.
        n_strokes: int (N,), strokes of each entry.
    """

    unit: ClassVar[str]
    writers: np.ndarray | None
    points: np.ndarray | None
    stroke_len: np.ndarray | None
    n_strokes: np.ndarray | None

    def save(self, path: str | os.PathLike) -> None:
        """Writes the archive as a compressed .npz, whole or not at all."""
        arrays = {field.name: getattr(self, field.name) for field in fields(cast("Any", self))}
        with atomic_write(path) as temporary, temporary.open("wb") as file:
            np.savez_compressed(file, **{name: array for name, array in arrays.items() if array is not None})

    @abstractmethod
    def __len__(self) -> int:
        """The number of entries."""

    @property
    @abstractmethod
    def characters(self) -> str:
        """Every character that the entries hold, each once."""

    @abstractmethod
    def select(self: Own, indices: np.ndarray) -> Own:
        """The archive of these entries only, in this order."""

    def _check_strokes(self) -> None:
        assert self.points is not None, "an archive of strokes"
        assert self.stroke_len is not None, "an archive of strokes"
        assert self.n_strokes is not None, "an archive of strokes"
        if self.points.ndim != 2 or self.points.shape[1] != 2:
            raise ArchiveError("The archive's `points` must be of shape (P, 2).")
        if self.n_strokes.min() < 1 or self.stroke_len.min(initial=1) < 1:
            raise ArchiveError(f"The archive holds {self.unit} without strokes, or strokes without points.")
        if self.n_strokes.max() > len(self.stroke_len) or self.stroke_len.max(initial=0) > len(self.points):
            raise ArchiveError("The archive's strokes do not add up: one is longer than all there are.")
        strokes, points = (int(lengths.sum(dtype=np.int64)) for lengths in (self.n_strokes, self.stroke_len))
        if strokes != len(self.stroke_len) or points != len(self.points):
            raise ArchiveError("The archive's strokes do not add up: `points`, `stroke_len` and `n_strokes` disagree.")

    @cached_property
    def _strokes(self) -> tuple[np.ndarray, np.ndarray]:
        """First stroke of each entry, first point of each stroke."""
        assert self.n_strokes is not None, "an archive of strokes"
        assert self.stroke_len is not None, "an archive of strokes"
        return (
            np.concatenate([[0], np.cumsum(self.n_strokes, dtype=np.int64)]),
            np.concatenate([[0], np.cumsum(self.stroke_len, dtype=np.int64)]),
        )

    def bounds(self, index: int) -> np.ndarray:
        """Where each stroke of one entry begins among all points, and where the last one ends, (strokes + 1,)."""
        first_stroke, first_point = self._strokes
        return first_point[first_stroke[index] : first_stroke[index + 1] + 1]

    def strokes(self, index: int) -> list[np.ndarray]:
        """The pen strokes of one entry, each of shape (points, 2)."""
        assert self.points is not None, "an archive of strokes"
        return [self.points[start:stop] for start, stop in pairwise(self.bounds(index))]

    def _selected(self, names: Sequence[str], indices: np.ndarray) -> dict[str, Any]:
        """By name, arrays with one row for each entry as those of these entries alone; None where there is no array."""
        arrays = {name: getattr(self, name) for name in names}
        return {name: None if array is None else array[indices] for name, array in arrays.items()}

    def _selected_strokes(self, indices: np.ndarray) -> dict[str, Any]:
        """`points` and `stroke_len` of these entries alone; nothing for images."""
        if self.points is None:
            return {}
        strokes = [stroke for index in indices for stroke in self.strokes(int(index))]
        return {
            "points": np.concatenate(strokes),
            "stroke_len": np.array([len(stroke) for stroke in strokes], np.uint16),
        }

    def need_writers(self, least: int = 2) -> np.ndarray:
        """The distinct writers, sorted.

        Raises:
            ArchiveError: they are not known, or fewer than `least`.
        """
        if self.writers is None:
            raise ArchiveError("The archive has no `writers`; learning a hand needs to know who wrote what.")
        writers = np.unique(self.writers)
        if len(writers) < least:
            raise ArchiveError("The archive has one writer only; a hand is learned by comparing several.")
        return writers

    def split_writers(self, share: float = 0.15, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Splits the people, never what they wrote: (training writers, validation writers), both sorted.

        Args:
            share: of the writers that go to validation, at least one.
            seed: the same seed always gives the same split.
        """
        writers = self.need_writers()
        order = np.random.default_rng(seed).permutation(writers)
        held_out = min(max(1, round(share * len(writers))), len(writers) - 1)
        return np.sort(order[held_out:]), np.sort(order[:held_out])

    def of_writers(self: Own, writers: np.ndarray) -> Own:
        """What was written by these people."""
        assert self.writers is not None, "an archive with writers"
        return self.select(np.flatnonzero(np.isin(self.writers, writers)))
