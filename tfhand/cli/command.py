"""What all command lines share: a clear sentence and exit code 2 for bad input, never a traceback."""

from __future__ import annotations

import argparse
import functools
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol, TextIO

from tfhand.cli.quiet import hold_library_output
from tfhand.errors import HandwritingError
from tfhand.models.light import NEEDS_KERAS

HEAVY = {
    "keras": NEEDS_KERAS,
    "tensorflow": NEEDS_KERAS,
    "matplotlib": "This needs matplotlib: pip install matplotlib.",
}
"""What to say where a package is not installed that requirements-light.txt leaves out."""
FAILED, INTERRUPTED, PIPE_CLOSED = 2, 130, 141  # exit codes; the last two as shells give them for signals


class Main(Protocol):
    """A command: its words, or those of the command line if None, to its exit code."""

    def __call__(self, argv: Sequence[str] | None = None) -> int: ...


def command(main: Main) -> Main:
    """Wraps a `main(argv=None) -> int` so that whatever goes wrong is one sentence on stderr and an exit code.

    A HandwritingError, a package that is not installed, a file system that refuses and memory that ends give 2, Ctrl-C
    130, a reader of standard output that went away 141. Called for the command line, it lets nothing but tfhand's own
    messages reach the terminal.
    """

    @functools.wraps(main)
    def guarded(argv: Sequence[str] | None = None) -> int:
        if argv is not None:
            return _guarded(main, argv)
        _print_anything(sys.stdout, sys.stderr)
        with hold_library_output():
            return _guarded(main, argv)

    return guarded


def _guarded(main: Main, argv: Sequence[str] | None) -> int:
    try:
        code = main(argv)
        sys.stdout.flush()
        return code
    except HandwritingError as error:
        return _failed(f"{error}")
    except KeyboardInterrupt:
        return _failed("Stopped; nothing of what was under way is kept.", INTERRUPTED)
    except BrokenPipeError:
        _silence(sys.stdout)
        return PIPE_CLOSED
    except ModuleNotFoundError as error:
        if error.name not in HEAVY:
            raise
        return _failed(HEAVY[error.name])
    except MemoryError:
        return _failed("There is not enough memory for this; give less at a time, or smaller pictures.")
    except OSError as error:
        _silence(sys.stdout)
        place = f" {error.filename}" if error.filename else ""
        return _failed(f"Cannot read or write{place}: {error.strerror or error}.")


def _failed(sentence: str, code: int = FAILED) -> int:
    print(sentence, file=sys.stderr)
    return code


def _print_anything(*streams: TextIO) -> None:
    """Characters that a terminal cannot show are printed as their escapes."""
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _silence(stream: TextIO) -> None:
    """Leaves nothing to be written to a stream that cannot be written, or Python would complain of it at the end."""
    with suppress(OSError, ValueError):  # a stream of a test has no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def not_negative(text: str) -> int:
    """An argparse type: a whole number from 0 up."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 0 up")
    return number


def positive(text: str) -> int:
    """An argparse type: a whole number from 1 up."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1 up")
    return number


def between(low: float, high: float) -> Callable[[str], float]:
    """An argparse type: a number from `low` to `high`."""

    def number(text: str) -> float:
        value = float(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not a number from {low:g} to {high:g}")
        return value

    return number
