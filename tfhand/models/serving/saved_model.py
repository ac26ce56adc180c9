"""A preset as a TensorFlow SavedModel with named signatures, which loads with TensorFlow alone.

The variables are the numbers of the preset's weights file, float16 where they fit; each signature computes in float32.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from tfhand.core.folders import atomic_folder, is_replaceable
from tfhand.errors import PresetError
from tfhand.models.networks import Networks
from tfhand.models.presets import as_stored
from tfhand.models.serving.signature import Signature, Signatures

CHARACTERS = "characters.txt"


def export(
    networks: Networks, signatures: Signatures, folder: str | os.PathLike, auxiliary: Sequence[Networks] = ()
) -> list[str]:
    """Writes a SavedModel, whole or not at all, and returns the names of its signatures.

    Args:
        networks: of the preset.
        signatures: what they are used for.
        folder: of the SavedModel.
        auxiliary: further networks that the signatures use.

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
            _save([networks, *auxiliary], signatures, fresh, Path(scratch))
    except OSError as error:
        raise PresetError(f"Cannot write the SavedModel {folder}: {error.strerror or error}.") from None
    return list(signatures)


def _save(all_networks: Sequence[Networks], signatures: Signatures, folder: Path, scratch: Path) -> None:
    import tensorflow as tf

    module = tf.Module()
    weights = [weight for networks in all_networks for weight in networks.weights]
    module.stored = [tf.Variable(as_stored(weight.numpy()), trainable=False) for weight in weights]
    names = scratch / CHARACTERS
    names.write_text(all_networks[0].characters, encoding="utf-8")
    module.characters = tf.saved_model.Asset(str(names))

    def served(signature: Signature) -> Any:
        def compute(*inputs):
            values = zip(weights, module.stored, strict=True)
            with keras.StatelessScope([(weight, tf.cast(stored, weight.dtype)) for weight, stored in values]):
                return {signature.output: signature.function(*inputs)}

        rows, inputs = signature.rows, signature.inputs.items()
        specs = [tf.TensorSpec((rows, *shape), dtype, name=name) for name, (shape, dtype) in inputs]
        return tf.function(compute, input_signature=specs).get_concrete_function()

    tf.saved_model.save(module, str(folder), {name: served(one) for name, one in signatures.items()})
