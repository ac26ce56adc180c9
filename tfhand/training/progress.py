"""The progress of a training: rate, time left and main losses, on a terminal or in a file."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tfhand.training.callbacks import StepCallback

PLAIN_SECONDS = 30.0  # between two lines of progress where there is no terminal
LIVE_SECONDS = 2.0  # between two readings of the losses where there is one


class ProgressLine(StepCallback):
    """One live line on a terminal, elsewhere a plain line now and then: step, images a second, time left, main losses.

    Args:
        console: where to.
        steps: the last step.
        batch_size: images of a step.
        start: steps taken before.
        names: of the metrics to show, the first four if empty.
    """

    def __init__(self, console: Console, steps: int, batch_size: int, start: int = 0, names: Iterable[str] = ()):
        super().__init__(start)
        self.console, self.steps, self.batch_size, self.names = console, steps, batch_size, tuple(names)
        self.timed: list[tuple[int, float]] = []  # the first step compiles the graph and says nothing about the rate
        self.live: Progress | None = None
        self.last_look = time.perf_counter()
        self.losses = ""

    def on_train_begin(self, logs: Any = None) -> None:
        if self.console.is_terminal:
            columns = (BarColumn(24), MofNCompleteColumn(), TextColumn("{task.fields[text]}"), TimeRemainingColumn())
            self.live = Progress(*columns, console=self.console, speed_estimate_period=120)
            self.task = self.live.add_task("", total=self.steps, completed=self.step, text="compiling the first step")
            self.live.start()

    def on_step(self, step: int) -> None:
        now = time.perf_counter()
        self.timed = [*self.timed[-99:], (step, now)]
        due = now - self.last_look >= (LIVE_SECONDS if self.live else PLAIN_SECONDS) or len(self.timed) == 2
        if due:
            self.look()
        if self.live:
            self.live.update(self.task, completed=step, text=self.text)
        elif due:
            self.line()

    def rate(self) -> float:
        """Images per second over the last hundred steps; 0 until it is known."""
        (first, since), (last, now) = self.timed[0], self.timed[-1]
        return (last - first) * self.batch_size / (now - since) if last > first else 0.0

    @property
    def text(self) -> str:
        return f"{self.rate():.0f} images/s  {self.losses}".rstrip()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        self.show(logs or {})

    def look(self) -> None:
        """Reads the running means of the losses."""
        self.show(self.model.get_metrics_result())
        self.last_look = time.perf_counter()

    def show(self, means: Mapping[str, float]) -> None:
        """Takes over the losses to show."""
        names = [name for name in self.names if name in means] or sorted(means, key=lambda one: (one != "loss", one))[
            :4
        ]
        self.losses = "  ".join(f"{name} {float(means[name]):.3f}" for name in names)

    def line(self) -> None:
        """Prints the plain line."""
        left = (self.steps - self.step) * self.batch_size / self.rate() if self.rate() else math.nan
        text = f"step {self.step}/{self.steps}  {self.text}" + ("" if math.isnan(left) else f"  {clock(left)} left")
        self.console.print(text, highlight=False, soft_wrap=True)

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
