"""Forms that are refined draw their letters more truly, and stay where nothing is to be gained."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from keras import ops

from tfhand.data import synthetic
from tfhand.hands.glyph import as_network_input
from tfhand.models import registry
from tfhand.models.strokes.refinement import refined

NIB = 2.4
ROOT = Path(__file__).resolve().parents[3]
ENCODE = """
import numpy as np
from tfhand.models import registry
with np.load("given.npz") as given:
    samples, characters = given["samples"], given["characters"]
codes = registry.load("alphabet62").encode(samples, characters, np.ones((1, 10), np.float32))
np.save("codes.npy", np.asarray(codes))
"""


@pytest.fixture(scope="module")
def networks():
    return registry.load("alphabet62")


def refined_of(networks, forms, glyphs, characters):
    spread = ops.take(networks.spread, characters, axis=0)
    nibs = np.full(len(characters), NIB, np.float32)
    return np.asarray(refined(networks, forms, glyphs, characters, nibs, spread)), nibs


def test_letters_are_drawn_more_truly(networks):
    letters = synthetic.archive(1, 1, seed=9000, characters=networks.characters)
    characters = letters.places_in(networks.characters).astype(np.int32)
    glyphs = as_network_input(letters.render(range(len(letters)), nib=NIB))
    found = networks.forms_of(glyphs, characters)
    forms, nibs = refined_of(networks, found, glyphs, characters)
    before, after = (
        np.square(np.asarray(networks.draw(each, characters, nibs)) - glyphs).mean(axis=(1, 2, 3))
        for each in (found, forms)
    )
    assert np.median(after / before) < 0.75
    assert np.mean(after < before) > 0.95


@pytest.mark.large
def test_hand_codes_are_the_same_under_jax(networks, tmp_path):
    pytest.importorskip("jax")
    letters = synthetic.archive(1, 1, seed=9000, characters=networks.characters)
    characters = letters.places_in(networks.characters).astype(np.int32)[None, :10]
    samples = as_network_input(letters.render(range(10), nib=NIB))[None]
    np.savez(tmp_path / "given.npz", samples=samples, characters=characters)
    subprocess.run(
        [sys.executable, "-c", ENCODE], cwd=tmp_path, check=True, timeout=300,
        env={**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    codes = np.asarray(networks.encode(samples, characters, np.ones((1, 10), np.float32)))
    assert np.median(np.abs(np.load(tmp_path / "codes.npy") - codes)) < 1e-4


def test_a_form_that_draws_its_letter_stays(networks):
    characters = np.arange(62, dtype=np.int32)
    forms = np.asarray(networks.usual)
    glyphs = networks.draw(forms, characters, np.full(62, NIB, np.float32))
    moved = (refined_of(networks, forms, glyphs, characters)[0] - forms) / np.asarray(networks.spread)
    assert np.median(np.abs(moved).max(axis=1)) < 0.1  # not 0: it is compared at half the size


def test_an_empty_picture_gives_numbers(networks):
    forms, _ = refined_of(networks, np.asarray(networks.usual)[:2], -np.ones((2, 32, 32, 1), np.float32), np.arange(2))
    assert np.isfinite(forms).all()
