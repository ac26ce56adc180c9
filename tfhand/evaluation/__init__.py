"""Evaluation: how good a preset's letters are, and how like a person's own, beside baselines.

config = EvaluationConfig("hand62", data=("unipen_writers.npz",))
report = evaluate(config)
report.save("evaluation/")
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tfhand.evaluation.comparison import METRICS, NEAREST, REAL, WRITTEN, Comparison, Row, averaged, spread
    from tfhand.evaluation.config import EvaluationConfig
    from tfhand.evaluation.evaluation_set import EvaluationSet
    from tfhand.evaluation.hand_evaluator import HandEvaluator
    from tfhand.evaluation.methods import (
        Method,
        NearestWriter,
        PresetMethod,
        another_person,
        mean_letter,
        retest_ceiling,
    )
    from tfhand.evaluation.report import Report
    from tfhand.evaluation.run import evaluate

_NAMES = {
    "comparison": ("METRICS", "NEAREST", "REAL", "WRITTEN", "Comparison", "Row", "averaged", "spread"),
    "config": ("EvaluationConfig",),
    "evaluation_set": ("EvaluationSet",),
    "hand_evaluator": ("HandEvaluator",),
    "methods": ("Method", "NearestWriter", "PresetMethod", "another_person", "mean_letter", "retest_ceiling"),
    "report": ("Report",),
    "run": ("evaluate",),
}
_HOMES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [
    "METRICS",
    "NEAREST",
    "REAL",
    "WRITTEN",
    "Comparison",
    "EvaluationConfig",
    "EvaluationSet",
    "HandEvaluator",
    "Method",
    "NearestWriter",
    "PresetMethod",
    "Report",
    "Row",
    "another_person",
    "averaged",
    "evaluate",
    "mean_letter",
    "retest_ceiling",
    "spread",
]


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(importlib.import_module(f"tfhand.evaluation.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'tfhand.evaluation' has no attribute {name!r}")
