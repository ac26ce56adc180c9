"""Training from a configuration to a run's folder, with everything that was seen and learned."""

from __future__ import annotations

import importlib.metadata
import platform
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
from rich.console import Console

from tfhand.data.written import Written
from tfhand.training import datasets
from tfhand.training.backend.devices import check_divisible, use_devices
from tfhand.training.backend.runtime import computing_in, make_deterministic, wait_for_all
from tfhand.training.run_config import RunConfig
from tfhand.training.run_directory import RunDirectory, RunError
from tfhand.training.setup import TrainingSetup
from tfhand.training.steps import train
from tfhand.version import __version__


def fit(
    config: RunConfig,
    extra_callbacks: Sequence[keras.callbacks.Callback] = (),
    console: Console | None = None,
) -> RunDirectory | None:
    """Trains, and saves a preset.

    Args:
        config: see `RunConfig.resolve`.
        extra_callbacks: Keras callbacks besides the run's own, on every worker; for them an epoch is a log interval.
        console: for the progress; a quiet one if None.

    Returns:
        the run's folder; its preset lies in `preset`, or where the configuration says. None on a worker that is not the
        chief, which writes nothing.

    Raises:
        HandwritingError: data, presets, devices or folders that will not do, a training that diverged, or no memory.
        Interrupted: a signal ended the training after its state was saved.
    """
    if config.options.deterministic:
        make_deterministic()
    with use_devices(config.options.strategy) as devices:
        console = console if console and devices.is_chief else Console(quiet=True)
        archives, data = load_data(config)
        setup = prepare(config, archives)
        start = config.origin.load_checkpoint(setup.trainer.state_variables) if config.origin else 0
        run = _open_run(config, data) if devices.is_chief else None
        console.print(f"{run.folder if run else ''}", highlight=False, soft_wrap=True)
        try:
            train(config, setup, run, start, extra_callbacks, console)
        except Exception:
            if run:
                run.remove_if_empty()
            raise
        if run:
            _save_preset(config, setup, run, _writers_of(config, setup, archives))
        wait_for_all()  # a worker that left earlier would be missed
    return run


def load_data(config: RunConfig) -> tuple[Sequence[Written], list[dict]]:
    """The data sets, and how much they hold, for the record and to know them again.

    Raises:
        HandwritingError: unknown or broken, or no longer what they were where a run goes on.
    """
    names = config.options.data
    archives = datasets.load_archives(names, config.spec.words)
    data = [{"name": name, **datasets.contents(archive)} for name, archive in zip(names, archives, strict=True)]
    if config.origin and config.origin.record.get("data") != data:
        raise RunError(f"The data of {config.origin.folder} have changed since it began; start a new run.")
    return archives, data


def prepare(config: RunConfig, archives: Sequence[Written]) -> TrainingSetup:
    """The trainer and its streams, from scratch or begun with a preset.

    Raises:
        HandwritingError: data or presets that will not do, or a batch that cannot be divided over the devices in use.
    """
    known = archives, config.config, config.train_config, config.options.seed
    with computing_in(config.options.precision):
        if config.source is None or config.spec.warm_start is None:
            setup = config.spec.make_trainer(*known)
        else:
            setup = config.spec.warm_start.make_trainer(*known, config.source.name)
    field = config.spec.batch_field
    check_divisible(getattr(config.train_config, field), "--" + field.replace("_", "-"), setup.trainer.group)
    return setup


def _open_run(config: RunConfig, data: list[dict]) -> RunDirectory:
    """The run's folder: a new one, or the one that goes on, its record brought up to date."""
    record: dict[str, Any] = {
        "family": config.spec.name,
        "config": config.values,
        "data": data,
        "versions": versions(),
        "command": config.command,
    }
    if config.source is not None:
        record["from"] = {"preset": config.source.name, "sha256": config.source.sha256}
    if config.branched is not None:
        known = ("command", "config", "versions", "branch")
        record["branch"] = {name: config.branched.record.get(name) for name in known}
        record["branch"]["step"] = config.branched.step
    if config.resumed is None:
        name = re.sub(r"\W+", "-", Path(config.options.data[0]).stem)
        return RunDirectory.create(config.run_dir, f"{config.spec.name}-{name}", record)
    if config.values != config.resumed.record["config"] and config.options.steps > config.resumed.step:
        config.resumed.update({**config.resumed.record, "config": config.values})
    return config.resumed


def _writers_of(config: RunConfig, setup: TrainingSetup, archives: Sequence[Written]) -> dict[str, dict]:
    """By data set, for the preset's record: the writers held out, and the table rows of writers that are new.

    What the record of the preset that the training began with says of other data sets stays true.
    """
    names, count = config.options.data, setup.trainer.writer_count
    known = {"validation_writers": datasets.held_out_writers(names, archives, config.train_config)}
    if config.source is None:
        return known
    if count:
        known["writer_rows"] = datasets.last_rows(names, archives, config.train_config, count)
    before = config.source.record
    return {name: {**(before.get(name) or {}), **own} for name, own in known.items()}


def _save_preset(config: RunConfig, setup: TrainingSetup, run: RunDirectory, writers: dict[str, Any]) -> None:
    """The averaged networks as a preset, in the run's folder or where the configuration says."""
    folder, record = Path(config.preset or run.preset), run.record
    name = folder.name if config.preset else run.folder.name
    data = ", ".join(each["name"] for each in record["data"])
    card = (
        f"# {name}\n\n"
        f"Trained by `{record['command']}` for {run.step} steps on {data}.\n\n"
        f"Knows {config.config.characters} at {config.config.image_size} pixels. Figures have not been measured.\n\n"
        "For your own hand, or with the writer's permission; never for signatures.\n"
    )
    known = ("config", "data", "versions", "command", "branch", "from")
    training = {name: record[name] for name in known if name in record}
    training |= {"steps": run.step, "seed": config.options.seed, **writers}
    generation = config.spec.generation_for(config.config, config.train_config)
    ema = _as_float32(setup.trainer.ema)
    ema.save_to_preset(folder, training=training, generation=generation, card=card, auxiliary=setup.trainer.auxiliary)


def _as_float32(networks: keras.Model) -> keras.Model:
    """The networks, or a copy that computes in 32 bits where they do not."""
    if networks.compute_dtype == "float32":
        return networks
    copy = type(networks).from_config(networks.get_config())
    copy.set_weights(networks.get_weights())
    return copy


def versions() -> dict[str, str]:
    """The versions that decide what a training does; the backend's among them says which it is."""
    packages = {name: importlib.metadata.version(name) for name in (keras.config.backend(), "keras", "numpy")}
    return {"tfhand": __version__, "python": platform.python_version(), **packages}
