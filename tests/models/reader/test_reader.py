"""The reader on a tiny scale: its shapes, its file, and that it learns to read."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tfhand.core.config import as_json
from tfhand.data import synthetic
from tfhand.data.streams.writers import HandStream
from tfhand.models.reader.config import ReaderConfig, ReaderTrainConfig
from tfhand.models.reader.networks import Reader
from tfhand.models.reader.trainer import ReaderTrainer
from tfhand.training.backend import compile_step

CHARACTERS = "0127"
TINY = ReaderConfig(characters=CHARACTERS, image_size=16, widths=(4, 6, 8), features=10)
SLOW_AVERAGE = ReaderTrainConfig(hands=4, targets=4, learning_rate=5e-3, ema_decay=0.8)


@pytest.fixture
def reader() -> Reader:
    keras.utils.set_random_seed(0)
    return Reader(**as_json(TINY))


@pytest.fixture(scope="module")
def batch() -> dict[str, np.ndarray]:
    archive = synthetic.archive(writers=6, samples=1, characters=CHARACTERS + "X")
    return HandStream([archive], [1], CHARACTERS + "X", size=16, hands=4, targets=4, references=1).batch(0) | {
        "characters": np.tile(np.arange(4, dtype=np.int32), (4, 1)),
        "targets": np.stack([_letters(archive, writer) for writer in range(4)]),
    }


def _letters(archive, writer: int) -> np.ndarray:
    places = [np.flatnonzero((archive.writers == writer) & (archive.labels == label))[0] for label in range(4)]
    return archive.render(places, 16)[..., None].astype(np.float32) / 127.5 - 1


def test_gives_a_logit_for_every_character(reader):
    images = np.random.default_rng(0).uniform(-1, 1, (3, 16, 16, 1)).astype(np.float32)
    assert reader(images).shape == (3, 4)
    assert reader.features(images).shape == (3, 10)
    assert reader.characters == CHARACTERS


def test_has_as_many_parameters_as_its_settings_say(reader):
    def convolution(channels, filters, side=3, bias=True):
        return side * side * channels * filters + bias * filters

    def block(channels, filters):
        inner = convolution(channels, channels) + convolution(channels, filters)
        return inner + convolution(channels, filters, side=1, bias=False)

    stem_and_blocks = convolution(1, 4) + block(4, 6) + block(6, 8)
    dense = (4 * 4 * 8 + 1) * 10 + (10 + 1) * 4
    assert reader.count_params() == stem_and_blocks + dense


def test_drops_features_in_training_alone(reader):
    images = np.random.default_rng(0).uniform(-1, 1, (3, 16, 16, 1)).astype(np.float32)
    np.testing.assert_array_equal(reader(images), reader(images))
    assert np.abs(np.asarray(reader(images, training=True)) - np.asarray(reader(images))).max() > 1e-3


def test_training_lowers_the_loss_and_moves_the_average(batch):
    keras.utils.set_random_seed(0)
    trainer = ReaderTrainer(TINY, SLOW_AVERAGE)
    step = compile_step(trainer.train_step, False)
    before = [weight.copy() for weight in trainer.ema.get_weights()]
    first = float(step(batch)["loss"])
    # the average begins with a decay of (1 + 0) / (10 + 0), so that it soon forgets where it began
    for old, fast, slow in zip(before, trainer.networks.get_weights(), trainer.ema.get_weights(), strict=True):
        np.testing.assert_allclose(slow, old + 0.9 * (fast - old), atol=1e-6)
    losses = []
    for _ in range(60):
        for tracker in trainer.metrics:
            tracker.reset_state()
        losses.append(float(step(batch)["loss"]))
    assert int(trainer.step) == 61
    assert np.mean(losses[-10:]) < 0.6 * first
    read = np.argmax(trainer.ema(batch["targets"].reshape(-1, 16, 16, 1)), axis=-1)
    assert np.mean(read == batch["characters"].reshape(-1)) > 0.9


def test_the_grid_shows_misread_letters_inverted(batch):
    keras.utils.set_random_seed(0)
    trainer = ReaderTrainer(TINY, SLOW_AVERAGE)
    logits = np.asarray(trainer.ema(batch["targets"].reshape(-1, 16, 16, 1)))
    wrong = logits.argmax(axis=-1).reshape(4, 4) != batch["characters"]
    assert wrong.any()
    grid = trainer.sample_grid(batch)
    assert grid.shape == (4 * 18 - 2, 4 * 18 - 2)
    corners = grid[::18, ::18]
    np.testing.assert_array_equal(corners, np.where(wrong, 255, 0))
