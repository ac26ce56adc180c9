"""Command line flags from a configuration's fields, and the values that were given back."""

from __future__ import annotations

import argparse
import dataclasses
import typing
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from tfhand.core.config import field_kind, field_names


def add_flags(
    parser: argparse.ArgumentParser, cls: type, title: str, aliases: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Adds a flag for every field of a configuration to a help group of its own.

    The field's annotation gives the flag's type, its metadata the help. A flag that is not given leaves no trace in the
    namespace, see `given`. A flag that takes several values may also be repeated.

    Args:
        parser: to add to.
        cls: a configuration, see `tfhand.core.config`.
        title: of the help group.
        aliases: a second flag for a field, by its name.
    """
    group = parser.add_argument_group(title)
    hints = typing.get_type_hints(cls)
    for field in dataclasses.fields(cls):
        flags = ["--" + field.name.replace("_", "-")]
        flags += [aliases[field.name]] if aliases.get(field.name, flags[0]) != flags[0] else []
        text = f"{field.metadata['help']} (default: {_default(field)})".replace("%", "%%")
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
    """The fields of the configurations for which a flag was given."""
    names = [name for cls in classes for name in field_names(cls)]
    return {name: getattr(namespace, name) for name in names if hasattr(namespace, name)}


def _default(field: dataclasses.Field) -> str:
    value = field.default
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        value = " ".join(map(str, value))
    return "none" if value in (None, "") else str(value)
