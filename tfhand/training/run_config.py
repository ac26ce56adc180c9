"""What one call of fit is to do: defaults, a run that goes on, a settings file and flags, together and checked."""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Literal

from tfhand.cli.flags import given
from tfhand.core.config import ConfigError, as_json, config_from, read_json, split_fields
from tfhand.errors import PresetError
from tfhand.models import presets
from tfhand.models.registry import Family
from tfhand.training.run_directory import Run, RunError

FREE = ("steps", "jit", "log_every", "samples_every", "checkpoint_minutes")
"""The options that may change when a run goes on: they do not bear on what a step does."""


@dataclass(frozen=True)
class Options:
    """How long to train on what."""

    data: tuple[str, ...] = setting(
        ("synthetic",),
        "data sets by name (pens, mnist, emnist/letters, ...) or path of an archive"
    )
    steps: int = setting(20_000, "training steps in all")
    seed: int = setting(0, "of the initial weights, the batches and all noise")
    jit: Literal["auto", "on", "off"] = setting("auto", "compile with XLA; auto does so on an accelerator only")
    deterministic: bool = setting(False, "the same bits in every run, a little slower")
    log_every: int = setting(100, "steps between rows of metrics.csv")
    samples_every: int = setting(1000, "steps between sample grids")
    checkpoint_minutes: float = setting(3.0, "minutes between checkpoints")

    def __post_init__(self):
        if not self.data:
            raise ValueError("data must name at least one data set.")
        if min(self.steps, self.log_every, self.samples_every) < 1:
            raise ValueError("steps, log_every and samples_every must be 1 or more.")
        if self.seed < 0 or self.checkpoint_minutes < 0:
            raise ValueError("seed and checkpoint_minutes cannot be negative.")


@dataclass(frozen=True)
class Job:
    """What one call is to do, all options resolved.

    `resumed` is the run that goes on, `branched` the run from whose last state a new one begins. `source` names the
    preset that the training began with, with the sum by which to know it again; None for random weights.
    """

    family: Family
    options: Options
    settings: Any
    training: Any
    resumed: Run | None = None
    branched: Run | None = None
    source: dict[str, str] | None = None
    values: dict = field(default_factory=dict)

    @property
    def origin(self) -> Run | None:
        """The run from whose last state the training goes on, in its own folder or in another; None from scratch."""
        return self.resumed or self.branched


def resolve(arguments: argparse.Namespace, family: Family) -> Job:
    """Defaults, then the preset or the run that goes on, then the settings file, then flags, checked.

    Raises:
        HandwritingError: a file, folder or value that will not do.
    """
    classes = Options, family.settings, family.training
    begun = getattr(arguments, "source", None)
    if sum(map(bool, (arguments.resume, arguments.branch, begun))) > 1:
        raise RunError(
            "--resume goes on with a run, --branch begins one where it stands, --from begins with a preset; "
            "give one of them."
        )
    origin = Run(arguments.resume or arguments.branch) if arguments.resume or arguments.branch else None
    before = origin.values(family.name) if origin else {}
    asked = _from_file(arguments.settings, family) if arguments.settings else {}
    asked |= given(arguments, *classes)
    source = _source(begun, origin, family)
    usual = _of_preset(begun, family, asked) if begun else {}
    parts = split_fields({**usual, **before, **asked}, *classes)
    options, settings, training = (config_from(cls, part) for cls, part in zip(classes, parts, strict=True))
    values = {**as_json(options), **as_json(settings), **as_json(training)}
    free = {*FREE, *as_json(training), "seed", "deterministic"} if arguments.branch else FREE
    changed = [name for name in before if values[name] != before[name] and name not in free]
    if changed:
        flag = "--" + changed[0].replace("_", "-")
        raise RunError(
            f"{origin.folder} was trained with {flag} {before[changed[0]]}; go on without it, or start a new run."
        )
    resumed, branched = (None, origin) if arguments.branch else (origin, None)
    return Job(family, options, settings, training, resumed, branched, source, values)


def _source(begun: str | None, origin: Run | None, family: Family) -> dict[str, str] | None:
    """The preset that a training begins with, or that the run began with which goes on.

    Raises:
        HandwritingError: unknown, of another class, or no longer what it was.
    """
    before = origin.record.get("from") if origin else None
    name = before["preset"] if before else begun
    if not name:
        return None
    config, weights = presets.config(name), presets.find(name) / presets.WEIGHTS
    if config["class"] != family.beginning.networks:
        raise PresetError(
            f"{family.name} begins with a {family.beginning.networks}, and {name} is a {config['class']}."
        )
    content = json.dumps(config["arguments"], sort_keys=True).encode()
    content += weights.read_bytes() if weights.is_file() else b""
    source = {"preset": name, "sha256": hashlib.sha256(content).hexdigest()}
    if before and source != before:
        raise RunError(f"The preset {name} has changed since {origin.folder} began with it; start a new run.")
    return source


def _of_preset(preset: str, family: Family, asked: dict[str, Any]) -> dict[str, Any]:
    """What a training is set to that begins with a preset: the preset's networks and guide, and what is usual then.

    Raises:
        SettingsError: something else is asked of the networks, or no data are named.
    """
    arguments = presets.config(preset)["arguments"]
    networks = {name: arguments[name] for name in as_json(family.settings()) if name in arguments}
    for name, value in networks.items():
        if asked.get(name, value) != value:
            flag = "--" + name.replace("_", "-")
            raise ConfigError(f"The preset {preset} has its own {flag}, {value}; leave {flag} out, or train anew.")
    if "data" not in asked:
        raise ConfigError("--from learns somebody's letters; say whose with --data.")
    guide = presets.verifier_name(preset)
    return {**family.beginning.defaults, **networks, **({"verifier": guide} if guide else {})}


def _from_file(path: str, family: Family) -> dict[str, Any]:
    values = read_json(path)
    if "options" not in values:
        return values
    if values.get("family") != family.name or not isinstance(values["options"], dict):
        raise ConfigError(f"{path} is of a run of {values.get('family')!r}, not of {family.name}.")
    return values["options"]
