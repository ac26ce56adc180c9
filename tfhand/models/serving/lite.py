"""Signatures as LiteRT files (.tflite), for telephones, boards, and installations without TensorFlow.

LiteRT wants to know the sizes of pictures on their way through a network, which with an open batch it often does not.
So `fixed` closes what a signature leaves open. Weights are stored as float16, and computed with in float32.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tfhand.errors import PresetError
from tfhand.models.networks import Networks
from tfhand.models.presets import first_line
from tfhand.models.serving.saved_model import export
from tfhand.models.serving.signature import Signature, Signatures

ROWS, SAMPLES = 1, 16  # of a call; samples in a set: a mask says which places are filled


def fixed(signatures: Signatures) -> Signatures:
    """The same signatures for one row at a time, and sets of `SAMPLES`."""
    return {name: _closed(signature) for name, signature in signatures.items()}


def _closed(signature: Signature) -> Signature:
    inputs: Mapping[str, Any] = {
        name: (tuple(SAMPLES if side is None else side for side in shape), dtype)
        for name, (shape, dtype) in signature.inputs.items()
    }
    return replace(signature, inputs=inputs, rows=ROWS)


def convert(networks: Networks, signatures: Signatures) -> bytes:
    """A LiteRT file with these signatures, which share their weights.

    Raises:
        PresetError: LiteRT has no operation for something in them.
    """
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as scratch:
        export(networks, signatures, Path(scratch) / "1")
        converter = tf.lite.TFLiteConverter.from_saved_model(f"{scratch}/1", signature_keys=list(signatures))
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
        try:
            return converter.convert()
        except Exception as error:  # the converter has one class of error for everything
            names = ", ".join(signatures)
            raise PresetError(f"LiteRT cannot hold {names} of this preset: {first_line(error)[:200]}.") from None
