from __future__ import annotations

import json
import stat
import zipfile

import pytest

from tfhand.app import archive
from tfhand.errors import HandError


@pytest.fixture
def packed(tmp_path, hand_of):
    return archive.pack(hand_of("aB7"), tmp_path / "anna.zip")


def altered(packed, tmp_path, name, content=b"x", mode=None):
    """The same .zip with a file more."""
    path = tmp_path / "altered.zip"
    path.write_bytes(packed.read_bytes())
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (mode or 0o644) << 16
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(entry, content)
    return path


def test_a_hand_comes_back_as_it_was(packed, hand_of):
    assert archive.unpack(packed) == hand_of("aB7")


def test_the_same_hand_is_the_same_file(packed, tmp_path, hand_of):
    assert archive.pack(hand_of("aB7"), tmp_path / "again.zip").read_bytes() == packed.read_bytes()


def test_other_files_are_left_out(packed, tmp_path, hand_of):
    assert archive.unpack(altered(packed, tmp_path, "hand/run_me.py", b"raise SystemExit")) == hand_of("aB7")


@pytest.mark.parametrize("name", ["../outside.png", "/tmp/outside.png", "hand/../../outside.png", "hand\\..\\x.png"])
def test_no_file_leaves_its_folder(packed, tmp_path, name):
    with pytest.raises(HandError, match="outside its folder"):
        archive.unpack(altered(packed, tmp_path, name))
    assert not (tmp_path / "outside.png").exists()


def test_a_link_is_refused(packed, tmp_path):
    with pytest.raises(HandError, match="outside its folder"):
        archive.unpack(altered(packed, tmp_path, "hand/b.png", b"/etc/passwd", stat.S_IFLNK | 0o777))


def test_a_list_that_points_outside_is_refused(packed, tmp_path):
    path = tmp_path / "points.zip"
    entry = {"character": "a", "file": "../../../../etc/passwd"}
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("hand/hand.json", json.dumps({"format": "tfhand hand 1", "glyphs": [entry]}))
    with pytest.raises(HandError, match="outside its folder"):
        archive.unpack(path)


def test_a_bomb_is_refused(packed, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "ZIP_MEGABYTES", 1)
    with pytest.raises(HandError, match="over 1 MB"):
        archive.unpack(altered(packed, tmp_path, "hand/b.png", bytes(1_100_000)))


def test_too_many_files_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_SAMPLES", 3)
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as file:
        for number in range(30):
            file.writestr(f"{number}.png", b"")
    with pytest.raises(HandError, match="holds 30 files"):
        archive.unpack(path)


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x03\x04" + bytes(40)])
def test_what_is_no_zip_is_told(tmp_path, content):
    path = tmp_path / "holiday.zip"
    path.write_bytes(content)
    with pytest.raises(HandError, match=r"holiday\.zip is not a \.zip"):
        archive.unpack(path)


def test_a_zip_of_other_things_is_told(tmp_path):
    path = tmp_path / "holiday.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("beach.jpg", b"x")
    with pytest.raises(HandError, match=r"no hand\.json in holiday\.zip"):
        archive.unpack(path)


def test_a_damaged_picture_is_told_by_its_name_alone(packed, tmp_path):
    path = tmp_path / "damaged.zip"
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"x" if name.endswith("a.png") else old.read(name))
    with pytest.raises(HandError) as error:
        archive.unpack(path)
    assert "a.png" in str(error.value)
    assert "/tmp" not in str(error.value)
