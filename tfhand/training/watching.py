"""Callbacks for those who want to see more of a training: TensorBoard's logs, and a profile of some steps."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from tfhand.core.pictures import read_picture
from tfhand.errors import HandwritingError
from tfhand.training.backend.runtime import start_profile, stop_profile
from tfhand.training.callbacks import StepCallback, WritingCallback
from tfhand.training.run_directory import RunDirectory

PROFILE_AFTER, PROFILED = 10, 5  # executions before the profile begins, and in it: the first ones compile


class TensorBoardLog(WritingCallback):
    """Writes metrics each log interval, and the run's sample grids, into event files that TensorBoard shows.

    Raises:
        HandwritingError: TensorBoard is not installed.
    """

    def __init__(self, run: RunDirectory, unwritable: Callable[[Exception], None], start: int = 0):
        super().__init__(unwritable, start)
        try:
            from tensorboard.compat.proto import event_pb2, summary_pb2
            from tensorboard.summary.writer.event_file_writer import EventFileWriter
        except ImportError:
            raise HandwritingError('--tensorboard needs TensorBoard: pip install "tfhand[tensorboard]".') from None
        self.run, self.event, self.summary = run, event_pb2.Event, summary_pb2.Summary
        self.writer, self.shown = EventFileWriter(str(run.tensorboard)), start

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        values = [self.summary.Value(tag=name, simple_value=float(value)) for name, value in (logs or {}).items()]
        self.attempt(self._write, self.step, values)
        for step, path in self.run.samples.items():
            if self.shown < step <= self.step:
                self.attempt(self._show, step, path)
                self.shown = step

    def _show(self, step: int, path: Any) -> None:
        height, width = read_picture(path).shape[:2]
        image = self.summary.Image(height=height, width=width, colorspace=1, encoded_image_string=path.read_bytes())
        self._write(step, [self.summary.Value(tag="samples", image=image)])

    def _write(self, step: int, values: list) -> None:
        self.writer.add_event(self.event(wall_time=time.time(), step=step, summary=self.summary(value=values)))
        self.writer.flush()

    def on_train_end(self, logs: Any = None) -> None:
        self.on_epoch_end(0)
        self.writer.close()


class Profile(StepCallback):
    """Records a few steps, once those that compile are over, into the run's folder for TensorBoard's profiler."""

    def __init__(self, run: RunDirectory, start: int = 0):
        super().__init__(start)
        self.run, self.calls, self.running = run, 0, False

    def on_step(self, step: int) -> None:
        self.calls += 1
        if self.calls == PROFILE_AFTER:
            start_profile(str(self.run.profile))
            self.running = True
        elif self.calls == PROFILE_AFTER + PROFILED:
            self.on_train_end()

    def on_train_end(self, logs: Any = None) -> None:
        if self.running:
            stop_profile()
            self.running = False
