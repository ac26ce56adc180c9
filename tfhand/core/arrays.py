"""NumPy's .npz files, read without trust: nothing in them can run code, or ask for more memory than they hold."""

from __future__ import annotations

import math
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tfhand.errors import HandwritingError

MAX_BYTES = 4 * 2**30  # of all arrays in a file


class ArraysError(HandwritingError):
    """A file is not an .npz of plain arrays, or its arrays are not of the expected kind."""


@dataclass(frozen=True)
class ArrayKind:
    """What an array is to be.

    Attributes:
        kinds: letters of `numpy.dtype.kind`: i and u whole numbers, f floats, U text.
        ndim: number of axes.
        required: whether it must be there.
    """

    kinds: str
    ndim: int
    required: bool = True


def read_arrays(path: str | os.PathLike, known: Mapping[str, ArrayKind] | None = None) -> dict[str, np.ndarray]:
    """The arrays in an .npz file by name.

    Args:
        path: of the file.
        known: the names that are read, others being left alone; None for all, whatever they are.

    Raises:
        ArraysError: missing, not an .npz, cut short, larger than 4 GiB, with pickled objects, without a required array,
            or with one of another kind, with NaN or infinite numbers.
    """
    if not os.path.isfile(path):
        raise ArraysError(f"There is no file at {path}.")
    broken = ArraysError(f"{path} is not an .npz file of arrays, or is cut short.")
    try:
        with zipfile.ZipFile(path) as file:
            members = {one.filename.removesuffix(".npy"): one for one in file.infolist() if one.filename[-4:] == ".npy"}
            names = [name for name in members if known is None or name in known]
            total = sum(_declared_bytes(path, file, members[name]) for name in names)
            if total > MAX_BYTES:
                raise ArraysError(f"The arrays in {path} have {total / 2**30:.0f} GiB; at most 4 can be read.")
            arrays = {name: _read(file, members[name]) for name in names}
    except ArraysError:
        raise
    except Exception:  # a hostile file makes zipfile, zlib and NumPy's header parser raise many kinds
        raise broken from None
    check_arrays(path, arrays, known or {})
    return arrays


def array_names(path: str | os.PathLike) -> list[str]:
    """The names of the arrays in an .npz file; none if it is no such file."""
    try:
        with zipfile.ZipFile(path) as file:
            return [name.removesuffix(".npy") for name in file.namelist() if name.endswith(".npy")]
    except Exception:  # as above
        return []


def check_arrays(path: str | os.PathLike, arrays: Mapping[str, np.ndarray], known: Mapping[str, ArrayKind]) -> None:
    """Raises ArraysError where one of the arrays read from a file is not of its kind, or is missing."""
    for name, kind in known.items():
        _check(path, name, arrays.get(name), kind)


def _declared_bytes(path: str | os.PathLike, file: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    """The size of an array by its header, which must be what the file holds of it."""
    with file.open(member) as stream:
        version = np.lib.format.read_magic(stream)
        if version == (1, 0):
            shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
        else:
            shape, _, dtype = np.lib.format.read_array_header_2_0(stream)
        size = math.prod(shape) * dtype.itemsize
        if dtype.hasobject:
            raise ArraysError(f"{path} holds pickled objects, which could run code; save plain arrays only.")
        if stream.tell() + size != member.file_size:
            raise ValueError("cut short")
    return size


def _read(file: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    with file.open(member) as stream:
        return np.lib.format.read_array(stream, allow_pickle=False)


def _check(path: str | os.PathLike, name: str, array: np.ndarray | None, kind: ArrayKind) -> None:
    if array is None:
        if kind.required:
            raise ArraysError(f"{path} has no `{name}`.")
        return
    if array.ndim != kind.ndim or array.dtype.kind not in kind.kinds:
        words = {"i": "whole numbers", "u": "whole numbers", "f": "numbers", "U": "text"}
        wanted = " or ".join(dict.fromkeys(words[letter] for letter in kind.kinds))
        raise ArraysError(
            f"The array `{name}` in {path} must be {wanted} with {kind.ndim} axes, not {array.dtype} {array.shape}."
        )
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ArraysError(f"The array `{name}` in {path} holds NaN or infinite numbers.")
