"""Configurations: frozen dataclasses, checked as they come from JSON or from command line flags.

    @dataclass(frozen=True)
    class ReaderConfig:
        dropout: float = setting(0.3, "share of the features left out in training")

A field is int, float, bool, str, a Literal of strings, a tuple of one of these, or one of these or None. A
`__post_init__` raises a ValueError with one sentence for an impossible value.
"""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from tfhand.errors import HandwritingError

Config = TypeVar("Config")
MAX_NUMBER = 2**53  # a larger whole number is not exact as a float
KIND_NAMES = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}


class ConfigError(HandwritingError):
    """A setting is unknown, of the wrong type or impossible."""


def setting(default: Any, help: str) -> Any:
    """A field of a configuration.

    Args:
        default: its value unless another is given.
        help: what it means, in the words that the command line's --help shows.
    """
    return dataclasses.field(default=default, metadata={"help": help})


def config_from(cls: type[Config], values: Mapping[str, Any]) -> Config:
    """A configuration from plain values, as JSON or flags give them; fields that are not given keep their defaults.

    Raises:
        ConfigError: a name that is no field, a value of the wrong type, or one that the class refuses.
    """
    hints = typing.get_type_hints(cls)
    checked = {}
    for name, value in values.items():
        if name not in hints:
            raise ConfigError(f"There is no setting {name!r}; there are {', '.join(hints)}.")
        checked[name] = _checked(name, hints[name], value)
    try:
        return cls(**checked)
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{error}") from None


def split_fields(values: Mapping[str, Any], *classes: type) -> list[dict[str, Any]]:
    """The values that belong to each of several configurations, by the names of their fields.

    Raises:
        ConfigError: a value that is no field of any of them.
    """
    fields = [field_names(cls) for cls in classes]
    unknown = sorted(set(values) - set().union(*fields))
    if unknown:
        known = ", ".join(sorted(set().union(*fields)))
        raise ConfigError(f"There is no setting {unknown[0]!r}; the settings are {known}.")
    return [{name: value for name, value in values.items() if name in names} for names in fields]


def field_names(cls: type) -> list[str]:
    """The names of a configuration's fields, in order."""
    return [field.name for field in dataclasses.fields(cls)]


def as_json(config: Any) -> dict[str, Any]:
    """A configuration as a dictionary that JSON can hold, tuples as lists."""
    return json.loads(json.dumps(dataclasses.asdict(config)))


def field_kind(hint: Any) -> tuple[Any, bool, bool]:
    """(type of one value, whether there are several, whether None is allowed)."""
    optional = False
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        members = [member for member in typing.get_args(hint) if member is not type(None)]
        optional = len(members) < len(typing.get_args(hint))
        hint = members[0]
    if typing.get_origin(hint) is tuple:
        return typing.get_args(hint)[0], True, optional
    return hint, False, optional


def _checked(name: str, hint: Any, value: Any) -> Any:
    kind, several, optional = field_kind(hint)
    if value is None and optional:
        return None
    if several:
        if not isinstance(value, list | tuple):
            raise ConfigError(f"The setting {name!r} must be a list, not {value!r}.")
        return tuple(_checked(name, kind, each) for each in value)
    if typing.get_origin(kind) is typing.Literal:
        if value not in typing.get_args(kind):
            raise ConfigError(f"The setting {name!r} must be one of {', '.join(typing.get_args(kind))}, not {value!r}.")
        return value
    if type(value) is int and abs(value) > MAX_NUMBER:
        raise ConfigError(f"The setting {name!r} has {len(str(abs(value)))} digits, which is too large.")
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind or (kind is float and not math.isfinite(value)):
        raise ConfigError(f"The setting {name!r} must be {KIND_NAMES[kind]}, not {value!r}.")
    return value
