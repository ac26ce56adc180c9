"""Drawing many at a time: members of groups, and numbers by their weights."""

from __future__ import annotations

import numpy as np


class Groups:
    """Entries by group, of which one each can be drawn for many groups at once.

    Args:
        groups: int (N,), the group of each entry; those of entries below 0 are in none.
        count: how many groups there are.

    Attributes:
        sizes: int (count,), entries of each group.
    """

    def __init__(self, groups: np.ndarray, count: int):
        members = np.argsort(groups, kind="stable")
        self._members = members[np.count_nonzero(groups < 0) :]
        self.sizes = np.bincount(groups[groups >= 0], minlength=count)
        self._first = np.cumsum(self.sizes) - self.sizes

    def draw(self, rng: np.random.Generator, groups: np.ndarray) -> np.ndarray:
        """An entry of each of these groups, which hold one at least; an array of their shape."""
        return self._members[self._first[groups] + one_of(rng, self.sizes[groups])].astype(np.int32)


def one_of(rng: np.random.Generator, counts: np.ndarray) -> np.ndarray:
    """A number below each of some counts, any as likely as another; an array of their shape."""
    return (rng.random(counts.shape) * counts).astype(np.int64)


def weighted(rng: np.random.Generator, weights: np.ndarray, count: int) -> np.ndarray:
    """`count` places in an array of weights (n,), each as often as its weight says; int64 (count,)."""
    sums = np.cumsum(weights)
    return np.searchsorted(sums, rng.random(count) * sums[-1], side="right")


def shuffled(rng: np.random.Generator, among: np.ndarray) -> np.ndarray:
    """For each row of a mask (n, k) its places in a random order, those that are True before all others; (n, k)."""
    return np.argsort(rng.random(among.shape) + 2.0 * ~among, axis=1)


def first_of(rng: np.random.Generator, counts: np.ndarray, size: int) -> np.ndarray:
    """For each row 0, 1, 2 as far as its count (n, 1) goes, and after that any of these again; (n, size)."""
    places = np.arange(size)[None]
    return np.where(places < counts, places, one_of(rng, np.broadcast_to(counts, (len(counts), size))))


def some_of(rng: np.random.Generator, among: np.ndarray, size: int) -> np.ndarray:
    """For each row of a mask (n, k) some places that are True, (n, size); one comes again only where they are fewer."""
    count = among.sum(axis=1)[:, None]
    again = one_of(rng, np.broadcast_to(count, (len(among), size)))
    chosen = np.where(size <= count, np.arange(size)[None], again)
    return np.take_along_axis(shuffled(rng, among), chosen, axis=1)
