"""`python -m tfhand.export PRESET -o DIR`: a preset as a TensorFlow SavedModel with named signatures, or for LiteRT."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tfhand.cli.command import command
from tfhand.cli.progress import spinner
from tfhand.core.files import atomic_write
from tfhand.errors import PresetError
from tfhand.models import light, presets, registry

if TYPE_CHECKING:
    from tfhand.models.networks import Networks

EXAMPLES = """examples:
  python -m tfhand.export my_preset/                      its SavedModel, as 1/ in the preset
  python -m tfhand.export hand62 -o served/ --serving     for a server: text and PNG files in and out
  python -m tfhand.export hand62 -o phone/ --tflite       for a telephone: a LiteRT file for each signature
  python -m tfhand.export my_alphabet/ --light            to write where TensorFlow is not installed"""


def build_parser() -> argparse.ArgumentParser:
    """The command line of `tfhand export`."""
    parser = argparse.ArgumentParser(
        prog="tfhand export", description=__doc__, epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("preset", help="a preset's name, or the path of its folder")
    parser.add_argument("-o", "--output", type=Path, help="the folder (default: 1/ in the preset)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--serving", action="store_true", help="in the folder -o/PRESET/1, with signatures for text and PNG files too"
    )
    form.add_argument("--tflite", action="store_true", help="a LiteRT file for each signature, for one row at a time")
    form.add_argument(
        "--light", action="store_true", help=f"the file {light.FILE} by which LiteRT runs the preset, in the preset"
    )
    return parser


@command
def main(argv: Sequence[str] | None = None) -> int:
    """Exports a preset; returns the exit code."""
    parser = build_parser()
    options = parser.parse_args(argv)
    if (options.serving or options.tflite) and options.output is None:
        parser.error("give the folder with -o")
    preset = presets.find(options.preset)
    networks = registry.load(options.preset)
    if options.light:
        _write_light(networks, options.output or preset)
    elif options.tflite:
        _write_tflite(networks, options.output)
    else:
        own = options.output or preset / presets.SAVED_MODEL
        _write_saved_model(networks, options.preset, own, options.serving)
    return 0


def _write_saved_model(networks: Networks, preset: str, folder: Path, serving: bool) -> None:
    from tfhand.models.serving import export

    signatures = registry.SPECS[networks.family].signatures(networks)
    auxiliary: list[Networks] = []
    if serving:
        from tfhand.models.serving import requests

        more, auxiliary = requests.signatures(preset, networks)
        signatures |= more
        folder = folder / presets.find(preset).resolve().name / presets.SAVED_MODEL
    with spinner("tracing the signatures"):
        names = export(networks, signatures, folder, auxiliary)
    print(f"Wrote {folder} with the signatures {', '.join(names)}.")


def _write_tflite(networks: Networks, folder: Path) -> None:
    """Signatures that LiteRT cannot hold are told and left out; there must be one that it can."""
    from tfhand.models.serving import lite

    refused = []
    for name, signature in lite.fixed(registry.SPECS[networks.family].signatures(networks)).items():
        try:
            with spinner(f"converting {name}"):
                content = lite.convert(networks, {name: signature})
        except PresetError as error:
            refused.append(f"{error}")
            continue
        _write_file(folder / f"{name}.tflite", content)
    for sentence in refused:
        print(f"warning: {sentence}", file=sys.stderr)


def _write_light(networks: Networks, folder: Path) -> None:
    from tfhand.models.serving import lite

    form = registry.SPECS[networks.family].light
    if form is None:
        raise PresetError(f"Presets of the family {networks.family!r} run under TensorFlow alone.")
    with spinner("converting"):
        content = lite.convert(networks, form.signatures(networks))
    _write_file(folder / light.FILE, content)


def _write_file(path: Path, content: bytes) -> None:
    with atomic_write(path) as temporary:
        temporary.write_bytes(content)
    print(f"Wrote {path} ({len(content) / 2**20:.1f} MiB).")


if __name__ == "__main__":
    sys.exit(main())
