"""How far some work is, told to whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable

Done = Callable[[float], None]  # is called with the share that is done, 0 to 1; may raise to end the work


def unwatched(share: float) -> None:
    """For work that nobody waits for."""


def part(done: Done, begin: float, end: float) -> Done:
    """For a part of some work that goes from one share of the whole to another one."""
    return lambda share: done(begin + (end - begin) * share)
