"""All people on the page: each has a Session of their own, which is deleted when they are gone.

A tab that is loaded again, and one that finds the server started anew after it was killed, gets back what it had. It is
known by a random token, which the browser keeps for this tab alone.
"""

from __future__ import annotations

import contextlib
import getpass
import hashlib
import os
import re
import shutil
import stat
import tempfile
import threading
import time
from pathlib import Path

from tfhand.app import catalogue
from tfhand.app.limits import Limits
from tfhand.app.session import Session
from tfhand.errors import HandwritingError

PERIOD = 20.0  # seconds from one look for people who are gone to the next
TOKEN = re.compile("[0-9a-f]{32}")


class Sessions:
    """The Sessions by the key that a browser has for each time that a tab is loaded.

    Args:
        limits: how many there may be, and how long they are kept.
        folder: in which they have theirs; None for any place.
    """

    def __init__(self, limits: Limits, folder: Path | None = None):
        self.limits = limits
        self._folder = folder or Path(tempfile.mkdtemp(prefix="tfhand-page-"))
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def __len__(self) -> int:
        return len(self._sessions)

    def open(self, key: str, language: str, token: str = "") -> Session:
        """The Session for a tab that is loaded: what a tab of this token had, or a new one.

        Args:
            key: of this loading; what it had before is deleted.
            language: of the page.
            token: of the tab; without one, nothing is had back.

        Raises:
            HandwritingError: too many people are there.
        """
        self.close(key)
        self.sweep()
        place = self._place(token or key)
        with self._lock:
            before = next((one for one, session in self._sessions.items() if session.folder == place), None)
            if before is not None:
                session = self._sessions.pop(before)
                session.left, session.used = None, time.monotonic()
            elif len(self._sessions) >= self.limits.people:
                raise HandwritingError(catalogue.text(language, "error_people"))
            else:
                session = self._started(place, language)
            self._sessions[key] = session
            return session

    def _place(self, token: str) -> Path:
        """The folder of a tab; no path is ever taken from a browser."""
        name = token if TOKEN.fullmatch(token) else f"{token}\0"  # no key is a token
        return self._folder / hashlib.sha256(name.encode()).hexdigest()

    def _started(self, place: Path, language: str) -> Session:
        """A new Session, with what a server that was killed has left of it."""
        if place.exists():
            try:
                return Session.again(place, language, self.limits)
            except (HandwritingError, KeyError):
                shutil.rmtree(place, ignore_errors=True)
        return Session(language, self.limits, place)

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
        """Sweeps now and then until `stop`; at once what servers that were killed have left, once it is old enough."""
        for left in self._folder.iterdir():
            if time.time() - left.stat().st_mtime > self.limits.idle:
                shutil.rmtree(left, ignore_errors=True)
        threading.Thread(target=self._run, name="tfhand-sessions", daemon=True).start()

    def stop(self) -> None:
        """Deletes what all people have."""
        self._stopped.set()
        for key in list(self._sessions):
            self.close(key)
        with contextlib.suppress(OSError):  # it holds what a server that was killed has left
            self._folder.rmdir()

    def _run(self) -> None:
        while not self._stopped.wait(PERIOD):
            self.sweep()


def kept_folder() -> Path:
    """The folder of this user alone in which a server that was killed finds again what people had; else another one."""
    folder = Path(tempfile.gettempdir()) / f"tfhand-page-{getpass.getuser()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    about = folder.lstat()
    foreign = hasattr(os, "getuid") and (about.st_uid != os.getuid() or bool(about.st_mode & 0o077))
    return folder if stat.S_ISDIR(about.st_mode) and not foreign else Path(tempfile.mkdtemp(prefix="tfhand-page-"))
