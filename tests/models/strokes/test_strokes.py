"""The networks between pictures and strokes, on a tiny scale: their loss, and that they learn to follow the pen."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import ops

from tests.support.tiny import TINY_STROKES
from tfhand.core.config import as_json
from tfhand.data.streams.trajectories import TrajectoryStream
from tfhand.models.strokes.config import StrokesTrainConfig
from tfhand.models.strokes.losses import trajectory_likelihood
from tfhand.models.strokes.networks import StrokeNetworks
from tfhand.models.strokes.trainer import StrokesTrainer
from tfhand.training.backend import compile_step

CHARACTERS = "1X"
SMALL = replace(
    TINY_STROKES, characters=CHARACTERS, encoder_widths=(6, 8, 8, 8), encoder_features=24, decoder_width=32, form_size=6
)


class TestLikelihood:
    POINTS = np.zeros((1, 2, 3, 2), np.float32)
    TRUE = np.full((1, 3, 2), 0.1, np.float32)

    def test_of_one_sure_candidate_is_its_weighted_distance(self):
        counts = np.array([[[0.0, 50.0], [0.0, 50.0]]], np.float32)
        found = trajectory_likelihood(
            self.POINTS, counts, np.array([[40.0, 0.0]], np.float32), self.TRUE, np.array([2]), 60.0
        )
        np.testing.assert_allclose([float(each) for each in found], [60 * 0.2, 0.2, 1], rtol=1e-4)

    def test_the_nearest_of_equals_counts_and_costs_the_choice(self):
        points = self.POINTS.copy()
        points[0, 1] = 0.1
        counts = np.array([[[50.0, 0.0], [50.0, 0.0]]], np.float32)
        found = trajectory_likelihood(points, counts, np.zeros((1, 2), np.float32), self.TRUE, np.array([1]), 60.0)
        assert float(found[0]) == pytest.approx(np.log(2), abs=1e-4)

    def test_a_wrong_number_of_strokes_costs_its_logarithm(self):
        counts = np.array([[[np.log(0.25), np.log(0.75)]] * 2], np.float32)
        sure = np.array([[40.0, 0.0]], np.float32)
        found = trajectory_likelihood(self.POINTS, counts, sure, 0 * self.TRUE, np.array([1]), 60.0)
        assert float(found[0]) == pytest.approx(-np.log(0.25), rel=1e-4)
        assert float(found[2]) == 0


def test_the_likeliest_candidate_is_taken(monkeypatch):
    networks = StrokeNetworks(**as_json(TINY_STROKES))
    points = np.random.default_rng(0).standard_normal((2, 2, 48, 2)).astype(np.float32)
    counts = np.zeros((2, 2, 6), np.float32)
    counts[0, 1, 3], counts[1, 0, 1] = 9, 9
    answer = points, counts, np.array([[0.0, 1.0], [1.0, 0.0]], np.float32)
    monkeypatch.setattr(networks, "candidates", lambda forms, characters: answer)
    found, strokes = networks.decode(np.zeros((2, 4), np.float32), np.zeros(2, np.int32))
    np.testing.assert_allclose(found, points[[0, 1], [1, 0]])
    assert np.asarray(strokes).tolist() == [4, 2]
    path = np.asarray(networks.strokes(np.zeros((2, 4), np.float32), np.zeros(2, np.int32)))
    np.testing.assert_allclose(path[..., :2], found)
    assert (path[:, 1:, 2] == 0).sum(axis=1).tolist() == [3, 1]
    assert not path[:, 0, 2].any()


@pytest.mark.large
def test_a_training_learns_to_follow_the_pen(people):
    keras.utils.set_random_seed(0)
    stream = TrajectoryStream([people], [1.0], CHARACTERS, batch_size=24, vary=False)
    trainer = StrokesTrainer(SMALL, StrokesTrainConfig(batch_size=24, learning_rate=5e-3, ema_decay=0.9))
    step, distances = compile_step(trainer.train_step), []
    for batch in stream.batches(0, 250):
        trainer.reset_metrics()
        distances.append(float(step(batch)["distance"]))
    assert np.mean(distances[-10:]) < 0.3 * distances[0]
    batch = stream.batch(999)
    found = np.asarray(ops.convert_to_numpy(trainer.ema.trace(batch["image"], batch["character"])))
    assert np.abs(found[..., :2] - batch["points"]).sum(axis=-1).mean() < 0.15
