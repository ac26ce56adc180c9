"""The output of native libraries is kept from the terminal, where only tfhand's own messages belong.

TensorFlow's C++ code writes straight to file descriptor 2, where no setting of Python reaches it.
"""

from __future__ import annotations

import faulthandler
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

VERBOSE = "TFHAND_VERBOSE"  # environment variable: 1 shows everything


@contextmanager
def hold_library_output() -> Iterator[None]:
    """Holds back what is written to file descriptor 2, except through `sys.stderr`; an error gives it back.

    A crash of the process itself leaves a traceback of Python on the terminal.
    """
    if os.environ.get(VERBOSE, "0") not in ("", "0"):
        yield
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # of Python, by the same libraries
    before = sys.stderr
    before.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile() as held, open(terminal, "w", 1, before.encoding, before.errors) as own:
        os.dup2(held.fileno(), 2)
        sys.stderr = own
        faulthandler.enable(own)
        try:
            yield
        except Exception:
            held.seek(0)
            own.write(held.read().decode(errors="replace"))
            raise
        finally:
            own.flush()
            faulthandler.disable()
            sys.stderr = before
            os.dup2(terminal, 2)
