"""Whatever goes wrong in a command is one sentence and an exit code, on any terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tfhand.cli.command import command
from tfhand.errors import HandwritingError

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import os, signal, sys, time
from tfhand.cli.command import command

@command
def main(argv=None):
    {body}
    return 0

sys.exit(main())
"""


def start(body: str, **options) -> subprocess.Popen:
    """A process whose command does this."""
    program = PROGRAM.format(body=body.replace("\n", "\n    "))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)} | options.pop("environment", {})
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen([sys.executable, "-c", program], env=environment, **pipes)


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (HandwritingError("Choose another."), 2, "Choose another."),
        (FileNotFoundError(2, "No such file or directory", "a.png"), 2, "a.png: No such file"),
        (OSError(36, "File name too long"), 2, "File name too long."),
        (MemoryError(), 2, "not enough memory"),
        (KeyboardInterrupt(), 130, "Stopped"),
    ],
)
def test_every_failure_is_one_sentence(error, code, says, capsys):
    @command
    def main(argv=None):
        raise error

    assert main([]) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert says in told.err
    assert told.err.count("\n") == 1


def test_a_mistake_of_ours_is_no_sentence():
    @command
    def main(argv=None):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        main([])


def test_ctrl_c():
    ready = "signal.signal(signal.SIGINT, signal.default_int_handler)\nprint('ready', flush=True)\n"
    process = start(ready + "time.sleep(60)")  # where tests run in the background, SIGINT is ignored at first
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=30)
    assert process.returncode == 130
    assert error.count(b"\n") == 1


def test_a_reader_that_goes_away():
    with start("for _ in range(100_000): print('a line of some length')") as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_under_standard_output():
    with open("/dev/full", "w") as full:
        process = start("print('a line')", stdout=full)
        _, error = process.communicate(timeout=30)
    assert process.returncode == 2
    assert error.decode() == "Cannot read or write: No space left on device.\n"


def test_a_terminal_without_unicode():
    process = start("print('Ł')", environment={"PYTHONIOENCODING": "ascii"})
    said, error = process.communicate(timeout=30)
    assert (process.returncode, said, error) == (0, b"\\u0141\n", b"")


NOISE = "print('mine', file=sys.stderr)\nos.write(2, b'noise of a library')"


def test_only_our_own_words_reach_the_terminal():
    assert start(NOISE).communicate(timeout=30)[1] == b"mine\n"
    loud = start(NOISE, environment={"TFHAND_VERBOSE": "1"}).communicate(timeout=30)[1]
    assert sorted(loud) == sorted(b"mine\nnoise of a library")


def test_an_error_gives_the_noise_back():
    process = start(NOISE + "\nraise ZeroDivisionError")
    _, error = process.communicate(timeout=30)
    assert process.returncode == 1
    assert b"noise of a library" in error
    assert b"ZeroDivisionError" in error


@pytest.mark.large
def test_nothing_but_our_words_when_tensorflow_writes(tmp_path):

    words = [sys.executable, "-m", "tfhand.write", "481", "--sample", str(ROOT / "examples" / "sample.jpg")]
    words += ["--says", "quick fox 273", "-o", str(tmp_path / "a.png")]
    ended = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, timeout=300)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("Wrote ")
