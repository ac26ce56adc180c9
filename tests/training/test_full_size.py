"""Networks of default sizes: TensorFlow optimizes large graphs in ways that it spares small ones."""

from __future__ import annotations

import pytest

from tfhand import fit


@pytest.mark.large
@pytest.mark.parametrize(
    "words",
    [
        pytest.param("cgan --steps 10", marks=pytest.mark.slow),
        "cgan --writers --steps 10",
        "hand --steps 10",
        "stylegan --steps 18",
    ],
)
def test_lazy_regularization_is_taken_twice(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert fit.main([*words.split(), "--data", "synthetic:20:3", "--validation", "0.2"]) == 0
