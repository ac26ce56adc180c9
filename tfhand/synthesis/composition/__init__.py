"""Characters composed of letters and strokes: accented letters by rule, signs drawn in the person's stroke style."""

from tfhand.synthesis.composition.pen_drawing import StrokeStyle
from tfhand.synthesis.composition.rules import bases, composable, compose

__all__ = ["StrokeStyle", "bases", "composable", "compose"]
