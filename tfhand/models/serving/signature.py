"""One use of networks, by name: what goes in and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Input = tuple[tuple[int | None, ...], str]
"""Shape after the batch, and dtype."""


@dataclass(frozen=True)
class Signature:
    """One use of networks.

    Attributes:
        function: of the inputs, to the output.
        inputs: shape after the batch, and dtype, by name, in the function's order.
        output: its name.
        rows: how many are in a batch; None for any number.
    """

    function: Callable
    inputs: Mapping[str, Input]
    output: str
    rows: int | None = None


Signatures = dict[str, Signature]


def floats(*shape: int | None) -> Input:
    """An input of float32 (B, *shape)."""
    return shape, "float32"


def numbers(*shape: int | None) -> Input:
    """An input of int32 (B, *shape)."""
    return shape, "int32"


def glyphs(*shape: int | None) -> Input:
    """An input of uint8 (B, *shape)."""
    return shape, "uint8"


def texts(*shape: int | None) -> Input:
    """An input of strings (B, *shape): text in UTF-8, or the bytes of files."""
    return shape, "string"
