"""Long work, watched: how far it is, how long it will take, and a way to end it early."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from tfhand.errors import HandwritingError

PERIOD = 0.4  # seconds from one look to the next
SLOWEST = 0.98  # share at which a bar waits whose work takes longer than expected

ENDED = "The work was ended early; nothing was changed."

Tell = Callable[[float, str], None]


class Cancelled(HandwritingError):
    """The person has ended the work."""


@dataclass(frozen=True)
class Progress:
    """How far some work is.

    Attributes:
        share: 0 to 1.
        what: is being done.
        left: seconds that it will still take; None where nobody knows yet.
    """

    share: float
    what: str
    left: float | None


class Expectation:
    """How many seconds some kind of work takes on this machine: what it took last time, or a first guess."""

    def __init__(self, seconds: float):
        self.seconds = seconds

    def learn(self, seconds: float) -> None:
        """Takes note of how long it took."""
        self.seconds = 0.5 * (self.seconds + seconds)


def watched(
    work: Callable[[Tell], Any], expected: Expectation, stopped: threading.Event
) -> Iterator[Progress | tuple[Any]]:
    """Does some work in a thread of its own, and tells meanwhile how far it is.

    A caller that closes the iterator cancels the work: the next time that it tells something, it ends.

    Args:
        work: gets a function that it calls with the share done, or 0 where it does not know, and what it does now.
        expected: how long it takes; learned from.
        stopped: is set by a person who wants to end it early.

    Yields:
        Progress, and at last a tuple of the outcome alone.

    Raises:
        Cancelled: the person has ended it.
        HandwritingError: as the work does.
    """
    began, cancelled = time.monotonic(), threading.Event()
    told: list[tuple[float, str]] = [(0.0, "")]
    outcome: list[Any] = []
    failure: list[BaseException] = []
    highest = 0.0

    def tell(share: float, what: str) -> None:
        if cancelled.is_set():
            raise Cancelled(ENDED)
        told.append((share, what))

    def run() -> None:
        try:
            outcome.append(work(tell))
        except BaseException as error:  # it is raised where the person waits
            failure.append(error)

    thread = threading.Thread(target=run, name="tfhand-work", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(PERIOD)
            if stopped.is_set():
                raise Cancelled(ENDED)
            progress = _progress(time.monotonic() - began, *told[-1], expected.seconds)
            highest = max(highest, progress.share)  # no bar goes back
            yield replace(progress, share=highest)
    finally:
        cancelled.set()
    if failure:
        raise failure[0]
    expected.learn(time.monotonic() - began)
    yield (outcome[0],)


def _progress(spent: float, share: float, what: str, expected: float) -> Progress:
    """By the share that was told, or by the time that it took before."""
    if share > 0:
        return Progress(min(share, 1.0), what, spent * (1 - share) / share)
    return Progress(min(spent / expected, SLOWEST), what, max(expected - spent, 1.0))
