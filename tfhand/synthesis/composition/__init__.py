"""Characters made of letters and strokes: accents by rule, signs by a pen in the manner of the hand."""

from tfhand.synthesis.composition.penwork import Manner
from tfhand.synthesis.composition.rules import bases, composable, compose

__all__ = ["Manner", "bases", "composable", "compose"]
