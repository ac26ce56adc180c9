"""tfhand learns a person's handwriting from a few samples and writes any text in it.

    hand = tfhand.Hand.load("my_hand/")
    page = tfhand.load().write("Dear Anna,", hand)
    page.save("letter.png")

Importing it stays light: TensorFlow is not touched until a model is asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from tfhand.errors import HandwritingError
from tfhand.version import __version__

if TYPE_CHECKING:
    from tfhand import evaluation, scan, training
    from tfhand.hands.hand import Hand
    from tfhand.synthesis.synthesizer import Synthesizer, load

__all__ = ["Hand", "HandwritingError", "Synthesizer", "__version__", "evaluation", "load", "scan", "training"]

_HOMES = {
    "Hand": "tfhand.hands.hand",
    "Synthesizer": "tfhand.synthesis.synthesizer",
    "load": "tfhand.synthesis.synthesizer",
}
_ROOMS = ("evaluation", "scan", "training")


def __getattr__(name: str):
    if name in _ROOMS:
        return importlib.import_module(f"tfhand.{name}")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'tfhand' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
