"""Which people of a data set a preset was trained on, as its record says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tfhand.errors import PresetError
from tfhand.models import presets


def held_out(name: str, data: str) -> list[int]:
    """The writers of a data set that a preset was not trained on.

    Raises:
        PresetError: its record says nothing about this data set.
    """
    record = _record(name)
    if Path(data).stem not in record:
        known = ", ".join(record) or "no data set"
        raise PresetError(f"The preset {name} does not say whom of {data} it held out; it says so for {known}.")
    return record[Path(data).stem]


def training_overlap(name: str, data: str, people: Sequence[int]) -> int:
    """How many of these people of a data set a preset was trained on; 0 if it never saw the data set."""
    return len(set(people).difference(_record(name).get(Path(data).stem, people)))


def overlap_warnings(names: Sequence[str], data: Sequence[str], people: Sequence[Sequence[int]]) -> Iterator[str]:
    """A sentence for every preset that was trained on some of the people that it is to be evaluated on.

    Args:
        names: of the presets.
        data: names of the data sets.
        people: of each data set.
    """
    for archive, writers in zip(data, people, strict=True):
        for name in names:
            if seen := training_overlap(name, archive, writers):
                yield f"the preset {name} was trained on {seen} of the {len(writers)} people of {archive}"


def _record(name: str) -> dict[str, list[int]]:
    return presets.read_config(name)["training"].get("validation_writers") or {}
