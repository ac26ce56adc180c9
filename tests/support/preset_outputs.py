"""The raw outputs of all shipped presets, to see that a change of code changes no bit of them.

Before the change, and after it:

    python -m tests.support.preset_outputs OUT.npz
    python -m tests.support.preset_outputs --against OUT.npz

The inputs are those of the golden files. The bits hold for one machine and one version of TensorFlow only; what must
hold everywhere is in tests/models/test_golden.py.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.support import golden
from tfhand.core.files import atomic_write
from tfhand.models import presets, registry

SAVED_MODELS = Path(__file__).resolve().parents[2] / "saved_models"


def shipped(folder: Path = SAVED_MODELS) -> list[Path]:
    """The folders of the presets in a folder, by default those that the checkout ships, by name."""
    return sorted(path.parent for path in folder.glob(f"*/{presets.CONFIG}"))


def collect(folders: Sequence[Path]) -> golden.Arrays:
    """What presets give for the inputs of their golden files; keys are PRESET/OUTPUT."""
    found = {}
    for folder in folders:
        given, _ = golden.load(golden.path_of(folder.name))
        made = golden.outputs(registry.load(folder), given)
        found |= {f"{folder.name}/{name}": array for name, array in made.items()}
    return found


def differences(now: golden.Arrays, before: golden.Arrays) -> list[str]:
    """A line for each output that is not the same to the last bit, or that only one of both holds."""
    lines = []
    for name in sorted(now.keys() | before.keys()):
        if name not in now or name not in before:
            lines.append(f"{name}: only {'before' if name in before else 'now'}")
        elif (now[name].shape, now[name].dtype) != (before[name].shape, before[name].dtype):
            lines.append(f"{name}: {before[name].dtype} {before[name].shape} is {now[name].dtype} {now[name].shape}")
        elif now[name].tobytes() != before[name].tobytes():
            differs = np.frombuffer(now[name].tobytes(), np.uint32) != np.frombuffer(before[name].tobytes(), np.uint32)
            lines.append(
                f"{name}: {differs.sum()} of {differs.size} numbers, by {np.abs(now[name] - before[name]).max():.3g}"
            )
    return lines


def main(words: Sequence[str] | None = None, folder: Path = SAVED_MODELS) -> int:
    """Writes the outputs, or compares them; 1 where a bit differs."""
    parser = argparse.ArgumentParser(description="Raw outputs of all shipped presets, written or compared.")
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("out", nargs="?", type=Path, help="file to write")
    choice.add_argument("--against", type=Path, metavar="OUT.npz", help="file that was written before")
    options = parser.parse_args(words)
    now = collect(shipped(folder))
    if options.out:
        with atomic_write(options.out) as temporary, temporary.open("wb") as file:
            np.savez(file, **now)
        print(f"Wrote {len(now)} outputs to {options.out}.")
        return 0
    with np.load(options.against, allow_pickle=False) as stored:
        lines = differences(now, {name: stored[name] for name in stored.files})
    print("\n".join(lines) or f"All {len(now)} outputs are the same to the last bit.")
    return bool(lines)


if __name__ == "__main__":
    sys.exit(main())
