"""How like a person's own letters written ones are: trials, ways to answer them, judges and pictures."""

from tfhand.evaluation.evaluation_set import EvaluationSet
from tfhand.evaluation.hand_evaluator import FIGURES, NEAREST, REAL, WRITTEN, Comparison, HandEvaluator, Row, averaged
from tfhand.evaluation.methods import Answer, NearestWriter, Preset, another_person, mean_letter, retest_ceiling

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
