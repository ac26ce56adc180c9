"""Networks that compute in 16 bits, trained with everything else in 32."""

from __future__ import annotations

import json
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from tests.support.fit_dots import train
from tests.support.quick import CHARACTERS, TRAININGS, prepare, take_steps
from tfhand import fit
from tfhand.data import synthetic
from tfhand.models import registry
from tfhand.nn.blocks import normalize_instance
from tfhand.nn.heads import projection
from tfhand.training.backend.runtime import computing_in

STEPS = 3
QUICK = {"reader", "cgan", "verifier"}  # the others are slow tests


@pytest.fixture(scope="module")
def archive():
    return synthetic.archive(14, 2, seed=20, characters=CHARACTERS)


def trained(family: str, archive, precision: str):
    """The running means after each step, and the trainer."""
    keras.utils.set_random_seed(0)
    with computing_in(precision):
        setup = prepare(family, archive)
    return take_steps(setup, STEPS), setup.trainer


def assert_trains_alike(family: str, archive) -> None:
    """The same first weights, and losses that stay within a twentieth; all that is kept has 32 bits."""
    (exact, _), (rough, trainer) = (trained(family, archive, which) for which in ("float32", "mixed_bfloat16"))
    assert trainer.networks.compute_dtype == "bfloat16"
    kinds = {keras.backend.standardize_dtype(each.dtype) for each in trainer.state_variables}
    assert "float32" in kinds
    assert "bfloat16" not in kinds
    assert exact != rough
    for one, other in zip(exact, rough, strict=True):
        assert np.isfinite(list(other.values())).all()
        assert other["loss"] == pytest.approx(one["loss"], rel=0.05)
    assert trainer.sample_grid(prepare(family, archive).validation_stream.batch(0)).dtype == np.uint8


def test_the_policy_is_that_of_before_again():
    with computing_in("mixed_bfloat16"):
        assert keras.layers.Dense(1).compute_dtype == "bfloat16"
    assert keras.layers.Dense(1).compute_dtype == "float32"


def test_statistics_are_computed_in_32_bits():
    """Three significant digits of a large mean would leave nothing of a small variance."""
    x = 200 + np.random.default_rng(0).standard_normal((1, 32, 32, 1)).astype(np.float32)
    seen = ops.cast(x, "bfloat16")
    exact = np.asarray(normalize_instance(ops.cast(seen, "float32")))
    found = normalize_instance(seen)
    assert keras.backend.standardize_dtype(found.dtype) == "bfloat16"
    np.testing.assert_allclose(np.asarray(ops.cast(found, "float32")), exact, atol=0.01)


def test_logits_are_added_up_in_32_bits():
    ones = ops.ones((1, 1000), "bfloat16")
    assert float(projection(ones, ones)[0]) == pytest.approx(1000**0.5, rel=1e-6)


def test_a_reader_trains(archive):
    assert_trains_alike("reader", archive)


@pytest.mark.large
@pytest.mark.parametrize(
    "family",
    ["cgan", "verifier", *(pytest.param(each, marks=pytest.mark.slow) for each in sorted({*TRAININGS} - QUICK))],
)
def test_every_family_trains(archive, family):
    assert_trains_alike(family, archive)


@pytest.mark.usefixtures("dot_family")
class TestRuns:
    def test_a_run_stays_in_its_precision_and_its_preset_is_of_32_bits(self, data, capsys):
        words = "--precision", "mixed_bfloat16", "--log-every", "2"
        assert train(data, "--steps", "4", *words) == 0
        run = Path("runs/0001-dot-small-set")
        assert json.loads((run / "config.json").read_text())["config"]["precision"] == "mixed_bfloat16"
        assert registry.load(run / "preset").compute_dtype == "float32"
        assert fit.main(["dot", "--resume", str(run), "--steps", "6"]) == 0
        assert fit.main(["dot", "--resume", str(run), "--steps", "8", "--precision", "float32"]) == 2
        assert "was trained with --precision mixed_bfloat16" in capsys.readouterr().err
        assert fit.main(["dot", "--branch", str(run), "--steps", "8", "--precision", "float32"]) == 0

    def test_it_shows_in_the_losses(self, data):
        losses = []
        for precision in ("float32", "mixed_bfloat16"):
            assert train(data, "--steps", "4", "--log-every", "4", "--precision", precision) == 0
        for run in sorted(Path("runs").iterdir()):
            losses.append(float((run / "metrics.csv").read_text().splitlines()[1].split(",")[2]))
        assert losses[0] != losses[1]
        assert losses[0] == pytest.approx(losses[1], rel=0.02)
