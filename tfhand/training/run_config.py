"""What one training is to do: defaults, a preset, a run that goes on, a settings file and flags, in this order."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tfhand.core.config import ConfigError, as_json, config_from, field_names, setting, split_fields
from tfhand.core.json_files import read_json
from tfhand.training.family import Family, PresetSource
from tfhand.training.run_directory import RunDirectory, RunError

FREE = (
    "steps", "log_every", "samples_every", "checkpoint_minutes",
    "strategy", "steps_per_execution", "profile", "tensorboard",
)  # fmt: skip
"""The options that may change when a run goes on: they do not bear on what a step does.

The batch is that of all devices together, so that on more or fewer of them a step differs by rounding only.
"""


@dataclass(frozen=True)
class RunOptions:
    """How long to train on what."""

    data: tuple[str, ...] = setting(
        ("synthetic",), "data sets by name (synthetic, mnist, emnist/letters, ...) or path of an archive"
    )
    steps: int = setting(20_000, "training steps in all")
    seed: int = setting(0, "seed of the initial weights, the batches and all noise")
    jit: Literal["auto", "on", "off"] = setting("auto", "compile with XLA; auto does so on an accelerator only")
    deterministic: bool = setting(False, "the same bits in every run, a little slower")
    log_every: int = setting(100, "steps between rows of metrics.csv")
    samples_every: int = setting(1000, "steps between sample grids")
    checkpoint_minutes: float = setting(3.0, "minutes between checkpoints")
    strategy: Literal["none", "mirrored", "multiworker"] = setting(
        "none",
        "divide batches over the devices of this machine (mirrored) or of the workers in TF_CONFIG (multiworker)",
    )
    precision: Literal["float32", "mixed_bfloat16"] = setting(
        "float32", "what networks compute in; weights, losses and optimizers are float32"
    )
    steps_per_execution: int = setting(1, "steps in one call of the compiled graph")
    profile: bool = setting(False, "record some steps for TensorBoard's profiler, in the run's folder")
    tensorboard: bool = setting(False, "log metrics and sample grids for TensorBoard as well, in the run's folder")

    def __post_init__(self):
        if not self.data:
            raise ValueError("data must name at least one data set.")
        if min(self.steps, self.log_every, self.samples_every) < 1:
            raise ValueError("steps, log_every and samples_every must be 1 or more.")
        if self.steps_per_execution < 1:
            raise ValueError("steps_per_execution must be 1 or more.")
        if self.log_every % self.steps_per_execution or self.samples_every % self.steps_per_execution:
            raise ValueError("log_every and samples_every must be multiples of steps_per_execution.")
        if self.seed < 0 or self.checkpoint_minutes < 0:
            raise ValueError("seed and checkpoint_minutes cannot be negative.")


@dataclass(frozen=True)
class RunConfig:
    """What one training is to do, all settings resolved.

    Attributes:
        spec: the family.
        options: how long to train on what.
        config: of the networks.
        train_config: of the training.
        resumed: the run that goes on, in its own folder; None for a new one.
        branched: the run from whose last state a new one begins.
        source: the preset that the training began with; None for random weights.
        run_dir: where run folders go.
        preset: where the preset goes at the end; None for the run's folder.
        command: that asked for it, for the record.

    Example:
        config = RunConfig.resolve(SPECS["reader"], {"data": ["synthetic:40"], "steps": 200})
        run = tfhand.training.fit(config)
    """

    spec: Family
    options: RunOptions
    config: Any
    train_config: Any
    resumed: RunDirectory | None = None
    branched: RunDirectory | None = None
    source: PresetSource | None = None
    run_dir: str | os.PathLike = "runs"
    preset: str | os.PathLike | None = None
    command: str = ""
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def origin(self) -> RunDirectory | None:
        """The run from whose last state the training goes on, in its own folder or in another; None from scratch."""
        return self.resumed or self.branched

    @classmethod
    def resolve(
        cls,
        spec: Family,
        values: Mapping[str, Any] | None = None,
        *,
        file: str | os.PathLike | None = None,
        resume: str | os.PathLike | None = None,
        branch: str | os.PathLike | None = None,
        from_preset: str | None = None,
        run_dir: str | os.PathLike = "runs",
        preset: str | os.PathLike | None = None,
        command: str = "",
    ) -> RunConfig:
        """Defaults, then the preset or the run that goes on, then the settings file, then values, checked.

        Args:
            spec: the family.
            values: settings by name, of the options, the networks and the training alike.
            file: JSON of such settings, or a run's config.json.
            resume: folder of a run that is to go on, exactly as it was.
            branch: folder of a run where a new one begins, with other settings of the training.
            from_preset: a preset that the training begins with.
            run_dir, preset, command: see the attributes.

        Raises:
            HandwritingError: a file, folder or value that will not do.
        """
        if sum(one is not None for one in (resume, branch, from_preset)) > 1:
            raise RunError(
                "--resume goes on with a run, --branch begins one where it stands, --from begins with a preset; "
                "give one of them."
            )
        folder = branch if resume is None else resume
        origin = None if folder is None else RunDirectory(folder)
        before = {**as_json(RunOptions()), **origin.values(spec.name)} if origin else {}
        asked = {**({} if file is None else _from_file(file, spec)), **(values or {})}
        source = _source(from_preset, origin, spec)
        usual = _of_preset(source, spec, asked) if source and not origin else {}
        classes = RunOptions, spec.config, spec.train_config
        parts = split_fields({**usual, **before, **asked}, *classes)
        resolved: list[Any] = [config_from(each, part) for each, part in zip(classes, parts, strict=True)]
        options, config, train_config = resolved
        try:
            spec.check(config, train_config)
        except ValueError as error:
            raise ConfigError(f"{error}") from None
        known = {**as_json(options), **as_json(config), **as_json(train_config)}
        if origin:
            _check_unchanged(origin, before, known, FREE if branch is None else {*FREE, *_free_of_a_branch(spec)})
        resumed, branched = (origin, None) if branch is None else (None, origin)
        place = run_dir, preset, command
        return cls(spec, options, config, train_config, resumed, branched, source, *place, known)


def _free_of_a_branch(spec: Family) -> list[str]:
    return [*field_names(spec.train_config), "seed", "deterministic", "jit", "precision"]


def _check_unchanged(origin: RunDirectory, before: Mapping, values: Mapping, free: Any) -> None:
    """Raises RunError where a setting differs from that of the run which goes on, and is not free."""
    changed = [name for name in before if values[name] != before[name] and name not in free]
    if changed:
        flag = "--" + changed[0].replace("_", "-")
        raise RunError(
            f"{origin.folder} was trained with {flag} {before[changed[0]]}; go on without it, or start a new run."
        )


def _source(preset: str | None, origin: RunDirectory | None, spec: Family) -> PresetSource | None:
    """The preset that a training begins with, or that the run began with which goes on.

    Raises:
        HandwritingError: unknown, of another family, or no longer what it was.
    """
    before = origin.record.get("from") if origin else None
    if before is not None and not (isinstance(before, dict) and isinstance(before.get("preset"), str)):
        raise RunError(f"{origin.folder if origin else ''} does not say with which preset it began; start a new run.")
    name = before["preset"] if before else preset
    if name is None:
        return None
    source = spec.source(name)
    if origin and source.sha256 != (before or {}).get("sha256"):
        raise RunError(f"The preset {name} has changed since {origin.folder} began with it; start a new run.")
    return source


def _of_preset(source: PresetSource, spec: Family, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a training that begins with a preset: its networks and verifier, and what is usual then.

    Raises:
        ConfigError: something else is asked of the networks, or no data are named.
    """
    usual, additions = (spec.warm_start.defaults, spec.warm_start.additions) if spec.warm_start else ({}, ())
    known = [name for name in field_names(spec.config) if source.config.get(name) or name not in additions]
    networks = {name: source.config[name] for name in known if name in source.config}
    for name, value in networks.items():
        if asked.get(name, value) != value:
            flag = "--" + name.replace("_", "-")
            raise ConfigError(f"The preset {source.name} has its own {flag}, {value}; leave {flag} out, or train anew.")
    if "data" not in asked:
        raise ConfigError("--from learns somebody's letters; say whose with --data.")
    verifier = {"verifier": source.verifier} if source.verifier else {}
    return {**usual, **networks, **verifier}


def _from_file(path: str | os.PathLike, spec: Family) -> dict[str, Any]:
    values = read_json(path)
    if not isinstance(values.get("config"), dict):
        return values
    if values.get("family") != spec.name:
        raise ConfigError(f"{path} is of a run of {values.get('family')!r}, not of {spec.name}.")
    return values["config"]
