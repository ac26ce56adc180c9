"""The wheel and the source archive that are published: whole, and nothing more."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
KEPT = "pyproject.toml", "setup.cfg", "README.md", "LICENSE", "tfhand", "saved_models"

pytestmark = pytest.mark.large


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A folder with both, built from the files that git knows."""
    pytest.importorskip("build")
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    listed = subprocess.run(["git", "ls-files", "-z", *KEPT], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        copy = source / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / name).read_bytes())
    subprocess.run([sys.executable, "-m", "build", "-o", str(target), str(source)], check=True, capture_output=True)
    return target


def test_both_are_fit_to_be_published(built):
    pytest.importorskip("twine")
    files = sorted(map(str, built.iterdir()))
    assert [Path(name).suffix for name in files] == [".whl", ".gz"]
    checked = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *files], capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout


def test_the_wheel_holds_the_package_with_its_presets_and_nothing_else(built):
    with zipfile.ZipFile(next(built.glob("*.whl"))) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tfhand").rglob("*.py")}
    presets = {path.parent.name for path in (ROOT / "saved_models").glob("*/config.json")}
    assert modules <= names  # a folder that setup.cfg forgot would be missing
    assert {name.split("/")[2] for name in names if name.startswith("tfhand/saved_models/")} == presets
    others = {name for name in names - modules if not name.startswith("tfhand/saved_models/")}
    assert {Path(name).suffix for name in others} <= {".typed", ".json", ".css", ".js", ".html"}


def test_the_source_archive_builds_without_the_repository(built):
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"setup.cfg", "pyproject.toml", "README.md", "LICENSE", "tfhand/py.typed"} <= names
    assert not [name for name in names if name.startswith(("tests", "notebooks", "runs"))]
