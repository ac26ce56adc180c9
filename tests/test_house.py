"""The house itself: its floors, its style, and commands that answer at once."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = ("write", "font", "sheet", "extract", "fit", "mix", "project", "gallery", "export", "evaluate", "bench")


def run(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("words", [("check",), ("format", "--check")])
def test_ruff_is_content(words):
    result = run("-m", "ruff", *words, ".")
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_floor_imports_a_higher_one():
    result = run("-c", "import sys; from importlinter.cli import lint_imports_command as lint; sys.exit(lint())")
    assert result.returncode == 0, result.stdout + result.stderr


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


def metrics(preset: str) -> list[dict[str, str]]:
    with (ROOT / "docs" / "evaluation" / preset / "metrics.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("preset", "place"),
    [
        ("hand62", "README.md"),
        ("hand62", "saved_models/hand62/README.md"),
        ("cgan-writers", "saved_models/cgan-writers/README.md"),
    ],
)
def test_the_measured_figures_of_hands_are_shown(preset, place):
    text = (ROOT / place).read_text(encoding="utf-8")
    rows = [row for row in metrics(preset) if row["samples"] == "10"]
    assert [row["letters"] for row in rows][:2] == ["real letters", "written letters"]
    names = list(rows[0])[list(rows[0]).index("letters") + 1 :]
    for name in names:
        line = " | ".join([name, *(f"{float(row[name]):.2f}" if row[name] else "–" for row in rows)])
        assert f"| {line} |" in text


def test_the_readme_tells_the_means_over_several_draws():
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    rows = {row["letters"]: row for row in metrics("hand62-repeats")}
    names = "legibility over real", "hand MRR over real", "slant", "width:height", "traits over real"
    own, nearest = (
        {name: f"{float(rows[letters][name]):.2f}" for name in names}
        for letters in ("written letters", "nearest writer")
    )
    for words in (
        f"legibility over real {own['legibility over real']}, hand MRR over real {own['hand MRR over real']}",
        f"(nearest writer {nearest['hand MRR over real']}), slant {own['slant']}, width:height {own['width:height']}",
        f"traits over real {own['traits over real']} (nearest writer {nearest['traits over real']})",
    ):
        assert words in readme


def test_the_readme_shows_the_measured_figures_of_stargan():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for row in metrics("stargan-mnist"):
        assert f"| {row['letters']} | {float(row['conditional accuracy']):.2f} |" in readme


@pytest.mark.parametrize("place", ["README.md", "saved_models/cgan-digits/README.md"])
def test_the_measured_figures_of_generated_digits_are_shown(place):
    text = (ROOT / place).read_text(encoding="utf-8")
    for row in metrics("cgan-digits"):
        numbers = [f"{float(row[name]):.2f}" for name in ("conditional accuracy %", "CAS %", "FID", "KID x 1000")]
        assert f"| {' | '.join([row['letters'], *numbers, row['N']])} |" in text


def test_the_readme_shows_the_measured_figures_of_letters_by_writers():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = ("legibility over real", "hand top-5", "hand MRR over real", "slant", "width:height", "thickness")
    for row in metrics("cgan-writers")[:-1]:
        numbers = [f"{float(row[name]):.2f}" for name in (*names, "traits over real", "FID")]
        assert f"| {' | '.join([row['letters'], *numbers])} |" in readme


@pytest.mark.parametrize("place", ["README.md", "saved_models/stylegan62/README.md"])
def test_the_measured_figures_of_recombined_letters_are_shown(place):
    text = (ROOT / place).read_text(encoding="utf-8")
    rows = {row["letters"]: row for row in metrics("stylegan62")}
    for letters in ("real letters", "w mse", "w perceptual", "w+ mse", "w+ perceptual", "w+ mse, naive"):
        names = ("legibility", "legibility over real", "hand MRR over real", "slant", "traits over real", "FID")
        assert f"| {' | '.join([letters, *(f'{float(rows[letters][name]):.2f}' for name in names)])} |" in text
