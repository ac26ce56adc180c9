"""Presets as TensorFlow SavedModels with named signatures, which load with TensorFlow alone.

hand presets:     encode_hand(samples, characters, mask) -> code;  write(code, characters, noise) -> images
StarGAN presets:  translate(image, style) -> images;  encode_style(image, domain) -> style;
                  map_latent(latent, domain) -> style
Images are float32 (B, S, S, 1) in [-1, 1], ink 1; characters and domains are positions in config.json's "characters".
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import keras
from keras import InputSpec

from tfhand.errors import PresetError
from tfhand.models.hand import HandNetworks
from tfhand.models.stargan import StarGAN

Endpoints = dict[str, tuple[Callable, list[InputSpec]]]


def endpoints(networks: keras.Model) -> Endpoints:
    """The signatures of a preset's networks: name -> (function, its inputs).

    Raises:
        PresetError: the networks have none.
    """
    if isinstance(networks, HandNetworks):
        return _hand_endpoints(networks)
    if isinstance(networks, StarGAN):
        return _stargan_endpoints(networks)
    raise PresetError(f"A preset of class {type(networks).__name__} has no signatures to export.")


def _numbers(name: str, *shape: int | None) -> InputSpec:
    return InputSpec(shape=(None, *shape), dtype="float32", name=name)


def _indices(name: str, *shape: int | None) -> InputSpec:
    return InputSpec(shape=(None, *shape), dtype="int32", name=name)


def _hand_endpoints(networks: HandNetworks) -> Endpoints:
    settings = networks.settings
    size = settings.image_size

    def encode_hand(samples, characters, mask):
        return {"code": networks.encode_hand(samples, characters, mask)}

    def write(code, characters, noise):
        return {"images": networks.write(code, characters, noise)}

    samples = [_numbers("samples", None, size, size, 1), _indices("characters", None), _numbers("mask", None)]
    wanted = [_numbers("code", settings.code_size), _indices("characters"), _numbers("noise", settings.noise_size)]
    return {"encode_hand": (encode_hand, samples), "write": (write, wanted)}


def _stargan_endpoints(networks: StarGAN) -> Endpoints:
    settings = networks.settings
    image = _numbers("image", settings.image_size, settings.image_size, 1)

    def translate(image, style):
        return {"images": networks.translate(image, style)}

    def encode_style(image, domain):
        return {"style": networks.encode_style(image, domain)}

    def map_latent(latent, domain):
        return {"style": networks.map_latent(latent, domain)}

    return {
        "translate": (translate, [image, _numbers("style", settings.style_size)]),
        "encode_style": (encode_style, [image, _indices("domain")]),
        "map_latent": (map_latent, [_numbers("latent", settings.latent_size), _indices("domain")]),
    }


def export(networks: keras.Model, folder: str | os.PathLike) -> list[str]:
    """Writes a SavedModel, whole or not at all, and returns the names of its signatures.

    Raises:
        PresetError: the networks have no signatures, or the folder holds something else or cannot be written.
    """
    folder = Path(folder)
    replaceable = folder.is_dir() and (not any(folder.iterdir()) or (folder / "saved_model.pb").is_file())
    if folder.exists() and not replaceable:
        raise PresetError(f"{folder} holds something that is not a SavedModel; choose another folder.")
    archive = keras.export.ExportArchive()
    archive.track(networks)
    found = endpoints(networks)
    for name, (function, inputs) in found.items():
        archive.add_endpoint(name, function, input_signature=inputs)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
            fresh = Path(scratch) / "fresh"
            archive.write_out(str(fresh), verbose=False)
            if folder.exists():
                shutil.move(folder, Path(scratch) / "old")
            fresh.rename(folder)
    except OSError as error:
        raise PresetError(f"Cannot write the SavedModel {folder}: {error.strerror or error}.") from None
    return list(found)
