"""Every shipped preset gives what it gave when it was shipped, and comes with all that it should; see golden.py."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from tests.support import golden
from tfhand.models import presets

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted(path.parent for path in (ROOT / "saved_models").glob(f"*/{presets.CONFIG}"))
TOLERANCE = 2e-2  # on images in [-1, 1], and on other outputs as a share of their standard deviation
LARGEST = 12e6  # bytes


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
    assert config["characters"] == config["arguments"].get("settings", config["arguments"])["characters"]
    assert config["image_size"] == config["arguments"].get("settings", config["arguments"])["image_size"]
    assert re.search(r"tfhand[ .]fit ", config["training"]["command"])
    assert config["training"]["steps"] > 0


def test_the_card_says_what_it_is_for(shipped):
    card = " ".join((shipped / presets.CARD).read_text(encoding="utf-8").lower().split())
    for words in ("intended use", "permission", "signature", "data", "license" if "license" in card else "licence"):
        assert words in card


def test_the_folder_is_small(shipped):
    files = [path for path in shipped.rglob("*") if path.is_file() and "savedmodel" not in path.parts]
    assert {presets.CONFIG, presets.WEIGHTS, presets.CARD} <= {path.name for path in files}
    assert sum(path.stat().st_size for path in files) <= LARGEST


def test_no_golden_file_without_its_preset():
    assert {path.stem for path in golden.FOLDER.glob("*.npz")} <= {path.name for path in SHIPPED}


@pytest.mark.parametrize(
    "name",
    ["tiny-hand", "tiny-cgan", "tiny-cgan-writers", "tiny-stylegan", "tiny-stargan", "tiny-reader", "tiny-verifier"],
)
def test_a_golden_file_catches_a_change(saved_models, tmp_path, name):
    networks = registry.load(saved_models / name)
    golden.save(tmp_path / "tiny.npz", networks)
    assert max(golden.differences(tmp_path / "tiny.npz", networks).values()) < TOLERANCE
    for weight in networks.trainable_variables:
        weight.assign(weight + 0.05 * np.std(weight))
    assert max(golden.differences(tmp_path / "tiny.npz", networks).values()) > TOLERANCE
