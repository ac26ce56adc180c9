"""Evaluation of presets that learn no hand: translators, generators of letters from noise, and aligners."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from tfhand.data.archive import Archive
from tfhand.data.marks import read_marks
from tfhand.data.words import WordArchive
from tfhand.evaluation.aligned_words import OVERLAP
from tfhand.evaluation.alignment_evaluator import NETWORK, AlignmentEvaluator
from tfhand.evaluation.config import EvaluationConfig
from tfhand.evaluation.report import LETTERS_FILE, METRICS_FILE, SPREAD_FILE, Report, Summary, Tell, described
from tfhand.evaluation.translation_evaluator import TranslationEvaluator
from tfhand.evaluation.unconditional_evaluator import UnconditionalEvaluator
from tfhand.models import registry
from tfhand.models.pipeline import GlyphPipeline

if TYPE_CHECKING:
    from tfhand.models.aligner.networks import Aligner
    from tfhand.models.reader.networks import Reader
    from tfhand.models.stargan.networks import StarGAN


def evaluate_translation(
    config: EvaluationConfig, archives: Sequence[Archive], held_out: Sequence[Sequence[int]], tell: Tell
) -> Report:
    """What people's letters are like when they are rewritten as other characters."""
    networks = cast("StarGAN", registry.load(config.preset))
    reader = cast("Reader", registry.load(config.reader))
    means: list[dict[str, Any]] = []
    spreads: list[dict[str, Any]] = []
    pictures: dict[str, np.ndarray] = {}
    for name, archive, people in zip(config.data, archives, held_out, strict=True):
        found = []
        for repetition in range(config.repeats):
            tell(f"{Path(name).stem}, repetition {repetition + 1} of {config.repeats}")
            evaluator = TranslationEvaluator(networks, archive, people, config.seed + repetition)
            found.append(evaluator.metrics(reader, config.count))
            if config.picture_writers and not pictures:
                pictures[LETTERS_FILE] = evaluator.picture(config.picture_writers)
        means += _over(found, name, np.mean)
        spreads += _over(found, name, partial(np.std, ddof=1)) if config.repeats > 1 else []
    caption = (
        "Letters of people never trained on: other ones by them, theirs rewritten in random styles, in the same nearer "
        "to the mean style, in the style of a reference, and unchanged. "
        f"Conditional accuracy: as {Path(config.reader).name} reads. FID, KID: features of "
        "the same reader, from other real letters, no resize. Diversity: difference of two styles of one letter, over "
        "that of two people's letters. Thickness, slant: correlation with the reference, less the character's mean."
    )
    return _report(config, caption, means, spreads, {"repeats": config.repeats}, pictures)


def _report(
    config: EvaluationConfig,
    caption: str,
    means: Sequence[dict[str, Any]],
    spreads: Sequence[dict[str, Any]],
    same: Mapping[str, Any],
    pictures: Mapping[str, np.ndarray],
) -> Report:
    """Means, and deviations if there are any, over repetitions; `same` is what all rows have in common."""
    tables = {METRICS_FILE: described(config, [{**same, **row} for row in means])}
    if spreads:
        tables[SPREAD_FILE] = described(config, [{**same, **row} for row in spreads])
    return Report([Summary(Path(config.preset).name, caption, [means])], tables, pictures)


def _over(
    found: Sequence[Mapping[str, Mapping[str, float]]], data: str, statistic: Callable[[Sequence[float]], Any]
) -> list[dict[str, Any]]:
    """A row for each kind of letters, over repetitions."""
    return [
        {"data": Path(data).stem, "letters": kind}
        | {name: float(statistic([each[kind][name] for each in found])) for name in metrics}
        for kind, metrics in found[0].items()
    ]


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


def evaluate_alignment(
    config: EvaluationConfig, archives: Sequence[WordArchive], held_out: Sequence[Sequence[int]], tell: Tell
) -> Report:
    """Whether the letters of known texts are found where they are, beside rules that look at no ink."""
    networks = cast("Aligner", registry.load(config.preset))
    marks = [read_marks(config.marks) if config.marks else None, *[None] * (len(archives) - 1)]
    means: list[dict[str, Any]] = []
    spreads: list[dict[str, Any]] = []
    pictures: dict[str, np.ndarray] = {}
    evaluators = [
        [
            AlignmentEvaluator(networks, archive, people, config.seed + repetition, own)
            for repetition in range(config.repeats)
        ]
        for archive, people, own in zip(archives, held_out, marks, strict=True)
    ]
    for name, repetitions in zip(config.data, evaluators, strict=True):
        found = []
        for number, evaluator in enumerate(repetitions, 1):
            tell(f"{Path(name).stem}, repetition {number} of {config.repeats}")
            found.append(evaluator.metrics(config.count))
            if config.picture_writers and not pictures:
                pictures[LETTERS_FILE] = evaluator.picture(config.picture_writers)
        counts = repetitions[0].counts
        means += [row | counts for row in _over(found, name, np.mean)]
        if config.repeats > 1:
            spreads += [row | counts for row in _over(found, name, partial(np.std, ddof=1))]
    caption = (
        "Words of people never trained on, each drawn with its own slant, nib and scan. Share of letters whose "
        f"interval overlaps the true one by more than {OVERLAP:.1f} of what both cover, in print, in joined words, and "
        "in joined words whose letters were marked by hand; surest half: the letters of which the network is surest. "
        f"Character error: of what the {NETWORK} reads without a text, at most {config.count:,} words. True columns: "
        "each letter cut where the next one begins."
    )
    same = {"reader": "none", "count": str(config.count), "repeats": config.repeats}
    return _report(config, caption, means, spreads, same, pictures)
