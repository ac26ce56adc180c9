"""Folders replaced whole: old or new at every moment, whatever fails and whoever else writes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tfhand.core import folders
from tfhand.core.folders import atomic_folder, locked, read_consistently, recover
from tfhand.errors import HandwritingError

RENAMES = {"exchanged": (True, 1), "set aside": (False, 2), "new": (None, 1)}  # whether there is an exchange; renames


@pytest.fixture(params=RENAMES)
def way(request, monkeypatch, tmp_path) -> int:
    """One of the ways in which a folder takes its place; gives the renames that it takes."""
    exchanges, count = RENAMES[request.param]
    if exchanges is not None:
        write(tmp_path / "a", "old")
    if not exchanges:
        monkeypatch.setattr(folders, "exchange", lambda one, other: False)
    elif sys.platform not in ("linux", "darwin"):
        pytest.skip("this system does not exchange names")
    return count


def write(folder: Path, text: str) -> None:
    with atomic_folder(folder) as fresh:
        (fresh / "text").write_text(text)


def text_in(folder: Path) -> str | None:
    recover(folder)
    return (folder / "text").read_text() if folder.exists() else None


def hidden(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".")]


def failing_rename(monkeypatch, number: int, error: BaseException) -> None:
    """Makes rename number `number` fail, an exchange counting as one."""
    calls = 0
    rename, exchange = Path.rename, folders.exchange

    def counted(call, *arguments):
        nonlocal calls
        calls += 1
        if calls == number:
            raise error
        return call(*arguments)

    monkeypatch.setattr(Path, "rename", lambda *arguments: counted(rename, *arguments))
    if sys.platform in ("linux", "darwin") and exchange(Path("none"), Path("none either")) is False:
        monkeypatch.setattr(folders, "exchange", lambda *pair: counted(exchange, *pair) if pair[1].exists() else False)


def test_a_folder_takes_its_place(way, tmp_path):
    write(tmp_path / "a", "new")
    assert text_in(tmp_path / "a") == "new"
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["full", "Ctrl-C"])
def test_a_failing_block_or_rename_leaves_the_old_one(way, tmp_path, monkeypatch, error):
    before = text_in(tmp_path / "a")

    def fail():
        with atomic_folder(tmp_path / "a") as fresh:
            (fresh / "text").write_text("half")
            raise error

    with pytest.raises(type(error)):
        fail()
    assert text_in(tmp_path / "a") == before
    for number in range(1, way + 1):
        with monkeypatch.context() as patch:
            failing_rename(patch, number, error)
            with pytest.raises(type(error)):
                write(tmp_path / "a", "new")
        assert text_in(tmp_path / "a") == before
        assert hidden(tmp_path) == []


KILLED = """
import os, sys
from pathlib import Path
from tfhand.core import folders
number, exchanges, calls = int(sys.argv[1]), sys.argv[2] == "True", 0
rename, exchange = Path.rename, folders.exchange
def killed(call, pair):
    global calls
    calls += 1
    if calls == number:
        os._exit(9)
    result = call(*pair)
    return result
Path.rename = lambda *pair: killed(rename, pair)
folders.exchange = (lambda *pair: killed(exchange, pair)) if exchanges else (lambda *pair: False)
with folders.atomic_folder("a") as fresh:
    (fresh / "text").write_text("new")
os._exit(9)
"""


@pytest.mark.parametrize("exchanges", [True, False])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_kill_before_any_rename_leaves_old_or_new(tmp_path, number, exchanges):
    write(tmp_path / "a", "old")
    words = [sys.executable, "-c", KILLED, str(number), str(exchanges)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run(words, cwd=tmp_path, env=environment, timeout=60).returncode == 9
    assert text_in(tmp_path / "a") in ("old", "new")
    write(tmp_path / "a", "newer")
    assert text_in(tmp_path / "a") == "newer"
    assert hidden(tmp_path) == []


def test_readers_and_writers_at_once(tmp_path):
    write(tmp_path / "a", "0")
    seen, errors = [], []

    def writer(number: int) -> None:
        try:
            for step in range(20):
                write(tmp_path / "a", f"{number} {step}")
        except Exception as error:
            errors.append(error)

    def reader() -> None:
        try:
            for _ in range(100):
                seen.append(read_consistently(tmp_path / "a", lambda: read_or_say(tmp_path / "a" / "text")))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=writer, args=(number,)) for number in range(3)]
    threads += [threading.Thread(target=reader) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(seen) == 200
    assert all(seen)
    assert hidden(tmp_path) == []


def read_or_say(path: Path) -> str:
    try:
        return path.read_text()
    except OSError as error:
        raise HandwritingError(str(error)) from None


def test_a_lock_is_for_one_thread_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "PATIENCE", 0.1)
    refused = []

    def other() -> None:
        try:
            with locked(tmp_path):
                pass
        except HandwritingError as error:
            refused.append(str(error))

    with locked(tmp_path), locked(tmp_path):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(refused) == 1
    assert "Another program is writing" in refused[0]
    other()
    assert len(refused) == 1
