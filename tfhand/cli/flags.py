"""From a settings dataclass to typed command line flags and back.

The dataclass is the one place where a setting is written down: its annotation gives the flag's type, its default the
default, and the line `name: text` in its docstring the help.
"""

from __future__ import annotations

import argparse
import dataclasses
import re
import typing
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from tfhand.core.config import field_kind


def helps(cls: type) -> dict[str, str]:
    """The help text of every field: the lines `name: text` of the docstring, continued by deeper indentation."""
    texts: dict[str, str] = {}
    name, indentation = None, 0
    for line in (cls.__doc__ or "").splitlines():
        depth = len(line) - len(line.lstrip())
        start = re.match(r"\s*(\w+): (.+)", line)
        if name and line.strip() and depth > indentation:
            texts[name] += " " + line.strip()
        elif start:
            name, indentation = start[1], depth
            texts[name] = start[2].strip()
        else:
            name = None
    return {field.name: texts.get(field.name, "") for field in dataclasses.fields(cls)}


def add_flags(
    parser: argparse.ArgumentParser, cls: type, title: str, aliases: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Adds a flag for every field of the dataclass `cls` to a help group of its own.

    A flag that is not given leaves no trace in the namespace: see `given`. One that takes several values may also be
    repeated.

    Args:
        parser: to add to.
        cls: a dataclass whose fields all have defaults.
        title: of the help group.
        aliases: a second flag for a field, by its name.
    """
    group = parser.add_argument_group(title)
    hints, texts = typing.get_type_hints(cls), helps(cls)
    for field in dataclasses.fields(cls):
        flags = ["--" + field.name.replace("_", "-")]
        flags += [aliases[field.name]] if aliases.get(field.name, flags[0]) != flags[0] else []
        text = f"{texts[field.name]} (default: {_default(field)})".strip().replace("%", "%%")
        options: dict[str, Any] = {"dest": field.name, "default": argparse.SUPPRESS, "help": text}
        kind, several, _ = field_kind(hints[field.name])
        if kind is bool and not several:
            group.add_argument(*flags, action=argparse.BooleanOptionalAction, **options)
            continue
        if several:
            options |= {"nargs": "+", "action": "extend"}
        if typing.get_origin(kind) is typing.Literal:
            options["choices"] = typing.get_args(kind)
        else:
            options["type"] = kind
            options["metavar"] = {int: "N", float: "X", str: "TEXT"}[kind]
        group.add_argument(*flags, **options)


def given(namespace: argparse.Namespace, *classes: type) -> dict[str, Any]:
    """The fields of the classes for which a flag was given."""
    names = [field.name for cls in classes for field in dataclasses.fields(cls)]
    return {name: getattr(namespace, name) for name in names if hasattr(namespace, name)}


def _default(field: dataclasses.Field) -> str:
    value = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        value = " ".join(map(str, value))
    return "none" if value in (None, "") else str(value)
