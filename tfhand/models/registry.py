"""The families of networks, and presets by what they can do.

Adding a family is a folder under models/ and a line in `SPECS`. Importing this does not import Keras.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from tfhand.errors import PresetError
from tfhand.models import light, presets
from tfhand.models.aligner.spec import ALIGNER
from tfhand.models.alphabet.spec import ALPHABET
from tfhand.models.cgan.spec import CGAN
from tfhand.models.hand.spec import HAND
from tfhand.models.reader.spec import READER
from tfhand.models.spec import Capability, ModelSpec
from tfhand.models.stargan.spec import STARGAN
from tfhand.models.stroke_verifier.spec import STROKE_VERIFIER
from tfhand.models.strokes.spec import STROKES
from tfhand.models.stylegan.spec import STYLEGAN
from tfhand.models.verifier.spec import VERIFIER

SPECS: Mapping[str, ModelSpec] = MappingProxyType(
    {
        spec.name: spec
        for spec in (HAND, CGAN, STYLEGAN, STARGAN, STROKES, ALPHABET, READER, VERIFIER, STROKE_VERIFIER, ALIGNER)
    }
)

_LACKS = {
    Capability.WRITES: "does not write",
    Capability.KEEPS_HAND: "does not write in a person's hand",
    Capability.RATES_SAMPLES: "does not learn hands",
    Capability.HAS_STYLES: "has no styles, as only a StyleGAN has",
    Capability.READS: "is no reader",
    Capability.TRACES: "finds no strokes",
    Capability.VERIFIES: "is no verifier",
    Capability.ALIGNS: "is no aligner",
}


def spec_of(name_or_path: str | os.PathLike) -> ModelSpec:
    """The family of a preset.

    Raises:
        PresetError: the preset is unknown or broken, or its family is not known here.
    """
    family = presets.read_config(name_or_path)["family"]
    if not isinstance(family, str) or family not in SPECS:
        path = presets.find(name_or_path) / presets.CONFIG
        raise PresetError(f"The preset's {path} names the family {family!r}; known are {', '.join(SPECS)}.")
    return SPECS[family]


def capabilities(name_or_path: str | os.PathLike) -> Capability:
    """What a preset can do.

    Raises:
        PresetError: the preset is unknown or broken.
    """
    return spec_of(name_or_path).capabilities(presets.read_config(name_or_path)["config"])


def require_capability(
    name: str | os.PathLike, capability: Capability, flag: str, image_size: int | None = None
) -> dict[str, Any]:
    """The config.json of a preset that is to play a part.

    Args:
        name: of the preset, or its folder.
        capability: that the part takes.
        flag: that named the preset.
        image_size: of the glyphs it is to see, in pixels; None for any.

    Raises:
        PresetError: unknown, without that capability, or for glyphs of another size.
    """
    values = presets.read_config(name)
    if capability not in capabilities(name):
        raise PresetError(f"The preset {name} {_LACKS[capability]}; choose another for {flag}.")
    if image_size not in (None, values["image_size"]):
        raise PresetError(
            f"The preset draws {image_size} pixels and {name} knows {values['image_size']}; choose another for {flag}."
        )
    return values


def load(name_or_path: str | os.PathLike) -> Any:
    """The networks of a preset, with its weights.

    Raises:
        PresetError: unknown, files missing or broken, or weights that do not fit.
    """
    return spec_of(name_or_path).networks().from_preset(name_or_path)


def load_for_inference(name_or_path: str | os.PathLike) -> Any:
    """What writes or reads as a preset does: its networks, or what stands for them where LiteRT runs presets.

    Raises:
        PresetError: as `load`; or a preset that LiteRT cannot run.
    """
    if not light.is_chosen():
        return load(name_or_path)
    form, values = spec_of(name_or_path).light, presets.read_config(name_or_path)
    path = presets.find(name_or_path) / light.FILE
    if form is None or not path.is_file():
        raise PresetError(f"The preset {name_or_path} has no {light.FILE}. {light.NEEDS_KERAS}")
    return form.load(light.LightModel(path), values)


def load_verifier(name: str, config: Any, flag: str = "--verifier") -> Any | None:
    """The verifier by which networks are trained, or hands are found; None for an empty name.

    Args:
        name: of the preset, or its folder.
        config: of these networks, with their characters and image_size.
        flag: that named the preset.

    Raises:
        PresetError: unknown, no verifier, or for other characters or glyphs of another size.
    """
    return _load_beside(name, Capability.VERIFIES, config, flag)


def load_reader(name: str, config: Any, flag: str = "--reader") -> Any | None:
    """The reader that must read what networks write, likewise."""
    return _load_beside(name, Capability.READS, config, flag)


def _load_beside(name: str, capability: Capability, config: Any, flag: str) -> Any | None:
    if not name:
        return None
    values = require_capability(name, capability, flag)
    if (values["characters"], values["image_size"]) != (config.characters, config.image_size):
        raise PresetError(f"{name} knows other characters, or glyphs of another size; choose another for {flag}.")
    return load(name)
