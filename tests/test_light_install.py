"""An installation without TensorFlow: what it needs, and that it writes."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
LIGHT = ROOT / "requirements-light.txt"
HEAVY = {"tensorflow", "keras", "h5py", "matplotlib"}  # networks and their training; plots of evaluations
LARGEST = 700  # MiB, of which OpenCV and SciPy are half; with TensorFlow it is four times as much


def name_of(requirement: str) -> str:
    return requirement.partition(">")[0]


def test_the_list_is_that_of_the_package_with_litert_in_place_of_tensorflow():
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    usual = settings["options"]["install_requires"].split()
    lite = settings["options.extras_require"]["lite"].split()
    light = [line for line in LIGHT.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert {name_of(one) for one in usual} >= HEAVY
    assert sorted(light) == sorted([one for one in usual if name_of(one) not in HEAVY] + lite)


@pytest.mark.large
def test_it_installs_and_writes_a_line(tmp_path):
    """In an environment of its own, from a copy of the sources: building leaves files behind."""
    source = tmp_path / "source"
    for name in ("tfhand", "saved_models"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "TFHAND"))}

    def run(*words: str) -> str:
        result = subprocess.run(
            words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=900, check=False
        )
        assert result.returncode == 0, result.stderr[-3000:]
        return result.stdout

    python = str(tmp_path / "venv" / "bin" / "python")
    run(sys.executable, "-m", "venv", str(tmp_path / "venv"))
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", str(source))
    run(python, "-m", "pip", "install", "--quiet", "-r", str(LIGHT))
    sample = str(ROOT / "examples" / "sample.jpg")
    hand, says = str(tmp_path / "hand"), ("--says", "quick fox 273")
    told = run(python, "-m", "tfhand.write", "Dear Anna", "--sample", sample, *says, "-o", str(tmp_path / "out.png"))
    assert "generated:        A D a e n r" in told
    with Image.open(tmp_path / "out.png") as picture:
        assert picture.width > 400
    run(python, "-m", "tfhand.extract", sample, *says, "-o", hand)
    run(python, "-m", "tfhand.font", "--hand", hand, "--name", "Mine", "-o", str(tmp_path / "mine.ttf"))
    known = run(python, "-c", "import importlib.util as u; print(u.find_spec('tensorflow'), u.find_spec('keras'))")
    assert known.split() == ["None", "None"]
    packages = next((tmp_path / "venv" / "lib").glob("python*")) / "site-packages"
    size = sum(file.stat().st_size for file in packages.rglob("*") if file.is_file())
    assert size / 2**20 < LARGEST
