"""Presets as TensorFlow SavedModels with named signatures, which load with TensorFlow alone.

hand presets:     encode_hand(samples, characters, mask) -> code;  write(code, characters, noise) -> images
cGAN presets:     generate(characters, noise) -> images;  with writers write(code, characters, noise) -> images, and
                  hand(writers, form) -> code
StyleGAN presets: map(latent, characters) -> styles;  synthesize(styles, characters, noise) -> images;
                  mix(first, second, crossover) -> styles
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
from tfhand.models.cgan.networks import ConditionalGAN
from tfhand.models.hand.networks import HandNetworks
from tfhand.models.stargan.networks import StarGAN
from tfhand.models.stylegan.networks import StyleGAN

Endpoints = dict[str, tuple[Callable, list[InputSpec]]]


def endpoints(networks: keras.Model) -> Endpoints:
    """The signatures of a preset's networks: name -> (function, its inputs).

    Raises:
        PresetError: the networks have none.
    """
    for family, of in _ENDPOINTS.items():
        if isinstance(networks, family):
            return of(networks)
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


def _cgan_endpoints(networks: ConditionalGAN) -> Endpoints:
    settings = networks.settings
    wanted = [_indices("characters"), _numbers("noise", settings.noise_size)]

    def generate(characters, noise):
        return {"images": networks.generate(characters, noise)}

    def write(code, characters, noise):
        return {"images": networks.write(code, characters, noise)}

    def hand(writers, form):
        return {"code": networks.hand(writers, form)}

    if not networks.people:
        return {"generate": (generate, wanted)}
    return {
        "write": (write, [_numbers("code", settings.code_size), *wanted]),
        "hand": (hand, [_indices("writers"), _numbers("form", settings.form_size)]),
    }


def _stylegan_endpoints(networks: StyleGAN) -> Endpoints:
    settings = networks.settings
    styles = settings.layer_count, settings.style_size

    def map(latent, characters):
        return {"styles": networks.map(latent, characters)}

    def synthesize(styles, characters, noise):
        return {"images": networks.synthesize(styles, characters, noise)}

    def mix(first, second, crossover):
        return {"styles": networks.mix(first, second, crossover)}

    return {
        "map": (map, [_numbers("latent", settings.latent_size), _indices("characters")]),
        "synthesize": (
            synthesize,
            [_numbers("styles", *styles), _indices("characters"), _numbers("noise", settings.noise_size)],
        ),
        "mix": (
            mix,
            [_numbers("first", settings.style_size), _numbers("second", settings.style_size), _indices("crossover")],
        ),
    }


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


_ENDPOINTS = {
    HandNetworks: _hand_endpoints,
    ConditionalGAN: _cgan_endpoints,
    StyleGAN: _stylegan_endpoints,
    StarGAN: _stargan_endpoints,
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
    if keras.backend.backend() != "tensorflow":  # which finds by itself what endpoints use, and stores it once
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
