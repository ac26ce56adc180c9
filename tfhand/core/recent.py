"""Values that are computed once: when they are first asked for, and as long as they are asked for again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Once(Generic[Value]):
    """Calls a function when its value is first asked for, once whatever the number of threads.

    Args:
        make: gives the value; where it raises, it is called again the next time.
    """

    def __init__(self, make: Callable[[], Value]):
        self._make, self._making = make, threading.Lock()
        self._made: list[Value] = []

    def __call__(self) -> Value:
        with self._making:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]


class Recent(Generic[Key, Value]):
    """Calls a function, and keeps what it gave for the keys that were asked for last; each once, as in `Once`.

    Args:
        make: gives the value of a key.
        kept: number of values.
    """

    def __init__(self, make: Callable[[Key], Value], kept: int):
        self._make, self._kept = make, kept
        self._values: list[tuple[Key, Once[Value]]] = []  # the latest last
        self._searching = threading.Lock()

    def __call__(self, key: Key) -> Value:
        with self._searching:
            found = [place for place, (known, _) in enumerate(self._values) if known == key]
            entry = self._values.pop(found[0]) if found else (key, Once(partial(self._make, key)))
            self._values = [*self._values, entry][-self._kept :]
        return entry[1]()
