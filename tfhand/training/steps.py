"""The steps of a run: fed, compiled and watched, from the first to the last or until something ends them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing, nullcontext

import keras
from rich.console import Console

from tfhand.errors import HandwritingError
from tfhand.training import callbacks
from tfhand.training.backend.devices import DevicesError
from tfhand.training.backend.runtime import feed, is_out_of_memory, is_worker_lost, use_xla
from tfhand.training.progress import ProgressLine
from tfhand.training.run_config import RunConfig
from tfhand.training.run_directory import Diverged, Interrupted, RunDirectory, RunError
from tfhand.training.setup import TrainingSetup
from tfhand.training.watching import Profile, TensorBoardLog


def train(
    config: RunConfig,
    setup: TrainingSetup,
    run: RunDirectory | None,
    start: int,
    extra_callbacks: Sequence[keras.callbacks.Callback],
    console: Console,
) -> None:
    """Trains from step `start` to the last, or until a signal asks to stop.

    Without a run's folder, on a worker that is not the chief, nothing is written, and signals to stop are left to the
    chief: all end when it ends.

    Raises:
        HandwritingError: the training diverged, memory ran out, or a worker is gone.
        Interrupted: a signal ended the training after its state was saved.
    """
    trainer, options = setup.trainer, config.options
    left = options.steps - start
    if left <= 0:
        console.print(f"{start} steps are done already; --steps asks for more.", highlight=False)
        return
    if left % options.steps_per_execution:
        text = f"From step {start} to {options.steps} is no multiple of --steps-per-execution"
        raise RunError(f"{text} {options.steps_per_execution}; choose another.")
    stop = callbacks.StopOnSignal(obeys=run is not None)
    progress = ProgressLine(console, options.steps, setup.images_per_step, start, config.spec.progress_metrics)
    own = [callbacks.StopOnNonFinite(start), stop, progress]
    own += _writing(config, setup, run, start, console) if run else []
    batches = feed(setup.stream, start, left)
    trainer.compile(jit_compile=use_xla(options.jit), steps_per_execution=options.steps_per_execution)
    trainer.keep_means = start % options.log_every > 0
    watching = callbacks.IntervalCallbacks([*own, *extra_callbacks], trainer, options.log_every, start)
    try:
        with closing(batches) if hasattr(batches, "close") else nullcontext(), stop:
            trainer.fit(batches, callbacks=watching)
    except Exception as error:
        raise _explained(error, config, run) from None
    finally:
        progress.close()
    if run and stop.received is not None:
        raise Interrupted(run, stop.received)


def _writing(
    config: RunConfig, setup: TrainingSetup, run: RunDirectory, start: int, console: Console
) -> list[keras.callbacks.Callback]:
    """The callbacks that write into the run's folder."""
    options = config.options
    checkpoints = callbacks.Checkpoints(run, options.checkpoint_minutes, start)

    def unwritable(error: Exception) -> None:
        checkpoints.save()
        console.print(f"warning: {error} (the training goes on; {run.checkpoints[-1]} is saved)", highlight=False)

    shown = setup.validation_stream.batch(0)
    writing: list[keras.callbacks.Callback] = [
        callbacks.MetricsFile(run, setup.images_per_step, unwritable, start),
        checkpoints,
        callbacks.SampleGrids(run, shown, options.samples_every, unwritable, start),
    ]
    writing += [TensorBoardLog(run, unwritable, start)] if options.tensorboard else []
    return writing + ([Profile(run, start)] if options.profile else [])


def _explained(error: Exception, config: RunConfig, run: RunDirectory | None) -> Exception:
    """The error itself, or one that says what to do."""
    if isinstance(error, Diverged) and run:
        last = f"The last good checkpoint is {run.checkpoints[-1]}" if run.checkpoints else "There is no checkpoint yet"
        return Diverged(f"{error} {last}; start anew with a lower learning rate.")
    if is_out_of_memory(error):
        return HandwritingError(f"Out of memory; a smaller --{config.spec.batch_field.replace('_', '-')} needs less.")
    if is_worker_lost(error):
        where = f" {run.folder}" if run else " and the run's folder"
        return DevicesError(f"Another worker has stopped; start all of them again, with --resume{where}.")
    return error
