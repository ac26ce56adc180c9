"""Whatever a path is, every command says in one sentence what is wrong with it, and leaves nothing behind."""

from __future__ import annotations

import importlib
import os

import pytest

ODD = ("n" * 300, "loop", "fifo", "file/x", "folder", "", "file")
INPUTS = {  # the words of a command, PATH standing for the odd one
    "write a --hand PATH": ODD,
    "write a --sample PATH --says a": ODD,
    "write a --preset PATH": ODD,
    "font PATH": (*ODD[:5], "", "file"),
    "sheet --next PATH": ODD,
    "extract PATH -o out --no-check": ODD,
    "extract photo.png --says-file PATH -o out --no-check": ODD[:-1],
    "extract photo.png --says a --reader PATH -o out": ODD,
    "mix tiny-stylegan --styles PATH": (*ODD[:5], "", "file"),
    "mix tiny-stylegan --hand PATH": (*ODD[:5], "", "file"),
    "project tiny-stylegan --hand PATH": ODD,
    "gallery PATH": ODD,
    "export PATH": ODD,
    "evaluate tiny-hand --data PATH": ODD,
    "evaluate tiny-hand --hand PATH": ODD,
    "evaluate PATH --data synthetic:4": ODD,
    "fit reader --data PATH": ODD,
    "fit reader --data synthetic:4 --settings PATH": (*ODD[:5], "", "file"),
    "fit reader --resume PATH": (*ODD[:5], "", "file"),
    "fit reader --branch PATH": (*ODD[:5], "", "file"),
    "fit cgan --from PATH --data synthetic:4": (*ODD[:5], "", "file"),
}
OUTPUTS = {
    "write 273 --sample photo.png --says 273 --preset tiny-hand -o PATH.png": ("n" * 300, "file/x"),
    "sheet -o PATH.pdf": ("n" * 300, "file/x"),
    "extract photo.png --says 273 --no-check -o PATH": ("n" * 300, "loop", "fifo", "file/x", "file"),
    "export tiny-reader -o PATH": ("loop", "fifo", "file/x", "file", "folder"),
    "gallery tiny-cgan -o PATH": ("n" * 300, "loop", "fifo", "file/x", "file"),
    "fit reader --data synthetic:4 --steps 1 --run-dir PATH": ("n" * 300, "loop", "fifo", "file/x", "file"),
    "fit reader --data synthetic:4 --steps 1 --preset PATH": ("loop", "fifo", "file", "folder"),
}
CASES = [(words, path) for table in (INPUTS, OUTPUTS) for words, paths in table.items() for path in paths]


@pytest.fixture
def odd(here, sample_picture):
    """A folder of odd files."""
    (here / "loop").symlink_to(here / "loop")
    os.mkfifo(here / "fifo")
    (here / "file").write_text("no more than text")
    (here / "folder").mkdir()
    (here / "folder" / "notes.txt").write_text("mine")
    (here / "photo.png").write_bytes(sample_picture.read_bytes())
    return here


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFO")
@pytest.mark.parametrize(("words", "path"), CASES, ids=[f"{words} {path[:8]}" for words, path in CASES])
def test_odd_paths(words, path, odd, listing, capsys):
    before = listing()
    command, *others = words.split()
    main = importlib.import_module(f"tfhand.{command}").main
    code = main([other.replace("PATH", path) for other in others])
    told = capsys.readouterr()
    assert (code, told.err.count("\n")) == (2, 1), told.err
    assert "Traceback" not in told.err
    assert told.err.endswith(".\n")
    assert len(told.err) < 900
    assert [name for name in listing() if name not in before and not name.startswith("runs")] == []
    assert (odd / "folder" / "notes.txt").read_text() == "mine"
