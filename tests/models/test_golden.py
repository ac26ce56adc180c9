"""Every shipped preset gives what it gave when it was shipped, and comes with all that it should; see golden.py."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.support import golden, preset_outputs
from tests.support.tiny import TINY_PRESETS
from tfhand.models import presets, registry

SHIPPED = preset_outputs.shipped()
TOLERANCE = 2e-2  # on images in [-1, 1], and on other outputs as a share of their standard deviation
LARGEST = 18e6  # bytes, of which LiteRT's copy of the weights may be more than half


@pytest.fixture(params=SHIPPED, ids=lambda path: path.name)
def shipped(request) -> Path:
    return request.param


def test_outputs_are_as_they_were(shipped):
    path = golden.path_of(shipped.name)
    assert path.is_file(), f"Run `python -m tests.support.golden {shipped.name}`."
    found = golden.differences(path, registry.load(shipped))
    assert found
    assert max(found.values()) <= TOLERANCE, found


def test_the_config_says_how_it_was_made(shipped):
    config = presets.read_config(shipped)
    assert len(config["characters"]) == len(set(config["characters"])) > 1
    assert config["characters"] == config["config"]["characters"]
    assert config["image_size"] == config["config"]["image_size"]
    assert re.search(r"tfhand[ .]fit ", config["training"]["command"])
    assert config["training"]["steps"] > 0


def test_the_card_says_what_it_is_for(shipped):
    card = " ".join((shipped / presets.CARD).read_text(encoding="utf-8").lower().split())
    for words in ("intended use", "permission", "signature", "data", "license" if "license" in card else "licence"):
        assert words in card


def test_the_folder_is_small(shipped):
    """With its weights once: in a file of their own, or as the variables of the SavedModel."""
    files = [path for path in shipped.rglob("*") if path.is_file()]
    assert {presets.CONFIG, presets.CARD} <= {path.name for path in files}
    assert (shipped / presets.WEIGHTS).is_file() != (shipped / presets.SAVED_MODEL / "variables").is_dir()
    assert sum(path.stat().st_size for path in files) <= LARGEST


def test_no_golden_file_without_its_preset():
    assert {path.stem for path in golden.FOLDER.glob("*.npz")} <= {path.name for path in SHIPPED}


@pytest.mark.parametrize("name", TINY_PRESETS)
def test_a_golden_file_catches_a_change(saved_models, tmp_path, name):
    networks = registry.load(saved_models / name)
    golden.save(tmp_path / "tiny.npz", networks)
    assert max(golden.differences(tmp_path / "tiny.npz", networks).values()) < TOLERANCE
    for weight in networks.trainable_variables:
        weight.assign(weight + 0.05 * np.std(weight))
    assert max(golden.differences(tmp_path / "tiny.npz", networks).values()) > TOLERANCE


@pytest.mark.large
def test_raw_outputs_are_compared_bit_by_bit(saved_models, tmp_path, monkeypatch, capsys):
    some, folder = {"tiny-hand", "tiny-cgan", "tiny-reader"}, tmp_path / "presets"
    monkeypatch.setattr(golden, "FOLDER", tmp_path)
    for name in some:
        shutil.copytree(saved_models / name, folder / name)
        golden.save(golden.path_of(name), registry.load(folder / name))
    out = tmp_path / "all" / "outputs.npz"
    assert preset_outputs.main([str(out)], folder) == 0
    with np.load(out) as stored:
        arrays = {name: stored[name] for name in stored.files}
    assert {name.split("/")[0] for name in arrays} == some
    capsys.readouterr()
    assert preset_outputs.main(["--against", str(out)], folder) == 0
    assert f"All {len(arrays)} outputs are the same" in capsys.readouterr().out
    codes = arrays["tiny-hand/codes"]
    codes[0, 0] = np.nextafter(codes[0, 0], np.float32(9))
    np.savez(out, **{name: array for name, array in arrays.items() if name != "tiny-cgan/images"})
    assert preset_outputs.main(["--against", str(out)], folder) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "tiny-cgan/images: only now"
    assert said[1].startswith(f"tiny-hand/codes: 1 of {codes.size} numbers")
    assert len(said) == 2
