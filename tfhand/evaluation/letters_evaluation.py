"""Evaluation of presets that learn no hand: translators, and generators of letters from noise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from tfhand.data.archive import Archive
from tfhand.evaluation.config import EvaluationConfig
from tfhand.evaluation.report import LETTERS_FILE, METRICS_FILE, Report, Summary, Tell, described
from tfhand.evaluation.translation_evaluator import TranslationEvaluator
from tfhand.evaluation.unconditional_evaluator import UnconditionalEvaluator
from tfhand.models import registry
from tfhand.models.pipeline import GlyphPipeline

if TYPE_CHECKING:
    from tfhand.models.reader.networks import Reader
    from tfhand.models.stargan.networks import StarGAN


def evaluate_translation(
    config: EvaluationConfig, archives: Sequence[Archive], held_out: Sequence[Sequence[int]], tell: Tell
) -> Report:
    """Whether people's letters, rewritten as another character, are read as that character."""
    networks = cast("StarGAN", registry.load(config.preset))
    reader = cast("Reader", registry.load(config.reader))
    evaluators = [
        TranslationEvaluator(networks, archive, people, config.seed)
        for archive, people in zip(archives, held_out, strict=True)
    ]
    rows = [
        {"data": Path(name).stem, "letters": kind, "conditional accuracy": accuracy}
        for name, evaluator in zip(config.data, evaluators, strict=True)
        for kind, accuracy in evaluator.conditional_accuracy(reader).items()
    ]
    caption = "Letters of people never trained on, and what becomes of them."
    pictures = {LETTERS_FILE: evaluators[0].picture(config.picture_writers)} if config.picture_writers else {}
    summary = Summary(Path(config.preset).name, caption, [rows])
    return Report([summary], {METRICS_FILE: described(config, rows)}, pictures)


def evaluate_unconditional(
    config: EvaluationConfig, archives: Sequence[Archive], held_out: Sequence[Sequence[int]], tell: Tell
) -> Report:
    """Whether letters made of noise are read as the character asked for, and vary as much as people's."""
    pipeline = GlyphPipeline.from_preset(config.preset)
    evaluators = [
        UnconditionalEvaluator(pipeline, archive, people, config.seed, tell)
        for archive, people in zip(archives, held_out, strict=True)
    ]
    rows = [
        {"data": Path(name).stem, "letters": kind} | metrics
        for name, evaluator in zip(config.data, evaluators, strict=True)
        for kind, metrics in evaluator.metrics(config.count, cas=not config.quick).items()
    ]
    caption = (
        f"Conditional accuracy: all letters of people never trained on, and {config.count:,} generated ones, as a "
        "classifier reads them that was trained here on real letters of the people trained on. CAS (classification "
        "accuracy score): share of the letters of people never trained on that a classifier reads which was trained on "
        "these letters alone, as many generated as real ones. FID, KID: features of the first classifier, N letters of "
        "people never trained on against N of the people trained on or generated, no resize."
    )
    pictures = {LETTERS_FILE: evaluators[0].picture(config.picture_writers)} if config.picture_writers else {}
    table = described(config, [{"reader": "trained here", "count": str(config.count)} | row for row in rows])
    return Report([Summary(Path(config.preset).name, caption, [rows])], {METRICS_FILE: table}, pictures)
