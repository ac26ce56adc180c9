"""What a visitor may do: how much they may send, and what the page asks for where others than this machine reach it."""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from pathlib import Path

from tfhand.core.files import read_text
from tfhand.errors import HandwritingError

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PASSWORD = "TFHAND_APP_PASSWORD"  # environment variable
SHORTEST = 8  # characters of a password
MEGABYTE = 1_000_000
ZIP_MEGABYTES = 200  # of all that is in a .zip of a Hand


@dataclass(frozen=True)
class Limits:
    """What may be sent to the page.

    Attributes:
        upload: megabytes of one file.
        files: given at once.
        queue: actions that may wait for others.
        text: characters of a text.
        idle: seconds after which what a person left is deleted.
        away: seconds after a tab was closed, likewise; a phone that sleeps looks like a closed tab.
        people: how many may be served at once.
    """

    upload: int = 25
    files: int = 12
    queue: int = 32
    text: int = 20_000
    idle: float = 4 * 3600.0
    away: float = 900.0
    people: int = 50


def password_of(host: str, file: Path | None) -> str | None:
    """The password that the page asks for; None where it asks for none.

    Args:
        host: the address that is served on.
        file: whose first line it is; else it stands in the environment variable `PASSWORD`.

    Raises:
        HandwritingError: others can reach the page and there is none, or it is too short.
    """
    lines = [os.environ.get(PASSWORD, "")] if file is None else read_text(file, "the password").splitlines()
    password = lines[0].strip() if lines else ""
    given = file is not None or bool(password)
    if not given and host in LOOPBACK:
        return None
    if not given:
        raise HandwritingError(
            f"Others can reach the page on {host}: give a password by --password-file or in {PASSWORD}."
        )
    if len(password) < SHORTEST:
        raise HandwritingError(f"The password has {len(password)} characters; it needs {SHORTEST} or more.")
    return password


def require_gradio() -> None:
    """Raises HandwritingError if the library that draws the page is not installed."""
    try:
        importlib.import_module("gradio")
    except ImportError:
        raise HandwritingError('The page needs a package more: pip install "tfhand[app]".') from None
