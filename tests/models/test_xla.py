"""Every family trains with XLA, as `--jit on` asks and an accelerator always does, and as it does by a plain graph."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.support.quick import CHARACTERS, FAMILIES, TRAININGS, prepare, spec_of, take_steps
from tfhand.core.config import as_json
from tfhand.core.json_files import write_json
from tfhand.data import synthetic
from tfhand.data.archive import Archive
from tfhand.models.registry import SPECS

pytestmark = pytest.mark.large  # compiles every family twice

ROOT = Path(__file__).resolve().parents[2]
STEPS = 2  # the lazy terms are due at the first, and rest at the second
LAZY = {"cgan": ["r1"], "cgan-reconstructed": ["r1"], "hand": ["r1"], "stylegan": ["r1", "path"]}


@pytest.fixture(scope="module")
def archive() -> Archive:
    return synthetic.archive(14, 2, seed=20, characters=CHARACTERS)


def trained(family: str, archive: Archive, jit: bool) -> list[dict[str, float]]:
    """The running means after each of the first steps."""
    keras.utils.set_random_seed(0)
    return take_steps(prepare(family, archive), STEPS, jit)


def test_every_family_is_compiled_here():
    assert {spec_of(family).name for family in TRAININGS} == set(SPECS)


@pytest.mark.parametrize("family", FAMILIES)
def test_xla_trains_as_the_plain_graph_does(family, archive):
    plain, compiled = (trained(family, archive, jit) for jit in (False, True))
    for one, other in zip(plain, compiled, strict=True):
        assert other == pytest.approx(one, rel=1e-4, abs=1e-5)
        assert np.isfinite(list(one.values())).all()
    for name in LAZY.get(family, ()):
        assert compiled[0][name] > 0
        assert compiled[1][name] == pytest.approx(compiled[0][name] / 2)


def test_the_command_trains_with_xla(archive, tmp_path):
    archive.save(tmp_path / "letters.npz")
    config, train_config = TRAININGS["reader"]
    write_json(tmp_path / "tiny.json", {**as_json(config), **as_json(train_config)})
    words = "reader --data letters.npz --settings tiny.json --jit on --steps 2"
    known = {**os.environ, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-m", "tfhand.fit", *words.split()]
    ended = subprocess.run(command, cwd=tmp_path, env=known, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (tmp_path / "runs/0001-reader-letters/preset/config.json").exists()
