"""JSON files come back as they went, and what no other program could read is refused."""

from __future__ import annotations

import pytest

from tfhand.core.json_files import JSONError, read_json, write_json


def test_round_trip(tmp_path):
    write_json(tmp_path / "new" / "a.json", {"characters": "äß", "n": [1, 2]})
    assert read_json(tmp_path / "new" / "a.json") == {"characters": "äß", "n": [1, 2]}


def test_a_byte_order_mark_is_accepted(tmp_path):
    (tmp_path / "a.json").write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert read_json(tmp_path / "a.json") == {"a": 1}


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[1]",
        b"\xff\xfe\x00",
        b"",
        b'{"a": ' + b"[" * 100_000,
        b'{"a": ' + b"9" * 400 + b"}",
        b'{"a": 1e999}',
        b'{"a": NaN}',
        b'{"a": "\\ud800"}',
    ],
    ids=["cut short", "a list", "no text", "empty", "deep", "400 digits", "infinite", "NaN", "half a pair"],
)
def test_broken_files_are_refused(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(JSONError, match=r"a\.json"):
        read_json(tmp_path / "a.json")


@pytest.mark.parametrize("name", ["none.json", "n" * 300, "folder"])
def test_missing_files_are_refused(tmp_path, name):
    (tmp_path / "folder").mkdir()
    with pytest.raises(JSONError, match="Cannot read"):
        read_json(tmp_path / name)
