"""Characters made of letters and strokes: accents by rule, signs by a pen in the manner of the hand."""

from tfhand.composition.penwork import Manner
from tfhand.composition.rules import bases, composable, compose

__all__ = ["Manner", "bases", "composable", "compose"]
