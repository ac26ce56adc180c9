"""All people on the page: each has a Session of their own, which is deleted when they are gone."""

from __future__ import annotations

import threading
import time

from tfhand.app import catalogue
from tfhand.app.limits import Limits
from tfhand.app.session import Session
from tfhand.errors import HandwritingError

PERIOD = 20.0  # seconds from one look for people who are gone to the next


class Sessions:
    """The Sessions by the key that each tab of a browser has.

    Args:
        limits: how many there may be, and how long they are kept.
    """

    def __init__(self, limits: Limits):
        self.limits = limits
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def __len__(self) -> int:
        return len(self._sessions)

    def open(self, key: str, language: str) -> Session:
        """A new Session for a tab; what a tab of this key had before is deleted.

        Raises:
            HandwritingError: too many people are there.
        """
        self.close(key)
        self.sweep()
        with self._lock:
            if len(self._sessions) >= self.limits.people:
                raise HandwritingError(catalogue.text(language, "error_people"))
            self._sessions[key] = Session(language, self.limits)
            return self._sessions[key]

    def leave(self, key: str) -> None:
        """Notes that a tab was closed, or cannot be reached."""
        session = self._sessions.get(key)
        if session is not None:
            session.left = time.monotonic()

    def close(self, key: str) -> None:
        """Deletes what a tab has."""
        with self._lock:
            session = self._sessions.pop(key, None)
        if session is not None:
            session.close()

    def sweep(self) -> None:
        """Deletes what people have who are gone or have not done anything for long."""
        now = time.monotonic()
        for key, one in list(self._sessions.items()):
            gone = one.left is not None and now - one.left > self.limits.away
            if (gone or now - one.used > self.limits.idle) and not one.busy.locked():
                self.close(key)

    def start(self) -> None:
        """Sweeps now and then until `stop`."""
        threading.Thread(target=self._run, name="tfhand-sessions", daemon=True).start()

    def stop(self) -> None:
        """Deletes what all people have."""
        self._stopped.set()
        for key in list(self._sessions):
            self.close(key)

    def _run(self) -> None:
        while not self._stopped.wait(PERIOD):
            self.sweep()
