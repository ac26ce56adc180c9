"""Which presets may take part in an evaluation, and whom of the people they have met in training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tfhand.errors import PresetError
from tfhand.models import presets

WRITES = ("HandNetworks", "ConditionalGAN", "StyleGAN", "StarGAN")
LEARNS = ("HandNetworks",)
READS = ("Reader",)
VERIFIES = ("Verifier",)
_WHAT = {
    WRITES: "does not write from a person's samples",
    LEARNS: "learns no hand",
    READS: "is no reader",
    VERIFIES: "is no verifier",
}


def cast(name: str, classes: Sequence[str], flag: str, beside: dict | None = None) -> dict:
    """The config of a preset that is to play a role.

    Args:
        name: of the preset, or its folder.
        classes: that can play it, `WRITES`, `LEARNS`, `READS` or `VERIFIES`.
        flag: that named it.
        beside: config of the preset whose glyphs it is to see.

    Raises:
        PresetError: unknown, of another class, or of another size.
    """
    config = presets.config(name)
    if config["class"] not in classes:
        raise PresetError(f"The preset {name} {_WHAT[classes]}; choose another for {flag}.")
    if beside and config["image_size"] != beside["image_size"]:
        raise PresetError(
            f"The preset draws {beside['image_size']} pixels and {name} knows {config['image_size']}; "
            f"choose another for {flag}."
        )
    return config


def keeps_hands(config: dict) -> bool:
    """Whether a preset that writes does so in somebody's hand: a conditional GAN may know characters and no people."""
    return config["class"] != "ConditionalGAN" or bool(config["arguments"].get("writers"))


def held_out(name: str, data: str) -> list[int]:
    """The writers of a data set that a preset never saw, as its record says.

    Raises:
        PresetError: it says nothing of this data set.
    """
    record = _record(name)
    if Path(data).stem not in record:
        known = ", ".join(record) or "no data set"
        raise PresetError(f"The preset {name} does not say whom of {data} it held out; it says so for {known}.")
    return record[Path(data).stem]


def training_overlap(name: str, data: str, people: Sequence[int]) -> int:
    """How many of these people of a data set a preset was trained on; 0 if it never saw the data set."""
    return len(set(people).difference(_record(name).get(Path(data).stem, people)))


def _record(name: str) -> dict[str, list[int]]:
    return presets.config(name)["training"].get("validation_writers") or {}
