"""Several steps in one call of the compiled graph: the same steps, and whole calls only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support import fit_dots
from tests.support.fit_dots import last_state, losses, train
from tfhand import fit
from tfhand.training.run_directory import RunDirectory

FIRST, SECOND = Path("runs/0001-dot-small-set"), Path("runs/0002-dot-small-set")
OPTIONS = "--log-every", "4", "--samples-every", "4", "--checkpoint-minutes", "0"


def assert_same(one: Path, other: Path, tolerance: float = 0) -> None:
    ours, theirs = last_state(one), last_state(other)
    assert ours.keys() == theirs.keys()
    for name in ours.keys() - {"paths"}:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=0, atol=tolerance, err_msg=name)


@pytest.mark.usefixtures("dot_family")
class TestRuns:
    def test_the_same_run(self, data):
        assert train(data, "--steps", "12", *OPTIONS) == 0
        assert train(data, "--steps", "12", *OPTIONS, "--steps-per-execution", "4") == 0
        assert_same(FIRST, SECOND, 1e-6)
        assert [row["step"] for row in losses(FIRST)] == ["4", "8", "12"] == [row["step"] for row in losses(SECOND)]
        assert RunDirectory(SECOND).samples.keys() == RunDirectory(FIRST).samples.keys() == {4, 8, 12}
        assert [path.name for path in RunDirectory(SECOND).checkpoints] == ["step-0000008.npz", "step-0000012.npz"]

    def test_it_goes_on_exactly(self, data):
        words = *OPTIONS, "--steps-per-execution", "2"
        assert train(data, "--steps", "12", *words) == 0
        assert train(data, "--steps", "6", *words) == 0
        assert fit.main(["dot", "--resume", str(SECOND), "--steps", "12"]) == 0
        assert_same(FIRST, SECOND)
        assert losses(FIRST) == losses(SECOND)

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            (("--log-every", "3"), "log_every and samples_every must be multiples of steps_per_execution."),
            (("--samples-every", "6"), "log_every and samples_every must be multiples of steps_per_execution."),
            (("--steps", "10"), "From step 0 to 10 is no multiple of --steps-per-execution 4; choose another."),
            (("--steps-per-execution", "0"), "steps_per_execution must be 1 or more."),
        ],
    )
    def test_parts_of_a_call_are_refused(self, data, capsys, words, sentence):
        assert train(data, "--steps", "12", *OPTIONS, "--steps-per-execution", "4", *words) == 2
        assert sentence in capsys.readouterr().err
        assert not FIRST.exists()


@pytest.mark.large
def test_the_same_run_by_jax(dot_family, data):
    pytest.importorskip("jax")
    known = {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    for several in ("1", "4"):
        words = "dot", "--data", data, "--steps", "12", *OPTIONS, "--steps-per-execution", several
        fit_dots.finish(fit_dots.start(*words, environment=known))
    assert_same(FIRST, SECOND, 1e-6)
    assert [row["step"] for row in losses(SECOND)] == ["4", "8", "12"]
    for one, other in zip(losses(FIRST), losses(SECOND), strict=True):
        assert float(other["loss"]) == pytest.approx(float(one["loss"]), rel=1e-4)
