"""The progress of long work, on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def spinner(what: str) -> Iterator[None]:
    """Shows on a terminal what is being done, and for how long; nothing where there is no terminal."""
    if not sys.stderr.isatty():
        yield
        return

    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as progress:
        progress.add_task(what)
        yield


def progress_printer() -> Callable[[str], None]:
    """A function that prints on stderr what is being done, with the seconds since now."""
    began = time.monotonic()
    return lambda what: print(f"{time.monotonic() - began:5.0f} s  {what}", file=sys.stderr, flush=True)
