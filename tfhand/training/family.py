"""What a training needs to know of the family that it trains; `tfhand.models.spec.ModelSpec` provides it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class PresetSource:
    """A preset that a training begins with.

    Attributes:
        name: of the preset, or its folder.
        sha256: of its configuration and weights, to know it again.
        config: of its networks.
        verifier: that its generation block names, or an empty string.
        record: of its training.
    """

    name: str
    sha256: str
    config: Mapping[str, Any]
    verifier: str
    record: Mapping[str, Any]


@dataclass(frozen=True)
class WarmStart:
    """How a family's training begins with a preset in place of random weights.

    Attributes:
        help: what is done with the preset, in a few words.
        defaults: settings that are usual then.
        make_trainer: as `Family.make_trainer`, with the preset's name or path besides; raises PresetError too.
        additions: sizes of parts that a preset without them, which has 0 there, can be given.
    """

    help: str
    defaults: Mapping[str, Any]
    make_trainer: Callable[..., Any]
    additions: Collection[str] = ()


class Family(Protocol):
    """A family of networks that can be trained.

    Attributes:
        name: of the family.
        config: dataclass of the networks.
        train_config: dataclass of the training; its `validation` is the share of writers that are held out.
        make_trainer: from (archives, config, train_config, seed) to a `TrainingSetup`.
        warm_start: from a preset; None where that cannot be.
        check: of (config, train_config), what neither can know alone; raises ValueError with a sentence.
        batch_field: the field of `train_config` that --batch-size sets.
        progress_metrics: to show while a training runs.
        words: whether it learns from archives of words, and not of characters.
        side_by_side: whether much of a step can be computed side by side.
    """

    @property
    def name(self) -> str: ...

    @property
    def config(self) -> type: ...

    @property
    def train_config(self) -> type: ...

    @property
    def make_trainer(self) -> Callable[..., Any]: ...

    @property
    def warm_start(self) -> WarmStart | None: ...

    @property
    def check(self) -> Callable[[Any, Any], None]: ...

    @property
    def batch_field(self) -> str: ...

    @property
    def progress_metrics(self) -> Sequence[str]: ...

    @property
    def words(self) -> bool: ...

    @property
    def side_by_side(self) -> bool: ...

    def source(self, preset: str) -> PresetSource:
        """A preset of this family that a training is to begin with."""
        ...

    def generation_for(self, config: Any, train_config: Any) -> Any:
        """The generation block of networks with this configuration that were trained so."""
        ...
