"""What the house needs to know of a family of networks; each family says it once, in models/<family>/spec.py."""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tfhand.errors import PresetError
from tfhand.models import presets
from tfhand.models.generation import GenerationConfig
from tfhand.models.light import LightForm
from tfhand.training.family import PresetSource, WarmStart

if TYPE_CHECKING:
    from tfhand.models.networks import Networks
    from tfhand.models.serving import Signatures
    from tfhand.training.setup import TrainingSetup


class Capability(enum.Flag):
    """What the networks of a preset can do."""

    WRITES = enum.auto()  # characters, from hand codes or noise
    KEEPS_HAND = enum.auto()  # writes them in the hand of a person's samples
    RATES_SAMPLES = enum.auto()  # says how much each sample tells of a hand
    HAS_STYLES = enum.auto()  # draws from styles that can be mixed, truncated and projected into
    HAS_WRITERS = enum.auto()  # knows its training writers by number
    TRANSLATES = enum.auto()  # rewrites a glyph as another character
    READS = enum.auto()  # says which character a glyph is
    TRACES = enum.auto()  # says which strokes of the pen wrote a glyph
    VERIFIES = enum.auto()  # says whether one person wrote two sets of glyphs
    ALIGNS = enum.auto()  # finds the letters of a known text in a line


@dataclass(frozen=True)
class ModelSpec:
    """One family of networks.

    Attributes:
        name: of the family, and of its subcommand of `tfhand fit`.
        help: one line.
        config: dataclass of the networks.
        train_config: dataclass of the training.
        networks: gives the class of the networks; imports Keras when it is called.
        make_trainer: from (archives, config, train_config, seed); raises ArchiveError where the data do not serve.
        capabilities: of networks with this configuration, as config.json holds it.
        signatures: of the SavedModel of networks of this family.
        light: how they are run without Keras; None where they are not.
        generation: of networks with this configuration, the generation block of a new preset, but for its verifier.
        warm_start: from a preset; None where that cannot be.
        check: of (config, train_config), what neither can know alone; raises ValueError with a sentence.
        batch_field: the field of `train_config` that --batch-size sets.
        progress_metrics: to show while a training runs; the first few if empty.
        words: whether it learns from archives of words, and not of characters.
        side_by_side: whether much of a step can be computed side by side, as what several networks do.
    """

    name: str
    help: str
    config: type
    train_config: type
    networks: Callable[[], type[Networks]]
    make_trainer: Callable[[Sequence[Any], Any, Any, int], TrainingSetup]
    capabilities: Callable[[Mapping[str, Any]], Capability]
    signatures: Callable[[Any], Signatures]
    light: LightForm | None = None
    generation: Callable[[Any], GenerationConfig] = lambda config: GenerationConfig()
    warm_start: WarmStart | None = None
    check: Callable[[Any, Any], None] = lambda config, train_config: None
    batch_field: str = "batch_size"
    progress_metrics: tuple[str, ...] = ()
    words: bool = False
    side_by_side: bool = False

    def source(self, preset: str) -> PresetSource:
        """A preset of this family that a training is to begin with.

        Raises:
            PresetError: unknown, broken, or of another family.
        """
        values, folder = presets.read_config(preset), presets.find(preset)
        if values["family"] != self.name:
            raise PresetError(
                f"{self.name} goes on with a preset of its own family; {preset} is of {values['family']!r}."
            )
        content = json.dumps(values["config"], sort_keys=True).encode()
        for file in sorted(folder.rglob("*")):
            if file.name == presets.WEIGHTS or file.parent.name == "variables":
                content += file.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        verifier = presets.generation_of(preset).verifier
        return PresetSource(preset, sha256, values["config"], verifier, values["training"])

    def generation_for(self, config: Any, train_config: Any) -> GenerationConfig:
        """The generation block of networks that were trained so: the family's, with the verifier of the training."""
        return replace(self.generation(config), verifier=getattr(train_config, "verifier", ""))


def always(*capabilities: Capability) -> Callable[[Mapping[str, Any]], Capability]:
    """The same capabilities whatever the configuration."""
    together = Capability(0)
    for capability in capabilities:
        together |= capability
    return lambda config: together


def go_on(make_trainer: Callable[..., TrainingSetup], networks: Callable[[], type[Networks]]) -> Callable:
    """How a training goes on with a preset's networks, and with the discriminators that lie beside them.

    Args:
        make_trainer, networks: as of a `ModelSpec`.

    Returns:
        what makes the trainer of a `WarmStart`.
    """

    def begun(archives: Sequence[Any], config: Any, train_config: Any, seed: int, preset: str) -> TrainingSetup:
        setup = make_trainer(archives, config, train_config, seed)
        setup.trainer.networks.take_weights(networks().from_preset(preset))
        setup.trainer.init_weights(setup.trainer.networks.get_weights())
        presets.load_auxiliary(preset, setup.trainer.auxiliary)
        return setup

    return begun
