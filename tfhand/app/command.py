"""`python -m tfhand.app`: a page in the browser on which a person does everything without a terminal.

It is served on this machine alone unless --host says otherwise, and nothing that is put on it leaves the machine.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from tfhand.app import catalogue
from tfhand.app.limits import LOOPBACK, PASSWORD, Limits, password_of, require_gradio
from tfhand.cli.command import command, positive
from tfhand.models import presets

EXAMPLES = """examples:
  python -m tfhand.app
  python -m tfhand.app --language de --no-open
  python -m tfhand.app --host 0.0.0.0 --password-file password.txt"""


def build_parser() -> argparse.ArgumentParser:
    """The command line of `tfhand app`."""
    parser = argparse.ArgumentParser(
        prog="tfhand app",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,  # or --password SECRET would be taken for a file, and stand in the shell's history
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to serve on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=7860, help="0 for any that is free (default: %(default)s)")
    parser.add_argument("--preset", default=presets.DEFAULT, help="a preset's name or folder (default: %(default)s)")
    parser.add_argument(
        "--max-upload", type=positive, default=25, metavar="MB", help="size of a file at most (default: %(default)s)"
    )
    parser.add_argument(
        "--max-files", type=positive, default=12, metavar="N", help="files given at once (default: %(default)s)"
    )
    parser.add_argument(
        "--queue",
        type=positive,
        default=32,
        metavar="N",
        help="actions that may wait for others (default: %(default)s)",
    )
    parser.add_argument(
        "--open", action=argparse.BooleanOptionalAction, default=True, help="show the page in a browser"
    )
    parser.add_argument("--language", choices=catalogue.LANGUAGES, help="of the page (default: the browser's)")
    parser.add_argument(
        "--password-file",
        type=Path,
        metavar="FILE",
        help=f"its first line is asked for; or say it in {PASSWORD}. --host other than {LOOPBACK[0]} needs one",
    )
    return parser


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port, 0 to 65535")
    return number


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Serves the page until Ctrl-C; returns the exit code."""
    options = build_parser().parse_args(argv)
    password = password_of(options.host, options.password_file)
    presets.read_config(options.preset)  # a wrong name is told at once
    require_gradio()

    from tfhand.app.server import serve

    limits = Limits(options.max_upload, options.max_files, options.queue)
    serve(options.host, options.port, options.preset, limits, options.open, options.language, password)
    return 0
