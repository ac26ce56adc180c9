"""Presets as TensorFlow SavedModels with named signatures, which load with TensorFlow alone.

hand:     encode_hand(samples, characters, mask) -> code;  write(code, characters, noise) -> images
cgan:     generate(characters, noise) -> images;  with writers write(code, characters, noise) -> images, and
          hand(writers, transform) -> code
stylegan: map(latent, characters) -> styles;  synthesize(styles, characters, noise) -> images;
          mix(first, second, crossover) -> styles
strokes:  trace(images, characters) -> strokes
alphabet: encode_hand(samples, characters, mask) -> code;  write(code, characters, noise) -> images;
          write_strokes(code, characters, noise) -> strokes, (B, 48, 3): x, y, and 1 where the pen is down
stargan:  translate(image, style) -> images;  encode_style(image, domain) -> style;  map_latent(latent, domain) -> style
aligner:  read(images) -> logits;  find_letters(images) -> logits; images are lines (B, H, W, 1)
Images are float32 (B, S, S, 1) in [-1, 1], ink 1; characters and domains are positions in the asset characters.txt.

The variables are the numbers of the preset's weights file, float16 where they fit; each signature computes in float32.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from tfhand.core.folders import atomic_folder, is_replaceable
from tfhand.errors import PresetError
from tfhand.models.networks import Networks
from tfhand.models.presets import as_stored

CHARACTERS = "characters.txt"


@dataclass(frozen=True)
class Signature:
    """One use of networks.

    Attributes:
        function: of the inputs, to the output.
        inputs: shape after the batch, and dtype, by name, in the function's order.
        output: its name.
    """

    function: Callable
    inputs: Mapping[str, tuple[tuple[int | None, ...], str]]
    output: str


Signatures = dict[str, Signature]


def floats(*shape: int | None) -> tuple[tuple[int | None, ...], str]:
    """An input of float32 (B, *shape)."""
    return shape, "float32"


def numbers(*shape: int | None) -> tuple[tuple[int | None, ...], str]:
    """An input of int32 (B, *shape)."""
    return shape, "int32"


def export(networks: Networks, signatures: Signatures, folder: str | os.PathLike) -> list[str]:
    """Writes a SavedModel, whole or not at all, and returns the names of its signatures.

    Raises:
        PresetError: the folder holds something else or cannot be written, or Keras runs on another backend.
    """
    if keras.backend.backend() != "tensorflow":
        raise PresetError("A SavedModel is made under TensorFlow; take KERAS_BACKEND away and export again.")
    folder = Path(folder)
    if not is_replaceable(folder, "saved_model.pb"):
        raise PresetError(f"{folder} holds something that is not a SavedModel; choose another folder.")
    try:
        with atomic_folder(folder) as fresh, tempfile.TemporaryDirectory() as scratch:
            _save(networks, signatures, fresh, Path(scratch))
    except OSError as error:
        raise PresetError(f"Cannot write the SavedModel {folder}: {error.strerror or error}.") from None
    return list(signatures)


def _save(networks: Networks, signatures: Signatures, folder: Path, scratch: Path) -> None:
    import tensorflow as tf

    module = tf.Module()
    module.stored = [tf.Variable(as_stored(weight.numpy()), trainable=False) for weight in networks.weights]
    names = scratch / CHARACTERS
    names.write_text(networks.characters, encoding="utf-8")
    module.characters = tf.saved_model.Asset(str(names))

    def served(signature: Signature) -> Any:
        def compute(*inputs):
            weights = zip(networks.weights, module.stored, strict=True)
            with keras.StatelessScope([(weight, tf.cast(stored, weight.dtype)) for weight, stored in weights]):
                return {signature.output: signature.function(*inputs)}

        specs = [tf.TensorSpec((None, *shape), dtype, name=name) for name, (shape, dtype) in signature.inputs.items()]
        return tf.function(compute, input_signature=specs).get_concrete_function()

    tf.saved_model.save(module, str(folder), {name: served(one) for name, one in signatures.items()})
