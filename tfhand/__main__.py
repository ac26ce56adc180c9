"""`tfhand COMMAND ...`, the same as `python -m tfhand.COMMAND ...`."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from tfhand.version import __version__

COMMANDS = {
    "write": "a text in the hand of a few samples",
    "font": "a hand as a font, with the letters that were never written",
    "sheet": "a sheet to print and write on",
    "extract": "a person's letters from photos of a sheet or of writing",
    "hand": "a Hand's folder: shown, and its letters dropped, renamed, replaced, approved",
    "mix": "coarse layers of one letter's style, fine ones of another's",
    "gallery": "pictures of what a preset has learned",
    "fit": "train one of the families of networks",
    "evaluate": "how like a hand the written letters are, in numbers",
    "project": "real letters as a StyleGAN draws them",
    "export": "a preset as a TensorFlow SavedModel",
    "app": "a page in the browser for all of this, without a terminal",
    "bench": "training throughput, time lost to input, memory",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; returns its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0] in COMMANDS:
        return importlib.import_module(f"tfhand.{arguments[0]}").main(arguments[1:])
    if arguments in (["--version"], ["-V"]):
        print(f"tfhand {__version__}")
        return 0
    lines = [f"  {name:10}{text}" for name, text in COMMANDS.items()]
    usage = "\n".join(["usage: tfhand COMMAND ...", "", *lines, "", "tfhand COMMAND --help says more."])
    if not arguments or arguments[0] in ("-h", "--help"):
        print(usage)
        return 0
    print(f"There is no command {arguments[0]!r}.\n{usage}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
