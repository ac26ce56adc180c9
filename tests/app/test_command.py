from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tfhand.app import limits
from tfhand.app.command import build_parser, main
from tfhand.app.limits import PASSWORD, password_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def no_password(monkeypatch):
    monkeypatch.delenv(PASSWORD, raising=False)


def test_the_help_wakes_neither_gradio_nor_tensorflow():
    code = (
        "import sys; from tfhand.app.command import build_parser; build_parser().format_help(); "
        "print([name for name in ('tensorflow', 'keras', 'gradio') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert result.stdout.strip() == "[]", result.stderr


def test_the_page_is_for_this_machine_unless_told_otherwise():
    options = build_parser().parse_args([])
    assert (options.host, options.port, options.open) == ("127.0.0.1", 7860, True)
    assert password_of(options.host, options.password_file) is None


def test_others_need_a_password(tmp_path, refusal):
    assert "--password-file" in refusal(main, "--host", "0.0.0.0", "--no-open")
    short = tmp_path / "short.txt"
    short.write_text("1234\n")
    assert "needs 8 or more" in refusal(main, "--host", "0.0.0.0", "--password-file", str(short))
    empty = tmp_path / "empty.txt"
    empty.write_text("")
    assert "needs 8 or more" in refusal(main, "--password-file", str(empty))
    assert "Cannot read" in refusal(main, "--password-file", str(tmp_path / "none.txt"))


def test_the_password_comes_from_a_file_or_the_environment(tmp_path, monkeypatch):
    file = tmp_path / "password.txt"
    file.write_text("correct horse battery\nsecond line\n")
    assert password_of("0.0.0.0", file) == "correct horse battery"
    monkeypatch.setenv(PASSWORD, "from the environment")
    assert password_of("0.0.0.0", None) == "from the environment"
    assert password_of("127.0.0.1", None) == "from the environment"


def test_no_flag_takes_the_password_itself(misuse):
    assert "unrecognized arguments" in misuse(main, "--password", "secret123")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--port", "70000"], "is no port"),
        (["--max-upload", "0"], "from 1 up"),
        (["--max-files", "x"], "invalid"),
        (["--queue", "-1"], "from 1 up"),
        (["--language", "nl"], "invalid choice"),
    ],
)
def test_flags_that_cannot_be(words, says, misuse):
    assert says in misuse(main, *words)


def test_a_wrong_preset_is_told_at_once(refusal, shelf):
    assert "nobody" in refusal(main, "--preset", "nobody")


def test_gradio_that_is_not_there_is_told(refusal, shelf, monkeypatch):
    monkeypatch.setitem(sys.modules, "gradio", None)
    assert "tfhand[app]" in refusal(main, "--preset", "tiny-hand", "--no-open")
    with pytest.raises(limits.HandwritingError):
        limits.require_gradio()
