"""The house itself: its rooms, its style and types, and commands that answer at once."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = (
    "write",
    "font",
    "sheet",
    "extract",
    "hand",
    "fit",
    "mix",
    "project",
    "gallery",
    "export",
    "evaluate",
    "bench",
    "app",
)


def run(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("words", [("check",), ("format", "--check")])
def test_ruff_is_content(words):
    result = run("-m", "ruff", *words, ".")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.large
def test_types_are_sound():
    result = run("-m", "mypy")
    assert result.returncode == 0, result.stdout + result.stderr


def test_setup_lists_every_package():
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    listed = settings["options"]["packages"].split()
    there = {path.parent.relative_to(ROOT) for path in (ROOT / "tfhand").rglob("*.py")}
    assert sorted(listed) == sorted({".".join(path.parts) for path in there} | {"tfhand.saved_models"})


def test_every_room_says_what_it_is_for():
    rooms = {path.parent for path in (ROOT / "tfhand").rglob("*.py")}
    assert [room for room in rooms if not (room / "__init__.py").read_text(encoding="utf-8").startswith('"""')] == []


def test_no_room_imports_a_higher_one():
    result = run("-c", "import sys; from importlinter.cli import lint_imports_command as lint; sys.exit(lint())")
    assert result.returncode == 0, result.stdout + result.stderr


ONLY_HERE = {  # what opens files from outside, or replaces files, has one place, where it is done with care
    r"Image\.open\(": {"core/pictures.py"},
    r"np\.load\(|read_array\(": {"core/arrays.py"},
    r"json\.loads?\(": {"core/json_files.py", "core/config.py"},
    r"h5py\.File\(": {"models/presets.py"},
    r"PdfDocument\(": {"core/pictures.py"},
    r"\.rename\(|os\.replace\(|temporary\.replace\(": {"core/files.py", "core/folders.py", "training/run_directory.py"},
    r"\.read_text\(": {"core/files.py"},
    r"urlopen\(": {"data/sources.py"},
    r"MAX_IMAGE_PIXELS|pickle\.|allow_pickle=True|\beval\(|\bexec\(|yaml|marshal": set(),
}


@pytest.mark.parametrize("pattern", ONLY_HERE)
def test_files_are_opened_and_replaced_in_one_place(pattern):
    room = ROOT / "tfhand"
    users = {path.relative_to(room).as_posix() for path in room.rglob("*.py") if re.search(pattern, path.read_text())}
    assert users == ONLY_HERE[pattern]


@pytest.mark.parametrize("module", ["tfhand", *(f"tfhand.{name}" for name in COMMANDS)])
def test_import_and_help_do_not_wake_tensorflow(module):
    code = f"import {module} as m, sys; p = getattr(m, 'build_parser', None); p and p().format_help(); "
    result = run("-W", "error", "-c", code + "print([name for name in ('tensorflow', 'keras') if name in sys.modules])")
    assert result.stdout.strip() == "[]", result.stdout + result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help(command):
    result = run("-m", f"tfhand.{command}", "--help")
    assert result.returncode == 0
    assert "usage:" in result.stdout
    assert result.stderr == ""


def test_the_front_door_names_every_command_and_refuses_others():
    from tfhand.__main__ import COMMANDS as known

    assert set(known) == set(COMMANDS)
    result = run("-m", "tfhand", "wriet")
    assert result.returncode == 2
    assert "wriet" in result.stderr
    assert all(name in result.stderr for name in known)
