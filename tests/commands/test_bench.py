"""The bench tells a fast stream from a slow one, and prints what it found."""

from __future__ import annotations

import dataclasses
import time

import keras
import numpy as np
import pytest
from keras import ops

from tfhand import bench
from tfhand.data.archive import Archive
from tfhand.data.streams.base import Stream
from tfhand.models.registry import Prepared
from tfhand.training.trainer import GAN


class Line(keras.Model):
    """y = a x + b."""

    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1, name="slope")
        self(np.zeros((1, 1), np.float32))

    def call(self, x):
        return self.dense(x)

    def get_config(self):
        return {}


class Fitter(GAN):
    """Fits a line; nothing adversarial."""

    def __init__(self):
        super().__init__(Line(), Line(), ["loss"])
        self.add_optimizer("line", self.networks.trainable_variables, 0.01)

    def train_step(self, batch):
        def loss():
            return ops.mean(ops.square(self.networks(batch["x"]) - 1)), {}

        total, _ = self.apply(self.optimizers["line"], loss, self.networks.trainable_variables)
        return self.record({"loss": total})

    def sample_grid(self, batch):
        return np.zeros((2, 2), np.uint8)


class Slow(Stream):
    """Makes a batch in `seconds`."""

    def __init__(self, seconds: float):
        super().__init__(0)
        self.seconds = seconds

    def batch(self, number):
        time.sleep(self.seconds)
        return {"x": self.rng(number).random((8, 1)).astype(np.float32)}


def figures(seconds: float) -> bench.Figures:
    stream = Slow(seconds)
    return bench.measure(Prepared(Fitter(), stream, stream, images_per_step=8), steps=10)


def test_a_stream_that_is_waited_for_is_seen():
    slow = figures(0.05)
    assert slow.waiting > 0.5
    assert 0.04 < slow.step < 1
    assert slow.images_per_second == pytest.approx(8 / slow.step)
    assert slow.first_step > 2 * slow.step  # it compiles


def test_parameters_and_memory():
    quick = figures(0.0)
    assert quick.parameters["slope"] == 2
    assert 100 * 2**20 < quick.memory < 100 * 2**30  # TensorFlow alone takes some hundred MiB
    assert quick.accelerator_memory is None or quick.accelerator_memory > 0


def test_the_command_prints_a_table(monkeypatch, tmp_path, capsys):
    rng = np.random.default_rng(0)
    labels = np.arange(40, dtype=np.uint8) % 2
    Archive(labels, np.array(["0", "1"]), images=rng.integers(0, 255, (40, 28, 28), np.uint8)).save(tmp_path / "a.npz")
    asked = []

    def prepare(archives, settings, training, seed):
        asked.append((len(archives[0]), training.batch_size))
        return Prepared(Fitter(), Slow(0), Slow(0), images_per_step=8)

    family = dataclasses.replace(bench.FAMILIES["stargan"], prepare=prepare)
    monkeypatch.setattr(bench, "FAMILIES", {"stargan": family, "hand": family})
    assert bench.main(["stargan", "--data", str(tmp_path / "a.npz"), "--steps", "2", "--batch-size", "8"]) == 0
    assert asked == [(40, 8)]
    text = capsys.readouterr().out
    for words in ("images per second", "waiting for data", "peak memory", "parameters of slope"):
        assert words in text


@pytest.mark.parametrize(("words", "sentence"), [(["--data", "nothing-of-that-name"], "nothing-of-that-name")])
def test_unknown_data_is_one_sentence(words, sentence, refusal):
    assert sentence in refusal(bench.main, *words)
