"""How like a person's own letters written ones are: trials, ways to answer them, judges and pictures."""

from tfhand.similarity.answers import Answer, NearestWriter, Preset, another_person, mean_letter, once_more
from tfhand.similarity.figures import FIGURES, NEAREST, REAL, WRITTEN, Comparison, Judges, Row, averaged
from tfhand.similarity.scene import Scene

__all__ = [
    "FIGURES",
    "NEAREST",
    "REAL",
    "WRITTEN",
    "Answer",
    "Comparison",
    "Judges",
    "NearestWriter",
    "Preset",
    "Row",
    "Scene",
    "another_person",
    "averaged",
    "mean_letter",
    "once_more",
]
