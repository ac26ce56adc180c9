"""The bench trains what it is asked to, and prints what it found."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.support import dots
from tfhand import bench
from tfhand.data.archive import Archive


def test_the_command_prints_a_table(monkeypatch, tmp_path, capsys):
    rng = np.random.default_rng(0)
    labels = np.arange(40, dtype=np.uint8) % 2
    Archive(labels, np.array(["0", "1"]), images=rng.integers(0, 255, (40, 28, 28), np.uint8)).save(tmp_path / "a.npz")
    asked = []

    def make_trainer(archives, config, train_config, seed):
        asked.append((len(archives[0]), train_config.batch_size))
        return dots.make_trainer(archives, config, train_config, seed)

    spec = dataclasses.replace(dots.DOT, make_trainer=make_trainer)
    monkeypatch.setattr(bench, "SPECS", {"dot": spec, "hand": spec})
    assert bench.main(["dot", "--data", str(tmp_path / "a.npz"), "--steps", "2", "--batch-size", "8"]) == 0
    assert asked == [(40, 8)]
    text = capsys.readouterr().out
    for words in ("images per second", "a step of 8 images", "waiting for data", "peak memory", "of discriminator"):
        assert words in text


def test_a_family_of_the_house_is_measured(capsys):
    assert bench.main(["reader", "--data", "synthetic:3:1", "--steps", "1", "--batch-size", "2"]) == 0
    assert "a step of 16 images" in capsys.readouterr().out


@pytest.mark.parametrize(("words", "sentence"), [(["--data", "nothing-of-that-name"], "nothing-of-that-name")])
def test_unknown_data_is_one_sentence(words, sentence, refusal):
    assert sentence in refusal(bench.main, *words)
