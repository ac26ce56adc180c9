"""The measure of speed tells a fast stream from a slow one."""

from __future__ import annotations

import time

import keras
import numpy as np
import pytest
from keras import ops

from tfhand.data.streams.base import Stream
from tfhand.training.setup import TrainingSetup
from tfhand.training.throughput import Throughput, measure
from tfhand.training.trainer import Trainer


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


class LineTrainer(Trainer):
    """Fits a line."""

    def __init__(self):
        super().__init__(Line(), [])
        self.add_optimizer("line", self.networks.trainable_variables, 0.01)

    def optimize(self, batch):
        def loss():
            return ops.mean(ops.square(self.networks(batch["x"]) - 1)), {}

        total, _ = self.minimize(loss, line=self.networks.trainable_variables)
        return {"loss": total}

    def sample_grid(self, batch):
        return np.zeros((2, 2), np.uint8)


class SlowStream(Stream):
    """Makes a batch in `seconds`."""

    def __init__(self, seconds: float):
        super().__init__(0)
        self.seconds = seconds

    def plan(self, number):
        time.sleep(self.seconds)
        return {"x": self.rng(number).random((8, 1)).astype(np.float32)}


def measured(seconds: float) -> Throughput:
    stream = SlowStream(seconds)
    return measure(TrainingSetup(LineTrainer(), stream, stream, images_per_step=8), steps=10)


@pytest.mark.large
def test_a_stream_that_is_waited_for_is_seen():
    slow = measured(0.05)
    assert slow.waiting > 0.5
    assert 0.04 < slow.step < 1
    assert slow.images_per_second == pytest.approx(8 / slow.step)
    assert slow.first_step > 2 * slow.step  # it compiles


def test_parameters_and_memory():
    quick = measured(0.0)
    assert quick.parameters["slope"] == 2
    assert 100 * 2**20 < quick.memory < 100 * 2**30  # TensorFlow alone takes some hundred MiB
    assert quick.accelerator_memory is None or quick.accelerator_memory > 0
