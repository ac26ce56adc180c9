"""Folders that are replaced whole: whoever looks sees the old one or the new one, whatever happens meanwhile.

Linux and macOS exchange two names in one step. Elsewhere the old folder is set aside for a moment as `.NAME.before`;
should the program be killed in that moment, the next one that looks for the folder brings it back.
"""

from __future__ import annotations

import ctypes
import getpass
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout

from tfhand.errors import HandwritingError

PATIENCE = 60.0  # seconds to wait for another program that writes the same folder
TRIES = 20  # to read a folder that others replace meanwhile
_AT_FDCWD, _RENAME_EXCHANGE, _RENAME_SWAP = -100, 2, 2

Result = TypeVar("Result")


@contextmanager
def locked(folder: str | os.PathLike) -> Iterator[None]:
    """Keeps all other programs and threads of this user on this machine from replacing a folder.

    A thread that holds the lock may ask for it again.

    Raises:
        HandwritingError: another holds it for longer than a minute.
    """
    place = os.path.realpath(folder)
    key = hashlib.sha256(f"{_user()} {place}".encode(errors="surrogatepass")).hexdigest()[:24]
    lock = FileLock(Path(tempfile.gettempdir()) / f"tfhand-{key}.lock", timeout=PATIENCE, is_singleton=True)
    try:
        lock.acquire()
    except Timeout:
        raise HandwritingError(f"Another program is writing {folder}; try again when it has ended.") from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def atomic_folder(folder: str | os.PathLike) -> Iterator[Path]:
    """Yields an empty folder, which takes the place of `folder` if the block ends without an error.

    Raises:
        OSError: the place cannot be written; the old folder is untouched.
        HandwritingError: another program is writing it.
    """
    target = Path(os.path.realpath(folder))
    with locked(target):
        recover(target)
        target.parent.mkdir(parents=True, exist_ok=True)
        for stale in target.parent.glob(f".{target.name[:40]}.new-*"):  # of a program that was killed
            shutil.rmtree(stale, ignore_errors=True)
        scratch = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name[:40]}.new-"))
        try:
            fresh = scratch / "new"
            fresh.mkdir()
            yield fresh
            _put(fresh, target)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def is_filled(folder: str | os.PathLike) -> bool:
    """Whether there is a folder with something in it."""
    recover(folder)
    return os.path.isdir(folder) and any(Path(folder).iterdir())


def is_replaceable(folder: str | os.PathLike, mark: str) -> bool:
    """Whether nothing of a person's is there: nothing at all, an empty folder, or one with a file named `mark`."""
    if is_filled(folder):
        return os.path.isfile(Path(folder) / mark)
    return os.path.isdir(folder) or not os.path.lexists(folder)


def recover(folder: str | os.PathLike) -> None:
    """Brings a folder back that a program killed in the middle of replacing it had set aside."""
    target = Path(os.path.realpath(folder))
    aside = _aside(target)
    if os.path.isdir(aside):
        with locked(target), suppress(OSError):
            if os.path.lexists(target):
                shutil.rmtree(aside)
            else:
                aside.rename(target)


def read_consistently(folder: str | os.PathLike, read: Callable[[], Result]) -> Result:
    """What `read` gives of a folder's files, read anew if the folder was replaced meanwhile.

    Raises:
        HandwritingError: as `read` does, or the folder never stands still.
    """
    for _ in range(TRIES):
        recover(folder)
        before = _identity(folder)
        try:
            result = read()
        except HandwritingError:
            if _identity(folder) == before:
                raise
        else:
            if _identity(folder) == before:
                return result
    raise HandwritingError(f"{folder} changes all the time; read it when the other program has ended.")


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else getpass.getuser()


def _identity(folder: str | os.PathLike) -> tuple[int, int] | None:
    try:
        found = os.stat(folder)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _aside(target: Path) -> Path:
    return target.with_name(f".{target.name[:40]}.before")


def _put(fresh: Path, target: Path) -> None:
    """Gives a folder its place; what stood there before is gone then, or stands there still if that fails."""
    if not os.path.lexists(target):
        fresh.rename(target)
    elif not exchange(fresh, target):
        aside = _aside(target)
        try:
            target.rename(aside)
            fresh.rename(target)
        except BaseException:  # Ctrl-C as well
            if os.path.isdir(aside) and not os.path.lexists(target):
                aside.rename(target)
            raise
        shutil.rmtree(aside, ignore_errors=True)


def exchange(one: Path, other: Path) -> bool:
    """Exchanges two names in one step; False where the system or the file system does not know how."""
    if sys.platform not in ("linux", "darwin"):
        return False
    library, names = ctypes.CDLL(None, use_errno=True), (os.fsencode(one), os.fsencode(other))
    if hasattr(library, "renameat2"):
        return library.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0
    if hasattr(library, "renamex_np"):
        return library.renamex_np(*names, _RENAME_SWAP) == 0
    return False
