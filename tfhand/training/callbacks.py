"""Callbacks of a training: metrics to a file, sample grids, checkpoints, and a good end whatever happens.

All of them count in global steps: a training that goes on from step 500 starts at 500. They are run by
`IntervalCallbacks`, for which an epoch is a log interval.
"""

from __future__ import annotations

import csv
import math
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from tfhand.core.files import atomic_write
from tfhand.core.pictures import write_picture
from tfhand.errors import HandwritingError
from tfhand.training.run_directory import Diverged, RunDirectory


class IntervalCallbacks(keras.callbacks.CallbackList):
    """Runs callbacks in a `Trainer.fit` of one long epoch so that every log interval is an epoch to them.

    Metrics come to Python once an interval: at other steps callbacks are given none, so that an accelerator need not
    wait for each step to be read. They are reset after each interval.

    Args:
        callbacks: to run.
        trainer: that is trained.
        interval: steps in an epoch; a multiple of the steps per execution.
        start: steps taken before, not always a multiple of the interval.
    """

    def __init__(
        self, callbacks: Sequence[keras.callbacks.Callback], trainer: keras.Model, interval: int, start: int = 0
    ):
        super().__init__(callbacks, add_history=True, model=trainer)
        self.interval, self.start, self.step = interval, start, start

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Called by `fit` once, at its start."""
        super().on_epoch_begin(self.start // self.interval, None)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.step = self.start + batch + 1
        if self.step % self.interval:
            super().on_train_batch_end(batch, None)
            return
        logs = {name: float(value) for name, value in (logs or {}).items()}
        super().on_train_batch_end(batch, logs)
        self._end_interval(logs)
        self.model.reset_metrics()
        super().on_epoch_begin(self.step // self.interval, None)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Called by `fit` once, at its end: ends an interval that is not whole."""
        if self.step % self.interval and self.step > self.start:
            self._end_interval(self.model.get_metrics_result())

    def _end_interval(self, logs: Any) -> None:
        super().on_epoch_end((self.step - 1) // self.interval, logs)


class StepCallback(keras.callbacks.Callback):
    """Base of callbacks that work on global steps.

    Args:
        start: steps taken before this run.
    """

    def __init__(self, start: int = 0):
        super().__init__()
        self.start = self.step = start

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        self.step = self.start + batch + 1
        self.on_step(self.step)

    def on_step(self, step: int) -> None:
        """Called after every training step with its number, from 1."""


class StopOnNonFinite(StepCallback):
    """Raises Diverged where a metric is NaN or infinite. It belongs before all others, so that none records it.

    Within a log interval metrics are not read; a checkpoint of that time refuses running means that are not finite.
    """

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        super().on_train_batch_end(batch, logs)
        self.check(logs)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        self.check(logs)

    def check(self, logs: Mapping[str, float] | None) -> None:
        """Raises Diverged if one of these metrics is not finite."""
        bad = [name for name, value in (logs or {}).items() if not math.isfinite(value)]
        if bad:
            raise Diverged(f"The training has diverged by step {self.step}: {', '.join(bad)} is not finite.")


class WritingCallback(StepCallback):
    """Base of callbacks that write what a training can do without.

    Args:
        unwritable: told of the first error in writing; later ones are passed over.
        start: steps taken before this run.
    """

    def __init__(self, unwritable: Callable[[Exception], None], start: int = 0):
        super().__init__(start)
        self.unwritable, self.failed = unwritable, False

    def attempt(self, write: Callable[..., None], *args: Any) -> None:
        """Writes, or tells why that cannot be done."""
        try:
            write(*args)
        except (OSError, HandwritingError) as error:
            if not self.failed:
                self.failed = True
                self.unwritable(error)


class MetricsFile(WritingCallback):
    """Appends a row each log interval, and at the end, to the run's metrics.csv.

    Rows of steps that are done again, because the run goes on from an earlier checkpoint, are dropped first; so is the
    row of an interval that goes on.
    """

    def __init__(self, run: RunDirectory, batch_size: int, unwritable: Callable[[Exception], None], start: int = 0):
        super().__init__(unwritable, start)
        self.run, self.batch_size = run, batch_size
        self.written, self.names = start, list[str]()

    def on_train_begin(self, logs: Any = None) -> None:
        self.since = time.perf_counter()
        if not self.run.metrics.exists():
            return
        with self.run.metrics.open(newline="", encoding="utf-8") as file:
            self.names, *rows = list(csv.reader(file)) or [[]]
        last = self.step - 1 if self.model.keep_means else self.step
        kept = [row for row in rows if len(row) == len(self.names) and int(row[0]) <= last]
        with atomic_write(self.run.metrics) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([self.names, *kept] if self.names else [])

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        now = time.perf_counter()
        rate = (self.step - self.written) * self.batch_size / max(now - self.since, 1e-9)
        row = {"step": self.step, "images_per_second": f"{rate:.1f}"}
        row |= {name: f"{value:.6g}" for name, value in (logs or {}).items()}
        self.attempt(self._append, row)
        self.written, self.since = self.step, now

    def _append(self, row: Mapping[str, Any]) -> None:
        new, self.names = not self.names, self.names or list(row)
        with self.run.metrics.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, self.names, extrasaction="ignore")
            if new:
                writer.writeheader()
            writer.writerow(row)


class SampleGrids(WritingCallback):
    """Draws the trainer's `sample_grid(batch)` each `every` steps, and at the end, into the run's folder."""

    def __init__(
        self, run: RunDirectory, batch: Any, every: int, unwritable: Callable[[Exception], None], start: int = 0
    ):
        super().__init__(unwritable, start)
        self.run, self.batch, self.every = run, batch, every
        self.drawn = start

    def on_step(self, step: int) -> None:
        if step % self.every == 0:
            self.draw()

    def draw(self) -> None:
        self.attempt(write_picture, self.run.sample(self.step), np.asarray(self.model.sample_grid(self.batch)))
        self.drawn = self.step

    def on_train_end(self, logs: Any = None) -> None:
        if self.drawn != self.step:
            self.draw()


class Checkpoints(StepCallback):
    """Saves the trainer's `state_variables` every few minutes and at the end."""

    def __init__(self, run: RunDirectory, minutes: float, start: int = 0):
        super().__init__(start)
        self.run, self.seconds = run, 60 * minutes
        self.saved, self.since = start, time.perf_counter()

    def on_step(self, step: int) -> None:
        if time.perf_counter() - self.since >= self.seconds:
            self.save()

    def save(self) -> None:
        self.run.save_checkpoint(self.model.state_variables, self.step)
        self.saved, self.since = self.step, time.perf_counter()

    def on_train_end(self, logs: Any = None) -> None:
        if self.saved != self.step:
            self.save()


class StopOnSignal(StepCallback):
    """Ends the training after the current step when the process is asked to stop; a second request stops it at once.

    A context manager around the run: outside it the signals mean what they meant before.

    Args:
        obeys: False only takes note of the first request: a worker goes on until the chief stops.
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self, obeys: bool = True) -> None:
        super().__init__()
        self.obeys = obeys
        self.received: int | None = None
        self.before: dict[int, Any] = {}

    def __enter__(self) -> StopOnSignal:
        self.before = {number: signal.signal(number, self.receive) for number in self.SIGNALS}
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def receive(self, number: int, frame: Any) -> None:
        self.received = number
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def on_step(self, step: int) -> None:
        if self.received is not None and self.obeys:
            self.model.stop_training = True
