"""What watches a training: metrics to a file, sample grids, checkpoints, progress, and a good end whatever happens.

All of them count in global steps: a training that goes on from step 500 starts at 500. They are given to `Trainer.run`.
"""

from __future__ import annotations

import csv
import math
import signal
import time
from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tfhand.core.files import atomic_write, write_picture
from tfhand.training.run_directory import Diverged, Run

PLAIN_SECONDS = 30.0  # between two lines of progress where there is no terminal


class StepCallback(keras.callbacks.Callback):
    """Base of callbacks that work on global steps.

    Args:
        start: steps taken before this run.
    """

    def __init__(self, start: int = 0):
        super().__init__()
        self.step = start

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        self.step += 1
        self.on_step(self.step, logs or {})

    def on_step(self, step: int, logs: Mapping[str, float]) -> None:
        """Called after every training step with its number, from 1, and its metrics."""


class StopOnNonFinite(StepCallback):
    """Raises Diverged as soon as a metric is NaN or infinite. It belongs before all others, so that none records it."""

    def on_step(self, step: int, logs: Mapping[str, float]) -> None:
        bad = [name for name, value in logs.items() if not math.isfinite(value)]
        if bad:
            raise Diverged(f"The training has diverged at step {step}: {', '.join(bad)} is not finite.")


class MetricsFile(StepCallback):
    """Appends a row each `every` steps, and at the end, to the run's metrics.csv.

    The trainer reports means since its metrics were reset; they are reset after every row. Rows of steps that are done
    again, because the run goes on from an earlier checkpoint, are dropped first.
    """

    def __init__(self, run: Run, every: int, batch_size: int, start: int = 0):
        super().__init__(start)
        self.run, self.every, self.batch_size = run, every, batch_size
        self.written, self.names = start, []

    def on_train_begin(self, logs: Any = None) -> None:
        self.since = time.perf_counter()
        if not self.run.metrics.exists():
            return
        with self.run.metrics.open(newline="", encoding="utf-8") as file:
            self.names, *rows = list(csv.reader(file)) or [[]]
        kept = [row for row in rows if len(row) == len(self.names) and int(row[0]) <= self.step]
        with atomic_write(self.run.metrics) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([self.names, *kept] if self.names else [])

    def on_step(self, step: int, logs: Mapping[str, float]) -> None:
        if step % self.every == 0:
            self.write(logs)
            self.model.reset_metrics()

    def write(self, logs: Mapping[str, float]) -> None:
        now = time.perf_counter()
        rate = (self.step - self.written) * self.batch_size / max(now - self.since, 1e-9)
        row = {"step": self.step, "images_per_second": f"{rate:.1f}"}
        row |= {name: f"{value:.6g}" for name, value in logs.items()}
        new, self.names = not self.names, self.names or list(row)
        with self.run.metrics.open("a", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, self.names, extrasaction="ignore")
            if new:
                writer.writeheader()
            writer.writerow(row)
        self.written, self.since = self.step, now

    def on_train_end(self, logs: Any = None) -> None:
        if self.written != self.step:
            self.write(logs or {})


class SampleGrids(StepCallback):
    """Draws the trainer's `sample_grid(batch)` each `every` steps, and at the end, into the run's folder."""

    def __init__(self, run: Run, batch: Any, every: int, start: int = 0):
        super().__init__(start)
        self.run, self.batch, self.every = run, batch, every
        self.drawn = start

    def on_step(self, step: int, logs: Mapping[str, float]) -> None:
        if step % self.every == 0:
            self.draw()

    def draw(self) -> None:
        write_picture(self.run.sample(self.step), np.asarray(self.model.sample_grid(self.batch)))
        self.drawn = self.step

    def on_train_end(self, logs: Any = None) -> None:
        if self.drawn != self.step:
            self.draw()


class Checkpoints(StepCallback):
    """Saves the trainer's `state_variables` every few minutes and at the end."""

    def __init__(self, run: Run, minutes: float, start: int = 0):
        super().__init__(start)
        self.run, self.seconds = run, 60 * minutes
        self.saved, self.since = start, time.perf_counter()

    def on_step(self, step: int, logs: Mapping[str, float]) -> None:
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
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self):
        super().__init__()
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

    def on_step(self, step: int, logs: Mapping[str, float]) -> None:
        if self.received is not None:
            self.model.stop_training = True


class ProgressLine(StepCallback):
    """One live line on a terminal, elsewhere a plain line now and then: step, images a second, time left, main losses.

    Args:
        console: where to.
        steps: the last step.
        batch_size: images of a step.
        start: steps taken before.
        watched: names of the metrics to show, the first four if empty.
    """

    def __init__(self, console: Console, steps: int, batch_size: int, start: int = 0, watched: Iterable[str] = ()):
        super().__init__(start)
        self.console, self.steps, self.batch_size, self.watched = console, steps, batch_size, tuple(watched)
        self.timed: list[tuple[int, float]] = []  # the first step compiles the graph and says nothing about the rate
        self.live: Progress | None = None
        self.last_line = time.perf_counter()
        self.text = ""

    def on_train_begin(self, logs: Any = None) -> None:
        if self.console.is_terminal:
            columns = (BarColumn(24), MofNCompleteColumn(), TextColumn("{task.fields[text]}"), TimeRemainingColumn())
            self.live = Progress(*columns, console=self.console, speed_estimate_period=120)
            self.task = self.live.add_task("", total=self.steps, completed=self.step, text="compiling the first step")
            self.live.start()

    def on_step(self, step: int, logs: Mapping[str, float]) -> None:
        now = time.perf_counter()
        self.timed = [*self.timed[-99:], (step, now)]
        self.text = "  ".join([f"{self.rate():.0f} images/s", *self.losses(logs)])
        if self.live:
            self.live.update(self.task, completed=step, text=self.text)
        elif now - self.last_line >= PLAIN_SECONDS or len(self.timed) == 2:
            self.line()

    def rate(self) -> float:
        """Images per second over the last hundred steps; 0 until it is known."""
        (first, since), (last, now) = self.timed[0], self.timed[-1]
        return (last - first) * self.batch_size / (now - since) if last > first else 0.0

    def losses(self, logs: Mapping[str, float]) -> list[str]:
        names = [name for name in self.watched if name in logs] or list(logs)[:4]
        return [f"{name} {logs[name]:.3f}" for name in names]

    def line(self) -> None:
        left = (self.steps - self.step) * self.batch_size / self.rate() if self.rate() else math.nan
        text = f"step {self.step}/{self.steps}  {self.text}" + ("" if math.isnan(left) else f"  {clock(left)} left")
        self.console.print(text, highlight=False, soft_wrap=True)
        self.last_line = time.perf_counter()

    def close(self) -> None:
        """Ends the live line, also after an error."""
        if self.live:
            self.live.stop()
            self.live = None

    def on_train_end(self, logs: Any = None) -> None:
        if not self.live and self.timed:
            self.line()
        self.close()


def clock(seconds: float) -> str:
    """A time span as 1:02:03."""
    minutes, second = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{second:02d}"
