"""`python -m tfhand.export PRESET -o DIR`: a preset as a TensorFlow SavedModel with named signatures."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tfhand.cli.command import command
from tfhand.cli.progress import spinner
from tfhand.models import presets, registry


def build_parser() -> argparse.ArgumentParser:
    """The command line of `tfhand export`."""
    parser = argparse.ArgumentParser(prog="tfhand export", description=__doc__)
    parser.add_argument("preset", help="a preset's name, or the path of its folder")
    parser.add_argument("-o", "--output", type=Path, help="the SavedModel's folder (default: 1/ in the preset)")
    return parser


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Exports a preset; returns the exit code."""
    options = build_parser().parse_args(argv)

    spec = registry.spec_of(options.preset)

    from tfhand.models import serving

    folder = options.output or presets.find(options.preset) / presets.SAVED_MODEL
    networks = registry.load(options.preset)
    with spinner("tracing the signatures"):
        names = serving.export(networks, spec.signatures(networks), folder)
    print(f"Wrote {folder} with the signatures {', '.join(names)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
