"""Presets without TensorFlow: the LiteRT file `light.tflite` in a preset's folder, and what runs it.

LiteRT is asked where Keras is not installed, or where the environment variable TFHAND_RUNTIME is `litert`. A family
whose presets can be run so says it by a `LightForm` in its spec.
"""

from __future__ import annotations

import importlib.util
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfhand.errors import PresetError

if TYPE_CHECKING:
    from tfhand.models.serving import Signatures

FILE = "light.tflite"
ENVIRONMENT, LITERT, KERAS = "TFHAND_RUNTIME", "litert", "tensorflow"
NEEDS_KERAS = "This needs TensorFlow, and not LiteRT alone: pip install tensorflow, or set TFHAND_RUNTIME=tensorflow."


@dataclass(frozen=True)
class LightForm:
    """How presets of a family are run without Keras.

    Attributes:
        signatures: of the LiteRT file, of networks.
        load: from that file, run by a `LightModel`, and the preset's config.json, what stands for the networks.
    """

    signatures: Callable[[Any], Signatures]
    load: Callable[[LightModel, Mapping[str, Any]], Any]


def is_chosen() -> bool:
    """Whether presets are run by LiteRT.

    Raises:
        PresetError: the environment variable names something else.
    """
    chosen = os.environ.get(ENVIRONMENT, "")
    if chosen not in ("", LITERT, KERAS):
        raise PresetError(f"{ENVIRONMENT} is {LITERT} or {KERAS}, not {chosen!r}.")
    return chosen == LITERT or (not chosen and importlib.util.find_spec("keras") is None)


class LightModel:
    """A LiteRT file, whose signatures are functions of arrays. One thread at a time computes.

    Args:
        path: of the file.

    Raises:
        PresetError: LiteRT is not installed, or the file is broken.
    """

    def __init__(self, path: Path):
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError:
            raise PresetError(
                "Neither TensorFlow nor LiteRT is here to run a preset: pip install tensorflow, or ai-edge-litert."
            ) from None
        try:
            self._interpreter = Interpreter(model_content=path.read_bytes(), num_threads=os.cpu_count())
        except (OSError, ValueError):
            raise PresetError(f"{path} cannot be read; fetch it again.") from None
        self._path = path
        self._runners: dict[str, Any] = {}
        self._computing = threading.Lock()

    def __call__(self, signature: str, **inputs: np.ndarray) -> np.ndarray:
        """The output of a signature.

        Raises:
            PresetError: the file has none of that name.
        """
        with self._computing:
            if signature not in self._runners:
                if signature not in self._interpreter.get_signature_list():
                    anew = f"python -m tfhand.export {self._path.parent} --light"
                    raise PresetError(f"{self._path} was made by another version; make it anew: {anew}")
                self._runners[signature] = self._interpreter.get_signature_runner(signature)
            (output,) = self._runners[signature](**inputs).values()
            return output
