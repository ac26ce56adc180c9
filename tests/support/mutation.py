"""Strategies that damage files: bytes changed, cut and repeated, and JSON with anything in any place."""

from __future__ import annotations

import copy
import json
from typing import Any

from hypothesis import strategies as st

ODD_TEXT = (
    "",
    "a",
    "ab",
    "é",
    "א",
    "\0",
    "\n",
    "\u202e",
    "../a.png",
    "/etc/passwd",
    "n" * 300,
    "__class__",
    "nan",
    "😀",
)
ODD_NUMBERS = (0, 1, -1, 2, 3, 255, 2**31, 2**63, 10**17, -(10**17), 0.5, -0.0, 1e-300, 1e300, 5e-324)
ODD_VALUES = (*ODD_TEXT, *ODD_NUMBERS, None, True, False, [], {}, [[]], {"a": {}}, [None], ["a", 1], [1, "a"], [0] * 50)
ODD_JSON = (b"NaN", b"Infinity", b"1e999", b"9" * 400, b'"\\ud800"', b"[" * 2000, b"", b"{}", b"\xff", b"\xef\xbb\xbf")


@st.composite
def damaged_bytes(draw: st.DrawFn, whole: bytes) -> bytes:
    """A file's content with a few places changed, cut out, put in or repeated."""
    content = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(len(content) - 1, 0)))
        length = draw(st.integers(1, 12))
        match draw(st.sampled_from(("set", "set", "flip", "insert", "cut", "end", "repeat"))):
            case "set":
                content[place : place + length] = draw(st.binary(min_size=length, max_size=length))
            case "flip" if content:
                content[place] ^= 1 << draw(st.integers(0, 7))
            case "insert":
                content[place:place] = draw(st.binary(min_size=1, max_size=length))
            case "cut":
                del content[place : place + length * 8]
            case "end":
                del content[place:]
            case _:
                content[place:place] = content[place : place + length * 8]
    return bytes(content)


@st.composite
def damaged_json(draw: st.DrawFn, values: Any) -> bytes:
    """A JSON file in which one to three places hold something else, or are gone; at times no JSON at all."""
    changed = copy.deepcopy(values)
    for _ in range(draw(st.integers(1, 3))):
        changed = _changed(draw, changed)
    content = json.dumps(changed).encode()
    if draw(st.integers(0, 9)) == 0:
        odd = draw(st.sampled_from(ODD_JSON))
        place = draw(st.integers(0, len(content)))
        content = content[:place] + odd + content[place:]
    return content


def _changed(draw: st.DrawFn, values: Any) -> Any:
    """The values with one place below them changed, deeper places as often as those above."""
    places = list(values) if isinstance(values, dict) else list(range(len(values))) if isinstance(values, list) else []
    if not places or draw(st.integers(0, 5)) == 0:
        return copy.deepcopy(draw(st.sampled_from(ODD_VALUES)))
    place = draw(st.sampled_from(places))
    if draw(st.integers(0, 9)) == 0:
        del values[place]
    else:
        values[place] = _changed(draw, values[place])
    return values
