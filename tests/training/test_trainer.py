"""The Trainer as a Keras model: compile, fit on a tf.data.Dataset, Keras's own callbacks."""

from __future__ import annotations

import csv
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.support.dots import DotConfig, DotStream, DotTrainConfig, DotTrainer
from tfhand.training.backend import compile_step

EPOCHS, STEPS = 2, 4


def make_trainer(seed: int = 0) -> DotTrainer:
    keras.utils.set_random_seed(seed)
    return DotTrainer(DotConfig(), DotTrainConfig(), seed=seed)


def batches():
    """The same four batches over and over, so that an epoch does not depend on those before it."""
    return DotStream(0, 4, 8).dataset(0, STEPS).repeat()


def fit(trainer: DotTrainer, *callbacks: keras.callbacks.Callback, epochs: int = EPOCHS) -> keras.callbacks.History:
    trainer.compile(steps_per_execution=4)
    return trainer.fit(batches(), epochs=epochs, steps_per_epoch=STEPS, callbacks=list(callbacks))


def assert_same_state(one: DotTrainer, other: DotTrainer) -> None:
    running_means = {id(variable) for variable in one.metrics_variables}
    for ours, theirs in zip(one.state_variables, other.state_variables, strict=True):
        if id(ours) not in running_means:
            np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6, err_msg=ours.path)


@pytest.fixture(scope="module")
def fitted() -> tuple[DotTrainer, keras.callbacks.History]:
    trainer = make_trainer()
    return trainer, fit(trainer)


def test_fit_takes_the_steps_that_a_loop_takes(fitted):
    trainer, history = fitted
    other, stream = make_trainer(), DotStream(0, 4, 8)
    step, rows = compile_step(other.train_step), []
    for _ in range(EPOCHS):
        other.reset_metrics()
        for number in range(STEPS):
            means = step(stream.batch(number))
        rows.append({name: float(value) for name, value in means.items()})
    assert_same_state(trainer, other)
    assert int(trainer.step) == EPOCHS * STEPS
    for epoch, row in enumerate(rows):
        assert {name: values[epoch] for name, values in history.history.items()} == pytest.approx(row, abs=1e-6)


def test_the_loss_is_the_sum_of_all_totals(fitted):
    totals = fitted[1].history
    assert totals.keys() == {"loss", "discriminator", "generator"}
    np.testing.assert_allclose(totals["loss"], np.add(totals["discriminator"], totals["generator"]), rtol=1e-5)


def test_what_is_minimized_is_the_loss():
    """At learning rates of 0 nothing moves, and the loss is worked out from the networks by hand."""
    keras.utils.set_random_seed(0)
    trainer = DotTrainer(DotConfig(), DotTrainConfig(learning_rate=0.0), seed=3)
    again = DotTrainer(DotConfig(), DotTrainConfig(), seed=3)
    batch = DotStream(0, 4, 8).batch(0)
    loss = float(trainer.optimize(batch)["loss"])
    noise = again.normal(4, 2)
    real = np.asarray(trainer.discriminator(batch["image"]))
    fake = np.asarray(trainer.discriminator(trainer.networks(noise)))
    expected = np.log1p(np.exp(-real)).mean() + np.log1p(np.exp(fake)).mean() + np.log1p(np.exp(-fake)).mean()
    assert loss == pytest.approx(expected, rel=1e-5)


def test_csv_logger_has_the_metrics(tmp_path, fitted):
    fit(make_trainer(), keras.callbacks.CSVLogger(tmp_path / "metrics.csv"))
    with (tmp_path / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["0", "1"]
    for name, values in fitted[1].history.items():
        assert [float(row[name]) for row in rows] == pytest.approx(values, abs=1e-6)


@pytest.mark.skipif(find_spec("tensorboard") is None, reason="TensorFlow 2.21 does not install TensorBoard")
def test_tensorboard_writes_its_events(tmp_path):
    fit(make_trainer(), keras.callbacks.TensorBoard(tmp_path))
    assert list(Path(tmp_path).rglob("events.*"))


@pytest.mark.parametrize(("patience", "epochs"), [(0, 2), (2, 3), (9, 5)])
def test_early_stopping_sees_the_loss(patience, epochs):
    """No epoch after the first is so much better."""
    trainer = make_trainer()
    stopping = keras.callbacks.EarlyStopping(monitor="loss", min_delta=1e9, patience=patience)
    history = fit(trainer, stopping, epochs=5)
    assert len(history.history["loss"]) == epochs
    assert int(trainer.step) == epochs * STEPS


class Crash(keras.callbacks.Callback):
    """A power cut in the second epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            raise RuntimeError("the lights went out")


def test_backup_and_restore_goes_on_as_if_nothing_had_been(tmp_path, fitted):
    """Networks, averages, step counter, the trainer's own optimizers and its noise are those of a whole run."""
    backup = tmp_path / "backup"
    with pytest.raises(RuntimeError, match="lights"):
        fit(make_trainer(), keras.callbacks.BackupAndRestore(backup), Crash())
    other = make_trainer(seed=5)
    fit(other, keras.callbacks.BackupAndRestore(backup))
    assert_same_state(fitted[0], other)
    assert int(other.step) == EPOCHS * STEPS
    assert [int(optimizer.iterations) for optimizer in other.optimizers.values()] == [EPOCHS * STEPS] * 2
    assert int(other.random.state[1]) == int(fitted[0].random.state[1]) > 0


def test_weights_of_a_trainer_go_to_a_file_and_back(tmp_path, fitted):
    fitted[0].save_weights(tmp_path / "all.weights.h5")
    other = make_trainer(seed=5)
    other.load_weights(tmp_path / "all.weights.h5")
    assert_same_state(fitted[0], other)


def test_the_average_follows_the_networks():
    """At the first step its decay is 1 / 10."""
    trainer = make_trainer()
    before = [np.asarray(weight) for weight in trainer.ema.weights]
    trainer.train_step(DotStream(0, 4, 8).batch(0))
    for slow, fast, old in zip(trainer.ema.weights, trainer.networks.weights, before, strict=True):
        np.testing.assert_allclose(slow, 0.1 * old + 0.9 * np.asarray(fast), rtol=1e-5, atol=1e-7)


def test_everything_that_a_step_changes_is_in_the_state():
    trainer = make_trainer()
    known = {id(variable) for variable in trainer.state_variables}
    assert len(known) == len(trainer.state_variables)
    means = [variable for tracker in trainer.trackers.values() for variable in tracker.variables]
    for variable in [*trainer.networks.variables, *trainer.ema.variables, *means, trainer.step, trainer.random.state]:
        assert id(variable) in known
