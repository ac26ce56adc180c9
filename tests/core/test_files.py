"""Files are written whole or not at all, and never in the place of a person's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tfhand.core.files import atomic_write, check_writable, free_path, read_text
from tfhand.errors import HandwritingError


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


class TestAtomicWrite:
    def test_takes_its_place_at_the_end(self, tmp_path):
        path = tmp_path / "new" / "folder" / "note.txt"
        with atomic_write(path) as temporary:
            temporary.write_text("whole")
            assert not path.exists()
            assert (temporary.parent, temporary.suffix) == (path.parent, ".txt")
        assert path.read_text() == "whole"
        assert path.stat().st_mode & 0o777 == 0o644
        assert names(path.parent) == ["note.txt"]

    def test_a_failure_leaves_what_was_there(self, tmp_path):
        path = tmp_path / "note.txt"
        path.write_text("old")

        def fail():
            with atomic_write(path) as temporary:
                temporary.write_text("half")
                raise RuntimeError("interrupted")

        with pytest.raises(RuntimeError, match="interrupted"):
            fail()
        assert path.read_text() == "old"
        assert names(tmp_path) == ["note.txt"]

    def test_a_kill_before_the_end_leaves_what_was_there(self, tmp_path):
        (tmp_path / "note.txt").write_text("old")
        program = (
            "import os; from pathlib import Path; from tfhand.core.files import atomic_write\n"
            "Path.replace = lambda *_: os._exit(9)\n"
            "with atomic_write('note.txt') as temporary: temporary.write_text('new')"
        )
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        ended = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=environment, timeout=60)
        assert ended.returncode == 9
        assert (tmp_path / "note.txt").read_text() == "old"

    @pytest.mark.parametrize("place", ["file/note.txt", "folder"])
    def test_a_place_that_cannot_be_written(self, tmp_path, place):
        (tmp_path / "file").write_text("")
        (tmp_path / "folder").mkdir()
        expected = pytest.raises(HandwritingError, match="Cannot write .*" + place.split("/")[-1])
        with expected, atomic_write(tmp_path / place) as temporary:
            temporary.write_text("x")
        assert names(tmp_path) == ["file", "folder"]

    @pytest.mark.parametrize("place", ["file/note.txt", "file/deep/note.txt", "folder"])
    def test_such_a_place_is_known_before(self, tmp_path, place):
        (tmp_path / "file").write_text("")
        (tmp_path / "folder").mkdir()
        with pytest.raises(HandwritingError, match=r"Cannot write .*; choose a place that can be written"):
            check_writable(tmp_path / place)
        for good in ("file", "folder/note.txt", "new/deep/note.txt"):
            check_writable(tmp_path / good)
        assert names(tmp_path) == ["file", "folder"]
        assert (tmp_path / "file").read_text() == ""
        assert names(tmp_path / "folder") == []

    def test_an_input_is_never_the_output(self, tmp_path):
        (tmp_path / "a.png").write_text("mine")
        (tmp_path / "link.png").symlink_to(tmp_path / "a.png")
        with pytest.raises(HandwritingError, match="is read and would be written over"):
            check_writable(tmp_path / "link.png", [tmp_path / "a.png"])
        check_writable(tmp_path / "b.png", [tmp_path / "a.png"])

    def test_a_long_name(self, tmp_path):
        path = tmp_path / ("n" * 250 + ".txt")
        with atomic_write(path) as temporary:
            temporary.write_text("whole")
        assert path.read_text() == "whole"


class TestFreePath:
    def test_only_our_own_is_replaced(self, tmp_path):
        theirs, ours = tmp_path / "a.png", tmp_path / "a-2.png"
        theirs.write_text("theirs"), ours.write_text("ours")

        def is_ours(path):
            return path.read_text() == "ours"

        assert free_path(tmp_path / "b.png", is_ours) == tmp_path / "b.png"
        assert free_path(theirs, is_ours) == ours
        assert free_path(theirs, is_ours, [ours]) == tmp_path / "a-3.png"


class TestReadText:
    def test_a_byte_order_mark_is_no_text(self, tmp_path):
        (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfab")
        assert read_text(tmp_path / "a.txt") == "ab"

    @pytest.mark.parametrize(
        ("name", "says"), [("none", "No such file"), ("n" * 300, "No such file"), ("latin", "UTF-8")]
    )
    def test_what_cannot_be_read(self, tmp_path, name, says):
        (tmp_path / "latin").write_bytes(b"\xe9t\xe9")
        with pytest.raises(HandwritingError, match=f"Cannot read the text .*{says}"):
            read_text(tmp_path / name, "the text")
