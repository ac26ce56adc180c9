"""Bases of all networks: made from a configuration, loaded from a preset by name, saved as one."""

from __future__ import annotations

import math
import os
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import keras

from tfhand.core.config import as_json, config_from
from tfhand.errors import PresetError
from tfhand.models import presets
from tfhand.models.generation import GenerationConfig

Parts = dict[str, tuple[Any, tuple[int | None, ...]]]
"""By name a layer, or a weight, and the shape of what it gives, without the batch; None for a free length."""


class Networks(keras.Model):
    """What a preset holds: built as soon as it is made, from the flat fields of its family's configuration.

    Args:
        **config: the fields of `config_class`.

    Attributes:
        family: name of the family, as the registry has it.
        config_class: dataclass of the configuration.
        config: the configuration.

    Example:
        networks = HandNetworks.from_preset("hand62")
        networks.summary()
        networks.save_to_preset("my_preset/")
    """

    family: ClassVar[str]
    config_class: ClassVar[type]

    def __init__(self, **config):
        super().__init__()
        self.config = config_from(self.config_class, config)

    def get_config(self) -> dict[str, Any]:
        return as_json(self.config)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Networks:
        return cls(**config)

    @property
    @abstractmethod
    def parts(self) -> Parts:
        """What the networks are made of, in the order in which data flow through."""

    def summary(self, print_fn: Callable[[str], Any] = print) -> None:
        """Prints the parts with their output shapes and numbers of parameters.

        Keras's own summary knows no shapes of networks that are used in several ways.

        Args:
            print_fn: takes the text.
        """
        rows = [("part", "output", "parameters")]
        for name, (part, shape) in self.parts.items():
            count = part.count_params() if isinstance(part, keras.layers.Layer) else math.prod(part.shape)
            rows.append((name, str(shape), f"{count:,}"))
        rows.append(("all", "", f"{self.count_params():,}"))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = (
            f"{name:{widths[0]}}  {shape:{widths[1]}}  {count:>{widths[2]}}".rstrip() for name, shape, count in rows
        )
        print_fn("\n".join([f"{type(self).__name__}, family {self.family}", *lines]))

    @property
    def characters(self) -> str:
        """All that the networks know, in the order of their numbers."""
        return self.config.characters

    @property
    def image_size(self) -> int:
        """Side of the glyphs in pixels."""
        return self.config.image_size

    @classmethod
    def from_preset(cls, name_or_path: str | os.PathLike) -> Networks:
        """The networks of a preset, with its weights.

        Raises:
            PresetError: unknown, broken, of another family, or with weights that do not fit.
        """
        folder, values = presets.find(name_or_path), presets.read_config(name_or_path)
        if values["family"] != cls.family:
            raise PresetError(f"The preset {name_or_path} is of the family {values['family']!r}, not {cls.family!r}.")
        try:
            networks = cls.from_config(values["config"])
        except Exception as error:  # whatever a constructor makes of arguments that are not its own
            reason = presets.first_line(error)
            raise PresetError(f"The preset {folder} cannot be built from its {presets.CONFIG}: {reason}.") from None
        presets.load_weights(folder, networks)
        return networks

    def take_weights(self, other: Any) -> None:
        """Makes these networks do what others, of the same class, do."""
        self.set_weights(other.get_weights())

    def save_to_preset(
        self,
        folder: str | os.PathLike,
        *,
        training: Mapping[str, Any] | None = None,
        generation: GenerationConfig | None = None,
        card: str = "",
        auxiliary: Mapping[str, keras.Model] | None = None,
    ) -> None:
        """Writes a preset's folder, whole or not at all, in place of one that was there.

        Args:
            folder: of the preset; its name is the preset's.
            training: how the weights came about: data, steps, seed, versions, command.
            generation: what inference needs beside the networks; the defaults if None.
            card: the model card, Markdown.
            auxiliary: networks, by name, that a training which begins with the preset needs as well.

        Raises:
            PresetError: the folder holds something else or cannot be written.
        """
        values = {
            "family": self.family,
            "config": self.get_config(),
            "characters": self.characters,
            "image_size": self.image_size,
            "training": dict(training or {}),
        }
        presets.write(folder, self, values, generation or GenerationConfig(), card, auxiliary)


class Subnetwork(keras.Model):
    """A network made from a family's configuration and some arguments besides: a discriminator, or a part of others.

    Args:
        config: the family's configuration.
        **arguments: of the subclass's constructor, kept as attributes of the same names.

    Attributes:
        config_class: dataclass of the configuration.
    """

    config_class: ClassVar[type]

    def __init__(self, config: Any, **arguments: Any):
        super().__init__()
        self.config, self._arguments = config, arguments
        for name, value in arguments.items():
            setattr(self, name, value)

    def build(self, *shapes: Any) -> None:
        """The layers are built by the constructor; Keras would trace a call to build them once more."""

    def get_config(self) -> dict[str, Any]:
        return {"config": as_json(self.config), **self._arguments}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Subnetwork:
        return cls(**{**config, "config": config_from(cls.config_class, config["config"])})
