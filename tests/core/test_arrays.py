"""NumPy's .npz files: what is in them is checked before it is read."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest

from tfhand.core.arrays import ArrayKind, ArraysError, array_names, read_arrays

KINDS = {"labels": ArrayKind("iu", 1), "extent": ArrayKind("f", 1, required=False)}


def npz(path, **members: bytes) -> None:
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)


def header(text: str) -> bytes:
    """A .npy of this header and no data."""
    line = text.encode().ljust(118) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(line).to_bytes(2, "little") + line


@pytest.mark.parametrize("version", [20, 64], ids=["as written", "of a later format"])
def test_names_of_a_file_that_zipfile_refuses(tmp_path, version):
    np.savez(tmp_path / "a.npz", texts=np.arange(3))
    content = bytearray((tmp_path / "a.npz").read_bytes())
    content[content.index(b"PK\x01\x02") + 6] = version  # needed to extract, in the central directory
    (tmp_path / "a.npz").write_bytes(content)
    assert array_names(tmp_path / "a.npz") == (["texts"] if version == 20 else [])


def test_all_arrays_or_the_known_ones(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", labels=np.arange(3), other=np.array("text"))
    assert sorted(read_arrays(tmp_path / "a.npz")) == ["labels", "other"]
    (name,) = found = read_arrays(tmp_path / "a.npz", KINDS)
    assert (name, found[name].tolist()) == ("labels", [0, 1, 2])


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"extent": np.ones(2)}, "has no `labels`"),
        ({"labels": np.ones(2)}, "must be whole numbers with 1 axes"),
        ({"labels": np.ones((2, 2), int)}, "must be whole numbers with 1 axes"),
        ({"labels": np.array(["a"])}, "must be whole numbers"),
        ({"labels": np.ones(2, int), "extent": np.array([1, np.nan])}, "NaN"),
        ({"labels": np.array([{}], object)}, "pickled objects"),
    ],
)
def test_another_kind_is_refused(tmp_path, arrays, says):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(ArraysError, match=says):
        read_arrays(tmp_path / "a.npz", KINDS)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x93NUMPY\x01\x00",
        header("{'descr': '<i8', 'fortran_order': False, 'shape': (1000000000000,), }"),
        header("{'descr': '<i8', 'fortran_order': False, 'shape': (-1,), }"),
        header("{'descr': '<i8', 'fortran_order': False, 'shape': (3,"),
        header("{'descr': 'nonsense', 'fortran_order': False, 'shape': (3,), }"),
        header("__import__('os').abort()"),
    ],
    ids=["empty", "no header", "a terabyte", "negative", "cut", "no type", "code"],
)
def test_hostile_headers_are_refused(tmp_path, content):
    npz(tmp_path / "a.npz", labels=content)
    with pytest.raises(ArraysError, match="cut short"):
        read_arrays(tmp_path / "a.npz", KINDS)


def test_damage_of_every_kind_is_refused(tmp_path):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, labels=np.arange(50))
    whole, rng, told = buffer.getvalue(), np.random.default_rng(0), []
    for _ in range(300):
        damaged = bytearray(whole)
        for place in rng.integers(len(whole), size=3):
            damaged[place] = rng.integers(256)
        (tmp_path / "a.npz").write_bytes(damaged)
        try:
            read_arrays(tmp_path / "a.npz", KINDS)
        except ArraysError as error:
            told.append(str(error))
    assert len(told) > 100
    assert all("a.npz" in sentence for sentence in told)


@pytest.mark.parametrize("name", ["none.npz", "n" * 300, "folder"])
def test_missing_files_are_refused(tmp_path, name):
    (tmp_path / "folder").mkdir()
    with pytest.raises(ArraysError, match="no file at"):
        read_arrays(tmp_path / name)
