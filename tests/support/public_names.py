"""Names that others rely on, kept in tests/golden/public_names.json, so that none changes unseen.

After a change on purpose, from the checkout's folder, with a line in CHANGELOG.md:

    python -m tests.support.public_names
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import json
from pathlib import Path
from typing import Any

import numpy as np

import tfhand
from tfhand.__main__ import COMMANDS
from tfhand.core.config import field_names
from tfhand.hands import index as hand_list
from tfhand.hands.word_sample import WordSample
from tfhand.models import presets, registry
from tfhand.models.generation import GenerationConfig

FILE = Path(__file__).resolve().parents[1] / "golden" / "public_names.json"


def collect() -> dict[str, Any]:
    """All of them, as JSON can hold them."""
    return {
        "tfhand": {name: members(getattr(tfhand, name)) for name in tfhand.__all__ if name != "__version__"},
        "commands": {name: flags(importlib.import_module(f"tfhand.{name}").build_parser()) for name in COMMANDS},
        "config.json": [*presets.KEYS, {"generation": field_names(GenerationConfig)}],
        "configurations": {
            name: {"config": field_names(spec.config), "train_config": field_names(spec.train_config)}
            for name, spec in registry.SPECS.items()
        },
        "SavedModels": {name: signatures(name) for name in sorted(shipped_saved_models())},
        "hand.json": hand_index(),
    }


def members(thing: Any) -> Any:
    """The signature of a function, those of a class's public methods, or the public names of a module."""
    if inspect.ismodule(thing):
        return sorted(thing.__all__)
    if not inspect.isclass(thing):
        return str(inspect.signature(thing))
    if issubclass(thing, BaseException):
        return [base.__name__ for base in thing.__mro__[1:]]
    own = [name for base in thing.__mro__ if base.__module__.startswith("tfhand.") for name in vars(base)]
    public = {name: getattr(thing, name) for name in sorted(set(own)) if not name.startswith("_")}
    known = {name: str(inspect.signature(one)) for name, one in public.items() if inspect.isroutine(one)}
    properties = {name: "property" for name, one in public.items() if isinstance(one, property)}
    return {"()": str(inspect.signature(thing)), **known, **properties}


def flags(parser: argparse.ArgumentParser) -> Any:
    """The flags and arguments of a command, by subcommand where it has some."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return {name: flags(sub) for name, sub in action.choices.items()}
    return sorted(flag for action in parser._actions for flag in action.option_strings or [action.dest])


def shipped_saved_models() -> list[str]:
    """The shipped presets that hold a SavedModel."""
    folder = Path(__file__).resolve().parents[2] / "saved_models"
    return [path.parent.name for path in folder.glob(f"*/{presets.SAVED_MODEL}")]


def signatures(preset: str) -> dict[str, Any]:
    """The signatures of a preset's SavedModel: inputs with their shapes and types, and the output."""
    found = registry.spec_of(preset).signatures(registry.load(preset))
    return {
        name: {
            "inputs": {key: [list(shape), dtype] for key, (shape, dtype) in one.inputs.items()},
            "output": one.output,
        }
        for name, one in found.items()
    }


def hand_index() -> dict[str, Any]:
    """The keys of a Hand's hand.json, and the names of a file of glyphs and of one of words."""
    import tempfile

    image = np.full((20, 20), 255, np.uint8)
    image[4:16, 9:11] = 0
    with tempfile.TemporaryDirectory() as folder:
        word = WordSample("I", image, baseline=16, x_height=8)
        tfhand.Hand({"A": [image]}, words=[word]).save(f"{folder}/hand")
        index = json.loads((Path(folder) / "hand" / hand_list.INDEX).read_text(encoding="utf-8"))
    glyph, word = index["glyphs"][0], index["words"][0]
    files = {"file": glyph["file"], "word file": word["file"]}
    return {"index": sorted(index), "glyph": sorted(glyph), "word": sorted(word), **files}


if __name__ == "__main__":
    FILE.write_text(json.dumps(collect(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"Wrote {FILE}.")
