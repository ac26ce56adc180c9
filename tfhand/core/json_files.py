"""JSON files: objects of plain values, checked as they are read."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from typing import Any

from tfhand.core.files import atomic_write, read_text
from tfhand.errors import HandwritingError

MAX_DIGITS = 18  # of a whole number: all that int64 holds


class JSONError(HandwritingError):
    """A file is missing, is not JSON, or is not one object."""


def read_json(path: str | os.PathLike) -> dict[str, Any]:
    """The object in a JSON file; a byte order mark is accepted.

    Raises:
        JSONError: missing, not JSON, not an object, nested too deeply, or with numbers or text that no other program
            could take over: NaN, infinity, over 18 digits, half a surrogate pair.
    """
    try:
        text = read_text(path)
    except HandwritingError as error:
        raise JSONError(f"{error}") from None
    try:
        values = json.loads(text, parse_int=_whole, parse_float=_finite, parse_constant=_no_constant)
        json.dumps(values, ensure_ascii=False).encode()
    except RecursionError:
        raise JSONError(f"{path} is not a JSON file (nested too deeply).") from None
    except UnicodeEncodeError:
        raise JSONError(f"{path} is not a JSON file (it holds half a surrogate pair).") from None
    except ValueError as error:
        raise JSONError(f"{path} is not a JSON file ({error}).") from None
    if not isinstance(values, dict):
        raise JSONError(f'{path} must hold one object, as {{"name": value}}.')
    return values


def write_json(path: str | os.PathLike, values: Mapping[str, Any]) -> None:
    """Writes an indented JSON file, whole or not at all."""
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _whole(text: str) -> int:
    if len(text.lstrip("-")) > MAX_DIGITS:
        raise ValueError(f"a number of {len(text)} digits")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"the number {text[:20]} is too large")
    return number


def _no_constant(text: str) -> float:
    raise ValueError(f"{text} is no number")
