"""Files are written whole or not at all, and text is read with care."""

from __future__ import annotations

import errno
import itertools
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tfhand.errors import HandwritingError

MILLIMETRES, POINTS = 25.4, 72  # in an inch
MAX_TEXT = 20_000_000  # bytes of a text file


@contextmanager
def atomic_write(path: str | os.PathLike) -> Iterator[Path]:
    """Yields a temporary path beside `path`, which replaces `path` only if the block ends without an error.

    Raises:
        HandwritingError: the folder cannot be made or written to.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem[:40]}-", suffix=path.suffix)
        os.close(descriptor)
    except OSError as error:
        raise _unwritable(path, error) from None
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise HandwritingError(f"Cannot write {path}: {error.strerror or error}.") from None
    finally:
        temporary.unlink(missing_ok=True)


def check_writable(path: str | os.PathLike, inputs: Iterable[str | os.PathLike] = ()) -> None:
    """Checks, before long work, that `atomic_write` can write there; creates nothing.

    Args:
        path: of the file to be.
        inputs: files that are read, which it must not replace.

    Raises:
        HandwritingError: it cannot, or it is one of the inputs.
    """
    path = Path(path)
    if any(os.path.realpath(path) == os.path.realpath(one) for one in inputs):
        raise HandwritingError(f"{path} is read and would be written over; choose another name for the output.")
    try:
        if os.path.isdir(path):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        folder = next(folder for folder in path.absolute().parents if os.path.exists(folder))
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> HandwritingError:
    return HandwritingError(f"Cannot write {path}: {error.strerror}; choose a place that can be written.")


def check_ending(path: str | os.PathLike, subject: str, *endings: str) -> str:
    """The ending of a path in small letters.

    Args:
        path: where something will be saved.
        subject: the beginning of the error's sentence, "A sheet is".
        endings: the allowed endings.

    Raises:
        HandwritingError: another ending.
    """
    ending = Path(path).suffix.lower()
    if ending not in endings:
        raise HandwritingError(f"{subject} saved as {' or '.join(endings)}; {path} ends otherwise.")
    return ending


def numbered_paths(path: Path, count: int) -> list[Path]:
    """The paths for `count` files: the path itself for one, letter-1.png, letter-2.png ... for several."""
    return [path] if count == 1 else [path.with_stem(f"{path.stem}-{number}") for number in range(1, count + 1)]


def free_path(
    path: str | os.PathLike, is_ours: Callable[[Path], bool], inputs: Iterable[str | os.PathLike] = ()
) -> Path:
    """A path for something that nobody asked for by name: it never takes the place of a person's file.

    Args:
        path: where it goes if nothing is there; else NAME-2, NAME-3 and so on.
        is_ours: whether a file is an earlier one of the same kind, which may be replaced.
        inputs: files that are read, which stay in any case.
    """
    path, taken = Path(path), {os.path.realpath(one) for one in inputs}
    numbered = (path.with_stem(f"{path.stem}-{number}") for number in itertools.count(2))
    return next(
        one
        for one in itertools.chain([path], numbered)
        if not os.path.lexists(one) or (os.path.realpath(one) not in taken and is_ours(one))
    )


def read_text(path: str | os.PathLike, subject: str = "") -> str:
    """The text in a UTF-8 file, with or without a byte order mark.

    Args:
        path: of the file.
        subject: what it is, for the error's sentence; its path is named in any case.

    Raises:
        HandwritingError: missing, unreadable, too large, or not UTF-8.
    """
    named = f"{subject} {path}".strip()
    try:
        if not os.path.isfile(path):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        if os.path.getsize(path) > MAX_TEXT:
            raise HandwritingError(f"{path} is larger than {MAX_TEXT // 10**6} MB, too large for a text.")
        return Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise HandwritingError(f"Cannot read {named}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise HandwritingError(f"Cannot read {named}: it is not UTF-8.") from None
